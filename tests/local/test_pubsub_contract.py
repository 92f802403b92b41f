"""The same small set of features on our server and on Google's own emulator.

The emulator is a second opinion, not the truth: where it is known to leave the documented
behaviour of the service, DIFFERENCES says so, and a difference that is not listed fails.
"""

import shutil
import socket
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from google.api_core import exceptions
from google.protobuf import duration_pb2

from support.pubsub import Endpoint, clients_of, free_port, subscription_name, wait_until
from tunedrop.local.pubsub import PubSubServer

DIFFERENCES = {
    # What the documentation says is True; the emulator of Google Cloud SDK 528 says False.
    "a filter is applied",
    "an invalid filter is refused",
    "a push body holds the ordering key",
    "a push body counts attempts under a dead-letter policy",
    "202 acknowledges a push",
}


def emulator_jar():
    """Return the emulator's jar; skip with the reason where it cannot run."""
    if not (gcloud := shutil.which("gcloud")):
        pytest.skip("gcloud is not installed")
    if not shutil.which("java"):
        pytest.skip("java is not installed")
    command = [gcloud, "info", "--format=value(installation.sdk_root)"]
    root = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    jars = sorted(
        Path(root.strip()).glob("platform/pubsub-emulator/lib/cloud-pubsub-emulator-*.jar")
    )
    if not jars:
        pytest.skip("gcloud is installed without its pubsub-emulator component")
    return jars[-1]


def is_listening(port):
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def official():
    jar, port = emulator_jar(), free_port()
    options = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    command = ["java", *options, "-jar", str(jar), "--host=127.0.0.1", f"--port={port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_listening(port), "the emulator", 60)
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def ours(tmp_path):
    with PubSubServer(tmp_path) as server:
        yield server.address


@pytest.fixture(params=["ours", pytest.param("official", marks=pytest.mark.gcloud)])
def clients(request):
    with clients_of(request.getfixturevalue(request.param), ordering=True) as clients:
        yield clients


SHORT = {
    "minimum_backoff": duration_pb2.Duration(seconds=1),
    "maximum_backoff": duration_pb2.Duration(seconds=1),
}


def test_names_are_taken_once_and_must_exist(clients):
    topic = clients.topic()
    clients.subscription(topic)

    with pytest.raises(exceptions.AlreadyExists):
        clients.topic()
    with pytest.raises(exceptions.AlreadyExists):
        clients.subscription(topic)
    with pytest.raises(exceptions.NotFound):
        clients.publisher.get_topic(topic=topic + "-none")
    with pytest.raises(exceptions.NotFound):
        clients.subscriber.get_subscription(subscription=subscription_name("none"))
    with pytest.raises(exceptions.InvalidArgument):
        clients.topic("ab")


def test_pull_acknowledge_and_refuse(clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    message_id = clients.publish(topic, b"x", k="v")
    first = clients.pull(name)
    clients.refuse(name, first)
    second = clients.pull(name)
    clients.acknowledge(name, second)

    assert [message_id, message_id] == [each.message.message_id for each in first + second]
    assert (b"x", {"k": "v"}) == (first[0].message.data, dict(first[0].message.attributes))
    assert [] == clients.pull_now(name)


def test_a_push_is_wrapped_and_repeated_until_it_succeeds(clients):
    topic = clients.topic()
    with Endpoint() as endpoint:
        endpoint.answers = [500]
        config = {"push_endpoint": endpoint.url("/p?q=1")}
        name = clients.subscription(topic, push_config=config, retry_policy=SHORT)
        message_id = clients.publish(topic, b"x", k="v")
        first, second = endpoint.wait_for(2)

    assert first.json == second.json
    assert "/p?q=1" == first.path
    assert name == first.json["subscription"]
    message = first.json["message"]
    assert ("eA==", {"k": "v"}) == (message["data"], message["attributes"])
    assert (message_id, message_id) == (message["messageId"], message["message_id"])
    assert message["publishTime"] == message["publish_time"]


def test_a_dead_letter_names_its_source(clients):
    topic, dead = clients.topic(), clients.topic("dead")
    morgue = clients.subscription(dead, "morgue")
    policy = {"dead_letter_topic": dead, "max_delivery_attempts": 5}
    name = clients.subscription(topic, dead_letter_policy=policy)
    clients.publish(topic, b"poison", k="v")
    attempts = []
    for _ in range(5):
        received = clients.pull(name)
        attempts.append(received[0].delivery_attempt)
        clients.refuse(name, received)

    def letters():
        # The emulator moves the message only when the next pull would have delivered it.
        assert [] == clients.pull_now(name)
        return clients.pull_now(morgue)

    attributes = dict(wait_until(letters, "the dead letter")[0].message.attributes)
    attributes.pop("CloudPubSubDeadLetterSourceTopicPublishTime")

    assert [1, 2, 3, 4, 5] == attempts
    assert {
        "CloudPubSubDeadLetterSourceDeliveryCount": "5",
        "CloudPubSubDeadLetterSourceSubscription": "listener",
        "CloudPubSubDeadLetterSourceSubscriptionProject": "local-test",
        "k": "v",
    } == attributes


def observed(clients) -> dict[str, bool]:
    """Try out everything in DIFFERENCES."""
    topic, dead = clients.topic(), clients.topic("dead")
    filtered = clients.subscription(topic, "filtered", filter="attributes:wanted")
    try:
        clients.subscription(topic, "invalid", filter="attributes ==")
        refused = False
    except exceptions.InvalidArgument:
        refused = True
    with Endpoint() as endpoint:
        endpoint.answers = [202]
        clients.subscription(
            topic,
            "pushed",
            push_config={"push_endpoint": endpoint.url()},
            enable_message_ordering=True,
            retry_policy=SHORT,
            dead_letter_policy={"dead_letter_topic": dead, "max_delivery_attempts": 5},
        )
        clients.publish(topic, b"first", "key", unwanted="")
        body = endpoint.wait_for(1)[0].json
        clients.publish(topic, b"second", "key", wanted="")
        second = endpoint.wait_for(2)[1].json
    return {
        "a filter is applied": [b"second"] == [e.message.data for e in clients.pull(filtered)],
        "an invalid filter is refused": refused,
        "a push body holds the ordering key": body["message"].get("orderingKey") == "key",
        "a push body counts attempts under a dead-letter policy": body.get("deliveryAttempt") == 1,
        "202 acknowledges a push": second["message"]["messageId"] != body["message"]["messageId"],
    }


def test_ours_does_all_that_the_documentation_says(ours):
    with clients_of(ours, ordering=True) as clients:
        assert dict.fromkeys(DIFFERENCES, True) == observed(clients)


@pytest.mark.gcloud
def test_the_emulator_differs_where_it_is_known_to(official):
    with clients_of(official, ordering=True) as clients:
        assert dict.fromkeys(DIFFERENCES, False) == observed(clients)
