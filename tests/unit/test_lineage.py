"""From a model back to the bytes that it learnt from, and from a dataset on to every model that learnt from it."""

import json
from datetime import datetime, timedelta

import pytest

from support.commands import commanded, tunedrop
from support.launching import gemini_rows
from support.registering import crown, endpoint, finished, launched, look, model, registered
from support.world import World
from tunedrop import lineage, registry
from tunedrop.domain import places
from tunedrop.errors import UsageError
from tunedrop.lineage import trace

OBJECT = "gs://test-intake/bot/one.jsonl"


@pytest.fixture
def world():
    with commanded(World()) as world:
        yield world


def versions(view):
    return [(each["recipe"], each["version"]) for each in view["models"]]


@pytest.mark.parametrize(
    "named",
    [
        endpoint("one"),
        endpoint("one").replace("test-project", "123456"),
        model("one"),
        model("one").replace("test-project", "123456"),
        model("one").partition("@")[0],
        "bot@1",
        "the run",
    ],
)
def test_a_model_is_followed_back_by_each_of_its_names(world, named):
    run = registered(world, "one")
    registered(world, "two")

    view = trace(world.services, run.run_id if named == "the run" else named)

    (told,) = view["models"]
    training = run.accepted["training"]
    assert (run.run_id, run.launched.detail["job_name"]) == (told["run_id"], told["job_name"])
    assert (OBJECT, training["digest"], 20) == tuple(
        told["dataset"][key] for key in ("uri", "digest", "rows")
    )
    assert "accepted" == told["verdict"]["outcome"]
    assert [run.accepted["drop_id"]] == [each["drop_id"] for each in told["asked_by"]]


def test_a_recipe_alone_means_its_champion_and_the_newest_version_while_there_is_none(world):
    first = registered(world, "one")
    registered(world, "two")
    assert [("bot", 2)] == versions(trace(world.services, "bot"))

    crown(world, first)

    view = trace(world.services, "bot")
    assert [("bot", 1)] == versions(view)
    (told,) = view["models"]
    assert told["champion"]
    assert ["promoted"] == [each["action"] for each in told["champion_history"]]


def test_a_model_that_was_replaced_keeps_its_history_as_champion(world):
    first, second = registered(world, "one"), registered(world, "two")
    crown(world, first)
    crown(world, second)

    (told,) = trace(world.services, "bot@1")["models"]

    assert (False, [1]) == (
        told["champion"],
        [each["sequence"] for each in told["champion_history"]],
    )


def test_every_drop_that_asked_for_the_run_is_named(world):
    run = registered(world, "one")
    world.clock.skip(60)
    world.drop("bot/again.jsonl", gemini_rows("one"))
    world.deliver()

    (told,) = trace(world.services, run.run_id)["models"]

    assert [OBJECT, "gs://test-intake/bot/again.jsonl"] == [
        each["uri"] for each in told["asked_by"]
    ]


def test_a_run_without_a_model_is_told_with_its_dataset(world):
    run_id = launched(world, "one")

    view = trace(world.services, run_id)

    assert [] == view["models"]
    (told,) = view["runs"]
    assert ("launched", OBJECT) == (told["state"], told["dataset"]["uri"])


def test_an_object_is_followed_to_every_run_and_model_that_learnt_from_it(world):
    first = registered(world, "one")
    world.store.put("test-intake", "bot/one.jsonl", b"")
    second = registered(world, "one", more="[tuning]\nepochs = 3\n")
    other = registered(world, "other")
    crown(world, second)

    view = trace(world.services, OBJECT)

    assert {first.run_id, second.run_id} == {each["run_id"] for each in view["models"]}
    assert {first.run_id: False, second.run_id: True} == {
        each["run_id"]: each["champion"] for each in view["models"]
    }
    assert other.run_id not in json.dumps(view, default=str)
    assert ["accepted"] * 2 == [each["outcome"] for each in view["drops"]]


def test_an_object_with_the_same_rows_is_followed_to_the_run_that_another_asked_for_first(world):
    run = registered(world, "one")
    world.drop("bot/again.jsonl", gemini_rows("one"))
    world.deliver()

    view = trace(world.services, "gs://test-intake/bot/again.jsonl")

    assert [run.run_id] == [each["run_id"] for each in view["models"]]


def test_one_generation_is_told_apart_from_the_others(world):
    first = registered(world, "one")
    registered(world, "one", more="[tuning]\nepochs = 3\n")

    view = trace(world.services, f"{OBJECT}#{first.accepted['generation']}")

    assert [first.run_id] == [each["run_id"] for each in view["models"]]


def test_a_name_that_ends_like_a_generation_is_a_name_all_the_same(world):
    run_id = launched(world, "rows#7")
    world.drop("bot/a#7", gemini_rows("a"))

    view = trace(world.services, "gs://test-intake/bot/rows#7.jsonl")

    assert [run_id] == [each["run_id"] for each in view["runs"]]


