"""Creates one job for an attempt: intent, slot, a look for what an earlier intent left, money, then the call.

The order is the protocol. Every step leaves a record before the next begins, so that whoever comes after a
crash knows what may have happened; the call itself comes last and is never repeated blindly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tunedrop import logs
from tunedrop.ai_ports import Job, JobError, JobService
from tunedrop.contracts import RunFailed, RunLaunched, RunQueued
from tunedrop.domain.runs import Run, RunState
from tunedrop.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    InvalidRequestError,
    NotFoundError,
    QuotaExhaustedError,
    ServiceAnswerError,
    TunedropError,
    UpstreamUnavailableError,
)
from tunedrop.handlers import money, slots
from tunedrop.handlers.admission import DAILY_BUDGET, NO_SLOT
from tunedrop.handlers.explain_job import count_unknown, explained
from tunedrop.handlers.job_requests import JobRequest, job_request
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import NOT_BEFORE, advance
from tunedrop.handlers.track_job import is_unwanted, meet_wish
from tunedrop.services import Services, Vertex

UNKNOWN = "launch_unknown"
"""Outcome of a launch of which nobody knows whether it made a job; the sweep goes on with it."""
_CODES: Mapping[type[TunedropError], int] = {AccessDeniedError: 7, QuotaExhaustedError: 8}
"""Numbers of google.rpc.Code, for errors that say their class by themselves."""
_LOOK_BACK = timedelta(hours=1)
_MOST_DOUBLINGS = 4


class Answer(StrEnum):
    """What a create call's error says."""

    REFUSED = "refused"
    """No job was made, and none ever will be by this request."""
    LATER = "later"
    """No job was made; the same request may be taken another time."""
    UNKNOWN = "unknown"
    """A job may have been made."""


ANSWERS: Mapping[type[TunedropError], tuple[Answer, str]] = {
    AlreadyExistsError: (Answer.REFUSED, "job_id_taken"),
    NotFoundError: (Answer.REFUSED, "launch_not_found"),
    ServiceAnswerError: (Answer.REFUSED, "launch_refused"),
    QuotaExhaustedError: (Answer.LATER, QuotaExhaustedError.code),
    AccessDeniedError: (Answer.LATER, AccessDeniedError.code),
    TunedropError: (Answer.UNKNOWN, UNKNOWN),
}
"""By the nearest class of the error: the one table that tells definitive answers from ambiguous ones."""


def answer_of(error: TunedropError) -> tuple[Answer, str]:
    """Look an error of a create call up: what it says, and under which code it is recorded."""
    return next(ANSWERS[cls] for cls in type(error).__mro__ if cls in ANSWERS)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An attempt whose intent is this worker's."""

    run: Run
    request: JobRequest
    lease: datetime


def attempt(services: Services, vertex: Vertex, run: Run) -> tuple[Run, str]:
    """Take an attempt as far as it goes: to a recorded job, back to the queue, to an end, or into doubt.

    Returns:
        The run after it, and the code of what happened.

    Raises:
        FencedError: Another worker took a step meanwhile; nothing was changed.
    """
    earlier = [step for step in run.steps_of_attempt if step.state is RunState.LAUNCHING]
    in_doubt_since = run.in_doubt_since
    ours = _intend(services, run)
    slot = slots.take(services, ours.run)
    if earlier:
        try:
            left = _left_behind(vertex, ours.request, since=earlier[0].at)
        except TunedropError:
            # A job may exist that this look did not show: whatever went wrong, it is no refusal of a create.
            return ours.run, UNKNOWN
        if left is not None:
            logs.job_adopted(run.run_id, found_by="label")
            slot = slot or slots.take_beyond(services, ours.run)
            return _launched(services, vertex, ours, left, slot)
    if in_doubt_since and _is_hopeless(services, in_doubt_since):
        return _failed(services, ours.run, "launch_timeout")
    return _made(services, vertex, ours, slot)


def _made(
    services: Services, vertex: Vertex, ours: _Attempt, slot: slots.Slot | None
) -> tuple[Run, str]:
    """Make a job, none having been made yet, if nobody has changed their mind and there is room and money."""
    if is_unwanted(services, ours.run):
        return _cancelled(services, ours.run)
    if slot is None:
        return _queued(services, ours.run, NO_SLOT)
    if not money.take(services, ours.run):
        return _queued(services, ours.run, DAILY_BUDGET)
    return _call(services, vertex, ours, slot)


def _intend(services: Services, run: Run) -> _Attempt:
    """Record that a job may exist from now on, and until when nobody else may make one."""
    request = job_request(services.settings, run, run.attempt)
    lease = services.clock.now() + timedelta(seconds=services.settings.timings.lease_seconds)
    intent = {
        "lease_expires_at": lease.isoformat(),
        "backend": request.backend,
        "region": request.region,
        "job_id": request.job_id,
        "request": dict(request.body),
    }
    return _Attempt(advance(services, run, RunState.LAUNCHING, intent), request, lease)


