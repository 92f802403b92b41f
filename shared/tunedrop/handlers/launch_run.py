"""Launches what a verdict allows: one recorded job for an attempt, however often it is asked for.

Trusts no message: it reads the verdict and the run, and never an address from the wire.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tunedrop import logs
from tunedrop.contracts import LaunchRequested, RunFailed, RunLaunched, RunQueued
from tunedrop.delivery import Outcome
from tunedrop.domain import naming
from tunedrop.domain.redaction import redacted
from tunedrop.domain.runs import Run, RunState, Transition
from tunedrop.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    InvalidRequestError,
    NotFoundError,
    QuotaExhaustedError,
    RefusedError,
    ServiceAnswerError,
    TunedropError,
    UpstreamUnavailableError,
)
from tunedrop.events import PubsubDelivery
from tunedrop.handlers.admission import reason_to_hold
from tunedrop.handlers.job_requests import JobRequest, job_request
from tunedrop.handlers.rehearse_run import rehearse
from tunedrop.handlers.run_facts import fact
from tunedrop.ledger import Record
from tunedrop.ports import Job
from tunedrop.reports.publishing import publish_run_report
from tunedrop.services import Services, Vertex
from tunedrop.wire import decode

_REFUSALS: Mapping[type[TunedropError], str] = {
    AlreadyExistsError: "job_id_taken",
    NotFoundError: "launch_not_found",
}
_LAUNCHABLE = frozenset({RunState.ACCEPTED, RunState.QUEUED, RunState.LAUNCHING})


def receive_launch(services: Services, vertex: Vertex, delivery: PubsubDelivery) -> Outcome:
    """Answer a launch request."""
    request = decode(LaunchRequested, delivery.data)
    logs.label(run_id=request.run_id, drop_id=request.drop_id)
    verdict = services.ledger.read(naming.verdict_path(request.drop_id))
    if verdict is None:
        raise RefusedError(
            "expected a verdict for the drop, found none; nothing is launched unchecked",
            code="no_verdict",
        )
    if verdict["outcome"] != "accepted" or verdict["run_id"] != request.run_id:
        raise RefusedError(
            "expected a verdict that accepts this run, found another", code="verdict_mismatch"
        )
    run = services.runbook.start(verdict["run_id"], verdict["run_key"], _asked_for(verdict))
    _record_asker(services, run.run_id, verdict)
    services.runbook.announce(run)
    return launch(services, vertex, run)


def launch(services: Services, vertex: Vertex, run: Run) -> Outcome:
    """Take a run as far as a recorded job, a queue or a hold; or through its rehearsal."""
    if run.state not in _LAUNCHABLE:
        return _outcome(run, "nothing_to_launch")
    if run.state is RunState.ACCEPTED and run.is_rehearsal:
        return _outcome(rehearse(services, vertex, run), "rehearsed")
    if run.state is RunState.ACCEPTED and (reason := reason_to_hold(services.settings, run)):
        return _outcome(_held(services, run, reason), "held")
    if run.state is RunState.LAUNCHING and not settled(services, run.last):
        return _outcome(run, "launch_under_way")
    return _attempt(services, vertex, run)


def settled(services: Services, intent: Transition) -> bool:
    """Whether an intent's owner can neither create a job any more nor have one that lists do not show yet."""
    lag = timedelta(seconds=services.settings.timings.list_lag_seconds)
    return services.clock.now() >= datetime.fromisoformat(intent.detail["lease_expires_at"]) + lag


