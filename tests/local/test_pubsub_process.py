"""The server as a process of its own, and real functions as processes that it pushes to."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import grpc
import pytest

from support.pubsub import Endpoint, clients_of, free_port, server_process, wait_until
from tunedrop.local.pubsub import Counts, PubSubServer, read_counts


def test_it_says_where_it_listens_and_ends_cleanly_on_sigterm(tmp_path):
    with server_process(tmp_path) as (process, address):
        with clients_of(address) as clients:
            topic = clients.topic()
        process.terminate()

        assert "projects/local-test/topics/messages" == topic
        assert 0 == process.wait(timeout=20)


def test_a_stop_and_a_start_lose_nothing(tmp_path):
    with PubSubServer(tmp_path) as server, clients_of(server.address) as clients:
        topic = clients.topic()
        name = clients.subscription(topic, filter="attributes:k", ack_deadline_seconds=20)
        clients.publish(topic, b"a", k="v")
        clients.publish(topic, b"b", k="v")
        clients.acknowledge(name, clients.pull(name, max_messages=1))
        before = clients.subscriber.get_subscription(subscription=name)
    with PubSubServer(tmp_path) as server, clients_of(server.address) as clients:
        after = clients.subscriber.get_subscription(subscription=name)
        received = clients.pull(name)
        clients.publish(topic, b"c")

        assert before == after
        assert [b"b"] == [each.message.data for each in received]
        assert {"k": "v"} == dict(received[0].message.attributes)
        assert Counts(leased=1) == server.backlog(name)


def test_a_publish_that_was_answered_outlives_kill_9(tmp_path):
    with server_process(tmp_path) as (process, address), clients_of(address) as clients:
        topic = clients.topic()
        name = clients.subscription(topic)
        ids = [clients.publish(topic, b"%d" % number) for number in range(50)]
        acknowledged, lent = clients.pull(name, max_messages=2)
        clients.acknowledge(name, [acknowledged])
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
    with server_process(tmp_path) as (_, address), clients_of(address) as clients:
        received = clients.pull(name, max_messages=100)

        assert ids[1:] == [each.message.message_id for each in received]
        assert lent.message == received[0].message


def test_delivery_attempts_outlive_kill_9(tmp_path):
    with server_process(tmp_path) as (process, address), clients_of(address) as clients:
        topic, dead = clients.topic(), clients.topic("dead")
        policy = {"dead_letter_topic": dead, "max_delivery_attempts": 5}
        name = clients.subscription(topic, dead_letter_policy=policy)
        clients.publish(topic, b"x")
        clients.refuse(name, clients.pull(name))
        clients.pull(name)
        process.kill()
        process.wait(timeout=20)
    with server_process(tmp_path) as (_, address), clients_of(address) as clients:
        (received,) = clients.pull(name)

        assert 3 == received.delivery_attempt


def test_pushes_go_on_after_kill_9(tmp_path):
    with Endpoint() as endpoint:
        endpoint.otherwise = 503
        with server_process(tmp_path) as (process, address), clients_of(address) as clients:
            topic = clients.topic()
            name = clients.subscription(topic, push_config={"push_endpoint": endpoint.url()})
            message_id = clients.publish(topic, b"x")
            endpoint.wait_for(1)
            process.kill()
            process.wait(timeout=20)
        endpoint.requests.clear()
        endpoint.otherwise = 204
        with server_process(tmp_path) as (_, address):
            (request,) = endpoint.wait_for(1)
            wait_until(lambda: read_counts(address, name) == Counts(), "the acknowledgement")

    assert message_id == request.json["message"]["messageId"]


def test_counts_can_be_asked_from_another_process(tmp_path):
    with server_process(tmp_path) as (_, address), clients_of(address) as clients:
        topic = clients.topic()
        name = clients.subscription(topic)
        clients.publish(topic, b"a")
        clients.publish(topic, b"b")
        clients.pull(name, max_messages=1)

        assert Counts(ready=1, leased=1) == read_counts(address, name)
        with pytest.raises(grpc.RpcError, match="NOT_FOUND"):
            read_counts(address, "projects/local-test/subscriptions/none")


def test_a_second_process_on_the_directory_is_turned_away(tmp_path):
    command = [sys.executable, "-m", "tunedrop.local.pubsub", "--directory", str(tmp_path)]
    with server_process(tmp_path):
        second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert 1 == second.returncode
    assert "stop the server that uses it" in second.stderr
    assert "Traceback" not in second.stderr


FUNCTION = """
import json
import os
import functions_framework


@functions_framework.cloud_event
def keep(event):
    kept = {"type": event["type"], "source": event["source"], "id": event["id"]}
    kept["data"] = event.data["message"]["data"]
    kept["attributes"] = event.data["message"].get("attributes")
    with open(os.environ["KEPT"], "a") as file:
        file.write(json.dumps(kept) + "\\n")
    if "fail" in kept["attributes"] and len(open(os.environ["KEPT"]).readlines()) < 3:
        raise RuntimeError("asked to fail")
"""


@contextmanager
def function_process(directory):
    """Yield the port and the file of a real function that keeps its events, one a line."""
    source, kept, port = directory / "main.py", directory / "kept.jsonl", free_port()
    source.write_text(FUNCTION)
    command = [sys.executable, "-m", "functions_framework", "--target", "keep"]
    command += ["--source", str(source), "--host", "127.0.0.1", "--port", str(port)]
    with (directory / "function.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, "KEPT": str(kept)}, stdout=log, stderr=log
        )
        try:
            yield port, kept
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("{topic}?pubsub_trigger=true", "//pubsub.googleapis.com/{topic}"),
        (
            "?__GCP_CloudEventsMode=CUSTOM_PUBSUB_projects%2Flocal-test%2Ftopics%2Fmessages",
            "//pubsub.googleapis.com/{topic}",
        ),
    ],
    ids=["raw", "eventarc"],
)
def test_a_function_gets_a_push_as_a_cloudevent_that_names_the_topic(tmp_path, path, source):
    with PubSubServer(tmp_path / "pubsub") as server, clients_of(server.address) as clients:
        topic = clients.topic()
        with function_process(tmp_path) as (port, kept):
            url = f"http://127.0.0.1:{port}/{path.format(topic=topic)}"
            name = clients.subscription(topic, push_config={"push_endpoint": url})
            message_id = clients.publish(topic, b"hello", k="v")
            wait_until(lambda: server.backlog(name) == Counts(), "the function's answer", 60)

    assert [
        {
            "type": "google.cloud.pubsub.topic.v1.messagePublished",
            "source": source.format(topic=topic),
            "id": message_id,
            "data": "aGVsbG8=",
            "attributes": {"k": "v"},
        }
    ] == [json.loads(line) for line in kept.read_text().splitlines()]


def test_a_function_that_raises_gets_the_message_again(tmp_path):
    with PubSubServer(tmp_path / "pubsub") as server, clients_of(server.address) as clients:
        topic = clients.topic()
        with function_process(tmp_path) as (port, kept):
            url = f"http://127.0.0.1:{port}/{topic}?pubsub_trigger=true"
            name = clients.subscription(topic, push_config={"push_endpoint": url})
            message_id = clients.publish(topic, fail="twice")
            wait_until(lambda: server.backlog(name) == Counts(), "the function's answer", 60)
        ids = [json.loads(line)["id"] for line in kept.read_text().splitlines()]

    assert [message_id] * 3 == ids
