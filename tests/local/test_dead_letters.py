"""Dead letters over the local Pub/Sub server and a whole local cloud, through the unmodified client."""

import json

import pytest
from click.testing import CliRunner
from google.pubsub_v1 import SubscriberClient

from support.cloud import message_data, recorded_cloud
from support.pubsub import clients_of, wait_until
from tunedrop import bootstrap
from tunedrop.adapters.dead_letters import PubsubDeadLetters
from tunedrop.cli.main import cli
from tunedrop.dead_letters import REPLAYED_FROM
from tunedrop.errors import NotFoundError
from tunedrop.local.deployment import Redelivery
from tunedrop.local.pubsub import Counts, PubSubServer

LAUNCH = {"drop_id": "ab" * 16, "run_id": "bot-0123456789abcdef"}


@pytest.fixture
def server(tmp_path):
    with PubSubServer(tmp_path) as server:
        yield server


@pytest.fixture
def clients(server):
    with clients_of(server.address) as clients:
        yield clients


@pytest.fixture
def boxed(clients):
    """A subscription with three letters, and a box over it."""
    topic = clients.topic()
    name = clients.subscription(topic)
    ids = [clients.publish(topic, b"%d" % number, mark=str(number)) for number in range(3)]
    return name, ids, box_of(name, clients)


def box_of(name, clients):
    client = SubscriberClient(transport=clients.subscriber.transport)
    return PubsubDeadLetters(name, timeout_seconds=20, patience_seconds=1, client=client)


def test_letters_that_were_looked_at_lie_there_again_at_once(server, boxed):
    name, ids, box = boxed
    with box.opened() as letters:
        seen = {(each.message_id, each.data, each.attributes["mark"]) for each in letters}
        meanwhile = server.backlog(name)

    assert {(ids[number], b"%d" % number, str(number)) for number in range(3)} == seen
    assert (Counts(leased=3), Counts(ready=3)) == (meanwhile, server.backlog(name))


def test_a_removed_letter_is_gone_and_the_others_are_not(boxed):
    _, ids, box = boxed
    with box.opened() as letters:
        box.remove(next(each for each in letters if each.message_id == ids[1]))

    with box.opened() as letters:
        assert {ids[0], ids[2]} == {each.message_id for each in letters}


def test_a_letter_that_is_delivered_twice_is_one_and_goes_whole(server, clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    server.faults.duplicate_next(name, copies=3)
    clients.publish(topic, b"x")
    box = box_of(name, clients)
    with box.opened() as letters:
        (letter,) = letters
        box.remove(letter)

    assert Counts() == server.backlog(name)


def test_letters_lie_there_again_after_an_error(server, boxed):
    name, _, box = boxed
    with pytest.raises(ZeroDivisionError), box.opened():
        raise ZeroDivisionError

    assert Counts(ready=3) == server.backlog(name)


def test_a_box_that_does_not_exist_is_named(clients):
    box = box_of("projects/local-test/subscriptions/none", clients)

    with pytest.raises(NotFoundError, match="subscriptions/none"), box.opened():
        pass


@pytest.fixture
def cloud(tmp_path, monkeypatch):
    """A local cloud that gives up quickly, as the command line's deployment."""
    redelivery = Redelivery(first_rest_seconds=0.05, longest_rest_seconds=0.1, max_attempts=5)
    with recorded_cloud(tmp_path / "cloud", redelivery=redelivery) as world:
        for name, value in world.cloud.environment.items():
            monkeypatch.setenv(name, value)
        bootstrap.forget()
        yield world
    bootstrap.forget()


def dead_letters(*arguments):
    result = CliRunner().invoke(cli, ["dead-letters", *arguments, "--json"])
    assert 0 == result.exit_code, result.output
    return json.loads(result.stdout)


def given_up(cloud, role, body, mark):
    """Publish a message that fails until it is a dead letter; how it is listed."""
    target = {"launches": "on_launch", "control": "on_control"}[role]
    with cloud.failing(target, mark):
        cloud.publish(role, json.dumps(body).encode(), mark=mark)
        return wait_until(lambda: dead_letters("list"), "a dead letter")


@pytest.mark.timeout(300)
def test_a_dead_letter_is_listed_shown_sent_again_and_received(cloud):
    (listed,) = given_up(cloud, "launches", LAUNCH, "doomed")
    shown = dead_letters("show", listed["id"])
    sent = dead_letters("replay", listed["id"])
    received = cloud.wait_for("on_launch", REPLAYED_FROM)[0]
    left = dead_letters("list")

    assert ("launches", 5, LAUNCH["run_id"]) == (
        listed["role"],
        listed["deliveries"],
        listed["about"],
    )
    assert (LAUNCH, "doomed") == (shown["message"], shown["attributes"]["mark"])
    assert LAUNCH == json.loads(message_data(received))
    assert listed["id"] == received["data"]["message"]["attributes"][REPLAYED_FROM]
    assert (listed["id"], []) == (sent["replayed"], left)


@pytest.mark.timeout(300)
def test_a_dead_letter_that_is_thrown_away_is_gone(cloud):
    (listed,) = given_up(cloud, "control", {"action": "pause"}, "doomed")
    gone = dead_letters("discard", listed["id"])
    again = CliRunner().invoke(cli, ["dead-letters", "replay", listed["id"]])

    assert (listed["id"], {"action": "pause"}) == (gone["id"], gone["message"])
    assert ([], 2) == (dead_letters("list"), again.exit_code)
