"""Pipeline jobs of the Vertex AI stand-in: what is refused, how they move, how they end."""

import re

import pytest
from google.api_core import exceptions

from support.vertex import (
    CHAT_TEMPLATE,
    CODE_TEMPLATE,
    JOB_SECONDS,
    KEY,
    PARENT,
    chat_job,
    code_job,
    code_rows,
    lines_of,
    running_vertex,
)
from tunedrop.local.vertex import Rule

EUROPE = "projects/local-dev/locations/europe-west4"


@pytest.fixture
def world(tmp_path):
    with running_vertex(tmp_path) as started:
        yield started


def tasks_of(job):
    return {task.task_name: task for task in job.job_detail.task_details}


def changed(job, **fields):
    return job | fields


REFUSED = {
    "unknown parameter": (
        code_job(**{"evaluation_data_uri:": "gs://work/eval.jsonl"}),
        "The pipeline parameter evaluation_data_uri: is not found in the pipeline job input",
    ),
    "default context on the code template": (
        code_job(default_context="be kind"),
        "The pipeline parameter default_context is not found",
    ),
    **{
        f"{name} on the chat template": (
            chat_job(**{name: value}),
            f"The pipeline parameter {name} is not found",
        )
        for name, value in {
            "evaluation_data_uri": "gs://work/eval.jsonl",
            "evaluation_interval": 20,
            "enable_early_stopping": True,
            "enable_checkpoint_selection": "true",
        }.items()
    },
    **{
        f"no {name}": (code_job(without=[name]), f"The pipeline parameter {name} is required")
        for name in ("project", "location", "model_display_name", "large_model_reference")
    },
    "interval as a string": (
        code_job(evaluation_data_uri="gs://work/eval.jsonl", evaluation_interval="20"),
        "evaluation_interval expects a value of type NUMBER_INTEGER",
    ),
    "interval with a fraction": (
        code_job(evaluation_data_uri="gs://work/eval.jsonl", evaluation_interval=2.5),
        "evaluation_interval expects a value of type NUMBER_INTEGER",
    ),
    "early stopping as a string": (
        code_job(evaluation_data_uri="gs://work/eval.jsonl", enable_early_stopping="true"),
        "enable_early_stopping expects a value of type BOOLEAN",
    ),
    "checkpoint selection as a boolean": (
        code_job(enable_checkpoint_selection=True),
        "enable_checkpoint_selection expects a value of type STRING",
    ),
    "checkpoint selection that is not one": (
        code_job(enable_checkpoint_selection="best"),
        "enable_checkpoint_selection has a value",
    ),
    "steps as a boolean": (code_job(train_steps=True), "train_steps expects"),
    "no steps": (code_job(train_steps=0), "train_steps has a value"),
    "interval without an evaluation set": (
        code_job(evaluation_interval=20),
        "evaluation_interval requires evaluation_data_uri",
    ),
    "a chat model on the code template": (
        code_job(large_model_reference="codechat-bison@002"),
        "large_model_reference has a value",
    ),
    "another accelerator": (code_job(accelerator_type="CPU"), "accelerator_type has a value"),
    "another project": (code_job(project="other-project"), "parameter_values.project has a value"),
    "an upload region that is none": (
        code_job(location="us-east1"),
        "Unsupported pipeline region: us-east1",
    ),
    "no address": (code_job(dataset_uri="work/code.jsonl"), "dataset_uri has a value"),
    "an object that is missing": (
        code_job(dataset_uri="gs://work/none.jsonl"),
        "dataset_uri is not a readable Cloud Storage object",
    ),
    "an evaluation set that is missing": (
        code_job(evaluation_data_uri="gs://work/none.jsonl"),
        "evaluation_data_uri is not a readable",
    ),
    "a long model name": (code_job(model_display_name="x" * 129), "1 to 128 characters"),
    "a long display name": (
        changed(code_job(), display_name="x" * 129),
        "display_name must have 1 to 128 characters",
    ),
    "an upper-case label": (code_job(labels={"run": "R1"}), "lowercase letters"),
    "a label with a dot": (code_job(labels={"a.b": "x"}), "lowercase letters"),
    "a long label": (code_job(labels={"run": "x" * 65}), "at most 64 characters"),
    "a TensorBoard elsewhere": (
        code_job(tensorboard_resource_id=f"{EUROPE}/tensorboards/1"),
        "in the pipeline's region",
    ),
    "a TensorBoard by its number": (
        code_job(tensorboard_resource_id="1"),
        "in the pipeline's region",
    ),
    "no template": (changed(code_job(), template_uri=""), "template_uri or pipeline_spec"),
    "CMEK on TPU": (
        changed(
            code_job(encryption_spec_key_name=KEY, accelerator_type="TPU"),
            encryption_spec={"kms_key_name": KEY},
        ),
        re.escape("encryption_spec_key_name (CMEK) is only supported for GPU training in us"),
    ),
    "CMEK with an upload elsewhere": (
        changed(
            code_job(encryption_spec_key_name=KEY, location="europe-west4"),
            encryption_spec={"kms_key_name": KEY},
        ),
        "only supported for GPU training in us-central1",
    ),
    "CMEK in the parameter only": (code_job(encryption_spec_key_name=KEY), "the same key"),
    "CMEK in the job only": (
        changed(code_job(), encryption_spec={"kms_key_name": KEY}),
        "the same key",
    ),
    "two keys": (
        changed(
            code_job(encryption_spec_key_name=KEY), encryption_spec={"kms_key_name": KEY + "2"}
        ),
        "the same key",
    ),
    "a key of another region": (
        changed(
            code_job(encryption_spec_key_name=KEY.replace("us-central1", "us-west1")),
            encryption_spec={"kms_key_name": KEY.replace("us-central1", "us-west1")},
        ),
        "no key of us-central1",
    ),
}


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """One world for all refusals: they leave nothing behind."""
    with running_vertex(tmp_path_factory.mktemp("strict")) as started:
        yield started


