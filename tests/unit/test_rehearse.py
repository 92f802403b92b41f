"""A recipe in the reserved folder is rehearsed: everything is done but the create call."""

import json

import pytest

from support.datasets import good_lines
from support.world import World
from tunedrop.domain.formats import Format
from tunedrop.domain.runs import RunState
from tunedrop.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    QuotaExhaustedError,
    RefusedError,
    UpstreamUnavailableError,
)
from tunedrop.events import PubsubDelivery
from tunedrop.handlers.launch_run import receive_launch

FOLDER = "tunedrop-selftest/7f3a"
CASES = {
    "code-bison@002": (Format.CODE_GENERATION, "pipeline_job"),
    "codechat-bison@002": (Format.CODE_CHAT, "pipeline_job"),
    "gemini-3.5-flash": (Format.GEMINI, "tuning_job"),
}


@pytest.fixture
def world():
    return World()


def rows(base_model):
    return b"".join(good_lines(CASES[base_model][0], 12))


def drop(world, base_model="gemini-3.5-flash", *, folder=FOLDER, recipe=""):
    """Upload a recipe and twelve rows, and give the launch request that follows, undelivered."""
    world.drop(f"{folder}/recipe.toml", f'base_model = "{base_model}"\n{recipe}')
    outcome = world.drop(f"{folder}/train.jsonl", rows(base_model))
    assert "accepted" == outcome.code
    return PubsubDelivery("l1", world.publisher.bodies("launch-requested")[-1], {})


def launch(world, delivery):
    outcome = receive_launch(world.services, world.vertex, delivery)
    return outcome.code, world.run(outcome.run_id)


def created(world):
    return world.pipelines.created + world.tunings.created


def failing(error):
    def find(**_):
        raise error

    return find


@pytest.mark.parametrize("base_model", CASES)
def test_twelve_rows_are_rehearsed_with_the_request_that_a_real_run_would_send(world, base_model):
    code, run = launch(world, drop(world, base_model))
    _, real = launch(world, drop(world, base_model, folder="bot"))

    intent = real.newest(RunState.LAUNCHING).detail
    told = json.dumps(run.last.detail["request"]).replace(run.run_id, real.run_id)
    assert ("rehearsed", RunState.REHEARSED) == (code, run.state)
    assert intent["request"] == json.loads(told)
    assert {
        "code": "rehearsed",
        "backend": CASES[base_model][1],
        "region": intent["region"],
        "job_id": f"tunedrop-{run.run_id}-a1",
        "would_hold": "",
        "service": "answered",
        "message": "",
    } == {key: value for key, value in run.last.detail.items() if key != "request"}
    assert [real.last.detail["job_name"]] == [*world.pipelines.jobs, *world.tunings.jobs]


def test_a_launch_that_is_delivered_again_finds_nothing_to_launch(world):
    delivery = drop(world)

    codes = [launch(world, delivery)[0] for _ in range(3)]

    assert ["rehearsed", "nothing_to_launch", "nothing_to_launch"] == codes
    assert 1 == world.publisher.kinds().count("run-rehearsed")
    assert [] == created(world)


def test_the_fact_and_the_pages_say_that_it_was_a_rehearsal(world):
    _, run = launch(world, drop(world))

    (fact,) = map(json.loads, world.publisher.bodies("run-rehearsed"))
    page = world.store.read("test-reports", f"runs/{run.run_id}/index.html", max_bytes=10**6)
    assert {
        "run_id": run.run_id,
        "attempt": 1,
        "job_id": f"tunedrop-{run.run_id}-a1",
        "base_model": "gemini-3.5-flash",
        "would_hold": "",
        "service": "answered",
    }.items() <= fact.items()
    assert b"Rehearsed. This would have been launched." in page


@pytest.mark.parametrize(
    "error",
    [
        AccessDeniedError("tuningJobs.list"),
        UpstreamUnavailableError("no answer"),
        QuotaExhaustedError("429"),
        NotFoundError("location"),
        InvalidRequestError("400"),
    ],
    ids=lambda error: error.code,
)
def test_a_service_that_does_not_answer_is_recorded_and_not_asked_for_ever(world, error):
    world.tunings.find = failing(error)

    code, run = launch(world, drop(world))

    assert ("rehearsed", RunState.REHEARSED) == (code, run.state)
    assert (error.code, str(error)) == (run.last.detail["service"], run.last.detail["message"])
    assert error.code == json.loads(world.publisher.bodies("run-rehearsed")[0])["service"]


