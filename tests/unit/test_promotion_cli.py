"""`tunedrop promote` and `tunedrop rollback`: looked at beforehand, said, sent, and carried out."""

import json

import pytest

from support.commands import commanded, tunedrop
from support.promoting import chain, settled
from support.world import World
from tunedrop.contracts import ControlRequested
from tunedrop.events import PubsubDelivery
from tunedrop.handlers import champions
from tunedrop.handlers.decide import receive_control
from tunedrop.wire import decode


@pytest.fixture
def world():
    with commanded(World()) as world:
        yield world


def sent(world):
    """What went to the control topic so far."""
    return [
        decode(ControlRequested, data)
        for topic, data, _ in world.publisher.sent
        if topic == "control"
    ]


def carry_out(world):
    """Deliver every control message."""
    for topic, data, attributes in world.publisher.sent:
        if topic == "control":
            delivery = PubsubDelivery("m", data, attributes)
            receive_control(world.services, world.vertex, delivery)


def test_the_newest_model_of_a_recipe_is_promoted(world):
    settled(world, "one", "always")
    run = settled(world, "two", "manual")

    result = tunedrop("promote", "bot", "--reason", "we like it", "--by", "ada")
    carry_out(world)

    first = "version 2 of bot becomes the champion in place of version 1, if it can be called"
    assert (0, first) == (result.exit_code, result.stdout.splitlines()[0])
    assert run.run_id in result.stdout
    champion = champions.newest(world.services, "bot")
    assert (2, "we like it", "ada") == (champion.version, champion.reason, champion.claimed_by)


def test_a_run_or_a_version_is_promoted_by_its_name(world):
    runs = [settled(world, words, "manual") for words in ("one", "two")]

    tunedrop("promote", runs[0].run_id)
    tunedrop("promote", "bot", "--version", 2)
    carry_out(world)

    assert [run.run_id for run in runs] == [message.run_id for message in sent(world)]
    assert [1, 2] == chain(world)


def test_a_roll_back_names_the_version_so_that_two_of_them_are_one(world):
    for words in ("one", "two", "three"):
        settled(world, words)

    said = json.loads(tunedrop("rollback", "bot", "--json").stdout)
    tunedrop("rollback", "bot")

    assert ("rollback", "bot", 2, 3) == tuple(
        said[key] for key in ("action", "recipe", "version", "previous_version")
    )
    assert [("bot", 2)] * 2 == [(message.recipe, message.version) for message in sent(world)]


def test_a_roll_back_goes_where_it_is_told(world):
    for words in ("one", "two", "three"):
        settled(world, words)

    tunedrop("rollback", "bot", "--to", 1, "--reason", "the second is no better")
    carry_out(world)

    assert [1, 2, 3, 1] == chain(world)


def test_what_cannot_be_decided_is_wrong_usage_and_not_sent(world):
    settled(world, "one", "manual")
    assert 2 == tunedrop("rollback", "bot").exit_code
    assert 2 == tunedrop("rollback", "bot", "--to", 1).exit_code
    run = settled(world, "two", "always")

    for words in (
        ["promote", "nobody"],
        ["promote", "bot", "--version", 7],
        ["promote", "bot", "--version", 0],
        ["promote", run.run_id],
        ["promote", "bot"],
        ["rollback", "bot"],
        ["rollback", "bot", "--to", 2],
        ["rollback", "bot", "--to", 7],
        ["rollback", "nobody"],
    ):
        assert 2 == tunedrop(*words).exit_code, words
    assert [] == sent(world)
