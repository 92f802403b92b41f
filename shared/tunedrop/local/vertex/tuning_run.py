"""How a tuning job moves: pending, reading its rows, tuning, then a model on an endpoint.

Sees only what the job carries; the API's rules have been applied before.
"""

import math
from dataclasses import asdict, dataclass

from google.cloud import aiplatform_v1

from tunedrop.local.vertex import facts, names, rows, tensorboards, tuned, wire
from tunedrop.local.vertex.core import Core, rule_of
from tunedrop.local.vertex.errors import status_of
from tunedrop.local.vertex.script import Rule
from tunedrop.local.vertex.store import Work
from tunedrop.local.vertex.wire import Pb

KIND = "tuningJobs"
TuningJob = aiplatform_v1.TuningJob.pb()
_State = aiplatform_v1.JobState
_CHARACTERS_PER_TOKEN = 4
_DEFAULT_EPOCHS = 3
_BATCH = 4
_MOST_CHECKPOINTS = 10
_READING_SHARE = 0.2
_NO_ENDPOINT = (
    "Failed to create endpoint. Tuned model is uploaded and can be accessed through Model Registry."
)


@dataclass(frozen=True)
class Start:
    """What the plan of a tuning job remembers from its create call."""

    base_model: str
    version_of: str
    """The model that gets a next version; empty makes a model of its own."""
    multi_region: bool
    project: str
    waiting: bool


def start(core: Core, job: Pb, start: Start, at: float, rule: Rule | None) -> None:
    """Put an accepted job in line, or let it wait for one that ends."""
    due_at = None if start.waiting else at + core.settings.pending_seconds
    core.start_work(KIND, job.name, due_at=due_at, rule=rule, stage="pending", **asdict(start))


def running(core: Core, project: str) -> int:
    """Count the project's jobs that are unended and do not wait."""
    return sum(
        work.plan["project"] == project and not work.plan["waiting"]
        for work in core.store.works(KIND)
    )


def advance(core: Core, work: Work) -> None:
    """Do the stage that is due."""
    job = core.load(KIND, TuningJob, work.name)
    at = work.due_at or 0.0
    stage = work.plan["stage"]
    if stage == "cancelling":
        job.error.CopyFrom(status_of("CANCELLED", "The TuningJob was cancelled."))
        _end(core, job, work, at, _State.JOB_STATE_CANCELLED)
    elif stage == "pending":
        job.state = _State.JOB_STATE_RUNNING
        wire.stamp(job.start_time, at)
        _next(core, job, work, at, "reading", _READING_SHARE)
    elif stage == "reading":
        _read(core, job, work, at)
    else:
        _finish(core, job, work, at)


def cancel(core: Core, job: Pb, work: Work, at: float) -> None:
    """Begin to cancel, unless that has begun; the job ends a little later."""
    if work.plan["stage"] == "cancelling":
        return
    job.state = _State.JOB_STATE_CANCELLING
    work.plan["stage"] = "cancelling"
    work.due_at = at + core.settings.pending_seconds
    _save(core, job, work, at)


def _next(core: Core, job: Pb, work: Work, at: float, stage: str, share: float) -> None:
    work.plan["stage"] = stage
    work.due_at = at + core.settings.running_seconds * share
    _save(core, job, work, at)


def _save(core: Core, job: Pb, work: Work, at: float) -> None:
    wire.stamp(job.update_time, at)
    core.store.save(job.name, job)
    core.store.put_work(work)


def _read(core: Core, job: Pb, work: Work, at: float) -> None:
    to = core.rows_directory / rows.file_name(job.name)
    try:
        lines = core.objects.read_lines(job.supervised_tuning_spec.training_dataset_uri)
        copied = rows.copy(lines, "gemini", to)
    except OSError:
        _fail(core, job, work, at, "NOT_FOUND", "training_dataset_uri cannot be read.")
        return
    except rows.DatasetError as error:
        # The real message embeds the row; whoever passes it on has to cut it.
        text = f"Dataset example {error.line_number} of {error.total} {error.reason}."
        _fail(core, job, work, at, "INVALID_ARGUMENT", f"{text} JSON: {error.line}")
        return
    if not copied.rows:
        _fail(core, job, work, at, "INVALID_ARGUMENT", "The training dataset has no examples.")
        return
    rule = rule_of(work)
    _fill_stats(job, copied, rule)
    _next(core, job, work, at, "tuning", 1 - _READING_SHARE)
    if rule and rule.act == "cancelled":
        cancel(core, job, work, at)
    elif rule and rule.act in {"stuck", "paused"}:
        work.due_at = None
        if rule.act == "paused":
            job.state = _State.JOB_STATE_PAUSED
        _save(core, job, work, at)


