"""The order of the runs that wait, whose turn it is, and when each may be expected to start.

Pure; the time is passed in.
"""

import heapq
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

KEPT_DURATIONS = 10
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run in the queue."""

    run_id: str
    priority: int
    """0 to 9; 0 is the most urgent."""
    since: datetime
    """When its attempt was asked for."""
    not_before: datetime | None
    """When it may be tried again; None if it may at any time."""
    base_model: str

    @property
    def order(self) -> tuple[int, datetime, str]:
        """Sorts runs as the names of their places do."""
        return self.priority, self.since, self.run_id

    def due(self, now: datetime) -> bool:
        """Whether it may be tried."""
        return self.not_before is None or self.not_before <= now


def turn(entries: Iterable[Waiting], own: Waiting, free: int, now: datetime) -> bool:
    """Whether fewer than *free* due runs stand before *own*.

    *entries* are in order and read no further than needed; *own* may be among them or not.
    """
    before = 0
    for entry in entries:
        if before >= free or entry.order >= own.order:
            break
        before += entry.due(now) and entry.run_id != own.run_id
    return before < free


def median_of_last_ten(durations: Sequence[float]) -> float | None:
    """The median of the newest ten, oldest first, in seconds; None of none."""
    return statistics.median(durations[-KEPT_DURATIONS:]) if durations else None


def openings(now: datetime, ends: Sequence[datetime | None], cap: int) -> list[datetime]:
    """When there will be room for one more job, and one more after that, of *cap* at once.

    Args:
        now: When there is room for as many as are missing from the cap.
        ends: When each job is expected to end; None where nobody knows.
        cap: May be smaller than the number of jobs: then the first to end make no room.
    """
    known = sorted(max(now, end) for end in ends if end is not None)
    return [now] * (cap - len(ends)) + known[max(0, len(ends) - cap) :]


def expected_starts(
    rooms: Iterable[datetime], entries: Sequence[tuple[Waiting, float | None]]
) -> list[datetime | None]:
    """When each run may be expected to start; None where nobody knows.

    Args:
        rooms: When there is room for a job, as `openings` says.
        entries: The runs in order, each with the seconds that it is expected to take, or None.
    """
    starts: list[datetime | None] = [None] * len(entries)
    due_at = [entry.not_before or entry.since for entry, _ in entries]
    later, due, free = [*zip(due_at, range(len(entries)), strict=True)], list[int](), list(rooms)
    heapq.heapify(later)
    heapq.heapify(free)
    at = _LONG_AGO
    while free and (due or later):
        at = max(at, heapq.heappop(free))
        if not due:
            at = max(at, later[0][0])
        while later and later[0][0] <= at:
            heapq.heappush(due, heapq.heappop(later)[1])
        number = heapq.heappop(due)
        starts[number], seconds = at, entries[number][1]
        if seconds is not None:
            heapq.heappush(free, at + timedelta(seconds=seconds))
    return starts
