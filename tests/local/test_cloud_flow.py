"""What reaches which function of a running local cloud, and what happens when one fails or dies."""

import json

import grpc
import pytest
from google.api_core.exceptions import Forbidden
from google.cloud import aiplatform_v1

from support.cloud import message_data, recorded_cloud
from support.pubsub import clients_of, wait_until
from support.storage import storage_client
from support.vertex import code_job, code_rows, lines_of
from tunedrop.contracts import JobTick
from tunedrop.errors import UsageError
from tunedrop.local.wiring import watch_name
from tunedrop.wire import decode, event_type

NAME = 'Übung 1/50% "neu".jsonl'
ENCODED = "objects/%C3%9Cbung%201/50%25%20%22neu%22.jsonl"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    directory = tmp_path_factory.mktemp("clouds") / "cloud"
    vertex = {"seconds_per_job": 0.2}
    with recorded_cloud(directory, vertex=vertex, tick_seconds=0.5) as world:
        yield world


def test_a_finalized_object_reaches_the_validator_as_eventarc_sends_it(world):
    world.upload(NAME)

    (note,) = world.wait_for("on_finalized", "neu")
    blob = storage_client(world.cloud.storage.url).bucket("tunedrop-intake").get_blob(NAME)
    expected = {
        "specversion": "1.0",
        "type": "google.cloud.storage.object.v1.finalized",
        "source": "//storage.googleapis.com/projects/_/buckets/tunedrop-intake",
        "subject": ENCODED,
        "bucket": "tunedrop-intake",
    }
    assert expected.items() <= note["attributes"].items()
    assert note["attributes"]["id"].isdigit()
    assert (NAME, str(blob.generation)) == (note["data"]["name"], note["data"]["generation"])


def test_a_finalized_object_that_was_taken_is_not_announced_again(world):
    world.upload("once.jsonl")
    world.wait_for("on_finalized", "once.jsonl")
    wait_until(lambda: not world.cloud.storage.store.pending_events(), "an empty outbox")

    assert len(world.received("on_finalized", "once.jsonl")) == 1


@pytest.mark.parametrize("role", ["work", "ledger", "state", "reports"])
def test_objects_of_other_buckets_are_not_announced(world, role):
    world.upload(f"inner-{role}.json", bucket=f"tunedrop-{role}")
    world.upload(f"after-{role}.jsonl")
    world.wait_for("on_finalized", f"after-{role}.jsonl")

    assert world.received("on_finalized", f"inner-{role}.json") == []


def test_nothing_in_the_ledger_can_be_overwritten(world):
    world.upload("record.json", bucket="tunedrop-ledger")

    with pytest.raises(Forbidden):
        world.upload("record.json", bucket="tunedrop-ledger")


def test_an_event_that_fails_comes_again_with_its_id_until_it_is_taken(world):
    with world.failing("on_finalized", "stubborn.jsonl"):
        world.upload("stubborn.jsonl")
        failures = world.wait_for("on_finalized", "stubborn.jsonl", count=2, failed=True)
    (taken,) = world.wait_for("on_finalized", "stubborn.jsonl")

    ids = {note["attributes"]["id"] for note in (*failures, taken)}
    assert len(ids) == 1


def test_events_that_fail_hold_up_no_other(world):
    with world.failing("on_finalized", "poison-"):
        for number in range(10):
            world.upload(f"poison-{number}.jsonl")
        world.wait_for("on_finalized", "poison-", count=10, failed=True)
        world.upload("healthy.jsonl")

        assert len(world.wait_for("on_finalized", "healthy.jsonl")) == 1