def _fill_stats(job: Pb, copied: rows.Copied, rule: Rule | None) -> None:
    stats = job.tuning_data_stats.supervised_tuning_data_stats
    tokens_in = math.ceil(copied.input_characters / _CHARACTERS_PER_TOKEN)
    tokens_out = math.ceil(copied.output_characters / _CHARACTERS_PER_TOKEN)
    stats.tuning_dataset_example_count = copied.rows
    stats.total_tuning_character_count = copied.input_characters + copied.output_characters
    # One epoch's count, as in the one real payload that was seen.
    stats.total_billable_token_count = tokens_in + tokens_out
    stats.tuning_step_count = _epochs(job) * math.ceil(copied.rows / _BATCH)
    stats.user_input_token_distribution.sum = tokens_in
    stats.user_output_token_distribution.sum = tokens_out
    if rule and rule.act == "drop_rows":
        # All are counted; a sample is named, each with its reason.
        stats.total_truncated_example_count = len(rule.truncated)
        stats.truncated_example_indices.extend(rule.truncated[: len(rule.dropped)])
        stats.dropped_example_reasons.extend(rule.dropped)


def _epochs(job: Pb) -> int:
    return int(job.supervised_tuning_spec.hyper_parameters.epoch_count) or _DEFAULT_EPOCHS


def _finish(core: Core, job: Pb, work: Work, at: float) -> None:
    rule = rule_of(work)
    act = rule.act if rule else ""
    if rule and act == "fail":
        _fail(core, job, work, at, rule.code, rule.message)
    elif act == "expired":
        job.error.CopyFrom(status_of("DEADLINE_EXCEEDED", "The TuningJob has expired."))
        _end(core, job, work, at, _State.JOB_STATE_EXPIRED)
    elif act == "fail_with_model":
        model = _upload(core, job, work, at)
        job.tuned_model.model = tuned.version_name(model)
        _fail(core, job, work, at, "INTERNAL", _NO_ENDPOINT)
    else:
        if act != "no_model":
            _deploy(core, job, _upload(core, job, work, at), at)
        in_state = rule.state if rule and act == "end_in_state" else None
        _end(core, job, work, at, in_state or _State.JOB_STATE_SUCCEEDED)


def _upload(core: Core, job: Pb, work: Work, at: float) -> Pb:
    project, region = names.parse_parent(job.name)
    location = facts.serving_location(region, multi_region=work.plan["multi_region"])
    model = tuned.Model(display_name=job.tuned_model_display_name, labels=job.labels)
    if job.HasField("encryption_spec"):
        model.encryption_spec.CopyFrom(job.encryption_spec)
    training = tuned.Training("gemini", work.plan["base_model"], rows.file_name(job.name))
    parent, version_of = f"projects/{project}/locations/{location}", work.plan["version_of"]
    tuned.upload(core, parent, model, training, at, version_of=version_of)
    tensorboards.leave_of_tuning(core, job, at)
    return model


def _deploy(core: Core, job: Pb, model: Pb, at: float) -> None:
    """Give every checkpoint an endpoint; the last one's is the job's."""
    last_only = job.supervised_tuning_spec.export_last_checkpoint_only
    epochs = 1 if last_only else min(_epochs(job), _MOST_CHECKPOINTS)
    steps = job.tuning_data_stats.supervised_tuning_data_stats.tuning_step_count
    job.tuned_model.model = tuned.version_name(model)
    for number in range(1, epochs + 1):
        endpoint = tuned.add_endpoint(core, model, job.labels, at)
        job.tuned_model.endpoint = endpoint.name
        deployed = tuned.DeployedModel()
        if not last_only:
            deployed.checkpoint_id = model.default_checkpoint_id = str(number)
            job.tuned_model.checkpoints.add(
                checkpoint_id=str(number),
                epoch=number,
                step=steps * number // epochs,
                endpoint=endpoint.name,
            )
        tuned.deploy(core, endpoint, model, deployed, at)


def _fail(core: Core, job: Pb, work: Work, at: float, code: str, message: str) -> None:
    job.error.CopyFrom(status_of(code, message))
    _end(core, job, work, at, _State.JOB_STATE_FAILED)


def _end(core: Core, job: Pb, work: Work, at: float, state: int) -> None:
    job.state = state
    wire.stamp(job.end_time, at)
    wire.stamp(job.update_time, at)
    core.store.save(job.name, job)
    core.store.end_work(job.name)
    if not work.plan["waiting"]:
        _admit(core, work.plan["project"], at)


def _admit(core: Core, project: str, at: float) -> None:
    """Let the job that has waited longest go on."""
    for work in core.store.works(KIND):
        if work.plan["waiting"] and work.plan["project"] == project and work.due_at is None:
            work.plan["waiting"] = False
            work.due_at = at + core.settings.pending_seconds
            core.store.put_work(work)
            return
