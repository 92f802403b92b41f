"""The jobs' part of a sweep: all of them are looked at by pages, and only those with news one by one.

The same pages show jobs that nobody needs: a second job of an attempt, or the job of an attempt that is over.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import product

from msgspec import Struct, field

from tunedrop import logs
from tunedrop.ai_ports import Job
from tunedrop.domain import naming
from tunedrop.domain.endings import NOTES
from tunedrop.domain.job_states import ENDED as JOB_ENDED
from tunedrop.domain.job_states import JobState
from tunedrop.domain.redaction import redacted
from tunedrop.domain.runs import HOLDING, WITH_JOB, Run, RunState
from tunedrop.errors import TunedropError
from tunedrop.handlers.reporting import reported
from tunedrop.handlers.track_job import ask_to_cancel
from tunedrop.marks import Mark
from tunedrop.services import Services, Vertex

_LOOK_BACK = timedelta(hours=1)
_SUPERFLUOUS_FOR = timedelta(days=1)
"""How far back jobs are looked for that should not be there: much longer than any process stays frozen."""


class Watched(Struct):
    """What the pages of jobs showed."""

    due: set[str] = field(default_factory=set)
    """Runs whose job has news, or was on no page."""
    live: list[Job] = field(default_factory=list)
    """Jobs with this deployment's label that have not ended."""


def watch_jobs(
    services: Services, vertex: Vertex, marks: Mapping[str, Mark], watched: Watched
) -> None:
    """Look at the jobs of every backend and region in use, newest first."""
    seen: dict[str, Job] = {}
    for place in sorted(_places_of_jobs(services, vertex, marks)):
        here = [mark for mark in marks.values() if (mark.backend, mark.region) == place]
        expected = [mark for mark in here if mark.state in WITH_JOB]
        if place[0] not in vertex.jobs:  # no backend of ours: the mark is wrong, and the run tells
            watched.due.update(mark.run_id for mark in here)
            continue
        try:
            seen |= _recent(services, vertex, place, expected)
        except TunedropError as error:
            if expected:
                logs.warning(f"jobs in {place[1]}: {redacted(str(error))}", code=error.code)
        news = (mark.run_id for mark in expected if _has_news(services, mark, seen.get(mark.job)))
        watched.due.update(news)
    watched.live += [job for job in seen.values() if job.state not in JOB_ENDED]


def _recent(
    services: Services, vertex: Vertex, place: tuple[str, str], expected: Sequence[Mark]
) -> dict[str, Job]:
    backend, region = place
    launched = [mark.launched_at for mark in expected if mark.launched_at]
    since = min([services.clock.now() - _SUPERFLUOUS_FOR, *launched]) - _LOOK_BACK
    label = naming.deployment_label(services.settings.deployment)
    jobs = vertex.jobs[backend].recent(region=region, labels=label, since=since)
    return {job.name: job for job in jobs}


def cancel_superfluous(
    services: Services, vertex: Vertex, marks: Mapping[str, Mark], watched: Watched
) -> None:
    """Cancel the jobs of attempts that have another job, or are over."""
    for job in watched.live:
        named = _attempt_of(job)
        if named is not None and job.state is not JobState.CANCELLING:
            with reported(f"{job.name}: "):
                _cancel_if_superfluous(services, vertex, marks.get(named[0]), job, *named)


def _cancel_if_superfluous(
    services: Services, vertex: Vertex, mark: Mark | None, job: Job, run_id: str, attempt: int
) -> None:
    if mark and _is_running(mark, attempt) and mark.job in {"", job.name}:
        return  # the job of a running attempt, or of one that still looks for it
    run = services.runbook.load(run_id)
    if run is not None and _is_superfluous(run, attempt, job):
        ask_to_cancel(vertex, run, job.name)
        logs.job_superfluous(run_id, job.name)


def _places_of_jobs(
    services: Services, vertex: Vertex, marks: Mapping[str, Mark]
) -> set[tuple[str, str]]:
    """Backends and regions in use, and all where a process that was frozen can have made a job since."""
    used = {(mark.backend, mark.region) for mark in marks.values() if mark.state in HOLDING}
    regions = {services.settings.region, *services.settings.allowed_regions}
    return used | set(product(vertex.jobs, regions))


def _has_news(services: Services, mark: Mark, job: Job | None) -> bool:
    if job is None or job.state in JOB_ENDED | {JobState.UNKNOWN, JobState.PAUSED}:
        return True
    if mark.deadline is not None and services.clock.now() > mark.deadline:
        return True
    if mark.code in NOTES:  # the job goes on after a pause, and nothing else says so
        return True
    return job.state is JobState.RUNNING and mark.state is RunState.LAUNCHED


def _attempt_of(job: Job) -> tuple[str, int] | None:
    run_id, attempt = (job.labels.get(key, "") for key in (naming.RUN_LABEL, naming.ATTEMPT_LABEL))
    return (run_id, int(attempt)) if run_id and attempt.isascii() and attempt.isdigit() else None


def _is_running(mark: Mark, attempt: int) -> bool:
    return mark.state in HOLDING and mark.attempt == attempt


def _is_superfluous(run: Run, attempt: int, job: Job) -> bool:
    launched = [
        step
        for step in run.transitions
        if step.state is RunState.LAUNCHED and step.attempt == attempt
    ]
    if launched and launched[-1].detail["job_name"] != job.name:
        return True
    return attempt < run.attempt or (attempt == run.attempt and run.ended)
