"""Push delivery to loopback endpoints that fail, hang and come back."""

import base64

import pytest
from google.protobuf import duration_pb2

from support.pubsub import Endpoint, clients_of, free_port, wait_until
from tunedrop.local.pubsub import Counts, PubSubServer
from tunedrop.local.pubsub.broker import Broker
from tunedrop.local.pubsub.hub import Hub
from tunedrop.local.pubsub.journal import Journal
from tunedrop.local.pubsub.model import Backoff, Draft, Push, Subscription, Topic
from tunedrop.local.pubsub.push import PushDispatcher


@pytest.fixture
def server(tmp_path):
    with PubSubServer(tmp_path) as server:
        yield server


@pytest.fixture
def clients(server):
    with clients_of(server.address, ordering=True) as clients:
        yield clients


@pytest.fixture
def endpoint():
    with Endpoint() as endpoint:
        yield endpoint


QUICK = {
    "minimum_backoff": duration_pb2.Duration(nanos=20_000_000),
    "maximum_backoff": duration_pb2.Duration(nanos=20_000_000),
}


def push_to(endpoint, path="/"):
    return {"push_endpoint": endpoint.url(path)}


def acknowledged(server, name):
    return wait_until(lambda: server.backlog(name) == Counts(), f"{name} to be empty")


def test_a_push_carries_the_message_as_the_service_wraps_it(server, clients, endpoint):
    topic = clients.topic()
    name = clients.subscription(topic, push_config=push_to(endpoint))
    message_id = clients.publish(topic, b'{"a": 1}', k="v")
    (request,) = endpoint.wait_for(1)
    publish_time = request.json["message"]["publishTime"]

    assert {
        "message": {
            "attributes": {"k": "v"},
            "data": base64.b64encode(b'{"a": 1}').decode(),
            "messageId": message_id,
            "message_id": message_id,
            "publishTime": publish_time,
            "publish_time": publish_time,
        },
        "subscription": name,
    } == request.json
    assert "application/json" == request.headers["Content-Type"]
    assert acknowledged(server, name)


def test_data_stands_in_the_body_even_when_there_is_none(clients, endpoint):
    topic = clients.topic()
    clients.subscription(topic, push_config=push_to(endpoint))
    clients.publish(topic, k="v")

    assert "" == endpoint.wait_for(1)[0].json["message"]["data"]


def test_the_endpoints_path_and_query_are_kept(clients, endpoint):
    topic = clients.topic()
    path = "/projects/p/topics/t?pubsub_trigger=true&x=%2F"
    clients.subscription(topic, push_config=push_to(endpoint, path))
    clients.publish(topic, b"x")

    assert path == endpoint.wait_for(1)[0].path


def test_a_message_at_the_size_limits_passes_whole(server, clients, endpoint):
    topic = clients.topic()
    name = clients.subscription(topic, push_config=push_to(endpoint))
    attributes = {f"{n:0>256}": "v" * 1024 for n in range(100)}
    data = bytes(range(256)) * 38_000
    clients.publish(topic, data, **attributes)
    message = endpoint.wait_for(1)[0].json["message"]

    assert data == base64.b64decode(message["data"])
    assert attributes == message["attributes"]
    assert acknowledged(server, name)


@pytest.mark.parametrize("status", [102, 200, 201, 202, 204])
def test_a_success_status_acknowledges(server, clients, endpoint, status):
    endpoint.otherwise = status
    topic = clients.topic()
    name = clients.subscription(topic, push_config=push_to(endpoint), retry_policy=QUICK)
    clients.publish(topic, b"x")
    endpoint.wait_for(1)

    assert acknowledged(server, name)
    assert 1 == len(endpoint.requests)


@pytest.mark.parametrize("status", [203, 301, 307, 400, 404, 429, 500, 503])
def test_any_other_status_brings_the_message_back(server, clients, endpoint, status):
    endpoint.answers = [status, status]
    topic = clients.topic()
    name = clients.subscription(topic, push_config=push_to(endpoint), retry_policy=QUICK)
    message_id = clients.publish(topic, b"x")
    requests = endpoint.wait_for(3)

    assert acknowledged(server, name)
    assert [message_id] * 3 == [each.json["message"]["messageId"] for each in requests]
    assert all("deliveryAttempt" not in each.json for each in requests)


