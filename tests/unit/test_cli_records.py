"""Commands that read what a deployment has recorded, over a whole one in memory."""

import json

import pytest

from support.commands import answer, commanded, tunedrop
from support.datasets import good_lines
from support.world import World
from tunedrop.domain import naming
from tunedrop.domain.formats import Format
from tunedrop.errors import AccessDeniedError

RECIPE = 'base_model = "gemini-3.5-flash"\n[tuning]\nepochs = 2\n'
GOOD = b"".join(good_lines(Format.GEMINI, 20))
BAD = b"".join(good_lines(Format.GEMINI, 20)) + b'{"mark-4711'
MODEL = "projects/test-project/locations/us/models/1@1"
ENDPOINT = "projects/test-project/locations/us/endpoints/7"


@pytest.fixture
def world():
    with commanded(World()) as world:
        yield world


def launched(world, name="bot/train.jsonl", data=GOOD):
    """Drop a dataset with its recipe and launch it; the run's id."""
    world.drop(f"{naming.folder_of(name)}/recipe.toml", RECIPE)
    outcome = world.drop(name, data)
    world.deliver()
    return outcome.run_id


def registered(world, **drop):
    """Take a run as far as a registered model; its id."""
    run_id = launched(world, **drop)
    world.models.labels.clear()  # each job makes a model of its own
    world.tunings.end("JOB_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)
    world.tick(60)
    return run_id


def test_runs_are_listed_newest_first_without_reading_a_record(world, monkeypatch):
    first = registered(world)
    world.clock.skip(3600)
    second = launched(world, name="other/train.jsonl")
    monkeypatch.setattr(type(world.store), "read", None)

    listed = answer("runs")
    assert [(second, "launched", 1), (first, "kept", 1)] == [
        (each["run_id"], each["state"], each["attempt"]) for each in listed
    ]
    assert listed[1]["started_at"] < listed[1]["updated_at"]


def test_people_get_one_line_a_run(world):
    run_id = launched(world)
    lines = tunedrop("runs").stdout.splitlines()

    assert ["run", "state", "attempt", "started", "updated"] == lines[0].split()
    assert [run_id, "launched", "1"] == lines[1].split()[:3]
    assert 2 == len(lines)


def test_a_deployment_without_runs_lists_none(world):
    assert [] == answer("runs")


def test_a_run_is_shown_with_its_steps_and_its_model(world):
    run_id = registered(world)
    view = answer("show", run_id)

    assert ("kept", MODEL, ENDPOINT, None) == (
        view["state"],
        view["tuned_model"],
        view["endpoint"],
        view["error"],
    )
    states = [step.state.value for step in world.run(run_id).transitions]
    assert states == [step["state"] for step in view["steps"]]
    text = tunedrop("show", run_id).stdout
    assert all(word in text for word in (run_id, MODEL, ENDPOINT, *states, "gemini-3.5-flash"))


def test_a_failed_run_is_shown_with_its_error_and_ends_with_one(world):
    run_id = launched(world)
    world.tunings.end("JOB_STATE_FAILED")
    world.tick(60)
    result = tunedrop("show", run_id)

    assert 1 == result.exit_code
    assert "job_failed" in result.stdout
    assert "job_failed" == answer("show", run_id)["error"]["code"]


def test_a_rehearsed_run_is_listed_and_shown_as_one_and_ends_with_zero(world):
    world.tunings.find = denied
    run_id = launched(world, name="tunedrop-selftest/7f3a/train.jsonl")
    result = tunedrop("show", run_id)
    view = answer("show", run_id)

    assert [(run_id, "rehearsed")] == [(each["run_id"], each["state"]) for each in answer("runs")]
    assert 0 == result.exit_code
    assert f"tunedrop-{run_id}-a1 would have been created in us-central1" in result.stdout
    assert "the AI service did not answer: access_denied tuningJobs.list" in result.stdout
    assert (None, "gemini-3.5-flash") == (
        view["error"],
        view["rehearsal"]["request"]["baseModel"],
    )


def denied(**_):
    raise AccessDeniedError("tuningJobs.list")


def test_an_accepted_object_is_shown_with_its_run(world):
    run_id = launched(world)
    result = tunedrop("show", "gs://test-intake/bot/train.jsonl")

    assert 0 == result.exit_code
    assert run_id in result.stdout
    assert "20 = 20 used" in result.stdout


def test_a_rejected_object_is_shown_with_its_findings_and_ends_with_one(world):
    launched(world, data=BAD)
    result = tunedrop("show", "gs://test-intake/bot/train.jsonl")
    view = answer("show", "gs://test-intake/bot/train.jsonl")

    assert 1 == result.exit_code
    assert "truncated_file" in result.stdout
    assert "rejected" == view["verdict"]["outcome"]
    assert "mark-4711" not in result.output + json.dumps(view)


def test_the_newest_generation_answers_for_an_object(world):
    launched(world, data=BAD)
    run_id = launched(world)

    assert run_id == answer("show", "gs://test-intake/bot/train.jsonl")["receipt"]["run_id"]


def test_a_final_answer_goes_before_that_it_waited(world):
    world.drop("bot/train.jsonl", GOOD)
    waiting = answer("show", "gs://test-intake/bot/train.jsonl")["receipt"]
    world.drop("bot/recipe.toml", RECIPE)
    world.deliver()

    final = answer("show", "gs://test-intake/bot/train.jsonl")["receipt"]
    assert ("waiting_for_recipe", "accepted") == (waiting["outcome"], final["outcome"])


def test_a_recipe_that_was_refused_is_shown_with_its_problems(world):
    world.drop("bot/recipe.toml", 'base_model = "gemini-3.5-flash"\n[tuning]\nepocs = 1')
    result = tunedrop("show", "gs://test-intake/bot/recipe.toml")

    assert 1 == result.exit_code
    assert "did you mean 'epochs'?" in result.stdout


@pytest.mark.parametrize(
    "what", ["bot-0123456789abcdef", "gs://test-intake/none.jsonl", "gs://", "../drops"]
)
def test_what_is_not_there_is_wrong_usage(world, what):
    result = tunedrop("show", what)

    assert 2 == result.exit_code
    assert "expected" in result.stderr


def test_registered_models_are_listed_by_recipe_and_base_model(world):
    first = registered(world)
    second = registered(world, name="other/train.jsonl")

    assert {first, second} == {each["run_id"] for each in answer("models")}
    assert [second] == [each["run_id"] for each in answer("models", "--recipe", "other")]
    assert [] == answer("models", "--base-model", "code-bison@002")
    assert 2 == len(answer("models", "--base-model", "gemini-3.5-flash"))
    assert MODEL in tunedrop("models").stdout


@pytest.mark.parametrize(
    "arguments",
    [["--vertex"], ["--vertex", "--base-model", "a", "--recipe", "b"], ["--location", "us"]],
    ids=["no base model", "a recipe", "a location alone"],
)
def test_the_service_is_asked_by_base_model_only(world, arguments):
    assert 2 == tunedrop("models", *arguments).exit_code


@pytest.mark.parametrize("by_run", [True, False], ids=["run", "recipe"])
def test_a_question_goes_to_the_endpoint_in_the_models_own_shape(world, by_run):
    run_id = registered(world)
    world.predictor.answer = "two\nlines\x1b[2J"
    result = tunedrop("ask", run_id if by_run else "bot", "when is high water?")

    assert "two\nlines\\x1b[2J\n" == result.stdout
    target, instance, dataset_format = world.predictor.asked[-1]
    assert (ENDPOINT, "gemini") == (target, dataset_format)
    contents = [{"role": "user", "parts": [{"text": "when is high water?"}]}]
    assert contents == instance["contents"]


def test_the_newest_model_of_a_recipe_is_asked(world):
    registered(world)
    newer = registered(world, data=GOOD + good_lines(Format.GEMINI, 1, start=99)[0])

    assert newer == answer("ask", "bot", "when is high water?")["run_id"]


def test_a_question_is_read_from_standard_input(world):
    registered(world)
    result = answer("ask", "bot", "-", data="when is\nhigh water?\n")

    assert ("when is\nhigh water?", "an answer") == (result["question"], result["answer"])


@pytest.mark.parametrize("which", ["nobody", "bot", "a/b"])
def test_without_a_registered_model_nothing_is_asked(world, which):
    launched(world)
    asked = len(world.predictor.asked)
    result = tunedrop("ask", which, "when is high water?")

    assert 2 == result.exit_code
    assert asked == len(world.predictor.asked)


@pytest.mark.parametrize("data", [b"\xff", b" \n"], ids=["not UTF-8", "nothing"])
def test_a_question_that_is_none_is_wrong_usage(world, data):
    registered(world)

    assert 2 == tunedrop("ask", "bot", "-", data=data).exit_code
