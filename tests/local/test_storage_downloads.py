"""Downloads: ranges, headers, checksums, gzip, and reads that outlive their object."""

import gzip
import io
import random

import pytest
import requests
from google.api_core import exceptions

from support.storage import running_storage, storage_client

DATA = bytes(range(256)) * 1000
PLAIN = b'{"text": "a"}\n' * 200_000


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_storage(tmp_path_factory.mktemp("storage"), buckets=["drops"]) as server:
        bucket = storage_client(server.url).bucket("drops")
        bucket.blob("data").upload_from_string(DATA, content_type="application/x-data")
        bucket.blob("empty").upload_from_string(b"")
        zipped = bucket.blob("zipped")
        zipped.content_encoding = "gzip"
        zipped.upload_from_string(gzip.compress(PLAIN), content_type="application/jsonl")
        yield server


@pytest.fixture
def bucket(server):
    return storage_client(server.url).bucket("drops")


def get(server, name, **headers):
    """Read an object as raw bytes, undecoded."""
    address = f"{server.url}/download/storage/v1/b/drops/o/{name}?alt=media"
    with requests.get(address, headers=headers, stream=True, timeout=10) as answer:
        return answer, answer.raw.read(decode_content=False)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 0, DATA[:1]),
        (10, 19, DATA[10:20]),
        (255_990, None, DATA[255_990:]),
        (255_999, 999_999, DATA[255_999:]),
        (-5, None, DATA[-5:]),
        (0, None, DATA),
    ],
    ids=["first", "middle", "to-the-end", "past-the-end", "last", "all"],
)
def test_a_range_is_read_exactly(bucket, start, end, expected):
    assert bucket.blob("data").download_as_bytes(start=start, end=end) == expected


@pytest.mark.parametrize(
    ("header", "status", "content_range"),
    [
        ("bytes=5-9", 206, "bytes 5-9/256000"),
        ("bytes=-300000", 206, "bytes 0-255999/256000"),
        ("bytes=256000-", 416, "bytes */256000"),
        ("bytes=-0", 416, "bytes */256000"),
        ("bytes=9-5", 416, "bytes */256000"),
        ("bytes=-", 200, None),
        ("lines=1-2", 200, None),
    ],
)
def test_a_range_is_answered_as_http_says(server, header, status, content_range):
    answer, _ = get(server, "data", Range=header)

    assert (answer.status_code, answer.headers.get("Content-Range")) == (status, content_range)


def test_a_range_beyond_the_end_is_refused(bucket):
    with pytest.raises(exceptions.RequestRangeNotSatisfiable):
        bucket.blob("data").download_as_bytes(start=256_000)


def test_an_empty_object_is_read_as_nothing(bucket):
    assert bucket.blob("empty").download_as_bytes() == b""
    with bucket.blob("empty").open("rb") as file:
        assert file.read() == b""


@pytest.mark.parametrize("checksum", ["md5", "crc32c"])
def test_a_download_carries_what_its_reader_compares(server, bucket, checksum):
    file = io.BytesIO()
    bucket.blob("data").download_to_file(file, checksum=checksum)
    answer, body = get(server, "data")
    blob = bucket.get_blob("data")

    assert file.getvalue() == body == DATA
    assert answer.headers["x-goog-hash"] == f"crc32c={blob.crc32c},md5={blob.md5_hash}"
    assert answer.headers["x-goog-generation"] == str(blob.generation)
    assert answer.headers["x-goog-metageneration"] == "1"
    assert answer.headers["x-goog-stored-content-length"] == "256000"
    assert answer.headers["Content-Type"] == "application/x-data"
    assert answer.headers["ETag"] == blob.etag


def test_a_head_has_the_headers_and_no_body(server):
    answer = requests.head(f"{server.url}/drops/data", timeout=10)

    assert answer.headers["Content-Length"] == "256000"
    assert answer.content == b""


@pytest.mark.parametrize("route", ["storage/v1/b/drops/o/data?alt=media", "drops/data"])
def test_every_route_to_a_content_gives_the_same(server, route):
    assert requests.get(f"{server.url}/{route}", timeout=10).content == DATA


def test_a_file_opened_for_reading_gives_every_byte(bucket):
    with bucket.blob("data").open("rb", chunk_size=10_000) as file:
        pieces = list(iter(lambda: file.read(7_777), b""))

    assert b"".join(pieces) == DATA


def test_a_gzipped_object_is_decoded_by_the_library(bucket):
    assert bucket.blob("zipped").download_as_bytes() == PLAIN
    assert bucket.blob("zipped").download_as_bytes(raw_download=True)[:2] == b"\x1f\x8b"


def test_a_gzipped_object_is_gunzipped_for_who_does_not_accept_gzip(server):
    answer, body = get(server, "zipped", **{"Accept-Encoding": "identity"})

    assert body == PLAIN
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["x-goog-stored-content-encoding"] == "gzip"


def test_a_gzipped_object_is_sent_as_it_is_to_who_accepts_gzip(server):
    answer, body = get(server, "zipped", **{"Accept-Encoding": "gzip"})

    assert gzip.decompress(body) == PLAIN
    assert answer.headers["Content-Encoding"] == "gzip"


def test_a_gzipped_object_may_forbid_to_be_gunzipped(server, bucket):
    blob = bucket.blob("as-it-is")
    blob.content_encoding = "gzip"
    blob.cache_control = "no-transform"
    blob.upload_from_string(gzip.compress(b"x"))

    _, body = get(server, "as-it-is", **{"Accept-Encoding": "identity"})

    assert gzip.decompress(body) == b"x"


def test_a_broken_gzip_ends_the_answer_and_not_the_server(server, bucket):
    blob = bucket.blob("broken")
    blob.content_encoding = "gzip"
    blob.upload_from_string(b"not gzip at all")

    with pytest.raises(requests.exceptions.RequestException):
        requests.get(
            f"{server.url}/drops/broken", headers={"Accept-Encoding": "identity"}, timeout=10
        )

    assert bucket.blob("data").download_as_bytes() == DATA


def test_a_read_under_way_survives_an_overwrite(server, bucket):
    data = random.Random(2).randbytes(20 << 20)
    bucket.blob("large").upload_from_string(data)

    with requests.get(f"{server.url}/drops/large", stream=True, timeout=10) as answer:
        start = answer.raw.read(1000)
        bucket.blob("large").upload_from_string(b"other")
        rest = answer.raw.read()

    assert start + rest == data
    assert bucket.blob("large").download_as_bytes() == b"other"


def test_a_large_download_is_checked_by_the_library(bucket, tmp_path):
    data = random.Random(3).randbytes(9 << 20)
    bucket.blob("checked", chunk_size=1 << 20).upload_from_string(data)

    bucket.blob("checked").download_to_filename(tmp_path / "checked", checksum="crc32c")

    assert (tmp_path / "checked").read_bytes() == data
