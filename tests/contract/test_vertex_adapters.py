"""The Vertex adapters over the local stand-in: what handlers are promised, on real protocols."""

import pytest

from support.vertex import CODE_TEMPLATE, PARENT, PROJECT, running_vertex
from tunedrop.adapters.vertex_clients import VertexClients
from tunedrop.adapters.vertex_models import VertexModels
from tunedrop.adapters.vertex_pipelines import PipelineJobs
from tunedrop.adapters.vertex_prediction import VertexPredictor
from tunedrop.adapters.vertex_tuning import TuningJobs
from tunedrop.domain.job_states import JobState
from tunedrop.errors import (
    AlreadyExistsError,
    InvalidRequestError,
    NotFoundError,
    QuotaExhaustedError,
    UpstreamUnavailableError,
)
from tunedrop.local.vertex import Rule

LABELS = {"tunedrop-run": "bot-0123456789abcdef", "tunedrop-attempt": "1"}
REGION = "us-central1"


def pipeline_body(**parameters):
    return {
        "displayName": "tune",
        "labels": LABELS,
        "runtimeConfig": {
            "gcsOutputDirectory": "gs://work/out",
            "parameterValues": {
                "project": PROJECT,
                "location": REGION,
                "model_display_name": "tuned-code",
                "large_model_reference": "code-bison@002",
                "dataset_uri": "gs://work/code.jsonl",
                "train_steps": 100,
                **parameters,
            },
        },
        "templateUri": CODE_TEMPLATE,
    }


def tuning_body(**spec):
    return {
        "baseModel": "gemini-3.5-flash",
        "tunedModelDisplayName": "tuned-gemini",
        "labels": LABELS,
        "supervisedTuningSpec": {
            "trainingDatasetUri": "gs://work/gemini.jsonl",
            "hyperParameters": {"epochCount": "3", "adapterSize": "ADAPTER_SIZE_FOUR"},
            **spec,
        },
    }


class Adapters:
    def __init__(self, world):
        self.world = world
        clients = VertexClients(
            credentials=None, timeout_seconds=5, emulator_host=f"127.0.0.1:{world.server.grpc_port}"
        )
        self.pipelines = PipelineJobs(clients=clients, project=PROJECT, create_timeout_seconds=2)
        self.tunings = TuningJobs(clients=clients, project=PROJECT, create_timeout_seconds=2)
        self.models = VertexModels(clients=clients, project=PROJECT)
        self.predictor = VertexPredictor(clients=clients)

    def script(self, act, **fields):
        self.world.server.script(Rule(act, **fields))

    def backend(self, name):
        return (
            (self.pipelines, pipeline_body())
            if name == "pipeline"
            else (self.tunings, tuning_body())
        )

    def ended(self, name):
        service, body = self.backend(name)
        job = service.create(region=REGION, job_id="job-1", body=body)
        self.world.skip()
        return service.get(job.name)


@pytest.fixture
def adapters(tmp_path):
    with running_vertex(tmp_path) as world:
        yield Adapters(world)


both = pytest.mark.parametrize("backend", ["pipeline", "tuning"])


@both
def test_a_job_goes_from_active_over_running_to_a_tuned_model_that_answers(adapters, backend):
    service, body = adapters.backend(backend)
    job = service.create(region=REGION, job_id="job-1", body=body)
    states = [job.state]
    for _ in range(2):
        adapters.world.skip(60)
        states.append(service.get(job.name).state)
    ended = service.get(job.name)

    assert [JobState.ACTIVE, JobState.RUNNING, JobState.SUCCEEDED] == states
    assert LABELS.items() <= dict(ended.labels).items()
    model = adapters.models.get(ended.tuned_model)
    assert ended.endpoint in model.endpoints


@both
def test_jobs_are_found_by_our_labels_and_not_by_others(adapters, backend):
    service, body = adapters.backend(backend)
    job = service.create(region=REGION, job_id="job-1", body=body)

    assert [job.name] == [found.name for found in service.find(region=REGION, labels=LABELS)]
    assert [] == list(service.find(region=REGION, labels={**LABELS, "tunedrop-attempt": "2"}))


@both
def test_a_cancelled_job_says_so(adapters, backend):
    service, body = adapters.backend(backend)
    job = service.create(region=REGION, job_id="job-1", body=body)
    service.cancel(job.name)
    adapters.world.skip()

    assert JobState.CANCELLED is service.get(job.name).state


@both
def test_a_job_that_does_not_exist_is_not_found(adapters, backend):
    service, _ = adapters.backend(backend)
    kind = "pipelineJobs" if backend == "pipeline" else "tuningJobs"

    with pytest.raises(NotFoundError):
        service.get(f"{PARENT}/{kind}/12345")


@both
def test_a_lost_answer_is_unknown_and_the_job_can_be_found(adapters, backend):
    service, body = adapters.backend(backend)
    adapters.script("lose_response")

    with pytest.raises(UpstreamUnavailableError):
        service.create(region=REGION, job_id="job-1", body=body)

    assert 1 == len(service.find(region=REGION, labels=LABELS))