def _left_behind(vertex: Vertex, request: JobRequest, *, since: datetime) -> Job | None:
    """The job that an earlier intent of the attempt made, the first of several."""
    jobs = vertex.jobs[request.backend]
    found = jobs.recent(region=request.region, labels=request.labels, since=since - _LOOK_BACK)
    return min(found, key=lambda job: (job.created_at, job.name), default=None)


def _call(services: Services, vertex: Vertex, ours: _Attempt, slot: slots.Slot) -> tuple[Run, str]:
    try:
        job = _create(services, vertex, ours)
    except TunedropError as error:
        answer, code = answer_of(error)
        if answer is Answer.UNKNOWN:
            # The sweep looks for the job once the lease and the list's lag have passed.
            return ours.run, code
        if answer is Answer.LATER:
            money.give_back(services, ours.run)
            return _queued(services, ours.run, code, error)
        return _failed(services, ours.run, code, error)
    return _launched(services, vertex, ours, job, slot)


def _create(services: Services, vertex: Vertex, ours: _Attempt) -> Job:
    request = ours.request
    timeout = timedelta(seconds=services.settings.timings.create_timeout_seconds)
    if services.clock.now() + timeout >= ours.lease:
        raise UpstreamUnavailableError("too little of the lease is left for a create call")
    service = vertex.jobs[request.backend]
    try:
        return service.create(region=request.region, job_id=request.job_id, body=request.body)
    except AlreadyExistsError as taken:
        return _adopted(service, ours, taken)


def _adopted(service: JobService, ours: _Attempt, taken: AlreadyExistsError) -> Job:
    """The job that has our id, if it is ours; until that is known, nothing is."""
    try:
        job = service.get(ours.request.name)
    except TunedropError as error:
        msg = f"the job that has our id could not be read: {error}"
        raise UpstreamUnavailableError(msg) from None
    if ours.request.labels.items() <= dict(job.labels).items():
        logs.job_adopted(ours.run.run_id, found_by="id")
        return job
    raise taken


def _launched(
    services: Services, vertex: Vertex, ours: _Attempt, job: Job, slot: "slots.Slot | None"
) -> tuple[Run, str]:
    run = ours.run
    base_model = run.accepted["plan"]["base_model"]
    said = fact(services, run, RunLaunched, job_name=job.name, base_model=base_model)
    detail = {"job_name": job.name, "slot": slot.number if slot else None}
    run = advance(services, run, RunState.LAUNCHED, detail, facts=[said])
    meet_wish(services, vertex, run)
    return run, "launched"


def _queued(
    services: Services, run: Run, code: str, error: TunedropError | None = None
) -> tuple[Run, str]:
    """Nothing was made: wait for what was missing, longer from refusal to refusal."""
    detail: dict[str, Any] = {"code": code}
    if error is not None:
        refusals = sum(step.detail.get("code") == code for step in run.steps_of_attempt)
        rest = services.settings.timings.queue_retry_seconds * 2 ** min(refusals, _MOST_DOUBLINGS)
        detail |= {
            **_refusal(services, run, error),
            NOT_BEFORE: (services.clock.now() + timedelta(seconds=rest)).isoformat(),
        }
    said = [fact(services, run, RunQueued, code=code)]
    return advance(services, run, RunState.QUEUED, detail, facts=said), code


def _failed(
    services: Services, run: Run, code: str, error: TunedropError | None = None
) -> tuple[Run, str]:
    money.give_back(services, run)
    detail: dict[str, Any] = {"code": code}
    if error is not None:
        detail |= _refusal(services, run, error)
    said = [fact(services, run, RunFailed, code=code)]
    failed = advance(services, run, RunState.FAILED, detail, facts=said)
    if error is not None:
        count_unknown(failed, detail)
    return failed, code


def _refusal(services: Services, run: Run, error: TunedropError) -> dict[str, Any]:
    """What is recorded of the words by which the service refused a create call."""
    violations = error.violations if isinstance(error, InvalidRequestError) else ()
    said = JobError(code=_CODES.get(type(error), 0), message=str(error), violations=violations)
    return explained(services, run, said)


def _cancelled(services: Services, run: Run) -> tuple[Run, str]:
    money.give_back(services, run)
    said = [fact(services, run, RunFailed, code="cancelled")]
    return advance(
        services, run, RunState.CANCELLED, {"code": "cancelled"}, facts=said
    ), "cancelled"


def _is_hopeless(services: Services, since: datetime) -> bool:
    limit = timedelta(seconds=services.settings.timings.launch_deadline_seconds)
    return services.clock.now() - since > limit
