"""Looks after everything that is open: what a crash, a lost message or a full slot left undone.

Each part goes on from the records alone, so two sweeps at once do no harm. A broken record is reported and
starves nothing; a sweep that runs out of time says where it stopped, and the next begins there.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from tunedrop import logs, time_left
from tunedrop.delivery import Outcome
from tunedrop.domain.runs import AFTER_JOB, ENDED, RunState
from tunedrop.handlers.follow_run import follow
from tunedrop.handlers.reporting import reported
from tunedrop.handlers.slow_walks import is_due_again, put_by, resume
from tunedrop.handlers.sweep_index import write_index
from tunedrop.handlers.sweep_jobs import Watched, cancel_superfluous, watch_jobs
from tunedrop.handlers.sweep_lost import hand_on_lost_objects, say_lost_verdicts, strayed
from tunedrop.handlers.sweep_queue import free_slots, misplaced, release
from tunedrop.marks import Mark
from tunedrop.services import Services, Vertex

_WALK = "sweep"


def sweep(services: Services, vertex: Vertex) -> Outcome:
    """Look after every open run, the queue, and what nobody has been told of."""
    return _Sweep(services, vertex).go()


class _Sweep:
    """One sweep; begins with the part after the one in which the last ran out of time."""

    def __init__(self, services: Services, vertex: Vertex) -> None:
        self._services = services
        self._vertex = vertex
        self._marks = {mark.run_id: mark for mark in services.runbook.marks.all()}
        self._walk = resume(services, _WALK)
        self._first, _, self._run_id = self._walk.name.partition(" ")

    def go(self) -> Outcome:
        """Take the parts one after another until all are done or the time is short."""
        parts = self._parts()
        names = list(parts)
        start = names.index(self._first) if self._first in parts else 0
        order = names[start:] + names[:start]
        for name, following in zip(order, [*order[1:], order[0]], strict=True):
            with reported():
                parts[name]()
            if time_left.is_short(self._services.clock):
                logs.warning(f"the sweep ran out of time; the next one goes on with {following}")
                self._leave_note(f"{following} {self._run_id}")
                return Outcome(code="swept_in_part")
        self._leave_note("")
        return Outcome(code="swept")

    def _leave_note(self, name: str) -> None:
        with reported():
            put_by(self._services, _WALK, self._walk, name)

    def _parts(self) -> dict[str, Callable[[], object]]:
        services = self._services
        return {
            "slots": lambda: free_slots(services, self._marks),
            "runs": self._look_after_runs,
            "queue": lambda: release(services),
            "objects": lambda: hand_on_lost_objects(services),
            "verdicts": lambda: say_lost_verdicts(services),
            "strayed": lambda: self._follow(strayed(services, self._marks)),
            "index": lambda: write_index(services),
        }

    def _look_after_runs(self) -> None:
        """Take every run a step further whose job has news, whose time has come, or who is out of place."""
        services, watched = self._services, Watched()
        with reported():
            watch_jobs(services, self._vertex, self._marks, watched)
        with reported():
            cancel_superfluous(services, self._vertex, self._marks, watched)
        due = misplaced(services, self._marks) | watched.due
        due |= {run_id for run_id, mark in self._marks.items() if self._is_due(mark)}
        later = sorted(run_id for run_id in due if run_id >= self._run_id)
        self._run_id = self._follow([*later, *sorted(due - set(later))])

    def _follow(self, run_ids: Sequence[str]) -> str:
        """Take runs as far as they go; the one before which the time was short, or nothing."""
        for run_id in run_ids:
            if time_left.is_short(self._services.clock):
                return run_id
            with logs.about(run_id=run_id), reported(f"run {run_id}: "):
                if follow(self._services, self._vertex, run_id) is None:
                    _drop_empty_mark(self._services, self._marks.get(run_id))
        return ""

    def _is_due(self, mark: Mark) -> bool:
        """Whether a mark alone, or its age, is reason enough to read its run."""
        timings, now = self._services.settings.timings, self._services.clock.now()
        if mark.state is None or mark.state in ENDED | AFTER_JOB:
            return True
        match mark.state:
            case RunState.HELD:
                return now - mark.at > timedelta(seconds=timings.hold_deadline_seconds)
            case RunState.QUEUED:
                return now - mark.since > timedelta(seconds=timings.queue_deadline_seconds)
            case RunState.LAUNCHING:
                return now - mark.at > timedelta(seconds=timings.lease_seconds)
            case RunState.ACCEPTED:
                grace = timedelta(seconds=timings.accepted_grace_seconds)
                return is_due_again(now - mark.at, self._walk.age_then(mark.at), grace)
            case _:
                return False  # its job is looked at, and says


def _drop_empty_mark(services: Services, mark: Mark | None) -> None:
    """Take away the mark of a run that never took its first step, once nobody can be about to take it."""
    lease = timedelta(seconds=services.settings.timings.lease_seconds)
    if mark is not None and services.clock.now() - mark.at > lease:
        services.runbook.marks.remove(mark)


def is_stale(services: Services, published_at: datetime | None) -> bool:
    """Whether a tick has been overtaken by the next one."""
    period = timedelta(seconds=services.settings.timings.sweep_period_seconds)
    return published_at is not None and services.clock.now() - published_at > period
