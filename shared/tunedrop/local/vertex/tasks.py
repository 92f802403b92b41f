"""The task details of a pipeline job, as a real tune-large-model run names and nests them.

Edits the job's message only; what a task does is not known here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from google.cloud import aiplatform_v1

from tunedrop.local.vertex import names, wire
from tunedrop.local.vertex.errors import status_of
from tunedrop.local.vertex.wire import Pb

_Task = aiplatform_v1.PipelineTaskDetail.State
_Execution = aiplatform_v1.Execution.State
_RUN, _DAG, _CONTAINER = "system.Run", "system.DagExecution", "system.ContainerExecution"
_OUTPUT = "output:"
_OPEN = frozenset({_Task.PENDING, _Task.RUNNING})


@dataclass(frozen=True)
class Step:
    """A leaf task; steps run one after another."""

    name: str
    parent: str
    """The graph it belongs to; empty for the root."""
    share: float
    """Its part of the running time."""
    needs: str = ""
    """The parameter without which it is left out."""


STEPS = (
    Step("validate-pipeline", "", 0.05),
    Step("export-managed-dataset", "tuning-graph", 0.05),
    Step("dataset-encoder", "tuning-graph", 0.1),
    Step("evaluation-dataset-encoder", "tuning-graph", 0.05, "evaluation_data_uri"),
    Step("large-language-model-tuner", "tuning-graph", 0.5),
    Step("tensorboard-uploader", "tuning-graph", 0.05, "tensorboard_resource_id"),
    Step("upload-llm-model", "deployment-graph", 0.1),
    Step("create-endpoint-and-deploy-model", "deployment-graph", 0.1),
)
BY_NAME: Mapping[str, Step] = {step.name: step for step in STEPS}


def steps_for(values: Mapping[str, Any]) -> list[str]:
    """Return the names of the steps that a job with these parameters runs."""
    return [step.name for step in STEPS if not step.needs or values.get(step.needs)]


def begin_root(job: Pb, at: float) -> None:
    """Add the run itself, named like the job."""
    job_id = job.name.rpartition("/")[2]
    project_parent = names.parent_of(job.name)
    job.job_detail.pipeline_run_context.name = (
        f"{project_parent}/metadataStores/default/contexts/{job_id}"
    )
    _add(job, job_id, 0, _RUN, at)


def begin(job: Pb, name: str, at: float) -> None:
    """Start a step, and its graph when it is the graph's first."""
    root = job.job_detail.task_details[0]
    parent = root.task_id
    graph = BY_NAME[name].parent
    if graph:
        found = find(job, graph)
        parent = (found or _add(job, graph, root.task_id, _DAG, at)).task_id
    task = _add(job, name, parent, _CONTAINER, at)
    location = names.parent_of(job.name)
    task.executor_detail.container_detail.main_job = f"{location}/customJobs/{task.task_id}"


def find(job: Pb, name: str) -> Pb | None:
    """Return a task below the root by name; the root is named by the caller."""
    return next((t for t in job.job_detail.task_details[1:] if t.task_name == name), None)


def outputs_of(job: Pb) -> dict[str, str]:
    """Return what a job has put out so far, by the outputs' bare names."""
    found = {}
    for task in job.job_detail.task_details[:1]:
        for key, value in task.execution.metadata.items():
            found[key.removeprefix(_OUTPUT)] = str(value)
    return found


def succeed(
    job: Pb,
    name: str,
    at: float,
    outputs: Mapping[str, str],
    left: Iterable[str],
    *,
    cached: bool = False,
) -> None:
    """End a step well, or leave it out for a cache's sake, and its graph with the last of its steps."""
    task = _task(job, name)
    _close(task, _Task.SKIPPED if cached else _Task.SUCCEEDED, at)
    for key, value in outputs.items():
        task.execution.metadata[f"{_OUTPUT}{key}"] = value
    graph = BY_NAME[name].parent
    if graph and not any(BY_NAME[other].parent == graph for other in left):
        _close(_task(job, graph), _Task.SUCCEEDED, at)


