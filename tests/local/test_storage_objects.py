"""Metadata, copies, compositions, versions and soft deletion, through the unmodified client."""

from datetime import UTC, datetime

import pytest
import requests
from google.api_core import exceptions

from support.storage import kept_files, running_storage, storage_client


@pytest.fixture
def server(tmp_path):
    with running_storage(tmp_path, buckets=["drops", "copies"]) as server:
        yield server


@pytest.fixture
def client(server):
    return storage_client(server.url)


@pytest.fixture
def bucket(client):
    return client.bucket("drops")


def versioned(client):
    bucket = client.bucket("versioned")
    bucket.versioning_enabled = True
    return client.create_bucket(bucket)


def soft_deleting(client):
    bucket = client.bucket("soft")
    bucket.soft_delete_policy.retention_duration_seconds = 7 * 86400
    return client.create_bucket(bucket)


def test_a_patch_merges_metadata_and_counts_up(bucket):
    blob = bucket.blob("x")
    blob.metadata = {"kept": "1", "gone": "2"}
    blob.upload_from_string("x", content_type="text/plain")
    changed = bucket.blob("x")
    changed.metadata = {"gone": None, "added": "3"}
    changed.cache_control = "no-store"
    changed.patch()

    found = bucket.get_blob("x")
    assert found.metadata == {"kept": "1", "added": "3"}
    assert found.cache_control == "no-store"
    assert found.content_type == "text/plain"
    assert (found.generation, found.metageneration) == (blob.generation, 2)
    assert found.etag != blob.etag
    assert found.updated >= found.time_created


def test_an_update_sets_every_field_anew(bucket):
    blob = bucket.blob("x")
    blob.metadata = {"a": "1"}
    blob.upload_from_string("x", content_type="text/plain")
    changed = bucket.blob("x")
    changed.content_language = "id"
    changed.update()

    found = bucket.get_blob("x")
    assert (found.metadata, found.content_type, found.content_language) == (None, None, "id")
    assert found.download_as_bytes() == b"x"


@pytest.mark.parametrize(
    "body", [{"metadata": ["a"]}, {"contentType": 7}, {"temporaryHold": "yes"}], ids=str
)
def test_a_field_of_the_wrong_type_is_refused(server, bucket, body):
    bucket.blob("x").upload_from_string("x")

    answer = requests.patch(f"{server.url}/storage/v1/b/drops/o/x", json=body, timeout=10)

    assert answer.status_code == 400
    assert next(iter(body)) in answer.json()["error"]["message"]


def test_a_writer_cannot_set_what_the_service_computes(server, bucket):
    bucket.blob("x").upload_from_string("x")

    answer = requests.patch(
        f"{server.url}/storage/v1/b/drops/o/x", json={"size": "9", "generation": "1"}, timeout=10
    )

    assert answer.json()["size"] == "1"
    assert answer.json()["generation"] != "1"


def test_settings_of_an_upload_are_kept(bucket):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    blob = bucket.blob("x", kms_key_name="projects/p/locations/l/keyRings/r/cryptoKeys/k")
    blob.custom_time = at
    blob.storage_class = "NEARLINE"
    blob.content_disposition = 'attachment; filename="é"'
    blob.upload_from_string("x")

    found = bucket.get_blob("x")
    assert (found.custom_time, found.storage_class) == (at, "NEARLINE")
    assert found.content_disposition == 'attachment; filename="é"'
    assert found.kms_key_name.endswith("/cryptoKeys/k/cryptoKeyVersions/1")


def test_a_copy_takes_content_and_metadata_along(client, bucket, tmp_path):
    blob = bucket.blob("x")
    blob.metadata = {"a": "1"}
    blob.upload_from_string("x", content_type="text/csv")

    copied = bucket.copy_blob(blob, client.bucket("copies"), "y")
    blob.delete()

    assert copied.download_as_bytes() == b"x"
    assert (copied.metadata, copied.content_type) == ({"a": "1"}, "text/csv")
    assert copied.md5_hash == blob.md5_hash
    assert copied.generation != blob.generation
    assert kept_files(tmp_path) == (1, 0)


def test_a_rewrite_may_change_the_storage_class(bucket):
    blob = bucket.blob("x")
    blob.upload_from_string("x")

    blob.update_storage_class("COLDLINE")

    found = bucket.get_blob("x")
    assert (found.storage_class, found.download_as_bytes()) == ("COLDLINE", b"x")