@pytest.mark.parametrize(("job", "message"), REFUSED.values(), ids=REFUSED)
def test_a_pipeline_job_that_breaks_a_documented_rule_is_an_invalid_argument(strict, job, message):
    with pytest.raises(exceptions.InvalidArgument, match=message):
        strict.grpc.create_pipeline_job(job, "job-1")

    assert [] == list(strict.grpc.pipelines.list_pipeline_jobs(parent=PARENT, timeout=30))


ACCEPTED = {
    "as little as possible": code_job(),
    "every parameter of the page": code_job(
        evaluation_data_uri="gs://work/eval.jsonl",
        evaluation_interval=20,
        enable_early_stopping=True,
        enable_checkpoint_selection="default",
        tensorboard_resource_id=f"{PARENT}/tensorboards/1",
        accelerator_type="TPU",
        learning_rate_multiplier=1,
    ),
    "chat with a default context": chat_job(default_context="be kind"),
    "CMEK": changed(
        code_job(encryption_spec_key_name=KEY, accelerator_type="GPU"),
        encryption_spec={"kms_key_name": KEY},
    ),
    "32k": code_job(large_model_reference="code-bison-32k"),
}


@pytest.mark.parametrize("job", ACCEPTED.values(), ids=ACCEPTED)
def test_what_the_page_allows_ends_with_a_model(world, job):
    ended = world.run_pipeline(job)

    assert "PIPELINE_STATE_SUCCEEDED" == ended.state.name


@pytest.mark.parametrize("job_id", ["A", "1a", "-a", "a_b", "a" * 129])
def test_a_job_id_that_breaks_the_pattern_is_refused(world, job_id):
    with pytest.raises(exceptions.InvalidArgument, match="must match the regular expression"):
        world.grpc.create_pipeline_job(code_job(), job_id)


def test_a_repeated_job_id_is_refused_and_the_first_job_stays(world):
    world.grpc.create_pipeline_job(code_job(), "job-1")

    with pytest.raises(
        exceptions.AlreadyExists, match="Pipeline job with the specified ID already exists"
    ):
        world.grpc.create_pipeline_job(code_job(model_display_name="other"), "job-1")

    (kept,) = world.grpc.pipelines.list_pipeline_jobs(parent=PARENT, timeout=30)
    assert "tuned-code" == kept.runtime_config.parameter_values["model_display_name"]


def test_an_unknown_template_is_not_found(world):
    job = changed(code_job(), template_uri=CODE_TEMPLATE.replace("v3", "v9"))

    with pytest.raises(exceptions.NotFound, match="template"):
        world.grpc.create_pipeline_job(job, "job-1")


def test_a_region_outside_the_thirteen_is_refused(world):
    with pytest.raises(exceptions.InvalidArgument, match="Unsupported pipeline region: us-east1"):
        world.grpc.create_pipeline_job(
            code_job(), "job-1", parent="projects/local-dev/locations/us-east1"
        )


