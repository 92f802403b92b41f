"""Failures on request, for tests: the next matching request meets one.

Knows requests only through a predicate; fails nothing by itself.
"""

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


class Faults:
    """Queued faults; each is met once, in the order in which they were queued."""

    def __init__(self) -> None:
        self._queued: list[Fault] = []
        self._lock = threading.Lock()

    def queue(self, *faults: Fault) -> None:
        """Queue *faults*; the same one several times fails several requests."""
        with self._lock:
            self._queued.extend(faults)

    def take(self, request: Request) -> Fault | None:
        """Remove and return the first fault that matches *request*."""
        with self._lock:
            for fault in self._queued:
                if fault.match(request):
                    self._queued.remove(fault)
                    return fault
        return None

    @property
    def remaining(self) -> int:
        """How many queued faults no request has met."""
        return len(self._queued)
