"""The Vertex AI stand-in as a process: ready line, SIGTERM, and state that outlives kill -9."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import grpc
import pytest
import requests
from google.api_core import exceptions
from google.cloud import aiplatform_v1

from support.storage import running_storage, storage_client
from support.vertex import (
    code_job,
    code_rows,
    gemini_rows,
    grpc_clients,
    lines_of,
    running_vertex,
    tuning_job,
)
from tunedrop.local.vertex import Clock, StorageObjects


@contextmanager
def process(directory, storage_url, *options):
    """Yield a running process, its ports and clients; kill it if it still runs."""
    command = [sys.executable, "-m", "tunedrop.local.vertex", "--directory", str(directory)]
    child = subprocess.Popen(
        [*command, "--storage", storage_url, "--seconds-per-job", "1000", *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        ports = json.loads(child.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{ports['grpc_port']}") as channel:
            yield child, ports, grpc_clients(channel)
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


@pytest.fixture
def storage(tmp_path):
    with running_storage(tmp_path / "storage", buckets=["work"]) as server:
        bucket = storage_client(server.url).bucket("work")
        for name, rows in {"code.jsonl": code_rows(), "gemini.jsonl": gemini_rows()}.items():
            bucket.blob(name).upload_from_string(b"\n".join(lines_of(rows)))
        yield server


def skip(ports, seconds):
    url = f"http://127.0.0.1:{ports['rest_port']}/_tunedrop/clock:skip"
    requests.post(url, json={"seconds": seconds}, timeout=30).raise_for_status()


def test_jobs_go_on_after_kill_9_and_the_clock_with_them(tmp_path, storage):
    with process(tmp_path / "vertex", storage.url) as (child, ports, clients):
        name = clients.create_pipeline_job(code_job(), "job-1").name
        tuning = clients.create_tuning_job(tuning_job()).name
        skip(ports, 500)
        before = clients.pipelines.get_pipeline_job(name=name, timeout=30)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()

    with process(tmp_path / "vertex", storage.url) as (_, ports, clients):
        between = clients.pipelines.get_pipeline_job(name=name, timeout=30)
        skip(ports, 501)
        after = clients.pipelines.get_pipeline_job(name=name, timeout=30)
        tuned = clients.tuning.get_tuning_job(name=tuning, timeout=30)

        assert ["RUNNING", "RUNNING", "SUCCEEDED"] == [
            job.state.name.rpartition("_")[2] for job in (before, between, after)
        ]
        assert "answer 3" == clients.ask(tuned.tuned_model.endpoint, "write task 3")
        with pytest.raises(exceptions.AlreadyExists):
            clients.create_pipeline_job(code_job(), "job-1")


def test_sigterm_ends_the_process_well(tmp_path, storage):
    with process(tmp_path / "vertex", storage.url) as (child, _, clients):
        clients.create_tuning_job(tuning_job())
        child.terminate()

        assert 0 == child.wait(timeout=30)


def test_without_a_storage_server_the_process_says_what_to_do(tmp_path):
    environment = {k: v for k, v in os.environ.items() if k != "STORAGE_EMULATOR_HOST"}
    answer = subprocess.run(
        [sys.executable, "-m", "tunedrop.local.vertex", "--directory", str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 2 == answer.returncode
    assert "start the local storage server first" in answer.stderr


def test_a_missing_bucket_or_object_is_refused_through_the_storage_server(tmp_path, storage):
    with process(tmp_path / "vertex", storage.url) as (_, _, clients):
        with pytest.raises(exceptions.InvalidArgument, match="not a readable"):
            clients.create_pipeline_job(code_job(dataset_uri="gs://work/none.jsonl"))
        job = code_job()
        job["runtime_config"]["gcs_output_directory"] = "gs://no-such-bucket/out"
        with pytest.raises(exceptions.InvalidArgument, match=r"bucket of .* does not exist"):
            clients.create_pipeline_job(job)


def test_a_storage_server_that_is_away_makes_a_create_unavailable(tmp_path, storage):
    with process(tmp_path / "vertex", storage.url) as (_, _, clients):
        storage.stop()

        with pytest.raises(exceptions.ServiceUnavailable, match="storage server"):
            clients.create_tuning_job(tuning_job())


def test_lines_are_read_whole_across_chunks(storage):
    rows = [b"x" * size for size in (1, 3 << 20, 2 << 20, 1)]
    storage_client(storage.url).bucket("work").blob("big").upload_from_string(b"\n".join(rows))

    assert rows == list(StorageObjects(storage.url).read_lines("gs://work/big"))


def test_a_stopped_stand_in_goes_on_where_it_was(tmp_path):
    with running_vertex(tmp_path) as world:
        name = world.grpc.create_tuning_job(tuning_job()).name
        world.skip(50)
        entries = world.server.pending_events()
    with running_vertex(tmp_path) as world:
        world.skip(51)
        ended = world.grpc.tuning.get_tuning_job(name=name, timeout=30)

        assert "JOB_STATE_SUCCEEDED" == ended.state.name
        assert entries == world.server.pending_events()


def test_a_running_clock_moves_jobs_without_any_call(tmp_path):
    told = []
    options = {"clock": Clock(), "seconds_per_job": 0.2, "on_job_event": told.append}
    with running_vertex(tmp_path, **options) as world:
        name = world.grpc.create_pipeline_job(code_job(), "job-1").name
        deadline = time.monotonic() + 30
        while len(told) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)

        assert ["RUNNING", "SUCCEEDED"] == [
            entry["jsonPayload"]["state"].rpartition("_")[2] for entry in told
        ]
        state = world.grpc.pipelines.get_pipeline_job(name=name, timeout=30).state
        assert aiplatform_v1.PipelineState.PIPELINE_STATE_SUCCEEDED == state
