"""Failures on request, for tests: the next matching request meets one, or each at a rate.

Knows requests only through a predicate; fails nothing by itself.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from tunedrop.local.storage.wire import Request

Match = Callable[[Request], bool]


def any_request(_request: Request) -> bool:
    """Match every request."""
    return True


@dataclass(frozen=True)
class FailNext:
    """Answer the next matching request with an error, without carrying it out."""

    match: Match = any_request
    status: int = 503


@dataclass(frozen=True)
class DropAfterApply:
    """Carry the next matching request out, then close the connection without an answer."""

    match: Match = any_request


Fault = FailNext | DropAfterApply
Source = Callable[[Request], Fault | None]
"""Asked for each request, in the thread that serves it."""


class RandomFaults:
    """A source of faults at a rate, drawn from a seed.

    Args:
        seed: Equal seeds give equal draws; which request meets which is up to the callers.
        failing: Share of the requests that are answered 503 and not carried out, from 0 to 1.
        dropping: Share of those that are carried out and not answered.
        match: Requests that can meet one.
    """

    def __init__(
        self, seed: int, *, failing: float, dropping: float, match: Match = any_request
    ) -> None:
        self._draw = random.Random(seed).random  # noqa: S311 — must be repeatable
        self._failing = failing
        self._dropping = dropping
        self._match = match

    def __call__(self, request: Request) -> Fault | None:
        """Draw for one request."""
        if not self._match(request):
            return None
        drawn = self._draw()
        if drawn < self._failing:
            return FailNext()
        return DropAfterApply() if drawn < self._failing + self._dropping else None


class Faults:
    """Queued faults; each is met once, in the order in which they were queued. Beside them, one source."""

    def __init__(self) -> None:
        self._queued: list[Fault] = []
        self._source: Source | None = None
        self._lock = threading.Lock()

    def queue(self, *faults: Fault) -> None:
        """Queue *faults*; the same one several times fails several requests."""
        with self._lock:
            self._queued.extend(faults)

    def draw_from(self, source: Source | None) -> None:
        """Ask *source* wherever no queued fault matches; None asks nobody any more."""
        self._source = source

    def take(self, request: Request) -> Fault | None:
        """Remove and return the first fault that matches *request*, else what the source says."""
        with self._lock:
            for fault in self._queued:
                if fault.match(request):
                    self._queued.remove(fault)
                    return fault
        source = self._source
        return source(request) if source else None

    @property
    def remaining(self) -> int:
        """How many queued faults no request has met."""
        return len(self._queued)
