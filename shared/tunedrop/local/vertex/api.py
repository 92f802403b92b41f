"""One call, from either face: record it, let the script interfere, bring the state up to date, answer.

Knows no transport.
"""

from collections.abc import Mapping
from typing import Any

from tunedrop.local.vertex import (
    endpoints,
    models,
    operations,
    pipeline_run,
    tuning_run,
    wire,
)
from tunedrop.local.vertex.clock import Clock
from tunedrop.local.vertex.core import Core, Worker
from tunedrop.local.vertex.errors import ApiError
from tunedrop.local.vertex.methods import Method
from tunedrop.local.vertex.objects import Objects
from tunedrop.local.vertex.script import CALL_ACTS, CREATES, Rule, Subject
from tunedrop.local.vertex.settings import Settings
from tunedrop.local.vertex.wire import Pb

_RESOURCE = {"CreatePipelineJob": "pipeline_job", "CreateTuningJob": "tuning_job"}
_LOST = "The connection was lost before the response arrived."

WORKERS: Mapping[str, Worker] = {
    pipeline_run.KIND: pipeline_run.advance,
    tuning_run.KIND: tuning_run.advance,
    operations.KIND: operations.worker(
        {
            "create_endpoint": endpoints.apply_create,
            "delete_endpoint": endpoints.apply_delete,
            "deploy_model": endpoints.apply_deploy,
            "undeploy_model": endpoints.apply_undeploy,
            "upload_model": models.apply_upload,
            "delete_model": models.apply_delete,
        }
    ),
}
"""What does the work that falls due, by kind."""


def build_core(settings: Settings, objects: Objects, clock: Clock) -> Core:
    """Open the state under a directory, or go on with what is there."""
    settings.directory.mkdir(parents=True, exist_ok=True)
    return Core(settings, objects, clock, WORKERS)


def call(core: Core, method: Method, request: Pb, *, face: str, received: object = None) -> Pb:
    """Answer one call.

    Args:
        core: The state.
        method: What is called.
        request: The parsed request.
        face: `grpc` or `rest`, for the record.
        received: The JSON body as it came; None records the parsed one.

    Raises:
        ApiError: The call is refused, or the script says so.
    """
    if method.name not in CREATES:
        return _call(core, method, request)
    seq = _record(core, method, request, face, received)
    try:
        answer = _call(core, method, request)
    except ApiError as error:
        _note_outcome(core, seq, error.code)
        raise
    _note_outcome(core, seq, "OK")
    return answer


def _call(core: Core, method: Method, request: Pb) -> Pb:
    core.tick()
    subject = _subject(method, request)
    with core.transaction():
        rule = core.script.take(subject)
    rule = rule or core.faults.draw(subject)
    act = rule.act if rule else ""
    if rule and act == "refuse":
        raise ApiError(rule.code, rule.message)
    if rule and act == "hang":
        core.stopping.wait(rule.seconds)
        raise ApiError("UNAVAILABLE", _LOST)
    try:
        answer = _answer(core, method, request, rule)
    except OSError as error:
        raise ApiError("UNAVAILABLE", "The storage server cannot be reached.") from error
    if rule and act == "hang_after":
        core.stopping.wait(rule.seconds)
    if act in {"hang_after", "lose_response"}:
        raise ApiError("UNAVAILABLE", _LOST)
    return answer


def _answer(core: Core, method: Method, request: Pb, rule: Rule | None) -> Pb:
    if method.name in CREATES:
        carried = None if rule is None or rule.act in CALL_ACTS else rule
        return method.answer(core, request, carried)
    answer = method.answer(core, request)
    if isinstance(answer, operations.Operation) and not answer.done:
        core.tick()
        answer = core.load(operations.KIND, operations.Operation, answer.name)
    return answer


def _subject(method: Method, request: Pb) -> Subject:
    if method.name == "CreatePipelineJob":
        job = request.pipeline_job
        base = job.runtime_config.parameter_values.get("large_model_reference")
        base_model = base.string_value if base else ""
        return Subject(method.name, dict(job.labels), job.display_name, base_model)
    if method.name == "CreateTuningJob":
        job = request.tuning_job
        name = job.tuned_model_display_name
        return Subject(method.name, dict(job.labels), name, job.base_model)
    return Subject(method.name)


def _record(core: Core, method: Method, request: Pb, face: str, received: object) -> int:
    body = (
        received if received is not None else wire.to_json(getattr(request, _RESOURCE[method.name]))
    )
    line: dict[str, Any] = {
        "at": wire.rfc3339(core.clock.now()),
        "face": face,
        "method": method.name,
        "parent": request.parent,
        "id": getattr(request, "pipeline_job_id", ""),
        "body": body,
        "outcome": "",
    }
    with core.transaction():
        return core.journal.append("requests", line)


def _note_outcome(core: Core, seq: int, outcome: str) -> None:
    with core.transaction():
        line = core.journal.line("requests", seq)
        core.journal.replace("requests", seq, {**line, "outcome": outcome})
