"""Which outcome acknowledges a delivery and which asks for another one.

Knows the two families of errors and nothing of what was being done.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Generic, TypeVar

from cloudevents.http import CloudEvent
from msgspec import Struct, field
from msgspec.structs import asdict

from tunedrop import logs, tracing
from tunedrop.domain.redaction import redacted
from tunedrop.errors import CorruptRecordError, FencedError, PermanentError, RetryableError
from tunedrop.events import delivery_id, message_trace

T = TypeVar("T")


class Outcome(Struct, frozen=True):
    """What a handler did with a delivery, for the log's one line about it."""

    code: str
    """Stable snake_case name of what happened."""
    record: str = ""
    """Path of the ledger record that says so."""
    drop_id: str = ""
    run_id: str = ""
    reason: str = ""
    """Stable snake_case name of why, where the code alone does not say."""


class Desk(Struct, Generic[T], frozen=True):
    """An entry point: how its deliveries are read, handled and, when at fault, recorded."""

    role: str
    """What arrives here, such as `requests`; the folder of its refusals in the ledger."""
    read: Callable[[CloudEvent], T]
    handle: Callable[[T], Outcome]
    limited: Callable[[], AbstractContextManager[None]]
    """Gives the handling its time."""
    record_refusal: Callable[[str, str, PermanentError], Outcome]
    """Takes the role, the delivery's id and the error."""
    origin: logs.Origin = field(default_factory=logs.Origin)
    """Who the log's entries are from."""


def settle(build: Callable[[], Desk[T]], event: CloudEvent) -> None:
    """Handle one delivery; return to acknowledge it, raise to have it again.

    Raises:
        RedeliveryRequestedError: The only exception that leaves.
    """
    # Late, since whoever only needs an Outcome pays for no web framework.
    from tunedrop.edge import RedeliveryRequestedError, request_trace  # noqa: PLC0415

    delivery = delivery_id(event)
    with logs.about(delivery=delivery):
        tracing.go_on_with(message_trace(event) or request_trace() or tracing.story_of(delivery))
        code = _settle(build, event, time.monotonic())
    if code:
        raise RedeliveryRequestedError(code)


def _settle(build: Callable[[], Desk[T]], event: CloudEvent, started: float) -> str:
    """Handle and log one delivery; the code under which to ask for it again, or nothing."""
    try:
        desk = build()
        logs.speak_for(desk.origin)
        logs.label(role=desk.role)
        answer, outcome = _handled(desk, event)
    except RetryableError as error:
        text = redacted(str(error))
        logs.delivery_settled("again", code=error.code, started=started, text=text)
        return error.code
    except CorruptRecordError as error:
        # Until a person has looked at it; the text names the record and quotes nothing of it.
        text = redacted(str(error))
        logs.delivery_settled("bug", code=error.code, started=started, text=text, error=error)
        return error.code
    except Exception as error:  # noqa: BLE001 — the last stop before the framework prints it
        # A bug of ours. Its text may quote anything, so only its type and frames are logged.
        name = type(error).__name__
        logs.delivery_settled("bug", code="bug", started=started, text=name, error=error)
        return name
    logs.delivery_settled(answer, started=started, **asdict(outcome))
    return ""


def _handled(desk: Desk[T], event: CloudEvent) -> tuple[str, Outcome]:
    try:
        with desk.limited():
            return "done", desk.handle(desk.read(event))
    except FencedError:
        return "done", Outcome(code=FencedError.code)
    except PermanentError as error:
        return "refused", desk.record_refusal(desk.role, delivery_id(event), error)