def test_what_the_service_says_is_recorded_without_dataset_text(world):
    world.tunings.find = failing(InvalidRequestError('row: {"text": "secret words"}'))

    _, run = launch(world, drop(world))

    assert "row: [cut]" == run.last.detail["message"]


@pytest.mark.parametrize(
    ("settings", "recipe", "code"),
    [
        ({"allow_unpriced": False}, "", "price_unknown"),
        ({}, "[budget]\nmax_usd_per_run = 0.00001\n", "over_budget"),
    ],
    ids=["unpriced", "over-budget"],
)
def test_what_would_hold_a_real_run_is_noted_and_holds_no_rehearsal(settings, recipe, code):
    world = World(**settings)
    base_model = "code-bison@002" if code == "price_unknown" else "gemini-3.5-flash"

    _, run = launch(world, drop(world, base_model, recipe=recipe))

    assert (RunState.REHEARSED, code) == (run.state, run.last.detail["would_hold"])


def test_the_sweep_closes_a_rehearsed_run_and_launches_nothing(world):
    launch(world, drop(world))
    marked = world.open_runs()

    world.tick(10_000)
    world.deliver()

    assert [1, 0] == [len(marked), len(world.open_runs())]
    assert [] == created(world)


def test_a_launch_request_that_got_lost_is_asked_for_again_and_rehearsed(world):
    delivery = drop(world)
    world.publisher.publish, publish = failing_once(world)
    with pytest.raises(UpstreamUnavailableError):
        receive_launch(world.services, world.vertex, delivery)
    world.publisher.publish = publish

    world.tick(10_000)

    (run_id,) = world.runs()
    assert RunState.REHEARSED is world.run(run_id).state
    assert 1 == world.publisher.kinds().count("run-rehearsed")


def failing_once(world):
    """A publisher that is down, and the one that is not."""

    def down(*_):
        raise UpstreamUnavailableError("broker")

    return down, world.publisher.publish


@pytest.mark.parametrize("action", ["approve", "refuse", "cancel"])
def test_nothing_can_be_decided_about_a_rehearsed_run(world, action):
    _, run = launch(world, drop(world))

    with pytest.raises(RefusedError, match="found it rehearsed") as caught:
        world.control(action=action, run_id=run.run_id)

    assert "wrong_state" == caught.value.code


@pytest.mark.parametrize(
    "asked",
    [
        {"recipe": FOLDER},
        {"recipe": "tunedrop-selftest/inline", "inline_recipe": {"base_model": "gemini-3.5-flash"}},
    ],
    ids=["named", "inline"],
)
def test_a_request_that_names_a_recipe_in_the_folder_is_rehearsed(world, asked):
    world.drop(f"{FOLDER}/recipe.toml", 'base_model = "gemini-3.5-flash"\n')
    world.store.put("test-intake", "bot/train.jsonl", rows("gemini-3.5-flash"))

    outcome = world.request(dataset_uri="gs://test-intake/bot/train.jsonl", **asked)
    world.deliver()

    assert RunState.REHEARSED is world.run(outcome.run_id).state
    assert [] == created(world)


def test_a_recipe_outside_the_folder_makes_no_paid_run_of_what_lies_in_it(world):
    """A redelivery after the clean-up has taken the recipe away must not find another one."""
    world.drop("recipe.toml", 'base_model = "gemini-3.5-flash"\n')

    outcome = world.drop(f"{FOLDER}/train.jsonl", rows("gemini-3.5-flash"))
    world.deliver()

    assert "waiting_for_recipe" == outcome.code
    assert [] == created(world)


def test_the_recipe_of_the_reserved_folder_itself_serves_the_folders_in_it(world):
    world.drop("tunedrop-selftest/recipe.toml", 'base_model = "gemini-3.5-flash"\n')

    outcome = world.drop(f"{FOLDER}/train.jsonl", rows("gemini-3.5-flash"))
    world.deliver()

    assert RunState.REHEARSED is world.run(outcome.run_id).state
