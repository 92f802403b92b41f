"""Commands that send something to a deployment, over a whole one in memory."""

import json

import pytest
from click.testing import CliRunner

from support.datasets import good_lines
from support.world import World
from tunedrop import bootstrap
from tunedrop.cli.main import cli
from tunedrop.contracts import ControlRequested, TuningRequested
from tunedrop.domain import naming, places
from tunedrop.domain.formats import Format
from tunedrop.domain.runs import RunState
from tunedrop.handlers.pausing import is_paused
from tunedrop.wire import decode

RECIPE = 'base_model = "gemini-3.5-flash"\n[tuning]\nepochs = 2\n'
GOOD = b"".join(good_lines(Format.GEMINI, 20))


@pytest.fixture
def make_world(monkeypatch):
    monkeypatch.delenv("TUNEDROP_ENV_FILE", raising=False)
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)

    def make(**changes):
        world = World(**changes)
        bootstrap.using(world.services, world.vertex)
        return world

    yield make
    bootstrap.forget()


@pytest.fixture
def world(make_world):
    return make_world()


def tunedrop(*arguments, data=None):
    return CliRunner().invoke(cli, [str(each) for each in arguments], input=data)


def answer(*arguments, data=None):
    return json.loads(tunedrop(*arguments, "--json", data=data).stdout)


def launched(world, name="bot/train.jsonl", data=GOOD):
    """Drop a dataset with its recipe and launch it; the run's id."""
    world.drop(f"{naming.folder_of(name)}/recipe.toml", RECIPE)
    outcome = world.drop(name, data)
    world.deliver()
    return outcome.run_id


def test_a_dropped_file_gets_predictable_addresses(world, tmp_path):
    (tmp_path / "train.jsonl").write_bytes(GOOD)
    (dropped,) = answer("drop", tmp_path / "train.jsonl", "--to", "bot/")

    info = world.store.stat("test-intake", "bot/train.jsonl")
    page = "gs://test-reports/" + places.drop_report_prefix(info.bucket, info.name) + "index.html"
    assert {
        "uri": "gs://test-intake/bot/train.jsonl",
        "generation": str(info.generation),
        "page": page,
        "link": page.replace("gs://", "https://storage.cloud.google.com/"),
    } == dropped


def test_people_get_the_address_of_the_object_and_of_its_page(world, tmp_path):
    (tmp_path / "train.jsonl").write_bytes(GOOD)
    lines = tunedrop("drop", tmp_path / "train.jsonl").stdout.splitlines()

    assert "gs://test-intake/train.jsonl" == lines[0]
    assert ["page", "link"] == [line.split()[0] for line in lines[1:]]


def test_a_folder_goes_with_its_recipe_first_and_its_datasets_last(world, tmp_path):
    folder = tmp_path / "bot"
    (folder / "sub").mkdir(parents=True)
    names = ("a.jsonl", "recipe.toml", "sub/b.eval.jsonl", "notes.txt", ".keep", "sub/c.ndjson")
    for name in names:
        (folder / name).write_text("x")
    tunedrop("drop", folder)

    expected = ["bot/recipe.toml", "bot/sub/b.eval.jsonl", "bot/a.jsonl", "bot/sub/c.ndjson"]
    assert [("test-intake", name) for name in expected] == world.store.writes


def test_settings_become_the_metadata_that_the_deployment_reads(world, tmp_path):
    (tmp_path / "train.jsonl").write_bytes(GOOD)
    world.drop("bot/recipe.toml", RECIPE)
    dropped = answer("drop", tmp_path / "train.jsonl", "--to", "bot", "--set", "tuning.epochs=5")
    info = world.store.stat("test-intake", "bot/train.jsonl")
    outcome = world.finalize(info)
    world.deliver()

    assert str(info.generation) == dropped[0]["generation"]
    assert 5 == world.run(outcome.run_id).accepted["plan"]["epochs"]


