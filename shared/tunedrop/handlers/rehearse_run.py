"""Does for a run everything but the create call, and records what the call would have said.

Takes no intent, since an intent means that a job may exist; which runs are rehearsed is the launcher's to say.
"""

from typing import Any

from tunedrop.contracts import RunRehearsed
from tunedrop.domain.redaction import redacted
from tunedrop.domain.runs import ANSWERED, Run, RunState
from tunedrop.errors import TunedropError
from tunedrop.handlers.admission import reason_to_hold
from tunedrop.handlers.job_requests import JobRequest, job_request
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import advance
from tunedrop.services import Services, Vertex

_FIRST_ATTEMPT = 1


def rehearse(services: Services, vertex: Vertex, run: Run) -> Run:
    """End an accepted run with the request of its first attempt, not sent."""
    request = job_request(services.settings, run, _FIRST_ATTEMPT)
    service, message = _look(vertex, request)
    detail: dict[str, Any] = {
        "code": "rehearsed",
        "backend": request.backend,
        "region": request.region,
        "job_id": request.job_id,
        "request": dict(request.body),
        "would_hold": reason_to_hold(services, run),
        "service": service,
        "message": message,
    }
    said = fact(
        services,
        run,
        RunRehearsed,
        job_id=request.job_id,
        base_model=run.accepted["plan"]["base_model"],
        would_hold=detail["would_hold"],
        service=service,
    )
    return advance(services, run, RunState.REHEARSED, detail, facts=[said])


def _look(vertex: Vertex, request: JobRequest) -> tuple[str, str]:
    """What looking for the job comes to: a code, and an error's words without dataset text.

    It is not repeated by a redelivery: a rehearsal is to tell what is broken, not to wait until it is mended.
    """
    try:
        vertex.jobs[request.backend].find(region=request.region, labels=request.labels)
    except TunedropError as error:
        return error.code, redacted(str(error))
    return ANSWERED, ""