def test_with_a_dead_letter_policy_the_body_counts_attempts_until_the_letter(
    server, clients, endpoint
):
    endpoint.otherwise = 500
    topic, dead = clients.topic(), clients.topic("dead")
    morgue = clients.subscription(dead, "morgue")
    name = clients.subscription(
        topic,
        push_config=push_to(endpoint),
        retry_policy=QUICK,
        dead_letter_policy={"dead_letter_topic": dead, "max_delivery_attempts": 5},
    )
    clients.publish(topic, b"poison", k="v")
    (letter,) = clients.pull(morgue)

    assert [1, 2, 3, 4, 5] == [each.json["deliveryAttempt"] for each in endpoint.requests]
    assert "5" == letter.message.attributes["CloudPubSubDeadLetterSourceDeliveryCount"]
    assert Counts() == server.backlog(name)


def test_messages_of_one_key_are_pushed_in_order_past_a_failure(server, clients, endpoint):
    endpoint.answers = [204, 500]
    topic = clients.topic()
    name = clients.subscription(
        topic, push_config=push_to(endpoint), retry_policy=QUICK, enable_message_ordering=True
    )
    for number in range(4):
        clients.publish(topic, b"%d" % number, ordering_key="key")
    bodies = [each.json["message"] for each in endpoint.wait_for(5)]

    assert acknowledged(server, name)
    assert [b"0", b"1", b"1", b"2", b"3"] == [base64.b64decode(each["data"]) for each in bodies]
    assert {"key"} == {each["orderingKey"] for each in bodies}


def test_an_endpoint_that_is_down_gets_the_message_when_it_comes_up(server, clients):
    port = free_port()
    topic = clients.topic()
    name = clients.subscription(
        topic, push_config={"push_endpoint": f"http://127.0.0.1:{port}/"}, retry_policy=QUICK
    )
    clients.publish(topic, b"patient")
    wait_until(lambda: server.backlog(name).delayed, "a failed delivery")
    with Endpoint(port=port) as endpoint:
        endpoint.wait_for(1)

        assert acknowledged(server, name)


def test_a_subscription_that_hangs_holds_up_no_other(server, clients, endpoint):
    topic = clients.topic()
    with Endpoint() as hanging:
        hanging.hold.clear()
        stuck = clients.subscription(topic, "stuck", push_config=push_to(hanging))
        well = clients.subscription(topic, "well", push_config=push_to(endpoint))
        for number in range(30):
            clients.publish(topic, b"%d" % number)
        endpoint.wait_for(30)
        acknowledged(server, well)
        wait_until(lambda: server.backlog(stuck).leased == 8, "the bound on deliveries")

        assert Counts(ready=22, leased=8) == server.backlog(stuck)
        assert 8 == len(hanging.requests)

        hanging.hold.set()
        acknowledged(server, stuck)


def test_hundreds_of_messages_arrive_once_each(server, clients, endpoint):
    topic = clients.topic()
    name = clients.subscription(topic, push_config=push_to(endpoint))
    messages = [{"data": b"%d" % number} for number in range(300)]
    clients.api.publish(topic=topic, messages=messages)
    requests = endpoint.wait_for(300)

    assert acknowledged(server, name)
    assert 300 == len({each.json["message"]["messageId"] for each in requests})


def test_a_requested_duplicate_is_pushed_that_often(server, clients, endpoint):
    topic = clients.topic()
    name = clients.subscription(topic, push_config=push_to(endpoint))
    server.faults.duplicate_next(name, copies=4)
    clients.publish(topic, b"x")
    clients.publish(topic, b"y")
    requests = endpoint.wait_for(5)

    assert acknowledged(server, name)
    data = sorted(base64.b64decode(each.json["message"]["data"]) for each in requests)
    assert [b"x", b"x", b"x", b"x", b"y"] == data


@pytest.mark.parametrize("by", ["update", "modify"])
def test_a_push_endpoint_can_be_moved(clients, endpoint, by):
    topic = clients.topic()
    name = clients.subscription(topic, push_config=push_to(endpoint, "/old"))
    moved = push_to(endpoint, "/moved")
    if by == "update":
        subscription = {"name": name, "push_config": moved}
        clients.subscriber.update_subscription(
            request={"subscription": subscription, "update_mask": {"paths": ["push_config"]}}
        )
    else:
        clients.subscriber.modify_push_config(subscription=name, push_config=moved)
    clients.publish(topic, b"x")

    assert ["/moved"] == [each.path for each in endpoint.wait_for(1)]


def test_without_its_endpoint_a_push_subscription_is_pulled(clients, endpoint):
    topic = clients.topic()
    name = clients.subscription(topic, push_config=push_to(endpoint))
    clients.subscriber.modify_push_config(subscription=name, push_config={})
    clients.publish(topic, b"x")

    assert [b"x"] == [each.message.data for each in clients.pull(name)]
    assert [] == endpoint.requests


