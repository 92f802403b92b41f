"""Topics, subscriptions and publishing, through the unmodified clients."""

import pytest
from google.api_core import exceptions
from google.protobuf import duration_pb2
from google.pubsub_v1 import types

from support.pubsub import PROJECT, clients_of, subscription_name, topic_name
from tunedrop.local.pubsub import PubSubServer, ServerError


@pytest.fixture
def clients(tmp_path):
    with PubSubServer(tmp_path) as server, clients_of(server.address) as clients:
        yield clients


def test_a_topic_is_created_found_listed_and_deleted(clients):
    topic = clients.topic()
    listed = [each.name for each in clients.publisher.list_topics(project=PROJECT)]
    clients.publisher.delete_topic(topic=topic)

    assert [topic] == listed
    assert [] == list(clients.publisher.list_topics(project=PROJECT))
    with pytest.raises(exceptions.NotFound, match=topic):
        clients.publisher.get_topic(topic=topic)


def test_a_subscription_is_created_found_listed_and_deleted(clients):
    subscriber, topic = clients.subscriber, clients.topic()
    name = clients.subscription(topic)
    listed = [each.name for each in subscriber.list_subscriptions(project=PROJECT)]
    of_topic = list(clients.publisher.list_topic_subscriptions(topic=topic))
    subscriber.delete_subscription(subscription=name)

    assert ([name], [name]) == (listed, of_topic)
    assert [] == list(subscriber.list_subscriptions(project=PROJECT))
    with pytest.raises(exceptions.NotFound, match=name):
        subscriber.get_subscription(subscription=name)


def test_lists_hold_one_project_and_come_in_pages(clients):
    names = [clients.topic(f"topic-{number}") for number in range(5)]
    clients.publisher.create_topic(name="projects/other/topics/elsewhere")
    request = {"project": PROJECT, "page_size": 2}
    pages = [
        [topic.name for topic in page.topics]
        for page in clients.publisher.list_topics(request=request).pages
    ]

    assert [names[:2], names[2:4], names[4:]] == pages


def test_a_name_is_taken_once(clients):
    topic = clients.topic()
    clients.subscription(topic)

    with pytest.raises(exceptions.AlreadyExists, match=topic):
        clients.topic()
    with pytest.raises(exceptions.AlreadyExists, match="subscriptions/listener"):
        clients.subscription(topic)


@pytest.mark.parametrize(
    "topic",
    [
        "messages",
        "projects/p/topics/ab",
        "projects/p/topics/1abc",
        "projects/p/topics/google-topic",
        "projects/p/topics/a b c",
        "projects/p/subscriptions/abc",
        f"projects/p/topics/{'x' * 256}",
    ],
    ids=["bare", "short", "digit", "goog", "space", "kind", "long"],
)
def test_a_malformed_topic_name_is_refused(clients, topic):
    with pytest.raises(exceptions.InvalidArgument, match="Invalid resource name"):
        clients.publisher.create_topic(name=topic)


def test_what_a_request_names_must_exist(clients):
    topic = clients.topic()

    with pytest.raises(exceptions.NotFound, match="topics/none"):
        clients.api.publish(topic=topic_name("none"), messages=[{"data": b"x"}])
    with pytest.raises(exceptions.NotFound, match="topics/none"):
        clients.subscription(topic_name("none"))
    with pytest.raises(exceptions.NotFound, match="topics/none"):
        clients.subscription(topic, dead_letter_policy={"dead_letter_topic": topic_name("none")})
    with pytest.raises(exceptions.NotFound, match="subscriptions/none"):
        clients.pull(subscription_name("none"))


def test_a_subscription_shows_what_the_service_fills_in(clients):
    topic, dead = clients.topic(), clients.topic("dead")
    name = clients.subscription(
        topic, dead_letter_policy={"dead_letter_topic": dead}, retry_policy={}, labels={"a": "b"}
    )
    shown = clients.subscriber.get_subscription(subscription=name)

    assert types.Subscription.State.ACTIVE == shown.state
    assert 10 == shown.ack_deadline_seconds
    assert 5 == shown.dead_letter_policy.max_delivery_attempts
    assert (10, 600) == (
        shown.retry_policy.minimum_backoff.total_seconds(),
        shown.retry_policy.maximum_backoff.total_seconds(),
    )
    assert {"a": "b"} == dict(shown.labels)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"ack_deadline_seconds": 9}, "10-600 seconds, found 9"),
        ({"ack_deadline_seconds": 601}, "10-600 seconds, found 601"),
        ({"filter": "attributes.kind =="}, "filter is"),
        ({"push_config": {"push_endpoint": "functions"}}, "Invalid push endpoint"),
        ({"push_config": {"push_endpoint": "http://[::1"}}, "Invalid push endpoint"),
        ({"push_config": {"push_endpoint": "https://example.com/"}}, "pushes nowhere else"),
        (
            {"retry_policy": {"minimum_backoff": duration_pb2.Duration(seconds=601)}},
            "found 601 and 600",
        ),
        (
            {
                "dead_letter_policy": {
                    "dead_letter_topic": topic_name("messages"),
                    "max_delivery_attempts": 4,
                }
            },
            "5-100 maximum delivery attempts, found 4",
        ),
    ],
    ids=["short", "long", "filter", "bare", "broken", "remote", "backoff", "attempts"],
)
def test_settings_outside_the_limits_are_refused(clients, settings, complaint):
    topic = clients.topic()

    with pytest.raises(exceptions.InvalidArgument, match=complaint):
        clients.subscription(topic, **settings)
    assert [] == list(clients.subscriber.list_subscriptions(project=PROJECT))