@pytest.mark.parametrize(
    "rename",
    [
        lambda bucket, blob, to: bucket.rename_blob(blob, to),
        lambda bucket, blob, to: bucket.move_blob(blob, to),
    ],
    ids=["rename", "move"],
)
def test_a_renamed_object_is_only_under_its_other_name(client, bucket, rename):
    blob = bucket.blob("a//b")
    blob.upload_from_string("x")

    renamed = rename(bucket, blob, "c/ é")

    assert renamed.download_as_bytes() == b"x"
    assert [found.name for found in client.list_blobs("drops")] == ["c/ é"]


def test_a_composition_joins_its_sources_in_order(bucket, tmp_path):
    for name in ("a", "b", "c"):
        bucket.blob(name).upload_from_string(name * 3, content_type="text/csv")
    composed = bucket.blob("all")

    composed.compose([bucket.blob("c"), bucket.blob("a"), bucket.blob("b")])
    composed.compose([composed, bucket.blob("c")])

    found = bucket.get_blob("all")
    assert found.download_as_bytes() == b"cccaaabbbccc"
    assert (found.component_count, found.md5_hash, found.content_type) == (4, None, "text/csv")
    assert kept_files(tmp_path) == (4, 0)


def test_a_composition_takes_one_to_32_sources(bucket):
    blob = bucket.blob("a")
    blob.upload_from_string("a")

    with pytest.raises(exceptions.BadRequest, match="1 to 32, found 33"):
        bucket.blob("all").compose([blob] * 33)

    with pytest.raises(exceptions.NotFound):
        bucket.blob("all").compose([blob, bucket.blob("missing")])


def test_an_overwritten_generation_can_be_read_where_versions_are_kept(client):
    bucket = versioned(client)
    blob = bucket.blob("x")
    blob.upload_from_string("1")
    first = blob.generation
    blob.upload_from_string("2")

    versions = list(client.list_blobs(bucket, versions=True))
    assert [version.generation for version in versions] == [first, blob.generation]
    assert [version.time_deleted is None for version in versions] == [False, True]
    assert bucket.blob("x", generation=first).download_as_bytes() == b"1"
    assert [found.generation for found in client.list_blobs(bucket)] == [blob.generation]


def test_a_deleted_version_goes_for_good_only_by_its_generation(client, tmp_path):
    bucket = versioned(client)
    blob = bucket.blob("x")
    blob.upload_from_string("1")
    generation = blob.generation

    bucket.delete_blob("x")
    assert bucket.get_blob("x") is None
    assert bucket.get_blob("x", generation=generation) is not None
    bucket.delete_blob("x", generation=generation)

    assert list(client.list_blobs(bucket, versions=True)) == []
    assert kept_files(tmp_path) == (0, 0)


def test_an_overwritten_generation_is_gone_where_versions_are_not_kept(bucket):
    blob = bucket.blob("x")
    blob.upload_from_string("1")
    first = blob.generation
    blob.upload_from_string("2")

    with pytest.raises(exceptions.NotFound):
        bucket.blob("x", generation=first).download_as_bytes()


def test_a_softly_deleted_object_can_be_restored(client):
    bucket = soft_deleting(client)
    blob = bucket.blob("x")
    blob.metadata = {"a": "1"}
    blob.upload_from_string("1")
    bucket.delete_blob("x")

    (deleted,) = client.list_blobs(bucket, soft_deleted=True)
    assert deleted.soft_delete_time < deleted.hard_delete_time
    assert bucket.get_blob("x") is None
    assert bucket.get_blob("x", generation=blob.generation, soft_deleted=True) is not None
    restored = bucket.restore_blob("x", generation=blob.generation)

    assert restored.generation > blob.generation
    assert bucket.get_blob("x").metadata == {"a": "1"}
    assert bucket.blob("x").download_as_bytes() == b"1"


def test_a_bucket_of_softly_deleted_objects_counts_as_empty(client, tmp_path):
    bucket = soft_deleting(client)
    bucket.blob("x").upload_from_string("1")
    bucket.delete_blob("x")

    bucket.delete()

    assert kept_files(tmp_path) == (0, 0)
