"""Tuning jobs: no id from the caller, a cap on how many are unended, no log entries.

Knows the API's side of a job; `tuning_run` knows how it moves.
"""

from google.cloud import aiplatform_v1
from google.protobuf import empty_pb2

from tunedrop.local.vertex import models, names, tuned, tuning_rules, tuning_run, wire
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.errors import ApiError, invalid
from tunedrop.local.vertex.listing import list_resources
from tunedrop.local.vertex.script import Rule
from tunedrop.local.vertex.wire import Pb

TuningJob = aiplatform_v1.TuningJob.pb()
_State = aiplatform_v1.JobState
_QUOTA_MESSAGE = (
    "The following quota metrics exceed quota limits: "
    "aiplatform.googleapis.com/global_concurrent_tuning_jobs"
)


def create(core: Core, request: Pb, rule: Rule | None) -> Pb:
    """Accept a tuning job, or queue or refuse it when the project has too many."""
    base_model, version_of = _base(core, request.tuning_job)
    base = tuning_rules.check_tuning_job(request, base_model, core.settings.base_models)
    _check_objects(core, request.tuning_job.supervised_tuning_spec)
    project, _ = names.parse_parent(request.parent)
    at = core.clock.now()
    with core.transaction():
        full = tuning_run.running(core, project) >= core.settings.concurrency
        if full and core.settings.over_quota == "reject":
            raise ApiError("RESOURCE_EXHAUSTED", _QUOTA_MESSAGE)
        job = TuningJob()
        job.CopyFrom(request.tuning_job)
        for field in ("start_time", "end_time", "error", "tuned_model", "tuning_data_stats"):
            job.ClearField(field)
        job.name = f"{request.parent}/tuningJobs/{core.next_id()}"
        job.state = _State.JOB_STATE_PENDING
        contexts = f"{request.parent}/metadataStores/default/contexts"
        job.experiment = f"{contexts}/tuning-experiment-{job.name.rpartition('/')[2]}"
        wire.stamp(job.create_time, at)
        wire.stamp(job.update_time, at)
        core.store.add("tuningJobs", job.name, request.parent, job, at)
        start = tuning_run.Start(base_model, version_of, base.multi_region, project, full)
        tuning_run.start(core, job, start, at, rule)
    return job


def _base(core: Core, job: Pb) -> tuple[str, str]:
    """Return the base model and, for continuous tuning, the model that gets a next version."""
    if job.HasField("pre_tuned_model"):
        name = job.pre_tuned_model.tuned_model_name
        model = models.resolve(core, name)
        training = tuned.recall(core, tuned.version_name(model))
        if training is None or training.row_format != "gemini":
            raise invalid(f"The model {name} was not tuned from a Gemini model.")
        same = job.tuned_model_display_name in {"", model.display_name}
        return training.base_model, model.name if same else ""
    return job.base_model.removeprefix("publishers/google/models/"), ""


def _check_objects(core: Core, spec: Pb) -> None:
    fields = ("training_dataset_uri", "validation_dataset_uri")
    uris = {field: getattr(spec, field) for field in fields}
    unreadable = [field for field, uri in uris.items() if uri and not core.is_readable(uri)]
    if unreadable:
        raise tuning_rules.not_jsonl(*unreadable)


def get(core: Core, request: Pb) -> Pb:
    """Return a job."""
    return core.load("tuningJobs", TuningJob, request.name)


def list_jobs(core: Core, request: Pb) -> Pb:
    """Return a page of jobs, newest first."""
    answer = aiplatform_v1.ListTuningJobsResponse.pb()()
    jobs, answer.next_page_token = list_resources(core, "tuningJobs", TuningJob, request)
    answer.tuning_jobs.extend(jobs)
    return answer


def cancel(core: Core, request: Pb) -> Pb:
    """Begin to cancel a job that has not ended."""
    with core.transaction():
        job = core.load("tuningJobs", TuningJob, request.name)
        work = core.store.get_work(job.name)
        if work is None:
            state = wire.enum_name(job, "state")
            raise ApiError("FAILED_PRECONDITION", f"The TuningJob is in final state {state}.")
        tuning_run.cancel(core, job, work, core.clock.now())
    return empty_pb2.Empty()