def succeed_root(job: Pb, at: float, outputs: Mapping[str, str]) -> None:
    """End the run well, with the pipeline's outputs."""
    root = job.job_detail.task_details[0]
    _close(root, _Task.SUCCEEDED, at)
    for key, value in outputs.items():
        root.execution.metadata[f"{_OUTPUT}{key}"] = value


def fail(job: Pb, name: str, at: float, code: str, message: str, left: Iterable[str]) -> None:
    """End a step badly, and with it everything above; what is *left* is not triggered."""
    task = _task(job, name)
    leaf = (
        f"com.google.cloud.ai.platform.common.errors.AiPlatformException: code={code}, "
        f"message={message}, cause=null; Failed to run the task. Task name: {name}, "
        f"Task state: DRIVER_SUCCEEDED, Execution name: {task.execution.name}"
    )
    _close(task, _Task.FAILED, at, code, leaf)
    graph = BY_NAME[name].parent
    if graph:
        _close(_task(job, graph), _Task.FAILED, at, "FAILED_PRECONDITION", _dag_failed(name))
    root = job.job_detail.task_details[0]
    _close(root, _Task.FAILED, at, "FAILED_PRECONDITION", _dag_failed(graph or name))
    for other in dict.fromkeys(BY_NAME[n].parent or n for n in left):
        if find(job, other) is None:
            skipped = _add(job, other, root.task_id, _DAG, at)
            _close(skipped, _Task.NOT_TRIGGERED, at)
    project, _ = names.parse_parent(job.name)
    job.error.CopyFrom(
        status_of(
            "FAILED_PRECONDITION",
            f"{_dag_failed(graph or name)}; Job (project_id = {project}, job_id = "
            f"{job.name.rpartition('/')[2]}) is failed due to the above error.; Failed to handle "
            f"the job: {{project_number = {project}, job_id = {root.task_id}}}",
        )
    )


def cancel_open(job: Pb, at: float) -> None:
    """End everything that still runs as cancelled."""
    for task in job.job_detail.task_details:
        if task.state in _OPEN:
            _close(task, _Task.CANCELLED, at)


def _dag_failed(name: str) -> str:
    return f"The DAG failed because some tasks failed. The failed tasks are: [{name}]."


def _task(job: Pb, name: str) -> Pb:
    task = find(job, name)
    if task is None:
        raise LookupError(f"{job.name} has not begun its task {name}")
    return task


def _add(job: Pb, name: str, parent_id: int, schema_title: str, at: float) -> Pb:
    details = job.job_detail.task_details
    base = round(wire.instant(job.create_time) * 1000) * 100
    task = details.add(task_id=base + len(details) + 1, parent_task_id=parent_id, task_name=name)
    task.state = _Task.RUNNING
    for field in (task.create_time, task.start_time, task.execution.create_time):
        wire.stamp(field, at)
    store = f"{names.parent_of(job.name)}/metadataStores/default"
    task.execution.name = f"{store}/executions/{task.task_id}"
    task.execution.display_name = name
    task.execution.state = _Execution.RUNNING
    task.execution.schema_title = schema_title
    _note(task, at)
    return task


def _close(task: Pb, state: Any, at: float, code: str = "", message: str = "") -> None:  # noqa: ANN401 — an enum of a generated class
    task.state = state
    wire.stamp(task.end_time, at)
    wire.stamp(task.execution.update_time, at)
    task.execution.state = {
        _Task.SUCCEEDED: _Execution.COMPLETE,
        _Task.FAILED: _Execution.FAILED,
    }.get(state, _Execution.CANCELLED)
    if code:
        task.error.CopyFrom(status_of(code, message))
    _note(task, at)


def _note(task: Pb, at: float) -> None:
    status = task.pipeline_task_status.add(state=task.state)
    wire.stamp(status.update_time, at)
    if task.HasField("error"):
        status.error.CopyFrom(task.error)
