"""The relays of the local cloud against an endpoint that records, without any function."""

import threading

import pytest

from support.pubsub import Endpoint, wait_until
from support.storage import running_storage, storage_client
from tunedrop.contracts import JobTick
from tunedrop.local.finalize import FinalizeRelay
from tunedrop.local.relays import Ticker, log_sink


class World:
    """A storage server whose intake bucket is relayed to an endpoint."""

    def __init__(self, server, bell):
        self.server = server
        self.bell = bell
        self.client = storage_client(server.url)
        self.endpoint = Endpoint()
        self.relay = self.make_relay()

    def make_relay(self):
        return FinalizeRelay(
            self.server.store, bucket="intake", port=self.endpoint.port, bell=self.bell
        )

    def upload(self, bucket, *names):
        for name in names:
            self.client.bucket(bucket).blob(name).upload_from_string(b"{}")

    def posted(self):
        return [request.json["name"] for request in self.endpoint.requests]

    def wait_delivered(self):
        wait_until(lambda: not self.server.store.pending_events(), "an empty outbox")


@pytest.fixture
def world(tmp_path):
    bell = threading.Event()
    options = {"buckets": ("intake", "work"), "on_event": lambda *_: bell.set()}
    with running_storage(tmp_path, **options) as server:
        world = World(server, bell)
        with world.endpoint:
            yield world
            world.relay.stop()
        world.client.close()


def test_more_foreign_events_than_are_read_at_once_hold_up_no_object(world):
    world.upload("work", *(f"staged-{number}" for number in range(120)))
    world.upload("intake", "mine.jsonl")
    world.relay.start()
    world.wait_delivered()

    assert world.posted() == ["mine.jsonl"]


def test_only_a_finalized_object_is_announced(world):
    world.relay.start()
    world.upload("intake", "a.jsonl")
    blob = world.client.bucket("intake").blob("a.jsonl")
    blob.metadata = {"key": "value"}
    blob.patch()
    blob.delete()
    world.wait_delivered()

    assert world.posted() == ["a.jsonl"]


def test_several_events_are_under_way_at_once(world):
    world.endpoint.hold.clear()
    world.relay.start()
    world.upload("intake", "a.jsonl", "b.jsonl", "c.jsonl")
    world.endpoint.wait_for(3)
    pending = len(world.server.store.pending_events())
    world.endpoint.hold.set()
    world.wait_delivered()

    assert (pending, sorted(world.posted())) == (3, ["a.jsonl", "b.jsonl", "c.jsonl"])


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_every_answer_but_success_brings_the_event_again(world, status):
    world.endpoint.answers = [status, status]
    world.relay.start()
    world.upload("intake", "a.jsonl")
    world.wait_delivered()

    headers = [request.headers["ce-id"] for request in world.endpoint.requests]
    assert (len(headers), len(set(headers))) == (3, 1)


def test_an_event_under_way_when_the_relay_stops_comes_again(world):
    world.endpoint.hold.clear()
    world.relay.start()
    world.upload("intake", "a.jsonl")
    world.endpoint.wait_for(1)
    world.relay.stop()
    world.endpoint.hold.set()
    world.relay = world.make_relay()
    world.relay.start()
    world.wait_delivered()

    assert world.posted() == ["a.jsonl", "a.jsonl"]


class RecordingPost:
    """Notes what is sent, failing as often as told."""

    def __init__(self, failures=0):
        self.failures = failures
        self.sent = []

    def send(self, message, *, event_id):
        if self.failures:
            self.failures -= 1
            raise ConnectionError("told to fail")
        self.sent.append((message, event_id))


def test_ticks_go_on_after_one_could_not_be_sent():
    post = RecordingPost(failures=1)
    ticker = Ticker(post, interval_seconds=0.01, is_behind=lambda: False)
    ticker.start()
    wait_until(lambda: len(post.sent) >= 2, "two ticks")
    ticker.stop()

    messages, ids = zip(*post.sent, strict=True)
    assert set(messages) == {JobTick(kind="sweep")}
    assert len(set(ids)) == len(ids)


def test_no_tick_is_added_while_earlier_ones_wait():
    post = RecordingPost()
    asked = []
    ticker = Ticker(post, interval_seconds=0.01, is_behind=lambda: not asked.append(1))
    ticker.start()
    wait_until(lambda: len(asked) >= 3, "three chances to tick")
    ticker.stop()

    assert post.sent == []


def test_a_log_entry_is_published_with_its_time():
    published = []

    class Publisher:
        def publish(self, topic, data, attributes):
            published.append((topic, data, attributes))

    log_sink(Publisher(), "projects/p/topics/t")({"timestamp": "2026-01-01T00:00:00Z"})

    attributes = {"logging.googleapis.com/timestamp": "2026-01-01T00:00:00Z"}
    data = b'{"timestamp": "2026-01-01T00:00:00Z"}'
    assert published == [("projects/p/topics/t", data, attributes)]