def test_standard_input_is_dropped_under_the_name_given(world):
    tunedrop("drop", "-", "--name", "train.jsonl", "--to", "bot", data=GOOD)

    assert GOOD == world.store.read("test-intake", "bot/train.jsonl", max_bytes=10**6)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train.txt"], "rename it"),
        (["train.jsonl", "--set", "tuning.epocs=3"], "did you mean 'tuning.epochs'?"),
        (["train.jsonl", "--set", "tuning.epochs=many"], "tuning.epochs"),
        (["train.jsonl", "--set", "tuning.epochs"], "FIELD=VALUE"),
        (["train.jsonl", "--set", "tolerate=0.1", "--set", "tolerate=0.2"], "two"),
        (["train.jsonl", "--set", "budget.max_usd_per_run=3"], "locked"),
        (["train.jsonl", "train.jsonl"], "found two"),
        (["-"], "--name"),
        (["empty"], "found none"),
    ],
    ids=["name", "field", "value", "form", "twice", "locked", "same name", "no name", "no dataset"],
)
def test_a_drop_that_would_come_to_nothing_is_refused_before_the_upload(
    make_world, tmp_path, monkeypatch, arguments, words
):
    world = make_world(locked_fields=("budget",))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for name in ("train.jsonl", "train.txt"):
        (tmp_path / name).write_bytes(GOOD)
    result = tunedrop("drop", *arguments, data="")

    assert 2 == result.exit_code
    assert words in result.stderr
    assert [] == world.store.writes


def test_a_request_carries_every_option(world, tmp_path):
    recipe = tmp_path / "own.toml"
    recipe.write_text(RECIPE)
    sent = answer(
        *("request", "gs://test-intake/train.jsonl", "--recipe", "bot", "--inline", recipe),
        *("--set", "tuning.epochs=5", "--set", "tuning.region=europe-west4"),
        *("--generation", 17, "--priority", 2, "--correlation-id", "order-1", "--by", "ann"),
    )

    (body,) = world.publisher.bodies("tuning-requested")
    expected = TuningRequested(
        dataset_uri="gs://test-intake/train.jsonl",
        dataset_generation=17,
        recipe="bot",
        inline_recipe={"base_model": "gemini-3.5-flash", "tuning": {"epochs": 2.0}},
        overrides={"tuning.epochs": 5, "tuning.region": "europe-west4"},
        priority=2,
        requester="ann",
        correlation_id="order-1",
    )
    assert expected == decode(TuningRequested, body)
    assert "order-1" == sent["correlation_id"]
    assert sent["event_id"] == world.publisher.sent[-1][2]["ce-id"]


def test_two_requests_are_two_events(world):
    first, second = (answer("request", "gs://test-intake/train.jsonl") for _ in range(2))

    assert first["event_id"] != second["event_id"]
    assert first["correlation_id"] != second["correlation_id"]


def test_a_whole_message_is_read_from_standard_input(world):
    message = {"dataset_uri": "gs://test-intake/train.jsonl", "correlation_id": "order-2"}
    sent = answer("request", "--file", "-", data=json.dumps(message))

    (body,) = world.publisher.bodies("tuning-requested")
    assert message.items() <= json.loads(body).items()
    assert "order-2" == sent["correlation_id"]


@pytest.mark.parametrize(
    ("arguments", "data", "code", "words"),
    [
        (["--file", "-"], '{"dataset_uri": "gs://test-intake/a.jsonl", "recpe": 1}', 1, "'recipe'"),
        (["--file", "-"], "nonsense", 1, "not JSON"),
        (["--file", "-"], "x" * 600_000, 1, "at most"),
        (["gs://test-other/a.jsonl"], None, 2, "test-intake"),
        (["a.jsonl"], None, 2, "dataset_uri"),
        (["gs://test-intake/a.jsonl", "--set", "epochs=3"], None, 2, "--set"),
        (["gs://test-intake/a.jsonl", "--priority", "11"], None, 2, "priority"),
        (["gs://test-intake/a.jsonl", "--file", "-"], "{}", 2, "--file"),
        (["--file", "-", "--recipe", "bot"], "{}", 2, "leave the other options out"),
        ([], None, 2, "gs://"),
    ],
    ids=[
        *("unknown key", "not JSON", "too long", "foreign bucket", "no address"),
        *("unknown field", "priority", "both", "file and options", "nothing"),
    ],
)
def test_a_request_that_would_be_refused_is_not_sent(world, arguments, data, code, words):
    result = tunedrop("request", *arguments, data=data)

    assert code == result.exit_code
    assert words in result.stderr
    assert [] == world.publisher.sent


def test_an_inline_recipe_that_cannot_be_used_is_not_sent(world, tmp_path):
    recipe = tmp_path / "own.toml"
    recipe.write_text('base_model = "gemini-3.5-flash"\ntolerate = "some"')
    result = tunedrop("request", "gs://test-intake/a.jsonl", "--inline", recipe)

    assert 1 == result.exit_code
    assert "own.toml: tolerate" in result.stderr
    assert [] == world.publisher.sent


@pytest.fixture
def dear(make_world):
    """A deployment in which every run is held."""
    return make_world(max_usd_per_run=0.000001)


