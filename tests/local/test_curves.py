"""Metrics of tunings in the Vertex AI stand-in, over both faces, and the adapter that reads them."""

import pytest
from google.api_core import exceptions
from google.cloud import aiplatform_v1

from support.vertex import PARENT, chat_job, code_job, running_vertex, tuning_job
from tunedrop.adapters.vertex_clients import VertexClients
from tunedrop.adapters.vertex_curves import VertexCurves
from tunedrop.ai_ports import Job
from tunedrop.domain.curves import METRICS, best_evaluation, points_of
from tunedrop.domain.job_states import JobState
from tunedrop.errors import AccessDeniedError
from tunedrop.local.vertex import Rule

BOARD = f"{PARENT}/tensorboards/77"
TRAIN, EVAL = METRICS[:3], METRICS[3:]


@pytest.fixture
def world(tmp_path):
    with running_vertex(tmp_path) as started:
        yield started


@pytest.fixture
def curves(world):
    clients = VertexClients(
        credentials=None,
        timeout_seconds=10,
        emulator_host=f"127.0.0.1:{world.server.grpc_port}",
    )
    return VertexCurves(clients=clients)


def job_of(raw, **fields):
    """The part of a job that says where its metrics are."""
    return Job(
        name=raw.name,
        state=JobState.SUCCEEDED,
        raw_state="",
        labels={},
        created_at=raw.create_time,
        experiment=getattr(raw, "experiment", ""),
        **fields,
    )


def long_tuning():
    spec = {
        "training_dataset_uri": "gs://work/gemini.jsonl",
        "validation_dataset_uri": "gs://work/gemini.jsonl",
        "hyper_parameters": {"epoch_count": 100},
    }
    return tuning_job(supervised_tuning_spec=spec)


def test_a_long_tuning_job_leaves_six_metrics_and_a_best_step_before_its_end(world, curves):
    job = world.run_tuning(long_tuning())

    found = curves.read(job_of(job), tensorboard="")

    loss = points_of(found, "/train_total_loss")
    assert list(METRICS) == [series.metric for series in found]
    assert loss[-1].value < loss[0].value
    assert loss[0].step < best_evaluation(found).step < loss[-1].step == 300


def test_without_an_evaluation_set_only_the_training_s_metrics_are_left(world, curves):
    found = curves.read(job_of(world.run_tuning()), tensorboard="")

    assert list(TRAIN) == [series.metric for series in found]


def test_the_same_rows_leave_the_same_curves(world, curves):
    first, second = world.run_tuning(), world.run_tuning()

    assert curves.read(job_of(first), tensorboard="") == curves.read(job_of(second), tensorboard="")


def test_a_pipeline_s_metrics_are_found_in_the_instance_that_it_names(world, curves):
    job = code_job(
        evaluation_data_uri="gs://work/eval.jsonl",
        evaluation_interval=20,
        tensorboard_resource_id=BOARD,
        train_steps=200,
    )
    other = world.run_pipeline(code_job(tensorboard_resource_id=BOARD, train_steps=7), "job-0")
    raw = world.run_pipeline(job)

    found = curves.read(job_of(raw), tensorboard=BOARD)

    assert list(METRICS) == [series.metric for series in found]
    assert (200, 10) == (points_of(found, TRAIN[0])[-1].step, len(points_of(found, EVAL[0])))
    assert 7 == points_of(curves.read(job_of(other), tensorboard=BOARD), TRAIN[0])[-1].step


def test_a_pipeline_without_an_instance_leaves_its_last_numbers_on_an_artifact(world, curves):
    raw = world.run_pipeline(chat_job(train_steps=50))

    found = curves.read(job_of(raw), tensorboard="")

    assert list(TRAIN) == [series.metric for series in found]
    assert {(50,)} == {tuple(point.step for point in series.points) for series in found}


@pytest.mark.parametrize(
    "fields",
    [
        {"experiment": ""},
        {"experiment": "no name"},
        {"experiment": f"{PARENT}/metadataStores/default/contexts/gone"},
    ],
)
def test_what_is_missing_on_the_way_leads_to_no_metrics(world, curves, fields):
    job = Job(
        name=f"{PARENT}/tuningJobs/1",
        state=JobState.SUCCEEDED,
        raw_state="",
        labels={},
        created_at=None,
        **fields,
    )

    assert () == curves.read(job, tensorboard="")


def test_a_right_that_is_missing_is_not_taken_for_missing_metrics(world, curves):
    job = job_of(world.run_tuning())
    world.server.script(Rule("refuse", method="ListTensorboardRuns", code="PERMISSION_DENIED"))

    with pytest.raises(AccessDeniedError, match="runs of"):
        curves.read(job, tensorboard="")


@pytest.fixture(params=["grpc", "rest"])
def boards(world, request):
    return getattr(world, request.param).make(aiplatform_v1.TensorboardServiceClient)


def test_both_faces_list_and_read_what_a_tuning_job_left(world, boards):
    job = world.run_tuning()
    instance = f"{PARENT}/tensorboards/1"

    (experiment,) = boards.list_tensorboard_experiments(parent=instance, timeout=30)
    (run,) = boards.list_tensorboard_runs(parent=experiment.name, timeout=30)
    first, *_ = boards.list_tensorboard_time_series(parent=run.name, timeout=30)
    request = {"tensorboard": instance, "time_series": [first.name]}
    answer = boards.batch_read_tensorboard_time_series_data(request=request, timeout=30)

    (data,) = answer.time_series_data
    assert job.experiment.rpartition("/")[2] == experiment.display_name
    assert first.name.rpartition("/")[2] == data.tensorboard_time_series_id
    assert [1, 2, 3, 4, 5, 6] == [point.step for point in data.values]


def test_time_series_of_another_instance_or_of_none_are_refused(boards):
    def read(name):
        request = {"tensorboard": BOARD, "time_series": [name]}
        boards.batch_read_tensorboard_time_series_data(request=request, timeout=30)

    with pytest.raises(exceptions.BadRequest):
        read(f"{PARENT}/tensorboards/1/experiments/e/runs/r/timeSeries/1")
    with pytest.raises(exceptions.NotFound):
        read(f"{BOARD}/experiments/e/runs/r/timeSeries/1")
