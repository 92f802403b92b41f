"""Looks after everything that is open: what a crash, a lost message or a full slot left undone.

Each part goes on from the records alone, so two sweeps at once do no harm. A broken record is reported and
starves nothing; a sweep that runs out of time says where it stopped, and the next begins there.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from tunedrop import logs, time_left
from tunedrop.contracts import JobTick
from tunedrop.delivery import Outcome
from tunedrop.domain.runs import AFTER_JOB, ENDED, RunState
from tunedrop.handlers.crowning import point_pending_aliases
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
_DUE_AT_ONCE = (ENDED | AFTER_JOB) - {RunState.EVALUATING}
_LIMITS = {
    RunState.HELD: "hold_deadline_seconds",
    RunState.LAUNCHING: "lease_seconds",
    RunState.EVALUATING: "evaluation_deadline_seconds",
}
"""How long a run may stand like this until it is looked at; names of `Timings`."""


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
            "aliases": lambda: point_pending_aliases(services, self._vertex),
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
        self._lead_on()

    def _lead_on(self) -> None:
        """Have evaluations looked after that may have lost their message; their questions would take up a sweep's time."""
        now, grace = self._services.clock.now(), self._seconds("accepted_grace_seconds")
        for mark in self._marks.values():
            if mark.state is RunState.EVALUATING and now - mark.at > grace:
                with reported(f"run {mark.run_id}: "):
                    self._services.post.send(
                        JobTick(kind="run", run_id=mark.run_id),
                        event_id=f"look/{mark.run_id}/{now:%Y%m%dT%H%M%S}",
                        subject=mark.run_id,
                    )

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
        now = self._services.clock.now()
        if mark.state is None or mark.state in _DUE_AT_ONCE:
            return True
        if mark.state is RunState.QUEUED:
            return now - mark.since > self._seconds("queue_deadline_seconds")
        if mark.state is RunState.ACCEPTED:
            return self._is_due_again(mark)
        # What is running has a job, which is looked at, and says.
        limit = _LIMITS.get(mark.state)
        return limit is not None and now - mark.at > self._seconds(limit)

    def _is_due_again(self, mark: Mark) -> bool:
        """Whether somebody who should have come long ago is to be asked once more, at growing intervals."""
        age = self._services.clock.now() - mark.at
        grace = self._seconds("accepted_grace_seconds")
        return is_due_again(age, self._walk.age_then(mark.at), grace)

    def _seconds(self, timing: str) -> timedelta:
        return timedelta(seconds=getattr(self._services.settings.timings, timing))


def _drop_empty_mark(services: Services, mark: Mark | None) -> None:
    """Take away the mark of a run that never took its first step, once nobody can be about to take it."""
    lease = timedelta(seconds=services.settings.timings.lease_seconds)
    if mark is not None and services.clock.now() - mark.at > lease:
        services.runbook.marks.remove(mark)


def is_stale(services: Services, published_at: datetime | None) -> bool:
    """Whether a tick has been overtaken by the next one."""
    period = timedelta(seconds=services.settings.timings.sweep_period_seconds)
    return published_at is not None and services.clock.now() - published_at > period
