"""Looks after everything that is open: what a crash, a lost message or a full slot left undone.

Each part goes on from the records alone, so two sweeps at once do no harm. A broken record is reported and
starves nothing; a sweep that runs out of time says where it stopped, and the next begins there.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from tunedrop import logs, time_left
from tunedrop.delivery import Outcome
from tunedrop.domain.runs import ENDED, WITH_JOB, RunState
from tunedrop.handlers.follow_run import follow
from tunedrop.handlers.reporting import reported
from tunedrop.handlers.slow_walks import put_by, resume_point
from tunedrop.handlers.sweep_jobs import Watched, cancel_superfluous, watch_jobs
from tunedrop.handlers.sweep_lost import hand_on_lost_objects, say_lost_verdicts, strayed
from tunedrop.handlers.sweep_queue import free_slots, misplaced, release
from tunedrop.marks import Mark
from tunedrop.services import Services, Vertex

_WALK = "sweep"
_LOADING = frozenset({RunState.SUCCEEDED, RunState.LOADING})


def sweep(services: Services, vertex: Vertex) -> Outcome:
    """Look after every open run, the queue, and what nobody has been told of."""
    marks = {mark.run_id: mark for mark in services.runbook.marks.all()}
    watched = Watched()
    parts: tuple[Callable[[], object], ...] = (
        lambda: free_slots(services, marks),
        lambda: watch_jobs(services, vertex, marks, watched),
        lambda: cancel_superfluous(services, vertex, marks, watched),
        lambda: _follow_due(services, vertex, marks, watched),
        lambda: release(services),
        lambda: hand_on_lost_objects(services),
        lambda: say_lost_verdicts(services),
        lambda: _follow_all(services, vertex, marks, strayed(services, marks)),
    )
    for part in parts:
        with reported():
            part()
        if time_left.is_short(services.clock):
            logs.warning("the sweep ran out of time; the next one goes on")
            return Outcome(code="swept_in_part")
    return Outcome(code="swept")


def _follow_due(
    services: Services, vertex: Vertex, marks: Mapping[str, Mark], watched: Watched
) -> None:
    places = misplaced(services, marks)
    due = sorted(
        run_id
        for run_id, mark in marks.items()
        if run_id in watched.due or run_id in places or _is_due(services, mark)
    )
    due += sorted(places - marks.keys())
    start = resume_point(services, _WALK)
    ordered = [run_id for run_id in due if run_id >= start] + [r for r in due if r < start]
    stopped_at = _follow_all(services, vertex, marks, ordered)
    if stopped_at != start:
        put_by(services, _WALK, stopped_at)


def _follow_all(
    services: Services, vertex: Vertex, marks: Mapping[str, Mark], run_ids: Sequence[str]
) -> str:
    """Take runs as far as they go; the one before which the time was up, or nothing."""
    for run_id in run_ids:
        if time_left.is_short(services.clock):
            return run_id
        with logs.about(run_id=run_id), reported(f"run {run_id}: "):
            if follow(services, vertex, run_id) is None:
                _drop_empty_mark(services, marks.get(run_id))
    return ""


def _is_due(services: Services, mark: Mark) -> bool:
    """Whether a mark alone, or its age, is reason enough to read its run."""
    timings, now = services.settings.timings, services.clock.now()
    if mark.state is None or mark.state in ENDED or mark.state in _LOADING:
        return True
    if mark.state in WITH_JOB:
        return False  # its job is looked at, and says
    patience = {
        RunState.ACCEPTED: timings.accepted_grace_seconds,
        RunState.HELD: timings.hold_deadline_seconds,
        RunState.QUEUED: timings.queue_deadline_seconds,
        RunState.LAUNCHING: timings.lease_seconds,
    }
    began = mark.since if mark.state is RunState.QUEUED else mark.at
    return now - began > timedelta(seconds=patience[mark.state])


def _drop_empty_mark(services: Services, mark: Mark | None) -> None:
    """Take away the mark of a run that never took its first step, once nobody can be about to take it."""
    lease = timedelta(seconds=services.settings.timings.lease_seconds)
    if mark is not None and services.clock.now() - mark.at > lease:
        services.runbook.marks.remove(mark)


def is_stale(services: Services, published_at: datetime | None) -> bool:
    """Whether a tick has been overtaken by the next one."""
    period = timedelta(seconds=services.settings.timings.sweep_period_seconds)
    return published_at is not None and services.clock.now() - published_at > period
