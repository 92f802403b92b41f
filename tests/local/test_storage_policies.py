"""What a bucket's grants, holds and retention keep from being replaced or deleted."""

import io

import pytest
from google.api_core import exceptions

from support.storage import kept_files, running_storage, storage_client


@pytest.fixture
def client(tmp_path):
    with running_storage(tmp_path, buckets=["ledger", "drops"], create_only=["ledger"]) as server:
        yield storage_client(server.url)


@pytest.fixture
def ledger(client):
    ledger = client.bucket("ledger")
    ledger.blob("record").upload_from_string("first", if_generation_match=0)
    ledger.blob("source").upload_from_string("other")
    return ledger


def resumable(ledger):
    ledger.blob("record", chunk_size=256 << 10).upload_from_file(
        io.BytesIO(b"y" * (300 << 10)), retry=None
    )


CHANGES = {
    "overwrite": lambda ledger: ledger.blob("record").upload_from_string("second", retry=None),
    "resumable": resumable,
    "compare-and-set": lambda ledger: ledger.blob("record").upload_from_string(
        "second", if_generation_match=ledger.get_blob("record").generation
    ),
    "compose": lambda ledger: ledger.blob("record").compose([ledger.blob("source")]),
    "copy-onto": lambda ledger: ledger.copy_blob(ledger.blob("source"), ledger, "record"),
    "move-onto": lambda ledger: ledger.move_blob(ledger.blob("source"), "record"),
    "move-away": lambda ledger: ledger.move_blob(ledger.blob("record"), "elsewhere"),
    "delete": lambda ledger: ledger.blob("record").delete(),
    "delete-generation": lambda ledger: ledger.delete_blob(
        "record", generation=ledger.get_blob("record").generation
    ),
    "delete-missing": lambda ledger: ledger.blob("missing").delete(),
    "patch": lambda ledger: ledger.blob("record").patch(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_create_only_bucket_refuses_every_change(client, ledger, tmp_path, change):
    with pytest.raises(exceptions.Forbidden, match=r"storage\.objects\.(delete|update)"):
        change(ledger)

    assert [blob.name for blob in client.list_blobs("ledger")] == ["record", "source"]
    assert ledger.blob("record").download_as_bytes() == b"first"
    assert kept_files(tmp_path) == (2, 0)


def test_a_create_only_bucket_answers_a_lost_race_with_412(ledger):
    with pytest.raises(exceptions.PreconditionFailed):
        ledger.blob("record").upload_from_string("second", if_generation_match=0)


def test_a_create_only_bucket_can_be_copied_from(client, ledger):
    copied = ledger.copy_blob(ledger.blob("record"), client.bucket("drops"), "copy")

    assert copied.download_as_bytes() == b"first"


def test_the_grants_of_a_create_only_bucket_can_be_asked_for(client):
    asked = ["storage.objects.create", "storage.objects.get", "storage.objects.delete"]

    assert client.bucket("ledger").test_iam_permissions(asked) == asked[:2]
    assert client.bucket("drops").test_iam_permissions(asked) == asked


@pytest.mark.parametrize("hold", ["temporary_hold", "event_based_hold"])
def test_a_held_object_stays(client, hold):
    blob = client.bucket("drops").blob("x")
    blob.upload_from_string("1")
    setattr(blob, hold, True)
    blob.patch()

    with pytest.raises(exceptions.Forbidden, match="active hold"):
        blob.delete()
    with pytest.raises(exceptions.Forbidden, match="active hold"):
        client.bucket("drops").blob("x").upload_from_string("2")
    setattr(blob, hold, False)
    blob.patch()
    blob.delete()

    assert client.bucket("drops").get_blob("x") is None


def test_a_retained_object_stays(client):
    bucket = client.get_bucket("drops")
    bucket.retention_period = 3600
    bucket.patch()
    blob = bucket.blob("x")
    blob.upload_from_string("1")

    with pytest.raises(exceptions.Forbidden, match="retention policy"):
        blob.delete()

    assert bucket.blob("x").download_as_bytes() == b"1"