def test_an_unwrapped_push_is_the_bare_data_with_headers(server, clients, endpoint):
    topic = clients.topic()
    config = {**push_to(endpoint), "no_wrapper": {"write_metadata": True}}
    policy = {"dead_letter_topic": topic}
    name = clients.subscription(topic, push_config=config, dead_letter_policy=policy)
    message_id = clients.publish(topic, b"\x00bare", "key", k="v")
    (request,) = endpoint.wait_for(1)
    headers = dict(request.headers)
    del headers["x-goog-pubsub-publish-time"]

    assert b"\x00bare" == request.body
    assert {
        "k": "v",
        "x-goog-pubsub-delivery-attempt": "1",
        "x-goog-pubsub-message-id": message_id,
        "x-goog-pubsub-ordering-key": "key",
        "x-goog-pubsub-subscription-name": name,
    } == {key: value for key, value in headers.items() if key == "k" or key.startswith("x-goog")}


def test_an_unwrapped_push_without_metadata_has_no_headers_of_the_message(clients, endpoint):
    topic = clients.topic()
    clients.subscription(topic, push_config={**push_to(endpoint), "no_wrapper": {}})
    clients.publish(topic, b"bare", k="v")
    (request,) = endpoint.wait_for(1)

    assert "k" not in request.headers
    assert not [each for each in request.headers if each.lower().startswith("x-goog")]


def test_an_attribute_that_is_no_header_fails_the_delivery_and_not_the_server(
    server, clients, endpoint
):
    topic = clients.topic()
    config = {**push_to(endpoint), "no_wrapper": {"write_metadata": True}}
    name = clients.subscription(topic, push_config=config, retry_policy=QUICK)
    clients.publish(topic, b"x", k="line\nbreak")
    wait_until(lambda: server.backlog(name).delayed, "a failed delivery")
    clients.subscriber.modify_push_config(subscription=name, push_config=push_to(endpoint))

    assert "line\nbreak" == endpoint.wait_for(1)[0].json["message"]["attributes"]["k"]


def test_the_endpoint_of_an_eventarc_trigger_gets_a_cloudevent(clients, endpoint):
    topic = clients.topic()
    path = "/?__GCP_CloudEventsMode=CUSTOM_PUBSUB_projects%2Flocal-test%2Ftopics%2Fmessages"
    clients.subscription(topic, push_config=push_to(endpoint, path))
    message_id = clients.publish(topic, b"x")
    (request,) = endpoint.wait_for(1)

    assert {
        "ce-id": message_id,
        "ce-source": f"//pubsub.googleapis.com/{topic}",
        "ce-specversion": "1.0",
        "ce-time": request.json["message"]["publishTime"],
        "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
    } == {key: value for key, value in request.headers.items() if key.startswith("ce-")}


def test_a_deleted_subscription_is_pushed_no_more(clients, endpoint):
    endpoint.otherwise = 500
    topic = clients.topic()
    name = clients.subscription(topic, push_config=push_to(endpoint, "/gone"), retry_policy=QUICK)
    clients.publish(topic, b"x")
    endpoint.wait_for(2)
    clients.subscriber.delete_subscription(subscription=name)
    clients.subscription(topic, "other", push_config=push_to(endpoint, "/here"), retry_policy=QUICK)
    clients.publish(topic, b"y")
    wait_until(lambda: [each.path for each in endpoint.requests[-3:]] == ["/here"] * 3, "silence")

    assert {b"x"} == {
        base64.b64decode(each.json["message"]["data"])
        for each in endpoint.requests
        if each.path == "/gone"
    }


def test_no_answer_within_the_ack_deadline_is_a_failure(endpoint):
    endpoint.hold.clear()
    broker = Broker(Journal())
    broker.create_topic(Topic("projects/p/topics/work"))
    broker.create_subscription(
        Subscription(
            "projects/p/subscriptions/worker",
            "projects/p/topics/work",
            ack_deadline_seconds=1,
            backoff=Backoff(0, 0),
            push=Push(endpoint.url()),
        )
    )
    hub = Hub(broker)
    dispatcher = PushDispatcher(hub, in_flight_limit=2)
    dispatcher.start()
    with hub.change() as held:
        held.publish("projects/p/topics/work", [Draft(b"slow")])
    requests = endpoint.wait_for(2)
    endpoint.hold.set()
    dispatcher.stop(patience_seconds=5)

    assert b"slow" == base64.b64decode(requests[1].json["message"]["data"])
