"""How a pipeline job moves: pending, then task after task, then a model on an endpoint.

Sees only what the job carries; the API's rules have been applied before.
"""

import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from google.cloud import aiplatform_v1

from tunedrop.local.vertex import events, names, rows, tasks, tensorboards, tuned, wire
from tunedrop.local.vertex.core import Core, rule_of
from tunedrop.local.vertex.errors import status_of
from tunedrop.local.vertex.script import Rule
from tunedrop.local.vertex.store import Work
from tunedrop.local.vertex.wire import Pb

KIND = "pipelineJobs"
PipelineJob = aiplatform_v1.PipelineJob.pb()
_State = aiplatform_v1.PipelineState
_FEWEST, _MOST = 10, 10_000
_EVALUATION_MOST = 250
_BASE_LABEL = "google-vertex-llm-tuning-base-model-id"
_TUNER, _DEPLOY = "large-language-model-tuner", "create-endpoint-and-deploy-model"
_UPLOAD = "upload-llm-model"
_CACHED_OUTPUTS = {_UPLOAD: "model_resource_name", _DEPLOY: "endpoint_resource_name"}
_NO_ENDPOINT = (
    "Failed to create endpoint. Tuned model is uploaded and can be accessed through Model Registry."
)


class TaskError(Exception):
    """A task of the pipeline fails."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def start(core: Core, job: Pb, row_format: str, at: float, rule: Rule | None) -> None:
    """Put an accepted job in line."""
    names_of_steps = tasks.steps_for(_values(job))
    if rule and rule.act == "no_model":
        names_of_steps = [
            s for s in names_of_steps if tasks.BY_NAME[s].parent != "deployment-graph"
        ]
    core.start_work(
        KIND,
        job.name,
        due_at=at + core.settings.pending_seconds,
        rule=rule,
        row_format=row_format,
        steps=names_of_steps,
        shares=sum(tasks.BY_NAME[s].share for s in names_of_steps),
        outputs={},
    )


def advance(core: Core, work: Work) -> None:
    """Do the step that is due."""
    job = core.load(KIND, PipelineJob, work.name)
    at = work.due_at or 0.0
    if job.state == _State.PIPELINE_STATE_CANCELLING:
        tasks.cancel_open(job, at)
        job.error.CopyFrom(status_of("CANCELLED", "The PipelineJob was cancelled."))
        _end(core, job, at, _State.PIPELINE_STATE_CANCELLED)
    elif job.state == _State.PIPELINE_STATE_PENDING:
        job.state = _State.PIPELINE_STATE_RUNNING
        wire.stamp(job.start_time, at)
        tasks.begin_root(job, at)
        events.log_state(core, job, at)
        _begin_step(core, job, work, at)
    else:
        _finish_step(core, job, work, at)


def cancel(core: Core, job: Pb, work: Work, at: float) -> None:
    """Begin to cancel, unless that has begun; the job ends a little later."""
    if job.state == _State.PIPELINE_STATE_CANCELLING:
        return
    job.state = _State.PIPELINE_STATE_CANCELLING
    work.due_at = at + core.settings.pending_seconds
    _save(core, job, work, at)


def _begin_step(core: Core, job: Pb, work: Work, at: float) -> None:
    step = tasks.BY_NAME[work.plan["steps"][0]]
    tasks.begin(job, step.name, at)
    work.due_at = at + core.settings.running_seconds * step.share / work.plan["shares"]
    rule = rule_of(work)
    if rule and step.name == _TUNER:
        if rule.act == "cancelled":
            cancel(core, job, work, at)
        elif rule.act in {"stuck", "paused"}:
            work.due_at = None
        if rule.act == "paused":
            job.state = _State.PIPELINE_STATE_PAUSED
    _save(core, job, work, at)


def _finish_step(core: Core, job: Pb, work: Work, at: float) -> None:
    name, *left = work.plan["steps"]
    try:
        _raise_if_scripted(rule_of(work), name, tasks.steps_for(_values(job)))
        cached = _cached(core, job, name) if _hands_back_an_old_model(work) else {}
        effect = None if cached else _EFFECTS.get(name)
        outputs = effect(core, job, work, at) if effect else cached
    except TaskError as error:
        tasks.fail(job, name, at, error.code, error.message, left)
        _end(core, job, at, _State.PIPELINE_STATE_FAILED)
        return
    tasks.succeed(job, name, at, outputs, left, cached=bool(cached))
    work.plan["outputs"] |= outputs
    work.plan["steps"] = left
    if left:
        _begin_step(core, job, work, at)
        return
    tasks.succeed_root(job, at, work.plan["outputs"])
    rule = rule_of(work)
    in_state = rule.state if rule and rule.act == "end_in_state" else None
    _end(core, job, at, in_state or _State.PIPELINE_STATE_SUCCEEDED)


def _raise_if_scripted(rule: Rule | None, name: str, steps: list[str]) -> None:
    if rule is None:
        return
    if rule.act == "fail_with_model" and name == _DEPLOY:
        raise TaskError("INTERNAL", _NO_ENDPOINT)
    failing = rule.task if rule.task in steps else _TUNER
    if rule.act in {"fail", "fail_task"} and name == failing:
        raise TaskError(rule.code, rule.message)


def _hands_back_an_old_model(work: Work) -> bool:
    rule = rule_of(work)
    return rule is not None and rule.act == "old_model"


def _cached(core: Core, job: Pb, name: str) -> dict[str, str]:
    """What the step put out in the newest earlier job that ran it; nothing for a step that is never cached."""
    key = _CACHED_OUTPUTS.get(name, "")
    parent = names.parent_of(job.name)
    for _, body in core.store.listing(KIND, parent, before_seq=sys.maxsize, created_until=math.inf):
        outputs = tasks.outputs_of(PipelineJob.FromString(body))
        if key in outputs:
            return {key: outputs[key]}
    return {}


def _save(core: Core, job: Pb, work: Work, at: float) -> None:
    wire.stamp(job.update_time, at)
    core.store.save(job.name, job)
    core.store.put_work(work)


def _end(core: Core, job: Pb, at: float, state: int) -> None:
    job.state = state
    wire.stamp(job.end_time, at)
    wire.stamp(job.update_time, at)
    core.store.save(job.name, job)
    core.store.end_work(job.name)
    events.log_state(core, job, at)


def _values(job: Pb) -> dict[str, Any]:
    return {key: wire.plain(v) for key, v in job.runtime_config.parameter_values.items()}


def _encode(core: Core, job: Pb, work: Work, _at: float) -> dict[str, str]:
    _copy(core, job, work, "dataset_uri", _MOST)
    return {}


def _encode_evaluation(core: Core, job: Pb, work: Work, _at: float) -> dict[str, str]:
    _copy(core, job, work, "evaluation_data_uri", _EVALUATION_MOST).unlink()
    return {}


def _copy(core: Core, job: Pb, work: Work, parameter: str, most: int) -> Path:
    values = _values(job)
    to = core.rows_directory / rows.file_name(f"{job.name}/{parameter}")
    try:
        lines = core.objects.read_lines(values[parameter])
        context = values.get("default_context", "")
        copied = rows.copy(lines, work.plan["row_format"], to, context)
    except OSError as error:
        raise TaskError("NOT_FOUND", f"The object of {parameter} cannot be read.") from error
    except rows.DatasetError as error:
        place = f"Dataset example {error.line_number} of {error.total}"
        raise TaskError("INVALID_ARGUMENT", f"{place} {error.reason}.") from error
    if copied.rows < _FEWEST or copied.messages > most:
        raise TaskError(
            "INVALID_ARGUMENT",
            f"{parameter} must hold {_FEWEST} to {most} examples, found {copied.rows} examples "
            f"({copied.messages} counted).",
        )
    return to


def _upload(core: Core, job: Pb, work: Work, at: float) -> dict[str, str]:
    values = _values(job)
    project, _ = names.parse_parent(job.name)
    base = values["large_model_reference"]
    labels = {**job.labels, _BASE_LABEL: base.replace("@", "-")}
    model = tuned.Model(display_name=values["model_display_name"], labels=labels)
    if job.HasField("encryption_spec"):
        model.encryption_spec.CopyFrom(job.encryption_spec)
    copied = rows.file_name(f"{job.name}/dataset_uri")
    training = tuned.Training(work.plan["row_format"], base, copied)
    tuned.upload(core, f"projects/{project}/locations/{values['location']}", model, training, at)
    return {"model_resource_name": tuned.version_name(model)}


def _deploy(core: Core, job: Pb, work: Work, at: float) -> dict[str, str]:
    model = tuned.load_version(core, work.plan["outputs"]["model_resource_name"])
    endpoint = tuned.add_endpoint(core, model, job.labels, at)
    deployed = tuned.DeployedModel()
    deployed.automatic_resources.min_replica_count = 1
    deployed.automatic_resources.max_replica_count = 1
    tuned.deploy(core, endpoint, model, deployed, at)
    return {"endpoint_resource_name": endpoint.name}


_EFFECTS: Mapping[str, Callable[[Core, Pb, Work, float], dict[str, str]]] = {
    "dataset-encoder": _encode,
    "evaluation-dataset-encoder": _encode_evaluation,
    _TUNER: tensorboards.note_on_task,
    "tensorboard-uploader": tensorboards.upload_of_pipeline,
    _UPLOAD: _upload,
    _DEPLOY: _deploy,
}
