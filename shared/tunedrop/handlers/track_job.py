"""Reads a run's job and takes the step that its state makes due.

Truth is always the job itself; whatever said that it is time to look is only a hint.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from tunedrop.ai_ports import Job
from tunedrop.contracts import RunFailed, RunSucceeded
from tunedrop.domain import places
from tunedrop.domain.endings import (
    DEADLINE,
    JOB_FAILED,
    STALE_MODEL,
    Ending,
    due_note,
    ending_of,
    is_stale,
    shown_state,
)
from tunedrop.domain.hosts import location_in
from tunedrop.domain.job_states import JobState
from tunedrop.domain.runs import WITH_JOB, Run, RunState
from tunedrop.errors import InvalidRequestError, NotFoundError, RetryableError
from tunedrop.handlers import waiting
from tunedrop.handlers.explain_job import count_unknown, explained, noted_rows
from tunedrop.handlers.reporting import reported
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import advance
from tunedrop.services import Services, Vertex


def watch(services: Services, vertex: Vertex, run: Run) -> Run:
    """Take a run with a job one step further, or leave it where it is."""
    recorded = run.launched
    name = str(recorded.detail["job_name"]) if recorded else ""
    job = _job(vertex, run, name)
    ending = ending_of(job.state if job else None, holds_model=bool(job and job.tuned_model))
    is_late = bool(recorded and _overdue(services, run, recorded.at))
    if job is None or ending.is_end:
        return _ended(services, vertex, run, ending, name, job, is_late=is_late)
    note = due_note(run, ending, job.raw_state)
    if note is not None:
        return advance(services, run, RunState.RUNNING, note)
    if is_late:
        with reported(f"{name}: "):  # the sweep goes on asking
            ask_to_cancel(vertex, run, name)
        return _failed(services, run, DEADLINE, name)
    if job.state is not JobState.CANCELLING:
        meet_wish(services, vertex, run)
    return run


def _job(vertex: Vertex, run: Run, name: str) -> Job | None:
    """A run's job, without outputs that name nothing; None if somebody deleted it."""
    try:
        job = vertex.jobs[run.accepted["plan"]["backend"]].get(name)
    except NotFoundError:
        return None
    return replace(job, tuned_model=_resource(job.tuned_model), endpoint=_resource(job.endpoint))


def _resource(name: str) -> str:
    """A resource's name; empty for what no host can be asked about."""
    return name if location_in(name) else ""


def meet_wish(services: Services, vertex: Vertex, run: Run) -> None:
    """Ask the job of a run to stop if somebody asked for that while nobody could know whether there is a job."""
    if run.launched and run.state in WITH_JOB and is_unwanted(services, run):
        ask_to_cancel(vertex, run, str(run.launched.detail["job_name"]))


def is_unwanted(services: Services, run: Run) -> bool:
    """Whether somebody asked for a cancel of the newest attempt."""
    return services.ledger.read(places.cancel_path(run.run_id, run.attempt)) is not None


def ask_to_cancel(vertex: Vertex, run: Run, job_name: str) -> None:
    """Ask a run's job to stop; one that has ended meanwhile, or is gone, has nothing to stop."""
    with suppress(InvalidRequestError, NotFoundError):
        vertex.jobs[run.accepted["plan"]["backend"]].cancel(job_name)


def _ended(
    services: Services,
    vertex: Vertex,
    run: Run,
    ending: Ending,
    job_name: str,
    job: Job | None,
    *,
    is_late: bool,
) -> Run:
    """The step that the end of a run's job makes due."""
    if ending.state is RunState.CANCELLED:
        said = fact(services, run, RunFailed, code=ending.code, job_name=job_name)
        return advance(services, run, RunState.CANCELLED, {"code": ending.code}, facts=[said])
    if ending.state is RunState.SUCCEEDED and job is not None:
        if _is_stale(vertex, run, job, is_late=is_late):
            return _failed(services, run, STALE_MODEL, job_name, job)
        return _succeeded(services, run, job, adopted=ending.adopted)
    return _failed(services, run, ending.code, job_name, job)


def _is_stale(vertex: Vertex, run: Run, job: Job, *, is_late: bool) -> bool:
    """Whether a cache handed the job an old model; one that cannot be read is not judged here.

    Raises:
        RetryableError: The registry did not answer, and the next look decides; not once the run is late.
    """
    try:
        model = vertex.models.get(job.tuned_model)
    except (NotFoundError, InvalidRequestError):
        return False
    except RetryableError:
        if not is_late:
            raise
        with reported(f"run {run.run_id}: "):
            raise
        return False
    return is_stale(
        run,
        labels=model.labels,
        version=model.version_id,
        uploaded_at=model.created_at,
        job_at=job.created_at,
    )


def _succeeded(services: Services, run: Run, job: Job, *, adopted: bool) -> Run:
    detail = {
        "job_state": shown_state(job.raw_state),
        "tuned_model": job.tuned_model,
        "endpoint": job.endpoint,
        "dropped_rows": job.dropped_rows,
        "billable_tokens": job.billable_tokens,
        "row_notes": noted_rows(services, run, job.row_notes),
        "adopted": adopted,
    }
    said = fact(services, run, RunSucceeded, job_name=job.name, tuned_model=job.tuned_model)
    took = (job.ended_at or services.clock.now()) - job.created_at
    run = advance(services, run, RunState.SUCCEEDED, detail, facts=[said])
    base_model = run.accepted["plan"]["base_model"]
    waiting.note_duration(services, base_model, took.total_seconds(), run.run_id)
    return run


def _failed(services: Services, run: Run, code: str, job_name: str, job: Job | None = None) -> Run:
    """End a run badly; the service's own error is explained where there is one."""
    detail: dict[str, Any] = {"code": code, "job_state": shown_state(job.raw_state) if job else ""}
    if job is not None:
        detail |= explained(services, run, job.error)
    said = fact(services, run, RunFailed, code=code, job_name=job_name)
    failed = advance(services, run, RunState.FAILED, detail, facts=[said])
    if code == JOB_FAILED:
        count_unknown(failed, detail)
    return failed


def _overdue(services: Services, run: Run, since: datetime) -> bool:
    limit = timedelta(seconds=run.accepted["plan"]["deadline_seconds"])
    return bool(services.clock.now() - since > limit)