@pytest.mark.parametrize(
    ("role", "target"),
    [
        ("requests", "on_request"),
        ("launches", "on_launch"),
        ("job-events", "on_job_event"),
        ("control", "on_control"),
    ],
)
def test_each_topic_reaches_its_own_function(world, role, target):
    targets = {"on_request", "on_launch", "on_job_event", "on_control"}
    world.publish(role, f"for {role} alone".encode(), mark=f"mark-{role}")

    (note,) = world.wait_for(target, f"mark-{role}")
    assert message_data(note) == f"for {role} alone".encode()
    topic = f"//pubsub.googleapis.com/projects/local-project/topics/tunedrop-{role}"
    assert note["attributes"]["source"] == topic
    assert [t for t in targets if world.received(t, f"mark-{role}")] == [target]


def test_a_tick_is_a_job_tick_of_the_contract(world):
    kind = event_type(JobTick)
    note = world.wait_for("on_job_event", kind)[0]

    assert decode(JobTick, message_data(note)) == JobTick(kind="sweep")
    assert note["data"]["message"]["attributes"]["ce-type"] == kind


def test_a_job_log_entry_arrives_as_the_log_sink_publishes_it(world):
    rows = b"\n".join(lines_of(code_rows()))
    world.upload("rows.jsonl", bucket="tunedrop-work", content=rows)
    job = code_job(project="local-project", dataset_uri="gs://tunedrop-work/rows.jsonl")
    job["runtime_config"]["gcs_output_directory"] = "gs://tunedrop-work/out"
    create_job(world.cloud, job, "job-of-the-log")

    wait_until(lambda: "PIPELINE_STATE_SUCCEEDED" in states_of(world, "job-of-the-log"), "the end")

    assert len(states_of(world, "job-of-the-log")) == len(set(states_of(world, "job-of-the-log")))


def create_job(cloud, job, job_id):
    address = f"127.0.0.1:{cloud.ports['vertex']}"
    with grpc.insecure_channel(address) as channel:
        service = aiplatform_v1.PipelineServiceClient
        client = service(transport=service.get_transport_class("grpc")(channel=channel))
        client.create_pipeline_job(
            parent="projects/local-project/locations/us-central1",
            pipeline_job=job,
            pipeline_job_id=job_id,
            timeout=30,
        )


def states_of(world, job_id):
    entries = [
        json.loads(message_data(note))
        for note in world.received("on_job_event", "logging.googleapis.com/timestamp")
    ]
    return [
        entry["jsonPayload"]["state"]
        for entry in entries
        if entry["resource"]["labels"]["pipeline_job_id"] == job_id
    ]


def test_facts_can_be_followed(world):
    world.publish("events", b"a fact")

    with clients_of(world.cloud.pubsub.address) as clients:
        (received,) = clients.pull(watch_name(world.cloud.settings, "events"))
    assert received.message.data == b"a fact"


def test_a_killed_function_comes_back_on_its_port_and_gets_what_it_missed(world):
    world.upload("earlier.jsonl")
    before = world.wait_for("on_finalized", "earlier.jsonl")[0]["process"]
    port = world.cloud.ports["validator-finalized"]
    with world.cloud.restarts_paused():
        world.cloud.kill("validator")
        world.upload("meanwhile.jsonl")
        world.publish("requests", b"", mark="sent-meanwhile")
        is_running = {
            process.name: process.is_running()
            for process in world.cloud.functions
            if process.launch.entry_point.function == "validator"
        }

    assert is_running == {"validator-finalized": False, "validator-requests": False}
    (note,) = world.wait_for("on_finalized", "meanwhile.jsonl")
    assert note["process"] != before
    assert world.cloud.ports["validator-finalized"] == port
    assert len(world.wait_for("on_request", "sent-meanwhile")) == 1


def test_a_function_can_be_started_again_while_restarts_are_paused(world):
    with world.cloud.restarts_paused():
        world.cloud.kill("launcher")
        world.cloud.restart("launcher")
        world.publish("launches", b"", mark="after-restart")

        assert len(world.wait_for("on_launch", "after-restart")) == 1


def test_killing_what_is_not_there_names_what_is(world):
    with pytest.raises(UsageError, match="status-control"):
        world.cloud.kill("lancher")
