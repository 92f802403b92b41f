"""What survives a stop, a crash and a second server; and the outbox of events."""

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from google.api_core import exceptions

from support.storage import kept_files, running_storage, storage_client
from tunedrop.local.storage import StorageServer
from tunedrop.local.storage.database import Database, DirectoryInUseError


@pytest.fixture
def server(tmp_path):
    with running_storage(tmp_path, buckets=["drops"]) as server:
        yield server


@pytest.fixture
def bucket(server):
    return storage_client(server.url).bucket("drops")


def drain(store):
    """Mark everything delivered and return what it was."""
    events = store.pending_events()
    for event in events:
        store.mark_delivered(event.event_id)
    return [(event.event_type, event.resource["name"]) for event in events]


def test_a_server_goes_on_where_the_last_one_stopped(tmp_path):
    with running_storage(tmp_path, buckets=["drops"]) as server:
        bucket = storage_client(server.url).bucket("drops")
        blob = bucket.blob("x")
        blob.metadata = {"a": "1"}
        blob.upload_from_string("kept")
        blob.patch()
        removed = bucket.blob("y")
        removed.upload_from_string("removed")
        removed.delete()

    with running_storage(tmp_path) as server:
        bucket = storage_client(server.url).bucket("drops")
        found = bucket.get_blob("x")
        assert found.download_as_bytes() == b"kept"
        assert (found.generation, found.metageneration) == (blob.generation, 2)
        assert found.media_link.startswith(server.url)
        again = bucket.blob("y")
        again.upload_from_string("again")
        assert again.generation > removed.generation


def test_generations_grow_although_the_clock_was_set_back(tmp_path):
    database = Database(tmp_path / "storage.db")
    with database.transaction() as transaction:
        transaction.execute("UPDATE clock SET last = ?", (9_000_000_000_000_000,))
        ticks = [transaction.tick() for _ in range(3)]
    database.close()

    assert ticks == [9_000_000_000_000_001, 9_000_000_000_000_002, 9_000_000_000_000_003]


def test_stopping_ends_the_connections_that_clients_keep_open(tmp_path):
    server = StorageServer(tmp_path).start()
    with requests.Session() as session:
        session.get(server.url, timeout=10)
        server.stop()
        with pytest.raises(requests.exceptions.ConnectionError):
            session.get(server.url, timeout=10)


def test_stopping_twice_is_harmless(tmp_path):
    server = StorageServer(tmp_path).start()

    server.stop()
    server.stop()

    with StorageServer(tmp_path) as again:
        assert requests.get(again.url, timeout=10).ok


def test_a_directory_has_one_server_at_a_time(tmp_path, server):
    with pytest.raises(DirectoryInUseError, match="only storage server on this directory"):
        StorageServer(tmp_path)


def test_what_a_crash_left_half_done_is_swept_away(tmp_path):
    with running_storage(tmp_path, buckets=["drops"]) as server:
        storage_client(server.url).bucket("drops").blob("x").upload_from_string("kept")
    (tmp_path / "blobs" / "orphan").write_bytes(b"no row names it")
    (tmp_path / "staging" / "half").write_bytes(b"never finished")

    with running_storage(tmp_path) as server:
        assert kept_files(tmp_path) == (1, 0)
        assert storage_client(server.url).bucket("drops").blob("x").download_as_bytes() == b"kept"


def test_uploads_under_way_leave_nothing_when_the_server_stops(tmp_path):
    with running_storage(tmp_path, buckets=["drops"]) as server:
        file = (
            storage_client(server.url)
            .bucket("drops")
            .blob("x", chunk_size=256 << 10)
            .open("wb", retry=None)
        )
        file.write(b"x" * (600 << 10))
        assert kept_files(tmp_path) == (0, 1)

    assert kept_files(tmp_path) == (0, 0)


@pytest.fixture
def process(tmp_path):
    """A server as a process of its own, killed at the end if it still runs."""
    command = [sys.executable, "-m", "tunedrop.local.storage", "--directory", str(tmp_path)]
    with subprocess.Popen([*command, "--create-only", "ledger"], stdout=subprocess.PIPE) as process:
        process.url = f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
        yield process
        process.kill()


def test_a_process_says_its_port_and_ends_on_sigterm(process):
    ready = requests.get(process.url, timeout=10)
    process.send_signal(signal.SIGTERM)

    assert ready.ok
    assert process.wait(timeout=10) == 0


