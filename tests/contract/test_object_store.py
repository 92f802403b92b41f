"""One suite for the in-memory store and for the adapter over real HTTP, so that neither drifts."""

import json

import pytest
from google.auth.credentials import AnonymousCredentials

from support.memory import MemoryStore
from support.storage import running_storage
from tunedrop.adapters.gcs import GcsObjectStore
from tunedrop.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
)


@pytest.fixture(params=["memory", "gcs"])
def store(request, tmp_path):
    if request.param == "memory":
        yield MemoryStore("first", "second", "locked", create_only=["locked"])
        return
    with running_storage(
        tmp_path, buckets=["first", "second", "locked"], create_only=["locked"]
    ) as server:
        yield GcsObjectStore(
            project="local-project",
            credentials=AnonymousCredentials(),
            endpoint=server.url,
            timeout_seconds=10,
        )


def write(store, name="a/b.json", data=b"{}", bucket="first", if_generation=None, **options):
    return store.write(bucket, name, data, if_generation=if_generation, **options)


def everything(store, info):
    with store.stream(info.bucket, info.name, generation=info.generation) as chunks:
        return b"".join(chunks)


def test_what_is_written_is_read_back_with_its_metadata(store):
    info = write(store, "ü b/日本#1?x=%2e.json", b"hello", metadata={"state": "accepted"})

    assert info.generation == store.stat("first", info.name).generation
    assert {"state": "accepted"} == dict(store.stat("first", info.name).metadata)
    assert b"hello" == store.read("first", info.name, max_bytes=5)
    assert "gs://first/ü b/日本#1?x=%2e.json" == info.uri


@pytest.mark.parametrize("call", ["stat", "read", "stream", "delete", "copy"])
def test_what_is_not_there_is_not_found(store, call):
    here = write(store)
    store.delete("first", here.name)
    calls = {
        "stat": lambda: store.stat("first", here.name),
        "read": lambda: store.read("first", here.name, max_bytes=10),
        "stream": lambda: everything(store, here),
        "delete": lambda: store.delete("first", here.name),
        "copy": lambda: store.copy(here, "second", "x", if_generation=None),
    }

    with pytest.raises(NotFoundError):
        calls[call]()


def test_an_older_generation_is_not_found_once_it_is_overwritten(store):
    old, new = write(store, data=b"old"), write(store, data=b"new")

    assert b"new" == everything(store, new)
    with pytest.raises(NotFoundError):
        everything(store, old)
    with pytest.raises(NotFoundError):
        store.read("first", old.name, max_bytes=9, generation=old.generation)


def test_only_one_creator_wins(store):
    write(store, if_generation=0)

    with pytest.raises(PreconditionFailedError):
        write(store, data=b"other", if_generation=0)

    assert b"{}" == store.read("first", "a/b.json", max_bytes=9)


def test_a_generation_is_a_fence_for_writes_and_deletions(store):
    first = write(store)
    second = write(store, if_generation=first.generation)

    assert second.generation > first.generation
    with pytest.raises(PreconditionFailedError):
        write(store, if_generation=first.generation)
    with pytest.raises(PreconditionFailedError):
        store.delete("first", "a/b.json", if_generation=first.generation)


def test_an_object_longer_than_expected_is_not_read(store):
    write(store, data=b"0123456789")

    with pytest.raises(InvalidRequestError):
        store.read("first", "a/b.json", max_bytes=9)


def test_an_empty_object_can_be_read_and_streamed(store):
    info = write(store, data=b"")

    assert (b"", b"") == (store.read("first", info.name, max_bytes=9), everything(store, info))


def test_a_large_object_is_streamed_whole(store):
    chunks = (bytes([n % 251]) * 70_001 for n in range(300))
    info = store.upload("first", "large", chunks, metadata={"tunedrop-datasets": "each"})

    assert 300 * 70_001 == info.size_bytes
    assert "each" == store.stat("first", "large").metadata["tunedrop-datasets"]
    assert b"".join(bytes([n % 251]) * 70_001 for n in range(300)) == everything(store, info)


def test_a_copy_is_of_exactly_that_generation_and_only_once(store):
    source = write(store, data=b"rows")
    copied = store.copy(source, "second", "staged", if_generation=0)

    assert b"rows" == everything(store, copied)
    with pytest.raises(PreconditionFailedError):
        store.copy(source, "second", "staged", if_generation=0)


def test_objects_are_listed_in_name_order_with_their_metadata(store):
    for name in ("p/2", "p/1", "q/1", "p/10"):
        write(store, name, metadata={"name": name})

    listed = list(store.list("first", prefix="p/"))

    assert ["p/1", "p/10", "p/2"] == [info.name for info in listed]
    assert "p/10" == listed[1].metadata["name"]
    assert ["p/10", "p/2"] == [
        info.name for info in store.list("first", prefix="p/", start_offset="p/10")
    ]


def test_a_create_only_bucket_forgets_and_changes_nothing(store):
    write(store, bucket="locked", if_generation=0)

    with pytest.raises(AccessDeniedError):
        write(store, bucket="locked")
    with pytest.raises(AccessDeniedError):
        store.delete("locked", "a/b.json")
    with pytest.raises(PreconditionFailedError):
        write(store, bucket="locked", if_generation=0)


def test_a_missing_bucket_is_not_found(store):
    with pytest.raises(NotFoundError):
        store.read("nowhere", "x", max_bytes=9)
    with pytest.raises(NotFoundError):
        list(store.list("nowhere", prefix=""))


def test_text_written_as_json_stays_as_it_is(store):
    info = write(store, data=json.dumps({"ä": "\u2028"}, ensure_ascii=False).encode())

    assert {"ä": "\u2028"} == json.loads(everything(store, info))
