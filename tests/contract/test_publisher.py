"""The publisher over the real client, against a Pub/Sub server of ours."""

import pytest

from support.pubsub import PROJECT, clients_of, free_port
from tunedrop.adapters.pubsub import PubsubPublisher
from tunedrop.errors import NotFoundError, UpstreamUnavailableError
from tunedrop.local.pubsub import PubSubServer


@pytest.fixture
def clients(tmp_path, monkeypatch):
    with PubSubServer(tmp_path) as server, clients_of(server.address) as clients:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", server.address)
        yield clients


def test_a_message_arrives_whole_under_the_id_that_was_given_back(clients):
    subscription = clients.subscription(topic := clients.topic())
    given = PubsubPublisher(timeout_seconds=10).publish(topic, b"body", {"ce-id": "1", "né": "ü"})

    (received,) = clients.pull(subscription)

    assert (given, b"body", {"ce-id": "1", "né": "ü"}) == (
        received.message.message_id,
        received.message.data,
        dict(received.message.attributes),
    )


def test_a_topic_that_is_not_there_is_said_at_once(clients):
    topic = f"{PROJECT}/topics/nowhere"

    with pytest.raises(NotFoundError, match="topics/nowhere"):
        PubsubPublisher(timeout_seconds=10).publish(topic, b"body", {})


def test_a_server_that_is_not_there_is_given_up_in_time(monkeypatch):
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{free_port()}")

    with pytest.raises(UpstreamUnavailableError, match="topics/messages"):
        PubsubPublisher(timeout_seconds=0.3).publish(f"{PROJECT}/topics/messages", b"body", {})