def test_a_refusal_names_the_field(world):
    with pytest.raises(exceptions.InvalidArgument) as caught:
        world.grpc.create_pipeline_job(code_job(train_steps="many"), "job-1")

    (violation,) = caught.value.details[0].field_violations
    assert "pipeline_job.runtime_config.parameter_values.train_steps" == violation.field


def test_a_job_moves_from_pending_through_its_tasks_to_a_good_end(world):
    name = world.grpc.create_pipeline_job(code_job(), "job-1").name
    seen = []
    for _ in range(100):
        job = world.grpc.pipelines.get_pipeline_job(name=name, timeout=30)
        running = [t for t, task in tasks_of(job).items() if task.state.name == "RUNNING"]
        step = (job.state.name.removeprefix("PIPELINE_STATE_"), running[-1] if running else "")
        seen += [step] if step not in seen else []
        world.skip(JOB_SECONDS / 80)

    assert [
        ("PENDING", ""),
        ("RUNNING", "validate-pipeline"),
        ("RUNNING", "export-managed-dataset"),
        ("RUNNING", "dataset-encoder"),
        ("RUNNING", "large-language-model-tuner"),
        ("RUNNING", "upload-llm-model"),
        ("RUNNING", "create-endpoint-and-deploy-model"),
        ("SUCCEEDED", ""),
    ] == seen


def test_the_times_of_a_job_follow_the_clock_however_rarely_one_looks(world):
    job = world.run_pipeline()

    assert JOB_SECONDS == pytest.approx((job.end_time - job.create_time).total_seconds())
    assert JOB_SECONDS * 0.1 == pytest.approx((job.start_time - job.create_time).total_seconds())


def test_a_good_end_names_model_and_endpoint_where_the_sdk_looks_for_them(world):
    job = world.run_pipeline()

    tasks = tasks_of(job)
    model_name = tasks["upload-llm-model"].execution.metadata["output:model_resource_name"]
    assert "system.Run" == tasks["job-1"].execution.schema_title
    assert model_name == tasks["job-1"].execution.metadata["output:model_resource_name"]
    model = world.grpc.models.get_model(name=model_name, timeout=30)
    assert (
        model.deployed_models[0].endpoint
        == tasks["job-1"].execution.metadata["output:endpoint_resource_name"]
    )


def test_the_model_carries_the_labels_of_the_job_and_its_base_model(world):
    job = world.run_pipeline(code_job(location="europe-west4", labels={"run": "r7"}))

    (model,) = world.grpc.models.list_models(parent=EUROPE, timeout=30)
    assert dict(job.labels) | {"google-vertex-llm-tuning-base-model-id": "code-bison-002"} == dict(
        model.labels
    )
    assert ("1", ["default"]) == (model.version_id, list(model.version_aliases))
    (endpoint,) = world.grpc.endpoints.list_endpoints(parent=EUROPE, timeout=30)
    assert ("tuned-code", "r7") == (endpoint.display_name, endpoint.labels["run"])
    assert [model.name] == [deployed.model for deployed in endpoint.deployed_models]


BAD_FILES = {
    "a row without an answer": (
        [*code_rows(), {"input_text": "only a question"}],
        "Dataset example 13 of 13 is missing a non-empty string in the 'output_text' field",
    ),
    "too few rows": (code_rows(9), "dataset_uri must hold 10 to 10000 examples, found 9"),
}