@pytest.mark.parametrize("action", ["approve", "refuse", "cancel"])
def test_a_decision_is_sent_with_who_and_why(dear, action):
    run_id = launched(dear)
    sent = answer(action, run_id, "--reason", "we said so", "--by", "ann")

    (body,) = dear.publisher.bodies("control-requested")
    expected = ControlRequested(action=action, run_id=run_id, reason="we said so", claimed_by="ann")
    assert expected == decode(ControlRequested, body)
    assert sent["event_id"] == dear.publisher.sent[-1][2]["ce-id"]


def failed(world):
    run_id = launched(world)
    world.tunings.end("JOB_STATE_FAILED")
    world.tick(60)
    return run_id


@pytest.mark.parametrize("action", ["approve", "refuse", "retry"])
def test_a_decision_that_does_not_fit_the_run_s_state_is_not_sent(world, action):
    run_id = launched(world)
    result = tunedrop(action, run_id)

    assert 2 == result.exit_code
    assert f"tunedrop: {run_id}: expected a run that is" in result.stderr
    assert "found it launched" in result.stderr
    assert [] == world.publisher.bodies("control-requested")


def test_an_ended_run_cannot_be_cancelled(world):
    run_id = failed(world)

    assert 2 == tunedrop("cancel", run_id).exit_code


def test_a_retry_says_what_another_attempt_costs_before_it_is_sent(world):
    run_id = failed(world)
    first, *rest = tunedrop("retry", run_id, "--by", "ann").stdout.splitlines()

    assert first.startswith("A retry makes attempt 2 of the same run, estimated at $")
    assert "event_id" == rest[0].split()[0]
    (body,) = world.publisher.bodies("control-requested")
    assert ("retry", run_id) == (json.loads(body)["action"], json.loads(body)["run_id"])


def test_a_retry_tells_programs_the_number_and_the_price(world):
    run_id = failed(world)
    price = world.run(run_id).accepted["plan"]["cost"]["usd"]

    assert {"attempt": 2, "new_job": True, "estimated_usd": price}.items() <= (
        answer("retry", run_id).items()
    )


def test_a_retried_run_is_launched_again(world):
    run_id = failed(world)
    tunedrop("retry", run_id)
    world.control(**json.loads(world.publisher.bodies("control-requested")[-1]))
    world.deliver()

    assert ("launched", 2) == (world.run(run_id).state.value, world.run(run_id).attempt)


def test_a_model_that_could_not_be_loaded_is_loaded_again_without_a_new_job(world):
    run_id = launched(world)
    world.tunings.end("JOB_STATE_SUCCEEDED", tuned_model="", endpoint="")
    world.services.runbook.step(world.run(run_id), RunState.SUCCEEDED, {"tuned_model": "m"})
    world.services.runbook.step(world.run(run_id), RunState.LOAD_FAILED, {"code": "load_failed"})
    sent = answer("retry", run_id)

    assert {"attempt": 1, "new_job": False, "estimated_usd": 0.0}.items() <= sent.items()
    assert "makes no new job" in sent["follows"]


@pytest.mark.parametrize(("action", "paused"), [("pause", True), ("resume", False)])
def test_the_switch_is_turned_by_a_message_without_a_run(world, action, paused):
    answer(action, "--reason", "the bill", "--by", "ann")
    (body,) = world.publisher.bodies("control-requested")
    world.control(**json.loads(body))

    expected = ControlRequested(action=action, reason="the bill", claimed_by="ann")
    assert expected == decode(ControlRequested, body)
    assert paused == is_paused(world.services)


def test_the_one_who_decides_is_the_user_unless_somebody_is_named(world, monkeypatch):
    monkeypatch.setenv("LOGNAME", "bea")
    tunedrop("sweep")

    (body,) = world.publisher.bodies("control-requested")
    assert {"action": "sweep", "claimed_by": "bea"}.items() <= json.loads(body).items()


@pytest.mark.parametrize("run_id", ["bot-0123456789abcdef", "nonsense"], ids=["unknown", "no id"])
def test_a_decision_about_no_run_is_not_sent(world, run_id):
    result = tunedrop("cancel", run_id)

    assert 2 == result.exit_code
    assert [] == world.publisher.sent


def test_an_approved_run_is_launched(make_world):
    world = make_world(allow_unpriced=False, max_usd_per_run=0.000001)
    run_id = launched(world)
    before = world.run(run_id).state.value
    tunedrop("approve", run_id, "--reason", "fine", "--by", "ann")
    body = json.loads(world.publisher.bodies("control-requested")[-1])
    world.control(**body)
    world.deliver()

    assert ("held", "launched") == (before, world.run(run_id).state.value)
