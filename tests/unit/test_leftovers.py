"""Endpoints that are of no use any more: which are listed, and with which command; none is taken away."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from support.commands import commanded
from support.launching import decide, raising
from support.memory import START
from support.registering import LOCATION, crown, load_failed, model, registered, serving
from support.world import World
from tunedrop.cli.main import cli
from tunedrop.domain import naming, places
from tunedrop.domain.serving import Endpoint
from tunedrop.errors import CorruptRecordError, UpstreamUnavailableError
from tunedrop.leftovers import find


@pytest.fixture
def world():
    with commanded(World()) as world:
        yield world


def listed(world):
    return [(each.code, each.version) for each in find(world.services, world.vertex.models)]


def three(world, **serve):
    """Three versions, each served and decided about, of which the second is champion."""
    runs = {}
    for words in ("one", "two", "three"):
        runs[words] = registered(world, words)
        serving(world, runs[words], words, **serve)
        world.clock.skip(3600)
    crown(world, runs["two"])
    for mark in list(world.services.runbook.marks.all()):
        world.services.runbook.marks.remove(mark)
    return runs


def test_a_version_that_is_still_decided_about_is_needed(world):
    runs = three(world)
    world.services.runbook.marks.ensure(runs["one"].run_id, 1)

    assert [] == listed(world)


def test_nothing_is_listed_while_a_champion_cannot_be_read(world, monkeypatch):
    three(world)
    (info,) = world.services.ledger.list("champions/")
    info.metadata.clear()
    assert [("replaced", 1)] == listed(world)

    monkeypatch.setattr(world.store, "read", raising(UpstreamUnavailableError("503")))

    with pytest.raises(UpstreamUnavailableError):
        listed(world)


def test_nothing_is_listed_while_a_version_cannot_be_read(world):
    three(world)
    world.store.put("test-ledger", places.registry_path("other", 1), b"{")

    with pytest.raises(CorruptRecordError):
        listed(world)


def test_a_version_that_is_neither_champion_nor_newest_is_left_over(world):
    run = three(world)["one"]

    (left,) = find(world.services, world.vertex.models)

    assert ("replaced", "bot", 1, run.run_id, model("one")) == (
        left.code,
        left.recipe,
        left.version,
        left.run_id,
        left.tuned_model,
    )
    assert START + timedelta(hours=1) == left.since
    assert (
        "gcloud ai endpoints undeploy-model one --deployed-model-id=42 --region=us --project=test-project"
        == left.command
    )


def test_an_endpoint_that_the_service_shares_out_costs_nothing_while_idle(world):
    three(world, machines=False)

    assert [] == listed(world)


def test_a_champion_that_was_replaced_is_left_over_once_it_is_not_the_newest(world):
    runs = three(world)
    crown(world, runs["three"])

    assert [("replaced", 1), ("replaced", 2)] == listed(world)


def test_a_model_that_nobody_registered_is_somebody_elses(world):
    run = registered(world, "one")
    serving(world, run, "foreign")

    assert [] == listed(world)


def test_an_endpoint_without_our_label_is_not_looked_at(world):
    three(world)
    world.models.served = [
        Endpoint(each.name, {}, each.created_at, each.deployed) for each in world.models.served
    ]

    assert [] == listed(world)


def test_an_empty_endpoint_of_a_run_that_could_not_load_its_model_is_an_orphan(world):
    run = load_failed(world)
    serving(world, run, "", name=f"{LOCATION}/endpoints/made")

    (left,) = find(world.services, world.vertex.models)

    assert ("orphan", None, run.run_id) == (left.code, left.version, left.run_id)
    assert "gcloud ai endpoints delete made --region=us --project=test-project" == left.command


def test_machines_for_a_model_that_never_answered_are_left_over(world):
    serving(world, load_failed(world), "one")

    (left,) = find(world.services, world.vertex.models)

    assert ("not_loaded", "42") == (left.code, left.command.partition("model-id=")[2][:2])


def test_an_endpoint_of_a_run_that_is_still_at_it_is_needed(world):
    run = load_failed(world)
    serving(world, run, "", name=f"{LOCATION}/endpoints/made")
    decide(world, "retry", run.run_id)

    assert [] == listed(world)


def test_each_location_in_which_models_may_be_served_is_looked_at_once(world):
    asked = []

    def list_endpoints(*, location, labels):
        asked.append((location, labels))
        return iter(())

    world.models.list_endpoints = list_endpoints
    find(world.services, world.vertex.models)

    assert ["eu", "europe-west4", "us", "us-central1"] == [location for location, _ in asked]
    assert all(naming.deployment_label("tunedrop") == labels for _, labels in asked)


def test_people_get_a_table_and_the_commands_and_nothing_is_removed(world):
    three(world)
    before = list(world.models.served)
    result = CliRunner().invoke(cli, ["leftovers"])
    machine = CliRunner().invoke(cli, ["leftovers", "--json", "--location", "us"])

    assert "replaced" in result.stdout
    assert "gcloud ai endpoints undeploy-model one" in result.stdout.splitlines()[-1]
    assert ["replaced"] == [each["code"] for each in json.loads(machine.stdout)]
    assert before == world.models.served
    world.models.served = []
    assert "nothing is left over\n" == CliRunner().invoke(cli, ["leftovers"]).stdout