def test_a_killed_process_loses_no_answered_upload_and_no_event(process, tmp_path):
    client = storage_client(process.url)
    client.create_bucket("ledger")
    for number in range(20):
        client.bucket("ledger").blob(f"{number:02}").upload_from_string("x", if_generation_match=0)
    with pytest.raises(exceptions.Forbidden):
        client.bucket("ledger").delete_blob("00")
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=10)

    with running_storage(tmp_path) as server:
        names = [blob.name for blob in storage_client(server.url).list_blobs("ledger")]
        assert names == [f"{number:02}" for number in range(20)]
        assert drain(server.store) == [("OBJECT_FINALIZE", name) for name in names]


def test_every_change_is_an_event_in_order(server, bucket):
    bucket.versioning_enabled = True
    blob = bucket.blob("x")
    blob.upload_from_string("1")
    blob.metadata = {"a": "1"}
    blob.patch()
    bucket.copy_blob(blob, bucket, "y")
    bucket.blob("y").upload_from_string("2")
    bucket.delete_blob("y")
    bucket.patch()
    bucket.delete_blob("x")

    assert drain(server.store) == [
        ("OBJECT_FINALIZE", "x"),
        ("OBJECT_METADATA_UPDATE", "x"),
        ("OBJECT_FINALIZE", "y"),
        ("OBJECT_DELETE", "y"),
        ("OBJECT_FINALIZE", "y"),
        ("OBJECT_DELETE", "y"),
        ("OBJECT_ARCHIVE", "x"),
    ]
    assert server.store.pending_events() == []


def test_an_event_carries_the_resource_that_was_committed(server, bucket):
    blob = bucket.blob("ü/x")
    blob.metadata = {"tunedrop-recipe": "r"}
    blob.upload_from_string("12345", content_type="application/jsonl")

    (event,) = server.store.pending_events()

    assert event.event_id.isdecimal()
    assert event.resource["name"] == "ü/x"
    assert event.resource["bucket"] == "drops"
    assert event.resource["generation"] == str(blob.generation)
    assert event.resource["metageneration"] == "1"
    assert event.resource["size"] == "5"
    assert event.resource["metadata"] == {"tunedrop-recipe": "r"}
    assert requests.get(event.resource["mediaLink"], timeout=10).content == b"12345"


def test_a_refused_change_is_no_event(server, bucket):
    bucket.blob("x").upload_from_string("1")
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("x").upload_from_string("2", if_generation_match=0)

    assert drain(server.store) == [("OBJECT_FINALIZE", "x")]


def test_an_undelivered_event_survives_a_restart_with_its_id(tmp_path):
    with running_storage(tmp_path, buckets=["drops"]) as server:
        for name in ("delivered", "pending"):
            storage_client(server.url).bucket("drops").blob(name).upload_from_string("x")
        delivered, pending = server.store.pending_events()
        server.store.mark_delivered(delivered.event_id)
        server.store.mark_delivered(delivered.event_id)

    with running_storage(tmp_path) as server:
        (left,) = server.store.pending_events()
        assert (left.event_id, left.occurred_at) == (pending.event_id, pending.occurred_at)
        assert left.resource["name"] == "pending"


def test_pending_events_come_oldest_first_and_limited(server, bucket):
    for name in ("a", "b", "c"):
        bucket.blob(name).upload_from_string("x")

    events = server.store.pending_events(limit=2)

    assert [event.resource["name"] for event in events] == ["a", "b"]


def test_a_waiting_relay_is_woken_by_a_commit(server, bucket):
    assert server.store.wait_for_events(seen=0, timeout=0) == 0

    with ThreadPoolExecutor(1) as pool:
        woken = pool.submit(server.store.wait_for_events, 0, 10)
        bucket.blob("x").upload_from_string("x")
        seen = woken.result(timeout=10)

    assert seen == 1
    assert server.store.wait_for_events(seen, timeout=0) == 1


def test_a_callback_hears_of_events_and_holds_nothing_up(tmp_path):
    heard, may_go_on, last = [], threading.Event(), threading.Event()

    def on_event(event_type, resource):
        may_go_on.wait(10)
        heard.append((event_type, resource["name"]))
        if resource["name"] == "b":
            last.set()
        raise RuntimeError("a callback that fails")

    with running_storage(tmp_path, buckets=["drops"], on_event=on_event) as server:
        bucket = storage_client(server.url).bucket("drops")
        bucket.blob("a").upload_from_string("1")
        bucket.blob("b").upload_from_string("2")
        assert heard == []
        may_go_on.set()
        assert last.wait(10)
        assert len(server.store.pending_events()) == 2

    assert heard == [("OBJECT_FINALIZE", "a"), ("OBJECT_FINALIZE", "b")]
