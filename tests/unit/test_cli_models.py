"""`tunedrop models`: by base model, champions marked, and what to do about those whose base model retires."""

import json
from datetime import timedelta

import pytest

from support.commands import answer, commanded, tunedrop
from support.memory import START
from support.registering import BASE, crown, model, registered, retire
from support.world import World
from tunedrop import bootstrap
from tunedrop.ai_ports import TunedModel
from tunedrop.domain import places


@pytest.fixture
def world():
    with commanded(World()) as world:
        yield world


def test_each_recipes_champion_is_marked(world):
    crown(world, registered(world, "one"))
    registered(world, "two")
    registered(world, "three", recipe="other")

    listed = answer("models")

    assert [("bot", 1, True), ("bot", 2, False), ("other", 1, False)] == [
        (each["recipe"], each["version"], each["champion"]) for each in listed
    ]
    lines = tunedrop("models").stdout.splitlines()
    assert [True, False, False] == ["champion" in line for line in lines[1:4]]
    assert {BASE} == {line.split()[0] for line in lines[1:4]}


def test_the_costs_estimated_and_billed_are_shown(world):
    registered(world, "one", billable_tokens=1_000_000)

    (each,) = answer("models")

    assert each["billed_usd"] > each["estimated_usd"] > 0
    assert f"{each['billed_usd']:,.2f}" in tunedrop("models").stdout


def test_a_champion_whose_base_model_retires_is_named_with_what_to_do(world):
    crown(world, registered(world, "one"))
    registered(world, "two", recipe="other")
    soon = world.services.today() + timedelta(days=30)
    bootstrap.using(retire(world, soon), world.vertex)

    text = tunedrop("models").stdout

    assert f"bot, version 1: {BASE} retires on {soon}; to tune gemini-3.1-flash-lite" in text
    assert 1 == text.count("tunedrop request")
    assert [soon.isoformat(), None] == [
        each["retires"] and each["retires"]["on"] for each in answer("models")
    ]


@pytest.mark.parametrize("spoilt", ["registry/", "champions/"])
def test_a_record_that_cannot_be_read_is_named_and_keeps_no_other_from_the_list(world, spoilt):
    crown(world, registered(world, "one"))
    of_other = {
        "registry/": places.registry_path("other", 1),
        "champions/": f"{places.champions_prefix('other')}000001.json",
    }
    world.store.put("test-ledger", of_other[spoilt], b"{")

    result = tunedrop("models", "--json")

    assert [("bot", True)] == [
        (each["recipe"], each["champion"]) for each in json.loads(result.stdout)
    ]
    assert (0, True) == (result.exit_code, f"left out: {of_other[spoilt]}" in result.stderr)
    assert "" == tunedrop("models", "--recipe", "bot").stderr


def test_without_a_replacement_that_is_said(world):
    crown(world, registered(world, "one"))
    bootstrap.using(retire(world, world.services.today(), replacement=None), world.vertex)

    assert "the catalog names no replacement" in tunedrop("models").stdout


def test_the_service_is_asked_by_the_label_that_its_own_sdk_asks_by(world):
    asked = []

    def list_tuned(**given):
        asked.append(given)
        yield TunedModel(
            name=model("x"),
            version_id="3",
            display_name="theirs",
            labels={},
            endpoints=(),
            created_at=START,
            aliases=("default",),
        )

    world.models.list_tuned = list_tuned

    (listed,) = answer("models", "--vertex", "--base-model", "code-bison@002")

    assert [{"location": "us-central1", "base_model_label": "code-bison-002"}] == asked
    assert (model("x"), "3", ["default"]) == (listed["name"], listed["version"], listed["aliases"])
