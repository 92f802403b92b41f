"""Which outcome acknowledges a delivery and which asks for another one.

Knows the two families of errors and nothing of what was being done.
"""

import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Generic, TypeVar

from cloudevents.http import CloudEvent

from tunedrop import logs
from tunedrop.domain.redaction import redacted
from tunedrop.errors import FencedError, PermanentError, RetryableError
from tunedrop.events import delivery_id

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a handler did with a delivery, for the log's one line about it."""

    code: str
    """Stable snake_case name of what happened."""
    record: str = ""
    """Path of the ledger record that says so."""
    drop_id: str = ""
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class Desk(Generic[T]):
    """An entry point: how its deliveries are read, handled and, when at fault, recorded."""

    role: str
    """What arrives here, such as `requests`; the folder of its refusals in the ledger."""
    read: Callable[[CloudEvent], T]
    handle: Callable[[T], Outcome]
    record_refusal: Callable[[str, str, PermanentError], Outcome]
    """Takes the role, the delivery's id and the error."""


class RedeliveryRequestedError(Exception):
    """Raised out of a function so that the delivery comes again; carries a code and no content."""


def settle(build: Callable[[], Desk[T]], event: CloudEvent) -> None:
    """Handle one delivery; return to acknowledge it, raise to have it again.

    Raises:
        RedeliveryRequestedError: The only exception that leaves, since whatever leaves is printed with
            its text by the framework.
    """
    started = time.monotonic()
    role = "unbuilt"
    try:
        desk = build()
        role = desk.role
        outcome = _handled(desk, event)
    except RetryableError as error:
        line = {
            "role": role,
            "code": error.code,
            "delivery": delivery_id(event),
            "text": redacted(str(error)),
        }
        logs.delivery_settled("WARNING", started=started, **line)
        raise RedeliveryRequestedError(error.code) from None
    except Exception as error:  # noqa: BLE001 — the last stop before the framework prints it
        # A bug of ours. Its text may quote anything, so only its type and frames are logged.
        frames = "".join(traceback.format_tb(error.__traceback__))
        logs.bug(
            role=role, delivery=delivery_id(event), error_type=type(error).__name__, frames=frames
        )
        raise RedeliveryRequestedError(type(error).__name__) from None
    line = {"role": role, "delivery": delivery_id(event), **asdict(outcome)}
    logs.delivery_settled("INFO", started=started, **line)


def _handled(desk: Desk[T], event: CloudEvent) -> Outcome:
    try:
        return desk.handle(desk.read(event))
    except FencedError:
        return Outcome(code=FencedError.code)
    except PermanentError as error:
        return desk.record_refusal(desk.role, delivery_id(event), error)
