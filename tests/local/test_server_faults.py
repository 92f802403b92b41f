"""Faults at a rate in the three local servers: off until a test asks, drawn from a seed, met by the vendors' clients."""

import pytest
import requests
from google.api_core import exceptions

from support.pubsub import Endpoint, clients_of, wait_until
from support.storage import running_storage, storage_client
from support.vertex import PARENT, running_vertex, tuning_job
from tunedrop.local.pubsub import PubSubServer
from tunedrop.local.pubsub.faults import Mishap, RandomMishaps
from tunedrop.local.storage.faults import DropAfterApply, FailNext
from tunedrop.local.storage.faults import RandomFaults as StorageFaults
from tunedrop.local.vertex.faults import RandomFaults as VertexFaults
from tunedrop.local.vertex.script import Rule, Subject

ASKED = 2000
SUBJECT = Subject("CreateTuningJob")


def drawn(source, *asked):
    return [source(*asked) for _ in range(ASKED)]


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        (lambda seed: StorageFaults(seed, failing=0.2, dropping=0.1), [None]),
        (
            lambda seed: RandomMishaps(
                seed, duplicating=0.2, delaying=0.1, longest_delay_seconds=2
            ),
            [None, None],
        ),
        (lambda seed: VertexFaults(seed, over_quota=0.2, unavailable=0.1, losing=0.1), [SUBJECT]),
    ],
)
def test_equal_seeds_draw_equal_faults_and_others_do_not(source, asked):
    assert drawn(source(1), *asked) == drawn(source(1), *asked) != drawn(source(2), *asked)


def test_storage_faults_come_at_their_rates():
    found = drawn(StorageFaults(1, failing=0.2, dropping=0.1), None)

    assert 300 < sum(isinstance(fault, FailNext) for fault in found) < 500
    assert 120 < sum(isinstance(fault, DropAfterApply) for fault in found) < 280
    assert [None] * ASKED == drawn(StorageFaults(1, failing=0, dropping=0), None)


def test_a_storage_fault_is_met_only_by_what_matches():
    source = StorageFaults(1, failing=1, dropping=0, match=lambda request: "mine" == request)

    assert (None, FailNext()) == (source("another"), source("mine"))


def test_mishaps_come_at_their_rates_and_no_delay_is_longer_than_said():
    source = RandomMishaps(1, duplicating=0.2, delaying=0.1, longest_delay_seconds=2)
    found = drawn(source, None, None)

    assert 300 < sum(mishap.copies for mishap in found) < 500
    assert 120 < sum(mishap.delay_seconds > 0 for mishap in found) < 280
    assert 1 < max(mishap.delay_seconds for mishap in found) < 2


def test_failures_of_the_stand_in_come_at_their_rates():
    found = drawn(VertexFaults(1, over_quota=0.2, unavailable=0.1, losing=0.1), SUBJECT)
    codes = [rule.code if rule.act == "refuse" else rule.act for rule in found if rule]

    assert 300 < codes.count("RESOURCE_EXHAUSTED") < 500
    assert 120 < codes.count("UNAVAILABLE") < 280
    assert 120 < codes.count("lose_response") < 280


def test_a_storage_client_goes_on_once_the_source_is_gone(tmp_path):
    with running_storage(tmp_path, buckets=["work"]) as server:
        client = storage_client(server.url)
        blob = client.bucket("work").blob("x")
        server.faults.draw_from(StorageFaults(1, failing=1, dropping=0))
        with pytest.raises(exceptions.ServiceUnavailable):
            blob.upload_from_string(b"1", retry=None)
        server.faults.draw_from(StorageFaults(1, failing=0, dropping=1))
        with pytest.raises(requests.exceptions.ConnectionError):
            blob.upload_from_string(b"2", retry=None)
        server.faults.draw_from(None)

        assert b"2" == blob.download_as_bytes()
        client.close()


def test_a_doubled_push_goes_out_twice_and_is_acknowledged_once(tmp_path):
    with (
        PubSubServer(tmp_path) as server,
        clients_of(server.address) as clients,
        Endpoint() as endpoint,
    ):
        topic = clients.topic()
        name = clients.subscription(topic, push_config={"push_endpoint": endpoint.url()})
        server.faults.draw_from(lambda *_: Mishap(delay_seconds=0.05, copies=1))
        clients.publish(topic, b"x")
        wait_until(lambda: 0 == server.backlog(name).total, "the acknowledgement")
        server.faults.draw_from(None)
        clients.publish(topic, b"y")
        endpoint.wait_for(3)
        wait_until(lambda: 0 == server.backlog(name).total, "the second one")

    assert 3 == len(endpoint.requests)


def test_stopping_waits_for_no_delayed_push(tmp_path):
    with (
        Endpoint() as endpoint,
        PubSubServer(tmp_path) as server,
        clients_of(server.address) as clients,
    ):
        topic = clients.topic()
        clients.subscription(topic, push_config={"push_endpoint": endpoint.url()})
        delayed = []
        server.faults.draw_from(lambda *_: delayed.append(1) or Mishap(delay_seconds=3600))
        clients.publish(topic, b"x")
        wait_until(lambda: delayed, "a delayed push")
        server.stop()

        assert 1 == len(endpoint.wait_for(1))


@pytest.mark.parametrize(
    ("shares", "error", "kept"),
    [
        ((1, 0, 0), exceptions.ResourceExhausted, 0),
        ((0, 1, 0), exceptions.ServiceUnavailable, 0),
        ((0, 0, 1), exceptions.ServiceUnavailable, 1),
    ],
)
def test_a_create_call_meets_what_was_drawn_and_a_rule_of_the_script_comes_first(
    tmp_path, shares, error, kept
):
    over_quota, unavailable, losing = shares
    with running_vertex(tmp_path, concurrency=3) as world:
        source = VertexFaults(1, over_quota=over_quota, unavailable=unavailable, losing=losing)
        world.server.faults.draw_from(source)
        world.server.script(Rule("stuck", method="CreateTuningJob"))
        world.grpc.create_tuning_job(tuning_job())
        with pytest.raises(error):
            world.grpc.create_tuning_job(tuning_job())
        world.server.faults.draw_from(None)

        listed = world.grpc.tuning.list_tuning_jobs(parent=PARENT, timeout=20)
        assert 1 + kept == len(list(listed))
