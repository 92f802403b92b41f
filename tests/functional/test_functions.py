"""The real `main.py` of each function under the real framework: what it answers, and what it leaves on record."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from functions_framework import create_app

from support.world import World
from tunedrop import bootstrap
from tunedrop.errors import UpstreamUnavailableError

FUNCTIONS = Path(__file__).parents[2] / "functions"
ROWS = "".join(
    json.dumps({"input_text": f"question {n}", "output_text": f"answer {n}"}) + "\n"
    for n in range(20)
)
CODE_RECIPE = 'base_model = "code-bison@002"\n'
PART = "gcloud/tmp/parallel_composite_uploads/see_gcloud_storage_cp_help_for_details/1"


@pytest.fixture
def world():
    world = World()
    bootstrap.using(world.services, world.vertex)
    return world


def post_finalized(info, **changes):
    client = create_app(
        "on_finalized", str(FUNCTIONS / "validator" / "main.py"), "cloudevent"
    ).test_client()
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "event-1",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{info.bucket}",
        "ce-subject": "objects/x",
        "Content-Type": "application/json",
    }
    data = {"bucket": info.bucket, "name": info.name, "generation": str(info.generation), **changes}
    return client.post("/", headers=headers, data=json.dumps(data))


def push(function, target, body, message_id="m1", encoded=None):
    """A raw Pub/Sub push, as a subscription of our own sends it."""
    client = create_app(target, str(FUNCTIONS / function / "main.py"), "cloudevent").test_client()
    data = base64.b64encode(body).decode() if encoded is None else encoded
    message = {"messageId": message_id, "attributes": {}, "data": data}
    envelope = {"subscription": "projects/p/subscriptions/s", "message": message}
    return client.post("/projects/p/topics/t?pubsub_trigger=true", json=envelope)


@pytest.mark.parametrize(
    ("name", "data", "code", "waits"),
    [
        ("x.jsonl", b"{}\n" * 20, "rejected", ""),
        ("x.jsonl", b"", "rejected", ""),
        ("bot/.keep", b"", "ignored_placeholder", ""),
        ("dir/", b"", "ignored_placeholder", ""),
        (PART, b"part", "ignored_upload_part", ""),
        ("bot/x.jsonl", ROWS.encode(), "waiting_for_recipe", ".waiting_for_recipe"),
        ("bot/recipe.toml", b'base_modell = "code-bison@002"\n', "recipe_rejected", ""),
    ],
    ids=[
        "bad-file",
        "empty-file",
        "keep",
        "zero-byte-folder",
        "composite-part",
        "no-recipe",
        "misspelt-recipe",
    ],
)
def test_each_kind_of_object_is_acknowledged_with_a_receipt_and_launches_nothing(
    world, name, data, code, waits
):
    info = world.store.put("test-intake", name, data)

    response = post_finalized(info)

    (path,) = world.store.names("test-ledger", "drops/")
    assert (200, code) == (response.status_code, world.record(path)["outcome"])
    assert path.endswith(f"/{info.generation}{waits}.json")
    assert [] == world.pipelines.created == world.tunings.created


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (
            json.dumps({"dataset_uri": "gs://test-intake/x.jsonl", "recipy": "bot"}).encode(),
            "message_invalid",
        ),
        (b"not json", "message_invalid"),
        (b"", "message_invalid"),
        (b"\xff\xfe{", "message_invalid"),
        (
            json.dumps({"dataset_uri": "gs://elsewhere-bucket/x.jsonl"}).encode(),
            "bucket_not_allowed",
        ),
    ],
    ids=["misspelt-key", "not-json", "empty", "utf-16", "foreign-bucket"],
)
def test_each_unusable_request_is_acknowledged_with_a_record_and_launches_nothing(
    world, data, code
):
    response = push("validator", "on_request", data)

    assert (200, code) == (response.status_code, world.record("messages/requests/m1.json")["code"])
    assert [] == world.pipelines.created == world.tunings.created


def test_a_push_whose_data_is_not_base64_is_acknowledged_with_a_record(world):
    response = push("validator", "on_request", b"", encoded="%%%")

    assert (200, "malformed_event") == (
        response.status_code,
        world.record("messages/requests/m1.json")["code"],
    )


def test_an_event_of_a_foreign_bucket_is_acknowledged_with_a_record(world):
    info = world.store.put("test-intake", "x.jsonl", ROWS)

    response = post_finalized(info, bucket="other-bucket")

    assert (200, "foreign_bucket") == (
        response.status_code,
        world.record("messages/finalized/event-1.json")["code"],
    )


def test_a_good_dataset_goes_through_all_three_functions(world):
    info = world.store.put("test-intake", "x.jsonl", ROWS)
    statuses = [post_finalized(info).status_code]
    statuses.append(
        push("launcher", "on_launch", world.publisher.bodies("launch-requested")[0]).status_code
    )
    endpoint = "projects/test-project/locations/us-central1/endpoints/8"
    world.pipelines.end(
        "PIPELINE_STATE_SUCCEEDED",
        tuned_model=endpoint.replace("endpoints", "models"),
        endpoint=endpoint,
    )
    statuses.append(push("status", "on_job_event", b'{"kind": "sweep"}').status_code)

    assert [200, 200, 200] == statuses
    assert [
        "dataset-accepted",
        "launch-requested",
        "run-launched",
        "run-succeeded",
        "model-registered",
        "model-kept",
    ] == world.publisher.kinds()


def test_the_same_event_five_times_makes_one_job(world):
    info = world.store.put("test-intake", "x.jsonl", ROWS)
    for _ in range(5):
        post_finalized(info)
    for body in world.publisher.bodies("launch-requested") * 5:
        push("launcher", "on_launch", body)

    assert 1 == len(world.pipelines.created)


def test_what_may_succeed_later_is_answered_500_without_any_content(world, caplog, capfd):
    def unavailable(*_, **__):
        raise UpstreamUnavailableError("gs://test-intake/secret-name.jsonl: 503")

    world.store.stat = unavailable
    info = world.store.put("test-intake", "x.jsonl", ROWS)

    response = post_finalized(info)

    assert 500 == response.status_code
    assert b"secret" not in response.data
    assert "question 1" not in caplog.text + "".join(capfd.readouterr())


def test_a_bug_is_answered_500_and_printed_without_its_text(world, capfd):
    def broken(*_, **__):
        raise RuntimeError(f"text of row {info.size_bytes}")

    info = world.store.put("test-intake", "x.jsonl", ROWS)
    world.store.stat = broken

    assert 500 == post_finalized(info).status_code
    assert f"text of row {info.size_bytes}" not in "".join(capfd.readouterr())


def test_a_control_message_is_carried_out_once(world):
    response = push(
        "status", "on_control", b'{"action": "cancel", "run_id": "none-0123456789abcdef"}'
    )

    assert (200, "unknown_run") == (
        response.status_code,
        world.record("messages/control/m1.json")["code"],
    )


@pytest.mark.parametrize(
    ("function", "forbidden"),
    [
        (
            "validator",
            [
                "google.cloud.aiplatform",
                "google.cloud.aiplatform_v1",
                "google.cloud.pubsub_v1",
                "vertexai",
                "rich",
                "tunedrop.local",
                "tunedrop.cli",
            ],
        ),
        (
            "launcher",
            [
                "google.cloud.aiplatform.jobs",
                "google.cloud.pubsub_v1",
                "vertexai",
                "rich",
                "tunedrop.local",
                "tunedrop.cli",
            ],
        ),
        (
            "status",
            [
                "google.cloud.aiplatform.jobs",
                "google.cloud.pubsub_v1",
                "vertexai",
                "rich",
                "tunedrop.local",
                "tunedrop.cli",
            ],
        ),
    ],
)
def test_a_function_imports_only_what_it_needs(function, forbidden):
    """Cold starts are paid at every scale-up; one eager SDK import multiplies them."""
    script = (
        "import importlib.util, sys; "
        f"spec = importlib.util.spec_from_file_location('main', {str(FUNCTIONS / function / 'main.py')!r}); "
        "spec.loader.exec_module(importlib.util.module_from_spec(spec)); "
        "from tunedrop.adapters import gcs, pubsub; from tunedrop.handlers import receive; "
        f"print([name for name in {forbidden!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert "[]" == done.stdout.strip()
