"""Looks after runs: reads their jobs, takes the steps that are due, and asks again for what got lost.

Truth is always the job itself; a log entry or a tick only says that it is time to look.
"""

import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from tunedrop import logs, tracing
from tunedrop.contracts import JobTick, LaunchRequested, RunFailed, RunSucceeded
from tunedrop.delivery import Outcome
from tunedrop.domain import naming
from tunedrop.domain.job_states import JobState
from tunedrop.domain.redaction import redacted
from tunedrop.domain.runs import WITH_JOB, Run, RunState
from tunedrop.errors import (
    FencedError,
    InvalidRequestError,
    MalformedEventError,
    NotFoundError,
    TunedropError,
)
from tunedrop.events import PubsubDelivery
from tunedrop.handlers.finish_run import finish
from tunedrop.handlers.launch_run import settled
from tunedrop.handlers.run_facts import fact
from tunedrop.ports import Job
from tunedrop.reports.publishing import publish_run_report
from tunedrop.services import Services, Vertex
from tunedrop.wire import decode

_MOST_DOUBLINGS = 4


def receive_job_event(services: Services, vertex: Vertex, delivery: PubsubDelivery) -> Outcome:
    """Answer a tick, or a job's log entry, of which only the job's id is believed."""
    try:
        body = json.loads(delivery.data)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise MalformedEventError(
            "expected a tick or a log entry as a JSON object, found something else", code="not_json"
        )
    if "resource" in body:
        return _follow_job(services, vertex, body)
    tick = decode(JobTick, delivery.data)
    if tick.kind == "run" and tick.run_id:
        return follow(services, vertex, tick.run_id)
    return sweep(services, vertex)


def sweep(services: Services, vertex: Vertex) -> Outcome:
    """Look after every open run, one by one; a broken record is reported and starves nobody."""
    deadline = services.clock.now() + timedelta(
        seconds=services.settings.timings.handler_deadline_seconds
    )
    for run_id in _rotated(services.runbook.open_runs(), deadline):
        if services.clock.now() >= deadline:
            logs.warning("the sweep ran out of time; the next one goes on")
            break
        with logs.about(run_id=run_id):
            _follow_safely(services, vertex, run_id)
    return Outcome(code="swept")


def _follow_safely(services: Services, vertex: Vertex, run_id: str) -> None:
    try:
        follow(services, vertex, run_id)
    except FencedError:
        return
    except TunedropError as error:
        logs.warning(f"run {run_id}: {error.code}: {redacted(str(error))}", code=error.code)
    except Exception as error:  # noqa: BLE001 — a fault of ours in one run must not starve the others
        logs.bug(error)


def _rotated(run_ids: list[str], at: datetime) -> list[str]:
    """Begin elsewhere each time, so that a sweep that runs out of time starves nobody for long."""
    start = int(at.timestamp()) % max(len(run_ids), 1)
    return run_ids[start:] + run_ids[:start]


def follow(services: Services, vertex: Vertex, run_id: str) -> Outcome:
    """Take a run as far as it goes without waiting."""
    run = services.runbook.load(run_id)
    if run is None:
        return Outcome(code="unknown_run", run_id=run_id)
    tracing.go_on_with(tracing.read_parent(run.traceparent))
    services.runbook.announce(run)
    if run.state in WITH_JOB:
        run = _watch(services, vertex, run)
    if run.state in {RunState.SUCCEEDED, RunState.LOADING}:
        run = finish(services, vertex, run)
    if _launch_is_due(services, run):
        _ask_for_launch(services, run)
    publish_run_report(services, run)  # a crash may have left out that of an earlier step
    if run.ended:
        services.runbook.close(run)
    return Outcome(code=run.state.value, run_id=run_id)


def _follow_job(services: Services, vertex: Vertex, entry: dict[str, Any]) -> Outcome:
    resource = entry["resource"]
    labels = resource.get("labels") if isinstance(resource, dict) else None
    job_id = labels.get("pipeline_job_id") if isinstance(labels, dict) else None
    known = naming.run_of_job(job_id) if isinstance(job_id, str) else None
    return follow(services, vertex, known[0]) if known else Outcome(code="foreign_job")


def _watch(services: Services, vertex: Vertex, run: Run) -> Run:
    recorded = run.newest(RunState.LAUNCHED)
    name = str(recorded.detail["job_name"]) if recorded else ""
    jobs = vertex.jobs[run.accepted["plan"]["backend"]]
    try:
        job = jobs.get(name)
    except NotFoundError:
        return _failed(services, run, "job_deleted", name)
    step = _after(services, run, job)
    if step is None and recorded and _overdue(services, run, recorded.at):
        ask_to_cancel(vertex, run, name)
        return _failed(services, run, "deadline_exceeded", name)
    return step or run


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
        return services.runbook.step(
            run, RunState.CANCELLED, {"code": "job_cancelled"}, facts=[said]
        )
    started = job.state in {JobState.RUNNING, JobState.CANCELLING}
    return (
        services.runbook.step(run, RunState.RUNNING)
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
    return services.runbook.step(run, RunState.SUCCEEDED, detail, facts=[said])


def _failed(services: Services, run: Run, code: str, job_name: str, job: Job | None = None) -> Run:
    error = job.error if job else None
    detail = {
        "code": code,
        "job_state": job.raw_state if job else "",
        "task": error.task if error else "",
        "message": redacted(error.message) if error else "",
    }
    said = fact(services, run, RunFailed, code=code, job_name=job_name)
    return services.runbook.step(run, RunState.FAILED, detail, facts=[said])


def _overdue(services: Services, run: Run, since: datetime) -> bool:
    limit = timedelta(seconds=run.accepted["plan"]["deadline_seconds"])
    return bool(services.clock.now() - since > limit)


def _launch_is_due(services: Services, run: Run) -> bool:
    timings, age = services.settings.timings, services.clock.now() - run.last.at
    match run.state:
        case RunState.ACCEPTED:
            return age > timedelta(seconds=timings.accepted_grace_seconds)
        case RunState.QUEUED:
            refusals = sum(step.state is RunState.QUEUED for step in run.transitions) - 1
            wait = timings.queue_retry_seconds * 2 ** min(refusals, _MOST_DOUBLINGS)
            return age > timedelta(seconds=wait)
        case RunState.LAUNCHING:
            return settled(services, run.last)
    return False


def _ask_for_launch(services: Services, run: Run) -> None:
    request = LaunchRequested(
        drop_id=run.accepted["drop_id"],
        run_id=run.run_id,
        correlation_id=run.accepted["asked"]["correlation_id"],
    )
    services.post.send(
        request, event_id=f"launch/{run.run_id}/{run.last.sequence}", subject=run.run_id
    )
