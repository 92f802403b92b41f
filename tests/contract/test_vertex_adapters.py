"""The Vertex adapters over the local stand-in: what handlers are promised, on real protocols."""

from datetime import UTC, datetime, timedelta

import pytest

from support.hostile_services import jobs_over, listing_vertex
from support.vertex import CODE_TEMPLATE, PARENT, PROJECT, running_vertex
from tunedrop.adapters.vertex_clients import VertexClients
from tunedrop.adapters.vertex_jobs import MOST_PAGES
from tunedrop.adapters.vertex_models import VertexModels
from tunedrop.adapters.vertex_pipelines import PipelineJobs
from tunedrop.adapters.vertex_prediction import VertexPredictor
from tunedrop.adapters.vertex_tuning import TuningJobs
from tunedrop.ai_ports import RowNote
from tunedrop.domain.job_states import JobState
from tunedrop.errors import (
    AccessDeniedError,
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


def labelled_body(body, **labels):
    """The same job under further labels."""
    return {**body, "labels": {**LABELS, **labels}}


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


def recent(service, *, labels=LABELS, ago=0, world=None):
    """Names of the jobs that a look back finds, by the stand-in's own clock."""
    since = datetime.fromtimestamp(world.server.clock.now() - ago, UTC)
    return [job.name for job in service.recent(region=REGION, labels=labels, since=since)]


@both
def test_recent_jobs_are_those_that_carry_all_our_labels_newest_first(adapters, backend):
    service, body = adapters.backend(backend)
    names = []
    for number, extra in enumerate([{}, {"more": "yes"}, {"tunedrop-run": "another"}]):
        adapters.world.skip(200)
        job = service.create(
            region=REGION, job_id=f"job-{number}", body=labelled_body(body, **extra)
        )
        names.append(job.name)
    adapters.world.skip(200)

    assert names[1::-1] == recent(service, ago=10_000, world=adapters.world)
    assert names[1:2] == recent(
        service, labels={**LABELS, "more": "yes"}, ago=10_000, world=adapters.world
    )
    assert [] == recent(service, labels={"none": "of these"}, ago=10_000, world=adapters.world)


@both
@pytest.mark.parametrize(("ago", "found"), [(100, 0), (300, 1), (500, 2), (10**6, 2)])
def test_recent_jobs_are_those_created_after_an_instant(adapters, backend, ago, found):
    service, body = adapters.backend(backend)
    for number in range(2):
        service.create(region=REGION, job_id=f"job-{number}", body=body)
        adapters.world.skip(200)

    assert found == len(recent(service, ago=ago, world=adapters.world))


@both
def test_recent_jobs_show_their_state_and_when_they_were_made(adapters, backend):
    service, body = adapters.backend(backend)
    made = service.create(region=REGION, job_id="job-1", body=body)
    adapters.world.skip(60)

    (job,) = service.recent(
        region=REGION, labels=LABELS, since=made.created_at - timedelta(seconds=1)
    )

    assert (made.name, made.created_at, JobState.RUNNING) == (job.name, job.created_at, job.state)


@both
def test_recent_jobs_of_another_region_are_none(adapters, backend):
    service, body = adapters.backend(backend)
    service.create(region=REGION, job_id="job-1", body=body)

    since = datetime.fromtimestamp(0, UTC)
    assert [] == list(service.recent(region="europe-west4", labels=LABELS, since=since))


@both
def test_a_look_at_recent_jobs_that_the_service_refuses_is_an_error_of_ours(adapters, backend):
    service, _ = adapters.backend(backend)
    kind = "Pipeline" if backend == "pipeline" else "Tuning"
    adapters.script("refuse", method=f"List{kind}Jobs", code="PERMISSION_DENIED", message="no")

    with pytest.raises(AccessDeniedError):
        list(service.recent(region=REGION, labels=LABELS, since=datetime.fromtimestamp(0, UTC)))


HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def listed_job(backend, number, *, hours=0, labels=LABELS):
    kind = "pipelineJobs" if backend == "pipeline" else "tuningJobs"
    at = NOON - hours * HOUR
    return {"name": f"{PARENT}/{kind}/{number}", "labels": labels, "create_time": at}


def looked_back(backend, page):
    """The numbers of the jobs that a look back by half an hour finds in scripted pages, and how many it took."""
    with listing_vertex(backend, page) as (address, tokens):
        found = jobs_over(address, backend).recent(
            region=REGION, labels=LABELS, since=NOON - HOUR / 2
        )
        numbers = [int(job.name.rpartition("/")[2]) for job in found]
    return numbers, len(tokens)


@both
@pytest.mark.parametrize("count", [0, 1, 10])
def test_a_look_at_recent_jobs_ends_though_the_pages_do_not(backend, count):
    page = [listed_job(backend, number) for number in range(count)]

    numbers, pages = looked_back(backend, lambda token: (page, f"{token}x"[-9:]))

    assert list(range(count)) == numbers
    assert pages <= MOST_PAGES


@both
def test_a_recent_job_on_several_pages_is_one(backend):
    pages = {"": ([1, 2], "b"), "b": ([2, 3, 3], "c"), "c": ([1], "")}

    def page(token):
        numbers, following = pages[token]
        return [listed_job(backend, number) for number in numbers], following

    assert ([1, 2, 3], 3) == looked_back(backend, page)


@both
def test_recent_jobs_of_others_are_left_out_though_the_service_lists_them(backend):
    theirs = [
        listed_job(backend, 1, labels={}),
        listed_job(backend, 2, labels={**LABELS, "tunedrop-attempt": "2"}),
        listed_job(backend, 3, labels={"tunedrop-attempt": "1"}),
    ]

    assert ([4], 1) == looked_back(backend, lambda _: ([*theirs, listed_job(backend, 4)], ""))


def test_tuning_jobs_in_no_order_are_found_past_older_ones_and_not_past_a_page_of_them():
    old = [listed_job("tuning", 1000 + number, hours=1) for number in range(99)]
    pages = [
        [*old, listed_job("tuning", 1)],
        [*old, listed_job("tuning", 2)],
        [*old, listed_job("tuning", 1099, hours=1)],
        [listed_job("tuning", 3)],
    ]

    def page(token):
        number = int(token or 0)
        return pages[number], str(number + 1) if number < 3 else ""

    assert ([1, 2], 3) == looked_back("tuning", page)


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


def test_dropped_rows_are_counted_and_some_of_them_named(adapters):
    adapters.script("drop_rows", truncated=(2, 5), dropped=("too long",))
    job = adapters.ended("tuning")

    assert (JobState.SUCCEEDED, 2, (RowNote(2, "too long"),)) == (
        job.state,
        job.dropped_rows,
        job.row_notes,
    )


def test_a_state_from_the_future_is_unknown_and_no_crash(adapters):
    adapters.script("end_in_state", state=77)

    assert JobState.UNKNOWN is adapters.ended("pipeline").state


@both
def test_a_model_and_its_version_are_labelled_and_described(adapters, backend):
    model = adapters.ended(backend).tuned_model

    annotated = adapters.models.annotate(
        model, labels={"tunedrop-extra": "x"}, description="bot, version 3"
    )

    assert {**LABELS, "tunedrop-extra": "x"}.items() <= annotated.labels.items()
    read = adapters.world.grpc.models.get_model(name=model, timeout=30)
    assert ["bot, version 3"] * 2 == [read.description, read.version_description]


def test_a_model_that_says_so_already_is_not_changed(adapters):
    model = adapters.ended("pipeline").tuned_model
    said = {"labels": {"tunedrop-extra": "x"}, "description": "bot, version 3"}
    adapters.models.annotate(model, **said)
    before = adapters.world.grpc.models.get_model(name=model, timeout=30)

    adapters.world.skip()
    adapters.models.annotate(model, **said)

    assert before == adapters.world.grpc.models.get_model(name=model, timeout=30)


def uploaded(adapters, **fields):
    """Upload a model past the adapters; the name of its version."""
    request = {"parent": PARENT, "model": {"display_name": "mine"}, **fields}
    answer = adapters.world.grpc.models.upload_model(request=request, timeout=30).result(timeout=30)
    return f"{answer.model}@{answer.model_version_id}"


def aliases(adapters, *versions):
    return [adapters.models.get(version).aliases for version in versions]


def test_an_alias_moves_from_version_to_version_and_from_model_to_model(adapters):
    first = uploaded(adapters)
    second = uploaded(adapters, parent_model=first.partition("@")[0])
    other = uploaded(adapters)
    seen = []

    for to, away_from in [(first, ""), (second, first), (other, second), (other, second)]:
        adapters.models.move_alias("candidate", to=to, away_from=away_from)
        seen.append(["candidate" in each for each in aliases(adapters, first, second, other)])

    assert [
        [True, False, False],
        [False, True, False],
        [False, False, True],
        [False, False, True],
    ] == seen


def test_an_alias_is_put_on_the_number_that_a_bare_name_means(adapters):
    version = uploaded(adapters)

    adapters.models.move_alias("candidate", to=version.partition("@")[0])

    assert [("default", "candidate")] == aliases(adapters, version)


def test_an_alias_is_taken_from_a_model_that_is_gone_by_leaving_it_there(adapters):
    version = uploaded(adapters)

    adapters.models.move_alias("candidate", to=version, away_from=f"{PARENT}/models/999@1")

    assert "candidate" in adapters.models.get(version).aliases


@pytest.mark.parametrize(
    ("name", "code", "error"),
    [
        ("999@1", "", NotFoundError),
        ("", "UNIMPLEMENTED", InvalidRequestError),
        ("", "FAILED_PRECONDITION", InvalidRequestError),
        ("", "PERMISSION_DENIED", AccessDeniedError),
    ],
)
def test_an_alias_that_cannot_be_put_is_an_error_of_ours(adapters, name, code, error):
    version = f"{PARENT}/models/{name}" if name else uploaded(adapters)
    if code:
        adapters.script("refuse", method="MergeVersionAliases", code=code, message="no")

    with pytest.raises(error):
        adapters.models.move_alias("candidate", to=version)


def test_endpoints_are_listed_by_our_labels_with_what_costs_money_on_them(adapters):
    made = {backend: adapters.ended(backend) for backend in ("pipeline", "tuning")}

    listed = {
        endpoint.name: endpoint
        for endpoint in adapters.models.list_endpoints(location=REGION, labels=LABELS)
    }
    others = adapters.models.list_endpoints(
        location=REGION, labels={**LABELS, "tunedrop-attempt": "2"}
    )

    (deployed,) = listed[made["pipeline"].endpoint].deployed
    assert (made["pipeline"].tuned_model, True) == (deployed.model, deployed.has_machines)
    assert deployed.id
    assert [] == list(others)
    shared = listed.get(made["tuning"].endpoint)
    assert shared is None or not any(each.has_machines for each in shared.deployed)


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
