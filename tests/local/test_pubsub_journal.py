"""What a restart finds: the broker over a journal that was left behind."""

import sqlite3

import pytest

from tunedrop.local.pubsub.broker import Broker
from tunedrop.local.pubsub.errors import ServerError
from tunedrop.local.pubsub.journal import FILE_NAME, Journal
from tunedrop.local.pubsub.model import Counts, DeadLetter, Draft, Subscription, Topic

TOPIC = Topic("projects/p/topics/work")
DEAD = Topic("projects/p/topics/dead")
NAME = "projects/p/subscriptions/worker"
MORGUE = "projects/p/subscriptions/morgue"
WORKER = Subscription(NAME, TOPIC.name, dead_letter=DeadLetter(DEAD.name, 3), ordered=True)


def reopened(directory):
    broker = Broker(Journal(directory))
    broker.restore([TOPIC, DEAD], [WORKER, Subscription(MORGUE, DEAD.name)])
    return broker


@pytest.fixture
def left_behind(tmp_path):
    """Return a function that works on a fresh broker and leaves its journal behind."""

    def leave(work):
        journal = Journal(tmp_path)
        broker = Broker(journal)
        for topic in (TOPIC, DEAD):
            broker.create_topic(topic)
        for subscription in (WORKER, Subscription(MORGUE, DEAD.name)):
            broker.create_subscription(subscription)
        work(broker)
        journal.close()
        return reopened(tmp_path)

    return leave


def publish(broker, *data, key=""):
    return broker.publish(TOPIC.name, [Draft(each, {"k": "v"}, key) for each in data])


def test_unacknowledged_messages_come_back_whole_and_in_order(left_behind):
    ids = []
    broker = left_behind(lambda broker: ids.extend(publish(broker, b"a", b"\x00\xff", b"c")))
    deliveries = broker.lease(NAME, now=0, limit=10)

    assert [b"a", b"\x00\xff", b"c"] == [each.message.data for each in deliveries]
    assert ids == [each.message.message_id for each in deliveries]
    assert [{"k": "v"}] * 3 == [each.message.attributes for each in deliveries]


def test_an_acknowledged_message_stays_acknowledged(left_behind):
    def work(broker):
        publish(broker, b"a", b"b")
        (delivery,) = broker.lease(NAME, now=0)
        broker.ack(NAME, [delivery.ack_id])

    broker = left_behind(work)

    assert [b"b"] == [each.message.data for each in broker.lease(NAME, now=0, limit=10)]


def test_a_loan_that_the_end_cut_short_counts_as_a_delivery(left_behind):
    def work(broker):
        publish(broker, b"a")
        broker.lease(NAME, now=0)

    broker = left_behind(work)

    assert Counts(ready=1) == broker.counts(NAME, now=0)
    assert [2] == [each.attempt for each in broker.lease(NAME, now=0)]


def test_a_last_delivery_that_the_end_cut_short_is_a_dead_letter(left_behind):
    def work(broker):
        publish(broker, b"a")
        for now in range(3):
            (delivery,) = broker.lease(NAME, now)
            if delivery.attempt < 3:
                broker.nack(NAME, [delivery.ack_id], now)

    broker = left_behind(work)

    assert Counts() == broker.counts(NAME, now=0)
    assert Counts(ready=1) == broker.counts(MORGUE, now=0)


def test_ordering_keys_hold_over_a_restart(left_behind):
    broker = left_behind(lambda broker: publish(broker, b"1", b"2", key="k"))

    assert [b"1"] == [each.message.data for each in broker.lease(NAME, now=0, limit=10)]


def test_identifiers_go_on_where_they_ended_even_if_nobody_kept_the_messages(tmp_path):
    journal = Journal(tmp_path)
    broker = Broker(journal)
    broker.create_topic(TOPIC)
    (before,) = publish(broker, b"nobody listens")
    journal.close()
    broker = Broker(Journal(tmp_path))
    broker.restore([TOPIC], [])

    assert [before + 1] == publish(broker, b"a")


def test_the_last_subscription_to_let_go_takes_the_message_out_of_the_file(tmp_path):
    journal = Journal(tmp_path)
    broker = Broker(journal)
    broker.create_topic(TOPIC)
    for name in (NAME, MORGUE):
        broker.create_subscription(Subscription(name, TOPIC.name))
    publish(broker, b"a")
    (delivery,) = broker.lease(NAME, now=0)
    broker.ack(NAME, [delivery.ack_id])
    still_held = [name for name, _, _ in journal.deliveries()]
    broker.delete_subscription(MORGUE)
    journal.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        rows = db.execute("SELECT count(*) FROM message").fetchone()
    db.close()

    assert [MORGUE] == still_held
    assert (0,) == rows


def test_a_transaction_that_fails_leaves_nothing(tmp_path):
    journal = Journal(tmp_path)
    with pytest.raises(ZeroDivisionError), journal.transaction():  # noqa: PT012 — the block is the subject
        journal.save_topic("projects/p/topics/half", b"")
        raise ZeroDivisionError

    assert [] == journal.resources("topic")


def test_a_directory_serves_one_journal_at_a_time(tmp_path):
    journal = Journal(tmp_path)

    with pytest.raises(ServerError, match="locked; stop the server that uses it"):
        Journal(tmp_path)
    journal.close()
    Journal(tmp_path).close()


def test_a_file_that_is_no_journal_is_refused_by_name(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"not a database at all" * 100)

    with pytest.raises(ServerError, match=rf"{FILE_NAME}.*not a database"):
        Journal(tmp_path)


def test_a_journal_of_another_version_is_refused(tmp_path):
    journal = Journal(tmp_path)
    journal._db.execute("PRAGMA user_version = 99")
    journal.close()

    with pytest.raises(ServerError, match="expected journal version 1, found 99"):
        Journal(tmp_path)
