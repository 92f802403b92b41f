"""The broker alone: no thread, no socket, and time is a number."""

import pytest

from tunedrop.local.pubsub.broker import Broker
from tunedrop.local.pubsub.errors import ResourceExistsError, ResourceMissingError
from tunedrop.local.pubsub.journal import Journal
from tunedrop.local.pubsub.model import Backoff, Counts, DeadLetter, Draft, Subscription, Topic

TOPIC = Topic("projects/p/topics/work")
DEAD = Topic("projects/p/topics/dead")
NAME = "projects/p/subscriptions/worker"
MORGUE = "projects/p/subscriptions/morgue"


def broker_with(journal=None, **settings):
    broker = Broker(journal or Journal(), wall=lambda: 1_700_000_000.123)
    broker.create_topic(TOPIC)
    broker.create_topic(DEAD)
    broker.create_subscription(Subscription(NAME, TOPIC.name, **settings))
    broker.create_subscription(Subscription(MORGUE, DEAD.name))
    return broker


def publish(broker, *data, **settings):
    return broker.publish(TOPIC.name, [Draft(each, **settings) for each in data])


def data_of(deliveries):
    return [each.message.data for each in deliveries]


def test_messages_are_lent_oldest_first_and_once():
    broker = broker_with()
    publish(broker, b"a", b"b", b"c")

    assert [b"a", b"b"] == data_of(broker.lease(NAME, now=0, limit=2))
    assert [b"c"] == data_of(broker.lease(NAME, now=0, limit=2))
    assert [] == broker.lease(NAME, now=0, limit=2)


def test_an_acknowledged_message_never_comes_again():
    broker = broker_with()
    publish(broker, b"a")
    (delivery,) = broker.lease(NAME, now=0)
    broker.ack(NAME, [delivery.ack_id, delivery.ack_id])
    broker.expire(now=1000)

    assert [] == broker.lease(NAME, now=1000)
    assert Counts() == broker.counts(NAME, now=1000)


def test_a_loan_ends_at_the_ack_deadline_and_the_message_comes_again():
    broker = broker_with(ack_deadline_seconds=10)
    publish(broker, b"a")
    broker.lease(NAME, now=0)

    assert 0 == broker.expire(now=9.9)
    assert [] == broker.lease(NAME, now=9.9)
    assert 1 == broker.expire(now=10)
    assert [2] == [each.attempt for each in broker.lease(NAME, now=10)]


def test_an_extended_loan_outlives_its_first_deadline():
    broker = broker_with(ack_deadline_seconds=10)
    publish(broker, b"a")
    (delivery,) = broker.lease(NAME, now=0)
    broker.modify(NAME, [delivery.ack_id], seconds=60, now=5)

    assert [0, 0, 1] == [broker.expire(now) for now in (10, 64.9, 65)]


def test_a_shortened_loan_ends_early():
    broker = broker_with(ack_deadline_seconds=600)
    publish(broker, b"a")
    (delivery,) = broker.lease(NAME, now=0)
    broker.modify(NAME, [delivery.ack_id], seconds=1, now=0)

    assert 1 == broker.expire(now=1)


def test_a_late_acknowledgement_does_not_end_the_next_loan():
    broker = broker_with()
    publish(broker, b"a")
    (late,) = broker.lease(NAME, now=0)
    broker.expire(now=10)
    (current,) = broker.lease(NAME, now=10)
    broker.ack(NAME, [late.ack_id])

    assert broker.is_leased(NAME, current.ack_id)
    assert Counts(leased=1) == broker.counts(NAME, now=10)


def test_a_refused_message_rests_for_the_doubling_back_off_up_to_its_maximum():
    broker = broker_with(backoff=Backoff(0.5, 3))
    publish(broker, b"a")
    now, rests = 0.0, []
    for _ in range(5):
        (delivery,) = broker.lease(NAME, now)
        broker.nack(NAME, [delivery.ack_id], now)
        due = broker.next_event(now)
        assert [] == broker.lease(NAME, due - 0.001)
        rests.append(due - now)
        now = due

    assert [0.5, 1, 2, 3, 3] == rests


def test_counts_tell_ready_leased_and_delayed_apart():
    broker = broker_with(backoff=Backoff(5, 5))
    publish(broker, b"a", b"b", b"c")
    first, _ = broker.lease(NAME, now=0, limit=2)
    broker.nack(NAME, [first.ack_id], now=0)

    assert Counts(ready=1, leased=1, delayed=1) == broker.counts(NAME, now=4)
    assert Counts(ready=2, leased=1, delayed=0) == broker.counts(NAME, now=5)


def test_the_last_allowed_failure_makes_a_dead_letter_that_says_where_it_comes_from():
    broker = broker_with(dead_letter=DeadLetter(DEAD.name, 5))
    publish(broker, b"poison", attributes={"k": "v"})
    attempts = []
    for now in range(5):
        (delivery,) = broker.lease(NAME, now)
        attempts.append(delivery.attempt)
        broker.nack(NAME, [delivery.ack_id], now)
    (dead,) = broker.lease(MORGUE, now=5)

    assert [1, 2, 3, 4, 5] == attempts
    assert Counts() == broker.counts(NAME, now=5)
    assert b"poison" == dead.message.data
    assert {
        "k": "v",
        "CloudPubSubDeadLetterSourceDeliveryCount": "5",
        "CloudPubSubDeadLetterSourceSubscription": "worker",
        "CloudPubSubDeadLetterSourceSubscriptionProject": "p",
        "CloudPubSubDeadLetterSourceTopicPublishTime": "2023-11-14T22:13:20.123Z",
    } == dead.message.attributes


