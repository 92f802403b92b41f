"""Pull and StreamingPull, through the unmodified clients."""

import queue
import time
from concurrent import futures

import pytest
from google.api_core import exceptions
from google.cloud.pubsub_v1.types import FlowControl
from google.protobuf import duration_pb2

from support.pubsub import clients_of, wait_until
from tunedrop.local.pubsub import Counts, PubSubServer


@pytest.fixture
def server(tmp_path):
    with PubSubServer(tmp_path) as server:
        yield server


@pytest.fixture
def clients(server):
    with clients_of(server.address, ordering=True) as clients:
        yield clients


def data_of(received):
    return [each.message.data for each in received]


def test_a_published_message_is_pulled_whole(clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    before = time.time()
    message_id = clients.publish(topic, b"\x00data", ordering_key="key", k="v")
    (received,) = clients.pull(name)

    assert b"\x00data" == received.message.data
    assert {"k": "v"} == dict(received.message.attributes)
    assert message_id == received.message.message_id
    assert "key" == received.message.ordering_key
    assert 0 == received.delivery_attempt
    assert before - 1 < received.message.publish_time.timestamp() < time.time() + 1


def test_a_pull_waits_for_a_message_that_comes_later(clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    with futures.ThreadPoolExecutor() as pool:
        pulling = pool.submit(clients.pull, name)
        clients.publish(topic, b"late")

        assert [b"late"] == data_of(pulling.result(timeout=20))


def test_a_pull_with_nothing_to_wait_for_answers_empty_before_its_deadline(clients):
    name = clients.subscription(clients.topic())

    assert [] == clients.pull(name, timeout=1)


def test_a_pull_for_no_message_is_refused(clients):
    name = clients.subscription(clients.topic())

    with pytest.raises(exceptions.InvalidArgument, match="max_messages"):
        clients.pull(name, max_messages=0)


def test_acknowledged_messages_are_gone_and_the_counts_say_so(server, clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    for number in range(3):
        clients.publish(topic, b"%d" % number)
    received = clients.pull(name, max_messages=2)
    with_two_out = server.backlog(name)
    clients.acknowledge(name, received)

    assert Counts(ready=1, leased=2) == with_two_out
    assert Counts(ready=1) == server.backlog(name)
    assert [b"2"] == data_of(clients.pull(name))


def test_a_refused_message_comes_again_at_once(clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    clients.publish(topic, b"again")
    clients.refuse(name, clients.pull(name))

    assert [b"again"] == data_of(clients.pull(name))


def test_a_message_whose_deadline_passes_comes_again(clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    clients.publish(topic, b"slow")
    received = clients.pull(name)
    clients.subscriber.modify_ack_deadline(
        subscription=name, ack_ids=[received[0].ack_id], ack_deadline_seconds=1
    )

    assert [b"slow"] == data_of(clients.pull(name))


def test_a_deadline_outside_the_limits_is_refused(clients):
    name = clients.subscription(clients.topic())

    with pytest.raises(exceptions.InvalidArgument, match="0-600 seconds, found 601"):
        clients.subscriber.modify_ack_deadline(
            subscription=name, ack_ids=["x"], ack_deadline_seconds=601
        )


def test_a_retry_policy_makes_a_refused_message_rest(server, clients):
    topic = clients.topic()
    rest = duration_pb2.Duration(nanos=300_000_000)
    name = clients.subscription(
        topic, retry_policy={"minimum_backoff": rest, "maximum_backoff": rest}
    )
    clients.publish(topic, b"again")
    clients.refuse(name, clients.pull(name))

    assert Counts(delayed=1) == server.backlog(name)
    assert [b"again"] == data_of(clients.pull(name))


def test_after_the_last_attempt_the_message_is_on_the_dead_letter_topic(server, clients):
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
    (letter,) = clients.pull(morgue)

    assert [1, 2, 3, 4, 5] == attempts
    assert Counts() == server.backlog(name)
    assert b"poison" == letter.message.data
    assert {
        "CloudPubSubDeadLetterSourceDeliveryCount": "5",
        "CloudPubSubDeadLetterSourceSubscription": "listener",
        "CloudPubSubDeadLetterSourceSubscriptionProject": "local-test",
        "k": "v",
    }.items() <= letter.message.attributes.items()
    assert "CloudPubSubDeadLetterSourceTopicPublishTime" in letter.message.attributes


def test_a_filter_keeps_other_messages_away(server, clients):
    topic = clients.topic()
    name = clients.subscription(topic, filter='attributes.kind = "a"')
    for kind in "aba":
        clients.publish(topic, b"x", kind=kind)

    assert Counts(ready=2) == server.backlog(name)


def test_messages_of_one_ordering_key_come_in_order_even_after_a_refusal(clients):
    topic = clients.topic()
    name = clients.subscription(topic, enable_message_ordering=True)
    for number in range(6):
        clients.publish(topic, b"%d" % number, ordering_key="key")
    seen = []
    refused = False
    while len(seen) < 6:
        received = clients.pull(name)
        if not refused and data_of(received) == [b"3"]:
            refused = True
            clients.refuse(name, received)
            continue
        seen += data_of(received)
        clients.acknowledge(name, received)

    assert [b"0", b"1", b"2", b"3", b"4", b"5"] == seen


def test_a_requested_duplicate_is_delivered_that_often(server, clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    server.faults.duplicate_next(name, copies=4)
    message_id = clients.publish(topic, b"x")
    received = clients.pull(name)

    assert [message_id] * 4 == [each.message.message_id for each in received]
    clients.acknowledge(name, received)
    assert [] == clients.pull_now(name)


def test_a_streaming_subscriber_gets_every_message(server, clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    seen = queue.SimpleQueue()

    def take(message):
        seen.put(message.data)
        message.ack()

    listening = clients.subscriber.subscribe(name, callback=take)
    sent = {clients.publish(topic, b"%d" % number) and b"%d" % number for number in range(100)}
    got = {seen.get(timeout=20) for _ in range(100)}
    wait_until(lambda: server.backlog(name) == Counts(), "the acknowledgements")
    listening.cancel()
    listening.result(timeout=20)

    assert sent == got


def test_a_streaming_subscriber_gets_a_refused_message_again(clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    seen = queue.SimpleQueue()

    def take(message):
        seen.put(message.data)
        message.nack() if seen.qsize() == 1 else message.ack()

    clients.publish(topic, b"again")
    listening = clients.subscriber.subscribe(name, callback=take)
    wait_until(lambda: seen.qsize() == 2, "the second delivery")
    listening.cancel()
    listening.result(timeout=20)

    assert [b"again", b"again"] == [seen.get(), seen.get()]


def test_a_stream_holds_no_more_than_its_subscriber_has_room_for(server, clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    for number in range(5):
        clients.publish(topic, b"%d" % number)
    held = queue.SimpleQueue()
    listening = clients.subscriber.subscribe(
        name, callback=held.put, flow_control=FlowControl(max_messages=2)
    )
    first, second = held.get(timeout=20), held.get(timeout=20)
    with_two_out = server.backlog(name)
    first.ack()
    third = held.get(timeout=20)
    listening.cancel()
    listening.result(timeout=20)

    assert Counts(ready=3, leased=2) == with_two_out
    assert [b"0", b"1", b"2"] == [each.data for each in (first, second, third)]


def test_a_stream_of_an_unknown_subscription_ends_with_not_found(clients):
    listening = clients.subscriber.subscribe(
        "projects/local-test/subscriptions/none", callback=lambda _message: None
    )

    with pytest.raises(exceptions.NotFound, match="subscriptions/none"):
        listening.result(timeout=20)


def test_a_stream_ends_when_its_subscription_is_deleted(clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    seen = queue.SimpleQueue()
    listening = clients.subscriber.subscribe(name, callback=seen.put)
    clients.publish(topic, b"x")
    seen.get(timeout=20)
    clients.subscriber.delete_subscription(subscription=name)

    with pytest.raises(exceptions.NotFound, match="subscriptions/listener"):
        listening.result(timeout=20)


@pytest.fixture
def stream(clients):
    """Return a function that opens a stream: what it sends goes into the queue that it returns."""
    sending = queue.SimpleQueue()

    def open_stream(name, **first):
        sending.put({"subscription": name, "stream_ack_deadline_seconds": 10, **first})
        return sending, clients.subscriber.streaming_pull(requests=iter(sending.get, None))

    yield open_stream
    sending.put(None)


def test_acknowledgements_and_refusals_on_the_stream_itself_count(server, clients, stream):
    topic = clients.topic()
    name = clients.subscription(topic, enable_exactly_once_delivery=True)
    clients.publish(topic, b"x")
    sending, responses = stream(name)
    first = next(responses)
    ack_id = first.received_messages[0].ack_id
    sending.put({"modify_deadline_ack_ids": [ack_id], "modify_deadline_seconds": [0]})
    second = next(responses)
    sending.put({"ack_ids": [second.received_messages[0].ack_id]})

    assert wait_until(lambda: server.backlog(name) == Counts(), "the acknowledgement")
    assert first.subscription_properties.exactly_once_delivery_enabled
    assert [b"x", b"x"] == data_of([*first.received_messages, *second.received_messages])


def test_a_stream_that_asks_for_the_impossible_is_ended(clients, stream):
    topic = clients.topic()
    name = clients.subscription(topic)
    clients.publish(topic, b"x")
    sending, responses = stream(name)
    ack_id = next(responses).received_messages[0].ack_id
    sending.put({"modify_deadline_ack_ids": [ack_id], "modify_deadline_seconds": [601]})

    with pytest.raises(exceptions.InvalidArgument, match="0-600 seconds, found 601"):
        next(responses)


def test_a_stream_ends_when_its_subscriber_has_nothing_more_to_say(clients, stream):
    name = clients.subscription(clients.topic())
    sending, responses = stream(name)
    sending.put(None)

    assert [] == list(responses)


def test_a_streaming_subscriber_lives_through_a_restart_of_the_server(server, clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    seen = queue.SimpleQueue()

    def take(message):
        message.ack()
        seen.put(message.data)

    listening = clients.subscriber.subscribe(name, callback=take)
    clients.publish(topic, b"before")
    first = seen.get(timeout=20)
    wait_until(lambda: server.backlog(name) == Counts(), "the acknowledgement")
    server.stop()
    server.start()
    clients.publish(topic, b"after")
    second = seen.get(timeout=60)  # the client takes 10 s to try again
    listening.cancel()
    listening.result(timeout=20)

    assert (b"before", b"after") == (first, second)


def test_messages_of_many_megabytes_are_pulled_with_the_client_as_it_is(clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    sent = [bytes([number]) * 1_500_000 for number in range(4)]
    for data in sent:
        clients.publish(topic, data)
    got = []
    while len(got) < len(sent):
        got += data_of(clients.pull(name))

    assert sent == got