def test_a_run_that_failed_learnt_from_it_as_well_and_a_rejected_drop_did_not(world):
    run_id = launched(world, "one")
    world.tunings.end("JOB_STATE_FAILED")
    look(world)
    world.drop("bot/bad.jsonl", b'{"cut')

    assert [(run_id, "failed")] == [
        (each["run_id"], each["state"]) for each in trace(world.services, OBJECT)["runs"]
    ]
    bad = trace(world.services, "gs://test-intake/bot/bad.jsonl")
    assert (["rejected"], [], []) == (
        [each["outcome"] for each in bad["drops"]],
        bad["runs"],
        bad["models"],
    )


def tuned_on(world, recipe, version=1):
    """Record a version that was tuned on from the one of "one", an hour later."""
    first = world.record(places.registry_path("bot", 1))
    record = {
        **first,
        "at": (datetime.fromisoformat(first["at"]) + timedelta(hours=1)).isoformat(),
        "recipe": recipe,
        "version": version,
        "run_id": f"{recipe}-{version:016x}",
        "tuned_model": model(f"{recipe}-{version}"),
        "pre_tuned_model": model("one"),
    }
    path = places.registry_path(recipe, version)
    world.services.ledger.create(path, record, metadata=registry.metadata_of(record))


def test_a_model_that_was_tuned_on_from_one_is_found_from_its_dataset(world):
    registered(world, "one")
    tuned_on(world, "further")

    assert [("bot", 1), ("further", 1)] == versions(trace(world.services, OBJECT))
    (told,) = trace(world.services, "further@1")["models"]
    assert ["bot"] == [each["recipe"] for each in told["comes_from"]]
    (told,) = trace(world.services, "bot@1")["models"]
    assert ["further"] == [each["recipe"] for each in told["went_into"]]


def test_of_very_many_models_it_is_said_how_many_are_left_out(world, monkeypatch):
    monkeypatch.setattr(lineage, "MOST_RELATIVES", 1)
    monkeypatch.setattr(lineage, "MOST_LEARNERS", 2)
    registered(world, "one")
    for version in (1, 2, 3):
        tuned_on(world, "further", version)

    assert [("bot", 1), ("further", 1)] == versions(trace(world.services, OBJECT))
    assert "2 more models learnt from it" in tunedrop("lineage", OBJECT).stderr
    assert "2 more models that it" in tunedrop("lineage", "bot@1").stderr


def test_a_version_that_cannot_be_read_is_named_and_keeps_no_other_from_being_told(world):
    registered(world, "one")
    path = places.registry_path("other", 1)
    world.store.put("test-ledger", path, b"{")

    result = tunedrop("lineage", "bot@1")

    assert (0, True) == (result.exit_code, model("one") in result.stdout)
    assert f"note: left out: {path}" in result.stderr
    assert [path] == [
        line.partition(":")[0] for line in trace(world.services, OBJECT)["unreadable"]
    ]


@pytest.mark.parametrize(
    "what",
    [
        "nobody",
        "bot@9",
        "a/b",
        "bot-0123456789abcdef",
        endpoint("none"),
        model("none"),
        "gs://test-intake/none.jsonl",
        "gs://test-intake/none.jsonl#7",
        "gs://",
    ],
)
def test_what_nothing_is_known_of_is_wrong_usage_that_says_where_it_was_looked_for(world, what):
    registered(world, "one")

    with pytest.raises(UsageError, match="expected"):
        trace(world.services, what)
    assert 2 == tunedrop("lineage", what).exit_code


def test_the_calls_do_not_grow_with_the_registry(world, monkeypatch):
    for words in ("one", "two", "three"):
        registered(world, words)
    reads = []
    read = world.store.read
    monkeypatch.setattr(
        world.store, "read", lambda *given, **more: reads.append(given) or read(*given, **more)
    )

    trace(world.services, endpoint("two"))

    registry_reads = [name for _, name in reads if name.startswith("registry/")]
    assert [places.registry_path("bot", 2)] == registry_reads
    assert 3 == len(reads)


def test_people_are_told_in_lines_and_machines_in_json(world):
    run = registered(world, "one")
    crown(world, run)
    finished(world, "one")

    text = tunedrop("lineage", "bot@1").stdout
    for word in (OBJECT, run.accepted["training"]["digest"], "promoted", model("one"), run.run_id):
        assert word in text
    assert [("bot", 1)] == versions(json.loads(tunedrop("lineage", "bot", "--json").stdout))
    text = tunedrop("lineage", OBJECT).stdout
    assert ("champion" in text, run.run_id in text) == (True, True)
    assert "no registered model" in tunedrop("lineage", f"{OBJECT}").stdout or model("one") in text