@pytest.mark.parametrize(("rows", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_fails_in_a_leaf_task_behind_an_uninformative_wrapper(world, rows, message):
    world.files["gs://work/code.jsonl"] = lines_of(rows)

    job = world.run_pipeline()

    tasks = tasks_of(job)
    assert "PIPELINE_STATE_FAILED" == job.state.name
    assert 9 == job.error.code
    assert job.error.message.startswith("The DAG failed because some tasks failed.")
    assert "The failed tasks are: [tuning-graph]." in job.error.message
    leaf = tasks["dataset-encoder"].error
    assert 3 == leaf.code
    assert f"code=INVALID_ARGUMENT, message={message}" in leaf.message
    assert "NOT_TRIGGERED" == tasks["deployment-graph"].state.name
    assert [] == list(world.grpc.models.list_models(parent=PARENT, timeout=30))


def test_a_chat_row_that_begins_with_the_assistant_fails_the_job(world):
    row = {"messages": [{"author": "assistant", "content": "hi"}]}
    world.files["gs://work/chat.jsonl"] = lines_of([row])

    job = world.run_pipeline(chat_job())

    assert "the first author must be the user" in tasks_of(job)["dataset-encoder"].error.message


def test_a_file_that_vanishes_after_the_create_fails_the_job(world):
    name = world.grpc.create_pipeline_job(code_job(), "job-1").name
    del world.files["gs://work/code.jsonl"]
    world.skip()

    job = world.grpc.pipelines.get_pipeline_job(name=name, timeout=30)
    assert 5 == tasks_of(job)["dataset-encoder"].error.code


def test_an_evaluation_set_above_250_rows_fails_the_job(world):
    world.files["gs://work/eval.jsonl"] = lines_of(code_rows(251))

    job = world.run_pipeline(code_job(evaluation_data_uri="gs://work/eval.jsonl"))

    assert "FAILED" == tasks_of(job)["evaluation-dataset-encoder"].state.name


def test_a_job_that_is_cancelled_passes_through_cancelling(world):
    name = world.grpc.create_pipeline_job(code_job(), "job-1").name
    world.skip(50)
    world.grpc.pipelines.cancel_pipeline_job(name=name, timeout=30)
    during = world.grpc.pipelines.get_pipeline_job(name=name, timeout=30)
    world.skip()
    after = world.grpc.pipelines.get_pipeline_job(name=name, timeout=30)

    assert "PIPELINE_STATE_CANCELLING" == during.state.name
    assert ("PIPELINE_STATE_CANCELLED", 1) == (after.state.name, after.error.code)
    assert "CANCELLED" == tasks_of(after)["large-language-model-tuner"].state.name


def test_a_job_that_has_ended_cannot_be_cancelled(world):
    job = world.run_pipeline()

    with pytest.raises(exceptions.FailedPrecondition, match="final state"):
        world.grpc.pipelines.cancel_pipeline_job(name=job.name, timeout=30)


ENDINGS = {
    "fail_task": (Rule("fail_task", code="RESOURCE_EXHAUSTED", message="no chips"), "FAILED"),
    "fail_with_model": (Rule("fail_with_model"), "FAILED"),
    "no_model": (Rule("no_model"), "SUCCEEDED"),
    "cancelled": (Rule("cancelled"), "CANCELLED"),
    "paused": (Rule("paused"), "PAUSED"),
    "stuck": (Rule("stuck"), "RUNNING"),
}


@pytest.mark.parametrize(("rule", "state"), ENDINGS.values(), ids=ENDINGS)
def test_a_scripted_ending_comes_once_and_the_next_job_is_well(world, rule, state):
    world.server.script(rule)

    first = world.run_pipeline(job_id="job-1")
    second = world.run_pipeline(job_id="job-2")

    assert f"PIPELINE_STATE_{state}" == first.state.name
    assert "PIPELINE_STATE_SUCCEEDED" == second.state.name


def test_a_job_can_end_in_a_state_that_no_client_knows_and_be_listed_and_logged(world):
    world.server.script(Rule("end_in_state", state=77))
    world.run_pipeline()

    request = {"parent": PARENT, "filter": "state=77"}
    assert 1 == len(list(world.grpc.pipelines.list_pipeline_jobs(request=request, timeout=30)))
    assert "77" == world.server.pending_events()[-1][1]["jsonPayload"]["state"]


def test_a_job_named_like_one_of_its_tasks_still_runs(world):
    job = world.run_pipeline(job_id="dataset-encoder")

    assert ("PIPELINE_STATE_SUCCEEDED", 9) == (job.state.name, len(job.job_detail.task_details))


def test_a_scripted_task_failure_gives_its_code_and_message_in_the_leaf(world):
    world.server.script(Rule("fail_task", code="RESOURCE_EXHAUSTED", message="no chips"))

    leaf = tasks_of(world.run_pipeline())["large-language-model-tuner"].error

    assert 8 == leaf.code
    assert "code=RESOURCE_EXHAUSTED, message=no chips, cause=null" in leaf.message


def test_a_job_that_succeeds_without_a_model_names_none(world):
    world.server.script(Rule("no_model"))

    job = world.run_pipeline()

    metadata = [dict(task.execution.metadata or {}) for task in tasks_of(job).values()]
    assert [{}] * len(metadata) == metadata
    assert [] == list(world.grpc.models.list_models(parent=PARENT, timeout=30))


def test_chat_rows_are_limited_by_the_sum_of_their_messages(world):
    many = {"messages": [{"author": a, "content": "x"} for a in ("user", "assistant") * 500]}
    world.files["gs://work/chat.jsonl"] = lines_of([many] * 11)

    job = changed(chat_job(), template_uri=CHAT_TEMPLATE)
    ended = world.run_pipeline(job)

    assert "(11000 counted)" in tasks_of(ended)["dataset-encoder"].error.message
