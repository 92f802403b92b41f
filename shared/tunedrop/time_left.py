"""How long a delivery may still be worked on: checked before every side effect.

A function that was frozen, or is slow, would otherwise act when another worker has long taken over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from tunedrop.errors import OutOfTimeError
from tunedrop.ports import Clock

_ends_at: ContextVar[datetime | None] = ContextVar("ends_at", default=None)


@contextmanager
def limited(clock: Clock, seconds: float) -> Iterator[None]:
    """Give what is done inside so long, by this worker's clock."""
    token = _ends_at.set(clock.now() + timedelta(seconds=seconds))
    try:
        yield
    finally:
        _ends_at.reset(token)


def is_up(clock: Clock) -> bool:
    """Whether nothing new may be started."""
    ends_at = _ends_at.get()
    return ends_at is not None and clock.now() >= ends_at


def check(clock: Clock) -> None:
    """Come before every side effect.

    Raises:
        OutOfTimeError: The time is up; the delivery comes again.
    """
    if is_up(clock):
        raise OutOfTimeError("the handler's time was up before its next side effect")
