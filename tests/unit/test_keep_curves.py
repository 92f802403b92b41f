"""What a job left of its metrics is kept once, and no run is ever the worse for it."""

import json

import pytest

from support.datasets import good_lines
from support.world import World
from tunedrop.domain.curves import Point, Series
from tunedrop.domain.formats import Format
from tunedrop.domain.places import curves_path
from tunedrop.domain.runs import RunState
from tunedrop.errors import (
    AccessDeniedError,
    InvalidRequestError,
    OutOfTimeError,
    UpstreamUnavailableError,
)
from tunedrop.handlers import keep_curves

LOSS = Series("/train_total_loss", (Point(1, 2.0), Point(2, 1.5)))
OTHER = Series("/train_total_loss", (Point(1, 9.0),))


class Asked:
    """`Curves` that notes what it is asked for."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def read(self, job, *, tensorboard):
        self.asked.append((job.name, tensorboard))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def world():
    world = World(tensorboard="projects/test-project/locations/us-central1/tensorboards/7")
    world.drop("x.jsonl", b"".join(good_lines(Format.CODE_GENERATION, 20)))
    world.deliver()
    return world


def keep(world, answer):
    """Keep what this service answers; what can be read then, and what it was asked."""
    (run_id,) = world.runs()
    run, curves = world.run(run_id), Asked(answer)
    vertex = type(world.vertex)(
        jobs=world.vertex.jobs,
        models=world.vertex.models,
        predictor=world.vertex.predictor,
        curves=curves,
    )
    keep_curves.keep(world.services, vertex, run)
    return keep_curves.read(world.services, run), curves.asked


def test_the_job_is_asked_once_with_the_instance_that_it_was_given(world):
    (job,) = world.pipelines.jobs

    first, asked = keep(world, (LOSS,))
    second, not_asked = keep(world, (OTHER,))

    assert ((LOSS,), (LOSS,), []) == (first, second, not_asked)
    assert [(job, "projects/test-project/locations/us-central1/tensorboards/7")] == asked


def test_what_is_kept_is_the_same_bytes_for_the_same_numbers(world):
    keep(world, (LOSS,))

    (run_id,) = world.runs()
    data = world.store.read("test-work", curves_path(run_id, 1), max_bytes=10_000)
    assert {
        "schema_version": 1,
        "series": [{"metric": "/train_total_loss", "points": [[1, 2.0], [2, 1.5]]}],
    } == json.loads(data)


def test_a_job_that_left_nothing_is_not_asked_again(world):
    keep(world, ())

    assert ((), []) == keep(world, (LOSS,))


def test_a_refusal_is_said_and_kept_as_nothing(world, capsys):
    keep(world, InvalidRequestError("no such thing"))

    assert '"code": "invalid_request"' in capsys.readouterr().out
    assert ((), []) == keep(world, (LOSS,))


@pytest.mark.parametrize(
    "error", [UpstreamUnavailableError("503"), AccessDeniedError("403"), OutOfTimeError("late")]
)
def test_a_service_that_gives_no_answer_is_asked_by_the_next_look(world, error):
    nothing, _ = keep(world, error)
    something, _ = keep(world, (LOSS,))

    assert ((), (LOSS,)) == (nothing, something)


def ended(world, error):
    """Have the job end well, and its metrics' service answer with an error; the run's id."""
    world.curves.error = error
    (run_id,) = world.runs()
    model = "projects/test-project/locations/us-central1/models/7@1"
    endpoint = model.replace("models", "endpoints")
    world.pipelines.end("PIPELINE_STATE_SUCCEEDED", tuned_model=model, endpoint=endpoint)
    world.tick(60)
    return run_id


def test_a_finished_run_waits_a_little_for_its_curve(world):
    run_id = ended(world, UpstreamUnavailableError("503"))
    waited = world.run(run_id).state
    world.tick(14 * 60)
    world.curves.error, world.curves.series = None, (LOSS,)
    world.tick(30)

    assert (RunState.SUCCEEDED, RunState.KEPT) == (waited, world.run(run_id).state)
    assert (LOSS,) == keep_curves.read(world.services, world.run(run_id))


def test_a_finished_run_goes_on_without_a_curve_at_last(world):
    run_id = ended(world, UpstreamUnavailableError("503"))
    world.tick(16 * 60)

    assert RunState.KEPT is world.run(run_id).state


def test_a_fault_of_ours_is_reported_and_stops_nothing(world, capsys):
    assert () == keep(world, ValueError("oops"))[0]

    assert '"event": "bug"' in capsys.readouterr().out


def test_a_run_whose_job_is_gone_has_no_metrics(world):
    world.pipelines.jobs.clear()

    assert ((), []) == keep(world, (LOSS,))


@pytest.mark.parametrize("data", [b"{", b'{"schema_version": 1, "series": [7]}', b"[]"])
def test_kept_bytes_that_cannot_be_read_are_shown_as_no_metrics(world, data):
    (run_id,) = world.runs()
    world.store.put("test-work", curves_path(run_id, 1), data)

    assert () == keep_curves.read(world.services, world.run(run_id))