def test_an_expired_loan_counts_as_a_failed_delivery():
    broker = broker_with(ack_deadline_seconds=10, dead_letter=DeadLetter(DEAD.name, 1))
    publish(broker, b"slow")
    broker.lease(NAME, now=0)
    broker.expire(now=10)

    assert [b"slow"] == data_of(broker.lease(MORGUE, now=10))


def test_without_its_dead_letter_topic_a_message_is_tried_on():
    broker = broker_with(dead_letter=DeadLetter(DEAD.name, 1))
    broker.delete_topic(DEAD.name)
    publish(broker, b"a")
    (delivery,) = broker.lease(NAME, now=0)
    broker.nack(NAME, [delivery.ack_id], now=0)

    assert [2] == [each.attempt for each in broker.lease(NAME, now=0)]


def test_an_ordered_subscription_lends_one_message_of_a_key_at_a_time():
    broker = broker_with(ordered=True)
    publish(broker, b"k1", b"k2", ordering_key="k")
    publish(broker, b"l1", ordering_key="l")
    publish(broker, b"free")
    first, *others = broker.lease(NAME, now=0, limit=10)
    broker.ack(NAME, [first.ack_id])

    assert [b"k1", b"l1", b"free"] == data_of([first, *others])
    assert [b"k2"] == data_of(broker.lease(NAME, now=0, limit=10))


def test_a_failing_message_holds_up_its_own_key_only():
    broker = broker_with(ordered=True, backoff=Backoff(5, 5))
    publish(broker, b"k1", b"k2", ordering_key="k")
    (first,) = broker.lease(NAME, now=0, limit=10)
    broker.nack(NAME, [first.ack_id], now=0)
    publish(broker, b"l1", ordering_key="l")

    assert [b"l1"] == data_of(broker.lease(NAME, now=4, limit=10))
    assert [b"k1"] == data_of(broker.lease(NAME, now=5, limit=10))


def test_large_messages_are_lent_in_batches_that_a_client_can_take():
    broker = broker_with()
    publish(broker, b"a" * 2_000_000, b"b" * 2_000_000, b"c" * 9_000_000, b"d")
    batches = [data_of(broker.lease(NAME, now=0, limit=10)) for _ in range(5)]

    assert [b"a", b"b", b"c", b"d", b""] == [b"".join(batch)[:1] for batch in batches]
    assert [1, 1, 1, 1, 0] == [len(batch) for batch in batches]


def test_each_subscription_has_its_own_copy_and_its_own_filter():
    broker = broker_with(filter_text='attributes.kind = "a"')
    broker.create_subscription(Subscription("projects/p/subscriptions/all", TOPIC.name))
    publish(broker, b"1", attributes={"kind": "a"})
    publish(broker, b"2", attributes={"kind": "b"})

    assert [b"1"] == data_of(broker.lease(NAME, now=0, limit=10))
    assert [b"1", b"2"] == data_of(broker.lease("projects/p/subscriptions/all", now=0, limit=10))


def test_a_subscription_gets_nothing_published_before_it_existed():
    broker = broker_with()
    publish(broker, b"early")
    broker.create_subscription(Subscription("projects/p/subscriptions/late", TOPIC.name))

    assert 0 == broker.counts("projects/p/subscriptions/late", now=0).total


def test_a_requested_duplicate_is_lent_under_identifiers_of_its_own():
    broker = broker_with()
    broker.duplicate_next(NAME, copies=3)
    publish(broker, b"a", b"b")
    deliveries = broker.lease(NAME, now=0, limit=10)

    assert [b"a", b"a", b"a", b"b"] == data_of(deliveries)
    assert 4 == len({each.ack_id for each in deliveries})


def test_a_refused_copy_does_not_bring_the_message_back():
    broker = broker_with()
    broker.duplicate_next(NAME, copies=2)
    publish(broker, b"a")
    original, copy = broker.lease(NAME, now=0, limit=10)
    broker.ack(NAME, [original.ack_id])
    broker.nack(NAME, [copy.ack_id], now=0)

    assert Counts() == broker.counts(NAME, now=0)
    assert [] == broker.lease(NAME, now=1000)


@pytest.mark.parametrize(
    "ask",
    [
        lambda broker: broker.publish("projects/p/topics/none", [Draft(b"x")]),
        lambda broker: broker.lease("projects/p/subscriptions/none", now=0),
        lambda broker: broker.ack("projects/p/subscriptions/none", []),
        lambda broker: broker.delete_topic("projects/p/topics/none"),
        lambda broker: broker.create_subscription(
            Subscription("projects/p/subscriptions/s", "projects/p/topics/none")
        ),
        lambda broker: broker.create_subscription(
            Subscription(
                "projects/p/subscriptions/s",
                TOPIC.name,
                dead_letter=DeadLetter("projects/p/topics/none", 5),
            )
        ),
    ],
    ids=["publish", "lease", "ack", "delete", "subscribe", "dead-letter"],
)
def test_what_does_not_exist_is_named(ask):
    broker = broker_with()

    with pytest.raises(ResourceMissingError, match=r"resource=projects/p/\w+/none"):
        ask(broker)


def test_a_name_is_taken_once():
    broker = broker_with()

    with pytest.raises(ResourceExistsError, match=TOPIC.name):
        broker.create_topic(TOPIC)
    with pytest.raises(ResourceExistsError, match=NAME):
        broker.create_subscription(Subscription(NAME, TOPIC.name))
