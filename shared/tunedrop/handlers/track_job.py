"""Reads a run's job and takes the step that its state makes due.

Truth is always the job itself; whatever said that it is time to look is only a hint.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from tunedrop.contracts import RunFailed, RunSucceeded
from tunedrop.domain import places
from tunedrop.domain.job_states import JobState
from tunedrop.domain.redaction import redacted
from tunedrop.domain.runs import WITH_JOB, Run, RunState
from tunedrop.errors import InvalidRequestError, NotFoundError
from tunedrop.handlers import waiting
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import advance
from tunedrop.ports import Job
from tunedrop.services import Services, Vertex


def watch(services: Services, vertex: Vertex, run: Run) -> Run:
    """Take a run with a job one step further, or leave it where it is."""
    recorded = run.launched
    name = str(recorded.detail["job_name"]) if recorded else ""
    jobs = vertex.jobs[run.accepted["plan"]["backend"]]
    try:
        job = jobs.get(name)
    except NotFoundError:
        return _failed(services, run, "job_deleted", name)
    step = _after(services, run, job)
    if step is None and job.state is not JobState.CANCELLING:
        meet_wish(services, vertex, run)
    if step is None and recorded and _overdue(services, run, recorded.at):
        ask_to_cancel(vertex, run, name)
        return _failed(services, run, "deadline_exceeded", name)
    return step or run


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


def _after(services: Services, run: Run, job: Job) -> Run | None:
    """The step that the job's state makes due, if one is."""
    if job.state is JobState.SUCCEEDED or job.state is JobState.FAILED:
        # A failed job can hold a good model: only its endpoint could not be made.
        code = "no_tuned_model" if job.state is JobState.SUCCEEDED else "job_failed"
        return (
            _succeeded(services, run, job)
            if job.tuned_model
            else _failed(services, run, code, job.name, job)
        )
    if job.state is JobState.EXPIRED:
        return _failed(services, run, "job_expired", job.name, job)
    if job.state is JobState.CANCELLED:
        said = fact(services, run, RunFailed, code="job_cancelled", job_name=job.name)
        return advance(services, run, RunState.CANCELLED, {"code": "job_cancelled"}, facts=[said])
    started = job.state in {JobState.RUNNING, JobState.CANCELLING}
    return (
        advance(services, run, RunState.RUNNING)
        if started and run.state is RunState.LAUNCHED
        else None
    )


def _succeeded(services: Services, run: Run, job: Job) -> Run:
    detail = {
        "job_state": job.raw_state,
        "tuned_model": job.tuned_model,
        "endpoint": job.endpoint,
        "dropped_rows": job.dropped_rows,
        "truncated_rows": job.truncated_rows,
        "adopted": job.state is JobState.FAILED,
    }
    said = fact(services, run, RunSucceeded, job_name=job.name, tuned_model=job.tuned_model)
    took = services.clock.now() - job.created_at
    run = advance(services, run, RunState.SUCCEEDED, detail, facts=[said])
    base_model = run.accepted["plan"]["base_model"]
    waiting.note_duration(services, base_model, took.total_seconds(), run.run_id)
    return run


def _failed(services: Services, run: Run, code: str, job_name: str, job: Job | None = None) -> Run:
    error = job.error if job else None
    detail = {
        "code": code,
        "job_state": job.raw_state if job else "",
        "task": error.task if error else "",
        "message": redacted(error.message) if error else "",
    }
    said = fact(services, run, RunFailed, code=code, job_name=job_name)
    return advance(services, run, RunState.FAILED, detail, facts=[said])


def _overdue(services: Services, run: Run, since: datetime) -> bool:
    limit = timedelta(seconds=run.accepted["plan"]["deadline_seconds"])
    return bool(services.clock.now() - since > limit)
