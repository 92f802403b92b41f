"""How long a delivery may still be worked on: checked before every side effect.

A function that was frozen, or is slow, would otherwise act when another worker has long taken over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from tunedrop.errors import OutOfTimeError
from tunedrop.ports import Clock

_SPARED = 0.25
"""Share of its time that whoever takes up one thing after another keeps for leaving a note."""

_ends_at: ContextVar[datetime | None] = ContextVar("ends_at", default=None)
_short_at: ContextVar[datetime | None] = ContextVar("short_at", default=None)


@contextmanager
def limited(clock: Clock, seconds: float) -> Iterator[None]:
    """Give what is done inside so long, by this worker's clock."""
    now = clock.now()
    ends = _ends_at.set(now + timedelta(seconds=seconds))
    short = _short_at.set(now + timedelta(seconds=seconds * (1 - _SPARED)))
    try:
        yield
    finally:
        _short_at.reset(short)
        _ends_at.reset(ends)


def is_short(clock: Clock) -> bool:
    """Whether it is time to stop taking up one thing after another, and to say where."""
    return _is_past(clock, _short_at.get())


def check(clock: Clock) -> None:
    """Come before every side effect.

    Raises:
        OutOfTimeError: The time is up; the delivery comes again.
    """
    if _is_past(clock, _ends_at.get()):
        raise OutOfTimeError("the handler's time was up before its next side effect")


def _is_past(clock: Clock, instant: datetime | None) -> bool:
    return instant is not None and clock.now() >= instant