def _attempt(services: Services, vertex: Vertex, run: Run) -> Outcome:
    """Record the intent, then look for the job that an earlier intent may have left, then create."""
    resumed = any(step.state is RunState.LAUNCHING for step in run.transitions)
    number = max(run.attempt, 1)
    request = job_request(services.settings, run, number)
    lease = services.clock.now() + timedelta(seconds=services.settings.timings.lease_seconds)
    intent = {
        "lease_expires_at": lease.isoformat(),
        "backend": request.backend,
        "region": request.region,
        "job_id": request.job_id,
        "request": dict(request.body),
    }
    run = services.runbook.step(run, RunState.LAUNCHING, intent, attempt=number)
    try:
        job = _left_behind(vertex, request) if resumed else None
    except TunedropError:
        # A job may exist that this look did not show: whatever went wrong, it is no refusal of a create.
        return _outcome(run, "launch_unknown")
    try:
        job = job or _create(services, vertex, request, lease)
    except (ServiceAnswerError, QuotaExhaustedError, AccessDeniedError) as error:
        return _refused(services, run, error)
    except UpstreamUnavailableError:
        # The job may exist. The sweep looks for it once the lease and the list's lag have passed.
        return _outcome(run, "launch_unknown")
    return _launched(services, run, job)


def _left_behind(vertex: Vertex, request: JobRequest) -> Job | None:
    found = vertex.jobs[request.backend].find(region=request.region, labels=request.labels)
    return min(found, key=lambda job: (job.created_at, job.name)) if found else None


def _create(services: Services, vertex: Vertex, request: JobRequest, lease: datetime) -> Job:
    timeout = timedelta(seconds=services.settings.timings.create_timeout_seconds)
    if services.clock.now() + timeout >= lease:
        raise UpstreamUnavailableError("too little of the lease is left for a create call")
    service = vertex.jobs[request.backend]
    try:
        return service.create(region=request.region, job_id=request.job_id, body=request.body)
    except AlreadyExistsError:
        job = service.get(request.name)
        if request.labels.items() <= dict(job.labels).items():
            return job
        raise


def _launched(services: Services, run: Run, job: Job) -> Outcome:
    base_model = run.accepted["plan"]["base_model"]
    said = fact(services, run, RunLaunched, job_name=job.name, base_model=base_model)
    run = services.runbook.step(run, RunState.LAUNCHED, {"job_name": job.name}, facts=[said])
    publish_run_report(services, run)
    return _outcome(run, "launched")


def _refused(services: Services, run: Run, error: TunedropError) -> Outcome:
    """Tell what waiting can mend from what it cannot; nothing was created in either case."""
    detail: Mapping[str, Any] = {"code": error.code, "message": redacted(str(error))}
    if isinstance(error, QuotaExhaustedError | AccessDeniedError):
        said = [fact(services, run, RunQueued, code=error.code)]
        run = services.runbook.step(run, RunState.QUEUED, detail, facts=said)
    else:
        if isinstance(error, InvalidRequestError):
            detail = {**detail, "violations": [redacted(text) for text in error.violations]}
        code = _REFUSALS.get(type(error), "launch_refused")
        said_failed = [fact(services, run, RunFailed, code=code)]
        run = services.runbook.step(
            run, RunState.FAILED, {**detail, "code": code}, facts=said_failed
        )
    publish_run_report(services, run)
    return _outcome(run, str(run.last.detail["code"]))


def _held(services: Services, run: Run, reason: str) -> Run:
    said = fact(services, run, RunQueued, code=reason, held=True)
    run = services.runbook.step(run, RunState.HELD, {"code": reason}, facts=[said])
    publish_run_report(services, run)
    return run


def _asked_for(verdict: Record) -> dict[str, Any]:
    """What a run needs to know of the verdict that asked for it first."""
    kept = ("drop_id", "recipe", "plan", "training", "evaluation", "asked", "dataset_format")
    return {
        **{key: verdict[key] for key in kept},
        "dataset_uri": verdict["uri"],
        "generation": verdict["generation"],
    }


def _record_asker(services: Services, run_id: str, verdict: Record) -> None:
    record = {
        "kind": "asker",
        "drop_id": verdict["drop_id"],
        "uri": verdict["uri"],
        "generation": verdict["generation"],
    }
    services.ledger.create(naming.asker_path(run_id, verdict["drop_id"]), record)


def _outcome(run: Run, code: str) -> Outcome:
    return Outcome(
        code=code, record=naming.transition_path(run.run_id, run.last.sequence), run_id=run.run_id
    )
