"""The main job, whole: real functions, real clients, real sockets; a dropped file becomes a model that answers."""

import json
import shutil
import subprocess

import grpc
import pytest
import requests
from google.cloud import aiplatform_v1
from google.cloud.pubsub_v1 import PublisherClient

from support.drops import EXAMPLES, PATIENCE_SECONDS, Drops
from support.pubsub import wait_until
from support.storage import storage_client
from tunedrop.domain.formats import Format, answer_of, predict_instance, question_of, read_example
from tunedrop.domain.runs import RunState
from tunedrop.local.cloud import LocalCloud
from tunedrop.local.deployment import Options


@pytest.fixture(scope="module")
def drops(tmp_path_factory):
    options = Options(vertex={"seconds_per_job": 1.0, "concurrency": 5}, tick_seconds=0.5)
    with LocalCloud(tmp_path_factory.mktemp("main") / "cloud", options) as cloud:
        yield Drops(cloud)


@pytest.mark.parametrize(
    ("example", "dataset_format"),
    [
        ("tide-code", Format.CODE_GENERATION),
        ("tide-chat", Format.CODE_CHAT),
        ("tide-gemini", Format.GEMINI),
    ],
)
def test_a_dropped_example_becomes_a_model_that_answers_with_its_rows(
    drops, example, dataset_format
):
    drops.upload_example(example)
    run = drops.registered(example)

    endpoint = run.newest(RunState.REGISTERED).detail["endpoint"]
    lines = (EXAMPLES / example / "train.jsonl").read_bytes().splitlines()
    rows = [read_example(line, dataset_format) for line in lines]
    asked = [rows[0], rows[len(rows) // 2], rows[-1]]
    answers = [
        drops.vertex.predictor.ask(
            endpoint,
            predict_instance(question_of(row), dataset_format),
            dataset_format=dataset_format,
        )
        for row in asked
    ]
    assert [answer_of(row) for row in asked] == answers


def test_the_launched_code_body_is_the_source_documents_corrected_one(drops):
    drops.upload_example("tide-code", folder="body-code")
    run = drops.registered("body-code")

    (body,) = drops.bodies_of(run)
    digest, evaluation = (run.accepted[part]["digest"] for part in ("training", "evaluation"))
    job_id = f"tunedrop-{run.run_id}-a1"
    assert {
        "displayName": job_id,
        "labels": {
            "tunedrop-deployment": "tunedrop",
            "tunedrop-run": run.run_id,
            "tunedrop-attempt": "1",
        },
        "runtimeConfig": {
            "gcsOutputDirectory": f"gs://tunedrop-work/pipelines/{run.run_id}",
            "parameterValues": {
                "project": "local-project",
                "location": "us-central1",
                "model_display_name": f"{run.run_id}-a1",
                "large_model_reference": "code-bison@002",
                "dataset_uri": f"gs://tunedrop-work/staged/{digest}.jsonl",
                "evaluation_data_uri": f"gs://tunedrop-work/staged/{evaluation}.jsonl",
                "evaluation_interval": 10,
                "enable_early_stopping": True,
                "enable_checkpoint_selection": "default",
                "accelerator_type": "GPU",
                "train_steps": 20,
                "learning_rate_multiplier": 1,
            },
        },
        "templateUri": "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines/tune-large-model/v3.0.0",
    } == body
    assert job_id == run.newest(RunState.LAUNCHED).detail["job_name"].rpartition("/")[2]


def test_a_request_from_a_plain_client_starts_a_run_with_its_options(drops, monkeypatch):
    drops.upload("requested", "x.jsonl", (EXAMPLES / "tide-gemini" / "train.jsonl").read_bytes())
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", drops.cloud.pubsub.address)
    message = {
        "dataset_uri": f"gs://{drops.settings.intake_bucket}/requested/x.jsonl",
        "recipe": "by-request",
        "inline_recipe": {"base_model": "gemini-3.5-flash", "tuning": {"epochs": 2}},
        "overrides": {"tuning.adapter_size": 8},
        "requester": "nightly-export",
        "correlation_id": "order-7",
    }
    PublisherClient().publish(
        drops.settings.topic("requests"), json.dumps(message).encode()
    ).result(timeout=20)
    run = drops.registered("by-request")

    (body,) = drops.bodies_of(run)
    assert {"epochCount": "2", "adapterSize": "ADAPTER_SIZE_EIGHT"} == body["supervisedTuningSpec"][
        "hyperParameters"
    ]
    assert ("nightly-export", "order-7") == (
        run.accepted["asked"]["requester"],
        run.accepted["asked"]["correlation_id"],
    )


def test_the_vendors_own_clients_see_the_job_and_the_model(drops):
    drops.upload_example("tide-code", folder="listed")
    run = drops.registered("listed")
    parent = "projects/local-project/locations/us-central1"
    with grpc.insecure_channel(f"127.0.0.1:{drops.cloud.vertex.grpc_port}") as channel:

        def client(cls):
            return cls(transport=cls.get_transport_class("grpc")(channel=channel))

        jobs = client(aiplatform_v1.PipelineServiceClient).list_pipeline_jobs(
            parent=parent, timeout=20
        )
        models = client(aiplatform_v1.ModelServiceClient).list_models(
            request={"parent": parent, "filter": f'labels.tunedrop-run="{run.run_id}"'}, timeout=20
        )
        listed = [job.name for job in jobs], [model.name.partition("@")[0] for model in models]

    assert run.newest(RunState.LAUNCHED).detail["job_name"] in listed[0]
    assert [run.newest(RunState.REGISTERED).detail["tuned_model"].partition("@")[0]] == listed[1]


def test_one_event_five_times_and_the_same_bytes_under_two_names_are_one_job(drops):
    recipe = (EXAMPLES / "tide-chat" / "recipe.toml").read_bytes()
    rows = (EXAMPLES / "tide-chat" / "train.jsonl").read_bytes()
    drops.upload("repeated", "recipe.toml", recipe)
    drops.upload("repeated", "one.jsonl", rows)
    drops.upload("repeated", "two.jsonl", rows)
    info = drops.services.store.stat(drops.settings.intake_bucket, "repeated/one.jsonl")
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "77",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{info.bucket}",
        "Content-Type": "application/json",
    }
    event = json.dumps(
        {"bucket": info.bucket, "name": info.name, "generation": str(info.generation)}
    )
    url = f"http://127.0.0.1:{drops.cloud.ports['validator-finalized']}/"
    statuses = [
        requests.post(url, data=event, headers=headers, timeout=60).status_code for _ in range(5)
    ]
    run = drops.registered("repeated")
    wait_until(
        lambda: 2 == len(drops.services.ledger.list(f"askers/{run.run_id}/")),
        "both drops on record",
        seconds=PATIENCE_SECONDS,
    )

    assert [200] * 5 == statuses
    assert 1 == len(drops.bodies_of(run))


def test_a_bad_file_ends_with_its_findings_and_no_job(drops):
    before = len(drops.cloud.vertex.requests())
    drops.upload(
        "tide-bad",
        "recipe.toml",
        (EXAMPLES / "tide-code" / "recipe.toml")
        .read_bytes()
        .split(b"[evaluation]")[0]
        .replace(b"evaluation_interval = 10", b""),
    )
    drops.upload("tide-bad", "train.jsonl", (EXAMPLES / "bad" / "train.jsonl").read_bytes())
    client = storage_client(drops.cloud.storage.url)
    bucket = client.bucket(drops.settings.reports_bucket)

    def report():
        found = [
            blob.name
            for blob in bucket.list_blobs(prefix="drops/tide-bad-train-jsonl")
            if blob.name.endswith("report.json")
        ]
        return json.loads(bucket.blob(found[0]).download_as_bytes()) if found else {}

    wait_until(
        lambda: report().get("outcome") == "rejected",
        "a report of the rejection",
        seconds=PATIENCE_SECONDS,
    )

    assert {"not_json", "missing_key", "duplicate_key"} <= {
        finding["code"] for finding in report()["check"]["findings"]
    }
    assert before == len(drops.cloud.vertex.requests())
    client.close()


@pytest.mark.gcloud
@pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud is not installed")
def test_a_folder_copied_with_gcloud_is_tuned_in_whatever_order_it_arrives(drops, tmp_path):
    folder = tmp_path / "copied"
    shutil.copytree(EXAMPLES / "tide-code", folder)
    command = [
        "gcloud",
        "storage",
        "cp",
        "-r",
        str(folder),
        f"gs://{drops.settings.intake_bucket}/",
    ]
    environment = {
        "PATH": "/usr/bin:/bin:/usr/local/bin",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        **drops.cloud.environment,
    }
    subprocess.run(command, check=True, capture_output=True, env=environment, timeout=120)

    run = drops.registered("copied")

    assert run.accepted["evaluation"]["rows"] == 10
