"""Tuning through pipeline jobs: create by id, read back, find the tuned model in the tasks' output.

Knows `PipelineServiceClient` and its payloads; decides nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from google.cloud import aiplatform_v1 as vertex
from google.protobuf import json_format
from google.rpc import code_pb2

from tunedrop.adapters.google_errors import translated, violations_in
from tunedrop.adapters.vertex_clients import enum_name, instant, rfc3339
from tunedrop.adapters.vertex_jobs import MOST_PAGES, PAGE_SIZE, VertexJobs, carrying, labelled
from tunedrop.ai_ports import Job, JobError
from tunedrop.domain.hosts import location_of
from tunedrop.domain.job_states import job_state

# The task that uploads the model has had three names; the root task carries the same output
# (google-cloud-aiplatform, vertexai/language_models/_language_models.py, _get_tuned_model_name).
UPLOAD_TASKS = ("upload-llm-model", "upload-model", "text-embedding-model-uploader")
MODEL_OUTPUT = "output:model_resource_name"
ENDPOINT_OUTPUT = "output:endpoint_resource_name"
# As in https://github.com/GoogleCloudPlatform/vertex-ai-samples/issues/3479 (2024-08-23). Two patterns, since one
# that holds both would look for the second again from each place where the first one fits.
_WRAPPER = re.compile(r"code=(?P<code>[A-Z_]+), message=")
_CAUSE = re.compile(r", ?cause=")
_MOST_TEXT = 20_000


class PipelineJobs(VertexJobs):
    """`JobService` for base models whose tuning is a pipeline."""

    def create(self, *, region: str, job_id: str, body: Mapping[str, Any]) -> Job:
        """See `JobService.create`; the id makes a repeat answer `AlreadyExistsError`."""
        job = vertex.PipelineJob()
        json_format.ParseDict(dict(body), vertex.PipelineJob.pb(job))
        with translated(f"pipeline job {job_id} in {region}"):
            created = self._client(region).create_pipeline_job(
                parent=self.parent(region),
                pipeline_job=job,
                pipeline_job_id=job_id,
                timeout=self.create_timeout_seconds,
                retry=None,
            )
        return _job(created)

    def get(self, name: str) -> Job:
        """See `JobService.get`."""
        with translated(name):
            found = self._client(location_of(name)).get_pipeline_job(
                name=name, **self.clients.repeatable()
            )
        return _job(found)

    def find(self, *, region: str, labels: Mapping[str, str]) -> Sequence[Job]:
        """See `JobService.find`; jobs from a list hold no details of their tasks."""
        with translated(f"pipeline jobs in {region}"):
            return labelled(self._listed(region, _label_terms(labels)), labels)

    def recent(self, *, region: str, labels: Mapping[str, str], since: datetime) -> Iterator[Job]:
        """See `JobService.recent`; the service filters and orders."""
        terms = [*_label_terms(labels), f'create_time>"{rfc3339(since)}"']
        with translated(f"pipeline jobs in {region}"):
            yield from carrying(self._listed(region, terms), labels)

    def _listed(self, region: str, terms: Sequence[str]) -> Iterator[Job]:
        request = {
            "parent": self.parent(region),
            "filter": " AND ".join(terms),
            "order_by": "create_time desc",
            "page_size": PAGE_SIZE,
        }
        pager = self._client(region).list_pipeline_jobs(
            request=request, **self.clients.repeatable()
        )
        pages = islice(pager.pages, MOST_PAGES)
        return (_job(job) for page in pages for job in page.pipeline_jobs)

    def cancel(self, name: str) -> None:
        """See `JobService.cancel`."""
        with translated(name):
            self._client(location_of(name)).cancel_pipeline_job(
                name=name, **self.clients.repeatable()
            )

    def _client(self, region: str) -> vertex.PipelineServiceClient:
        return self.clients.get(vertex.PipelineServiceClient, region)


def _label_terms(labels: Mapping[str, str]) -> list[str]:
    return [f'labels.{key}="{value}"' for key, value in sorted(labels.items())]


def _job(job: vertex.PipelineJob) -> Job:
    raw = enum_name(job, "state")
    tasks = list(job.job_detail.task_details)
    return Job(
        name=job.name,
        state=job_state(raw),
        raw_state=raw,
        labels=dict(job.labels),
        created_at=instant(job.create_time),
        error=_error(job, tasks),
        tuned_model=_output(tasks, MODEL_OUTPUT),
        endpoint=_output(tasks, ENDPOINT_OUTPUT),
        ended_at=instant(job.end_time) if job.end_time else None,
    )


def _output(tasks: Iterable[Any], key: str) -> str:
    """An output of the uploading task, else of the root task, whose schema is `system.Run`."""
    tasks = list(tasks)
    uploads = [task for task in tasks if task.task_name in UPLOAD_TASKS]
    roots = [task for task in tasks if task.execution.schema_title == "system.Run"]
    for task in [*uploads, *roots]:
        metadata = task.execution.metadata
        if metadata and key in metadata:
            return str(metadata[key]).strip()
    return ""


def _error(job: vertex.PipelineJob, tasks: Sequence[Any]) -> JobError | None:
    """The deepest failed task's error; those above it, and the job's own, only say that some task failed.

    What else stands in the details are tasks that were cancelled or never begun for its sake, and errors of
    tries that were repeated, which tasks that ended well keep as well.
    """
    failed = [task for task in tasks if enum_name(task, "state") == "FAILED"]
    if not failed and not job.error.code:
        return None
    parents = {task.task_id: task.parent_task_id for task in tasks}
    above = {task.parent_task_id for task in failed}
    leaves = [task for task in failed if task.task_id not in above]
    said = [(task, status) for task in leaves if (status := _final_error(task)).code]
    if not said:
        return _as_said(job.error, leaves[0].task_name if leaves else "")
    task, status = max(said, key=lambda pair: _depth(pair[0].task_id, parents))
    return _as_said(status, task.task_name)


def _final_error(task: Any) -> Any:  # noqa: ANN401 — a google.rpc.Status
    """The error that a failed task ended with; some only keep it in their history."""
    history = task.pipeline_task_status
    return task.error if task.error.code or not history else history[-1].error


def _as_said(status: Any, task: str) -> JobError:  # noqa: ANN401 — a google.rpc.Status
    """An error in its own words, which the leaf's message wraps in a Java exception's."""
    violations = tuple(violations_in(status.details))
    code, message = status.code, status.message[:_MOST_TEXT]
    wrapper = _WRAPPER.search(message)
    cause = _CAUSE.search(message, wrapper.end()) if wrapper else None
    if wrapper and cause:
        code = dict(code_pb2.Code.items()).get(wrapper["code"], code)
        message = message[wrapper.end() : cause.start()]
    return JobError(code=code, message=message, task=task, violations=violations)


def _depth(task_id: int, parents: Mapping[int, int]) -> int:
    depth = 0
    while (task_id := parents.get(task_id, 0)) and depth < len(parents):
        depth += 1
    return depth