@both
def test_a_create_that_hangs_ends_at_its_time_limit_and_is_not_repeated(adapters, backend):
    service, body = adapters.backend(backend)
    adapters.script("hang", seconds=4)

    with pytest.raises(UpstreamUnavailableError):
        service.create(region=REGION, job_id="job-1", body=body)

    assert [] == list(service.find(region=REGION, labels=LABELS))


@both
def test_a_quota_is_told_from_other_refusals(adapters, backend):
    service, body = adapters.backend(backend)
    adapters.script(
        "refuse",
        code="RESOURCE_EXHAUSTED",
        message="The following quota metrics exceed quota limits: x",
    )

    with pytest.raises(QuotaExhaustedError, match="quota metrics"):
        service.create(region=REGION, job_id="job-1", body=body)


def test_a_pipeline_job_id_is_taken_once(adapters):
    adapters.pipelines.create(region=REGION, job_id="job-1", body=pipeline_body())

    with pytest.raises(AlreadyExistsError):
        adapters.pipelines.create(region=REGION, job_id="job-1", body=pipeline_body())


def test_an_unknown_parameter_is_refused_for_good(adapters):
    with pytest.raises(InvalidRequestError, match="evaluation_data_uri:"):
        adapters.pipelines.create(
            region=REGION,
            job_id="job-1",
            body=pipeline_body(**{"evaluation_data_uri:": "gs://work/eval.jsonl"}),
        )


def test_a_refusal_names_the_fields_at_fault(adapters):
    with pytest.raises(InvalidRequestError) as caught:
        adapters.tunings.create(
            region=REGION,
            job_id="job-1",
            body=tuning_body(trainingDatasetUri="gs://work/none.jsonl"),
        )

    assert any("training_dataset_uri" in violation for violation in caught.value.violations)


def test_a_failed_pipeline_gives_its_deepest_tasks_words(adapters):
    adapters.script("fail_task", code="RESOURCE_EXHAUSTED", message="no accelerators left")
    job = adapters.ended("pipeline")

    assert (JobState.FAILED, "large-language-model-tuner") == (job.state, job.error.task)
    assert "no accelerators left" in job.error.message
    assert "The DAG failed" not in job.error.message


def test_a_failed_tuning_job_that_holds_a_model_shows_it(adapters):
    adapters.script("fail_with_model")
    job = adapters.ended("tuning")

    assert (JobState.FAILED, 13, "") == (job.state, job.error.code, job.endpoint)
    assert job.tuned_model


def test_dropped_and_truncated_rows_are_counted(adapters):
    adapters.script("drop_rows", truncated=(2, 5), dropped=("too long",))
    job = adapters.ended("tuning")

    assert (JobState.SUCCEEDED, 2, 1) == (job.state, job.truncated_rows, job.dropped_rows)


def test_a_state_from_the_future_is_unknown_and_no_crash(adapters):
    adapters.script("end_in_state", state=77)

    assert JobState.UNKNOWN is adapters.ended("pipeline").state


def test_labels_are_merged_into_the_models(adapters):
    model = adapters.ended("tuning").tuned_model

    labelled = adapters.models.label(model, {"tunedrop-extra": "x"})

    assert {**LABELS, "tunedrop-extra": "x"}.items() <= labelled.labels.items()


def test_models_are_listed_by_the_vendors_base_model_label(adapters):
    model = adapters.ended("pipeline").tuned_model

    listed = adapters.models.list_tuned(location=REGION, base_model_label="code-bison-002")

    assert [model.partition("@")[0]] == [found.name.partition("@")[0] for found in listed]


def test_a_model_without_an_endpoint_gets_one_over_several_looks_and_one_order(adapters):
    adapters.script("fail_with_model")
    model = adapters.models.get(adapters.ended("tuning").tuned_model)
    looks, orders = [], []

    def may_deploy():
        orders.append(len(looks))
        return len(orders) == 1

    for _ in range(4):
        looks.append(
            adapters.models.ensure_endpoint(
                model, endpoint_id="tunedrop-bot-a1", labels=LABELS, may_deploy=may_deploy
            )
        )
        model = adapters.models.get(model.name)

    assert [None, None] == looks[:2]
    assert looks[-1].endswith("/endpoints/tunedrop-bot-a1")
    assert [1] == orders


@pytest.mark.parametrize(
    ("backend", "dataset_format", "instance"),
    [
        ("pipeline", "code-generation", {"prefix": "write task 3"}),
        ("tuning", "gemini", {"contents": [{"role": "user", "parts": [{"text": "write task 3"}]}]}),
    ],
)
def test_a_tuned_model_answers_a_training_question_with_that_rows_answer(
    adapters, backend, dataset_format, instance
):
    endpoint = adapters.ended(backend).endpoint

    assert "answer 3" == adapters.predictor.ask(endpoint, instance, dataset_format=dataset_format)


def test_an_endpoint_that_does_not_exist_is_not_found(adapters):
    with pytest.raises(NotFoundError):
        adapters.predictor.ask(
            f"{PARENT}/endpoints/1", {"prefix": "x"}, dataset_format="code-generation"
        )
