"""Pipeline jobs: created once for an id, run task by task, told about in the log.

Knows the API's side of a job; `pipeline_run` knows how it moves.
"""

from google.cloud import aiplatform_v1
from google.protobuf import empty_pb2

from tunedrop.local.vertex import pipeline_run, rules, wire
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.errors import ApiError, invalid
from tunedrop.local.vertex.listing import list_resources
from tunedrop.local.vertex.script import Rule
from tunedrop.local.vertex.wire import Pb

PipelineJob = aiplatform_v1.PipelineJob.pb()
_State = aiplatform_v1.PipelineState


def create(core: Core, request: Pb, rule: Rule | None) -> Pb:
    """Accept a pipeline job."""
    template, values = rules.check_pipeline_job(request, core.settings.templates)
    _check_objects(core, request.pipeline_job, values)
    at = core.clock.now()
    with core.transaction():
        job_id = request.pipeline_job_id or f"tune-{core.next_id()}"
        job = PipelineJob()
        job.CopyFrom(request.pipeline_job)
        job.name = f"{request.parent}/pipelineJobs/{job_id}"
        if core.store.load("pipelineJobs", job.name) is not None:
            raise ApiError("ALREADY_EXISTS", "Pipeline job with the specified ID already exists.")
        for field in ("start_time", "end_time", "job_detail", "error"):
            job.ClearField(field)
        job.state = _State.PIPELINE_STATE_PENDING
        job.labels["vertex-ai-pipelines-run-billing-id"] = core.next_id()
        job.template_metadata.version = f"sha256:{job.template_uri.rpartition('/')[2]}"
        wire.stamp(job.create_time, at)
        wire.stamp(job.update_time, at)
        core.store.add("pipelineJobs", job.name, request.parent, job, at)
        pipeline_run.start(core, job, template.row_format, at, rule)
    return job


def _check_objects(core: Core, job: Pb, values: dict[str, str]) -> None:
    bucket = job.runtime_config.gcs_output_directory.removeprefix("gs://").partition("/")[0]
    if not core.objects.bucket_exists(bucket):
        field = "runtime_config.gcs_output_directory"
        raise invalid(f"The bucket of {field} does not exist.", (field, "bucket does not exist"))
    for name in ("dataset_uri", "evaluation_data_uri"):
        uri = values.get(name)
        if uri and not core.is_readable(uri):
            raise invalid(f"{name} is not a readable Cloud Storage object.", (name, "not readable"))


def get(core: Core, request: Pb) -> Pb:
    """Return a job with its details."""
    return core.load("pipelineJobs", PipelineJob, request.name)


def list_jobs(core: Core, request: Pb) -> Pb:
    """Return jobs without their details, as the real list does."""
    answer = aiplatform_v1.ListPipelineJobsResponse.pb()()
    jobs, token = list_resources(core, "pipelineJobs", PipelineJob, request)
    for job in jobs:
        job.ClearField("job_detail")
    answer.pipeline_jobs.extend(jobs)
    answer.next_page_token = token
    return answer


def cancel(core: Core, request: Pb) -> Pb:
    """Begin to cancel a job that has not ended."""
    with core.transaction():
        job = core.load("pipelineJobs", PipelineJob, request.name)
        work = core.store.get_work(job.name)
        if work is None:
            state = wire.enum_name(job, "state")
            raise ApiError("FAILED_PRECONDITION", f"The PipelineJob is in final state {state}.")
        pipeline_run.cancel(core, job, work, core.clock.now())
    return empty_pb2.Empty()
