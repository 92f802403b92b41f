"""Every lease, deadline and rest of a deployment as one model, so that the local cloud can run them fast.

Knows what their order has to be; what they are for is the handlers' business.
"""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tunedrop import deadlines

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
DAY_SECONDS = 24 * 3600

ORDER = (
    "create_timeout_seconds",
    "handler_deadline_seconds",
    "request_timeout_seconds",
    "ack_deadline_seconds",
    "lease_seconds",
)
"""Each is shorter than the next: what gives up first, and who may go on after it."""


class Timings(BaseModel):
    """In seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    call_timeout_seconds: Seconds = deadlines.CALL_TIMEOUT_SECONDS
    """For one call to a service that may be repeated."""
    create_timeout_seconds: Seconds = deadlines.CREATE_TIMEOUT_SECONDS
    """For the one call that must not be repeated blindly."""
    handler_deadline_seconds: Seconds = deadlines.HANDLER_DEADLINE_SECONDS
    """When a handler stops starting side effects."""
    request_timeout_seconds: Seconds = deadlines.REQUEST_TIMEOUT_SECONDS
    """When the platform gives up a function's request."""
    ack_deadline_seconds: Seconds = deadlines.ACK_DEADLINE_SECONDS
    """When an unacknowledged message is delivered again."""
    clock_skew_seconds: Seconds = deadlines.CLOCK_SKEW_SECONDS
    """How far a worker's clock may be from the true time, either way."""
    lease_seconds: Seconds = deadlines.LEASE_SECONDS
    """How long a launch intent keeps others away."""
    list_lag_seconds: Seconds = deadlines.LIST_LAG_SECONDS
    """How long a created job may stay unseen in a list."""
    sweep_period_seconds: Seconds = deadlines.SWEEP_PERIOD_SECONDS
    """How often open runs are looked after; an older tick is acknowledged and dropped."""
    accepted_grace_seconds: Seconds = 120
    """How long an object, a verdict or a run may stand without its next step before the sweep asks for it again."""
    load_deadline_seconds: Seconds = 6 * 3600
    """How long a tuned model may take until it has answered a call."""
    evaluation_deadline_seconds: Seconds = DAY_SECONDS
    """How long the questions of an evaluation wait for a rival; after twice as long the run ends without an answer to them."""
    queue_retry_seconds: Seconds = 120
    """How long a run that a quota refused waits before its launch is asked for again; doubles up to 16 times."""
    launch_deadline_seconds: Seconds = DAY_SECONDS
    """How long a launch whose outcome stays unknown is tried again before the attempt has failed."""
    queue_deadline_seconds: Seconds = 14 * DAY_SECONDS
    """How long a run may wait in the queue before the attempt has failed."""
    hold_deadline_seconds: Seconds = 7 * DAY_SECONDS
    """How long a held run waits for a decision before it is refused."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if any(getattr(self, less) >= getattr(self, more) for less, more in pairwise(ORDER)):
            msg = f"expected {' < '.join(ORDER)}"
            raise ValueError(msg)
        working = self.handler_deadline_seconds + self.create_timeout_seconds
        if self.lease_seconds < working + 2 * self.clock_skew_seconds:
            msg = (
                "expected lease_seconds to be at least handler_deadline_seconds"
                " + create_timeout_seconds + 2 * clock_skew_seconds"
            )
            raise ValueError(msg)
        return self
