"""Preconditions, on every kind of request and through the unmodified client."""

import io

import pytest
from google.api_core import exceptions
from google.cloud.storage.exceptions import InvalidResponse

from support.storage import kept_files, running_storage, storage_client
from tunedrop.local.storage.errors import ApiError
from tunedrop.local.storage.preconditions import Preconditions


@pytest.fixture
def server(tmp_path):
    with running_storage(tmp_path, buckets=["drops"]) as server:
        yield server


@pytest.fixture
def bucket(server):
    return storage_client(server.url).bucket("drops")


@pytest.fixture
def blob(bucket):
    blob = bucket.blob("x")
    blob.upload_from_string("one")
    return blob


def resumable(bucket, **conditions):
    bucket.blob("x", chunk_size=256 << 10).upload_from_file(
        io.BytesIO(b"y" * (600 << 10)), size=600 << 10, retry=None, **conditions
    )


def streamed(bucket, **conditions):
    file = bucket.blob("x", chunk_size=256 << 10).open("wb", retry=None, **conditions)
    try:
        file.write(b"y" * (600 << 10))
        file.close()
    except InvalidResponse as error:  # the library translates it everywhere but here
        raise exceptions.from_http_response(error.response) from error


CHANGES = {
    "multipart": lambda bucket, **c: bucket.blob("x").upload_from_string("two", retry=None, **c),
    "resumable": resumable,
    "streamed": streamed,
    "compose": lambda bucket, **c: bucket.blob("x").compose([bucket.blob("source")], **c),
    "copy": lambda bucket, **c: bucket.copy_blob(bucket.blob("source"), bucket, "x", **c),
    "rewrite": lambda bucket, **c: bucket.blob("x").rewrite(bucket.blob("source"), **c),
    "move": lambda bucket, **c: bucket.move_blob(bucket.blob("source"), "x", **c),
    "patch": lambda bucket, **c: bucket.blob("x").patch(**c),
    "update": lambda bucket, **c: bucket.blob("x").update(**c),
    "delete": lambda bucket, **c: bucket.blob("x").delete(retry=None, **c),
}
WRONG = {
    "generation": lambda blob: {"if_generation_match": blob.generation - 1},
    "absence": lambda _blob: {"if_generation_match": 0},
    "other-generation": lambda blob: {"if_generation_not_match": blob.generation},
    "metageneration": lambda blob: {"if_metageneration_match": blob.metageneration + 1},
    "other-metageneration": lambda blob: {"if_metageneration_not_match": blob.metageneration},
}


# The library takes no such argument, or misspells the parameter (`ifMetaGenerationNotMatch`).
UNSPEAKABLE = {
    ("compose", "other-generation"),
    ("compose", "other-metageneration"),
    ("multipart", "other-metageneration"),
    ("resumable", "other-metageneration"),
    ("streamed", "other-metageneration"),
}
REFUSALS = [
    pytest.param(CHANGES[change], WRONG[wrong], id=f"{change}-{wrong}")
    for change in CHANGES
    for wrong in WRONG
    if (change, wrong) not in UNSPEAKABLE
]


@pytest.mark.parametrize(("change", "wrong"), REFUSALS)
def test_a_change_whose_precondition_fails_changes_nothing(bucket, blob, tmp_path, change, wrong):
    bucket.blob("source").upload_from_string("source")

    with pytest.raises(exceptions.PreconditionFailed, match="did not hold"):
        change(bucket, **wrong(blob))

    found = bucket.get_blob("x")
    assert (found.generation, found.metageneration) == (blob.generation, 1)
    assert found.download_as_bytes() == b"one"
    assert bucket.get_blob("source") is not None
    assert kept_files(tmp_path) == (2, 0)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_whose_precondition_holds_is_carried_out(bucket, blob, change):
    bucket.blob("source").upload_from_string("source")

    change(bucket, if_generation_match=blob.generation, if_metageneration_match=1)

    found = bucket.get_blob("x")
    assert found is None or (found.generation, found.metageneration) != (blob.generation, 1)


@pytest.mark.parametrize("change", ["multipart", "resumable", "streamed", "compose", "copy"])
def test_what_must_exist_cannot_be_created(bucket, change):
    bucket.blob("source").upload_from_string("source")

    with pytest.raises(exceptions.PreconditionFailed):
        CHANGES[change](bucket, if_generation_match=12345)

    assert bucket.get_blob("x") is None


READS = {
    "get": lambda blob, **c: blob.reload(**c),
    "download": lambda blob, **c: blob.download_as_bytes(**c),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ("generation", exceptions.PreconditionFailed),
        ("metageneration", exceptions.PreconditionFailed),
        ("other-generation", exceptions.NotModified),
        ("other-metageneration", exceptions.NotModified),
    ],
)
def test_a_read_whose_precondition_fails_is_refused(blob, read, wrong, error):
    with pytest.raises(error):
        read(blob, **WRONG[wrong](blob))


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_a_read_heeds_entity_tags(blob, read):
    read(blob, if_etag_match=blob.etag)

    with pytest.raises(exceptions.PreconditionFailed):
        read(blob, if_etag_match="another")
    with pytest.raises(exceptions.NotModified):
        read(blob, if_etag_not_match=blob.etag)


@pytest.mark.parametrize(
    "copy",
    [
        lambda bucket, **c: bucket.copy_blob(bucket.blob("x"), bucket, "y", **c),
        lambda bucket, **c: bucket.blob("y").rewrite(bucket.blob("x"), **c),
        lambda bucket, **c: bucket.move_blob(bucket.blob("x"), "y", **c),
    ],
    ids=["copy", "rewrite", "move"],
)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda blob: {"if_source_generation_match": blob.generation - 1},
        lambda blob: {"if_source_generation_not_match": blob.generation},
        lambda _blob: {"if_source_metageneration_match": 2},
        lambda _blob: {"if_source_metageneration_not_match": 1},
    ],
    ids=["generation", "other-generation", "metageneration", "other-metageneration"],
)
def test_a_source_whose_precondition_fails_is_not_copied(bucket, blob, copy, wrong):
    with pytest.raises(exceptions.PreconditionFailed):
        copy(bucket, **wrong(blob))

    assert bucket.get_blob("y") is None


def test_a_composed_source_whose_generation_differs_is_refused(bucket, blob):
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("y").compose([blob], if_source_generation_match=[blob.generation - 1])

    assert bucket.get_blob("y") is None


def test_a_bucket_patch_heeds_its_metageneration(bucket):
    bucket.labels = {"a": "1"}
    bucket.patch(if_metageneration_match=1)
    bucket.labels = {"a": "2"}

    with pytest.raises(exceptions.PreconditionFailed):
        bucket.patch(if_metageneration_match=1)

    bucket.reload()
    assert bucket.labels == {"a": "1"}


def test_an_upload_that_begins_before_another_ends_loses_to_it(bucket):
    """The precondition is checked again when the last byte has come."""
    slow = bucket.blob("x", chunk_size=256 << 10).open("wb", if_generation_match=0, retry=None)
    slow.write(b"s" * (300 << 10))
    bucket.blob("x").upload_from_string("quick", if_generation_match=0)

    with pytest.raises(InvalidResponse, match="412"):
        slow.close()

    assert bucket.blob("x").download_as_bytes() == b"quick"


def test_a_precondition_that_is_no_number_is_named():
    with pytest.raises(ApiError, match="ifGenerationMatch: expected an integer, found 'soon'"):
        Preconditions.from_query({"ifGenerationMatch": "soon"})