def test_an_update_changes_the_named_fields_only(clients):
    name = clients.subscription(clients.topic(), ack_deadline_seconds=20, labels={"a": "b"})
    clients.subscriber.update_subscription(
        request={
            "subscription": {"name": name, "ack_deadline_seconds": 30},
            "update_mask": {"paths": ["ack_deadline_seconds"]},
        }
    )
    shown = clients.subscriber.get_subscription(subscription=name)

    assert (30, {"a": "b"}) == (shown.ack_deadline_seconds, dict(shown.labels))


@pytest.mark.parametrize(
    ("paths", "complaint"),
    [
        ([], "mask of fields"),
        (["nonsense"], "mask of fields"),
        (["filter"], "filter cannot be updated"),
        (["topic", "labels"], "topic cannot be updated"),
    ],
    ids=["empty", "unknown", "filter", "topic"],
)
def test_an_update_of_what_is_fixed_is_refused(clients, paths, complaint):
    name = clients.subscription(clients.topic())
    request = {"subscription": {"name": name}, "update_mask": {"paths": paths}}

    with pytest.raises(exceptions.InvalidArgument, match=complaint):
        clients.subscriber.update_subscription(request=request)


def test_a_topics_labels_can_be_updated(clients):
    topic = clients.topic()
    clients.publisher.update_topic(
        request={
            "topic": {"name": topic, "labels": {"a": "b"}},
            "update_mask": {"paths": ["labels"]},
        }
    )

    assert {"a": "b"} == dict(clients.publisher.get_topic(topic=topic).labels)


def test_a_subscription_outlives_its_topic_and_keeps_what_it_holds(clients):
    topic = clients.topic()
    name = clients.subscription(topic)
    clients.publish(topic, b"left over")
    clients.publisher.delete_topic(topic=topic)

    assert "_deleted-topic_" == clients.subscriber.get_subscription(subscription=name).topic
    assert [b"left over"] == [each.message.data for each in clients.pull(name)]


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ({}, "is empty"),
        ({"data": b"x" * 10_000_001}, "at most 10000000 bytes"),
        ({"attributes": {f"k{n}": "v" for n in range(101)}}, "at most 100 attributes, found 101"),
        ({"attributes": {"k" * 257: "v"}}, "1-256 bytes"),
        ({"attributes": {"": "v"}}, "1-256 bytes"),
        ({"attributes": {"googclient": "v"}}, "do not start with goog"),
        ({"attributes": {"k": "é" * 513}}, "at most 1024 bytes, found 1026"),
        ({"data": b"x", "ordering_key": "k" * 1025}, "ordering key is over 1024 bytes"),
    ],
    ids=["empty", "size", "count", "key", "no-key", "reserved", "value", "ordering-key"],
)
def test_a_message_outside_the_limits_is_refused(clients, message, complaint):
    topic = clients.topic()

    with pytest.raises(exceptions.InvalidArgument, match=complaint):
        clients.api.publish(topic=topic, messages=[message])


def test_a_publish_request_is_accepted_whole_or_not_at_all(clients):
    topic = clients.topic()
    name = clients.subscription(topic)

    with pytest.raises(exceptions.InvalidArgument, match="is empty"):
        clients.api.publish(topic=topic, messages=[{"data": b"good"}, {}])
    assert [] == clients.pull_now(name)


def test_a_publish_request_without_messages_is_refused(clients):
    topic = clients.topic()

    with pytest.raises(exceptions.InvalidArgument, match="1-1000 messages"):
        clients.api.publish(topic=topic, messages=[])


def test_what_is_not_served_says_so(clients):
    name = clients.subscription(clients.topic())

    with pytest.raises(exceptions.MethodNotImplemented):
        clients.publisher.detach_subscription(request={"subscription": name})


def test_a_taken_port_is_refused_with_its_address(tmp_path):
    with PubSubServer(tmp_path / "first") as first:
        second = PubSubServer(tmp_path / "second", first.port)

        with pytest.raises(ServerError, match=f"{first.address}: expected a free port"):
            second.start()


def test_a_server_that_is_not_started_says_so(tmp_path):
    with pytest.raises(ServerError, match="found a stopped one"):
        PubSubServer(tmp_path).backlog("projects/p/subscriptions/listener")
