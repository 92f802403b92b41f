"""Uploads: the resumable protocol, checksums, interruptions and injected failures."""

import base64
import gzip
import hashlib
import io
import json
import random
import socket

import google_crc32c
import pytest
import requests
from google.api_core import exceptions
from google.cloud.storage.retry import DEFAULT_RETRY

from support.storage import kept_files, running_storage, storage_client, wait_until
from tunedrop.local.storage import DropAfterApply, FailNext
from tunedrop.local.storage.related import split_related

CHUNK = 256 << 10
QUICK_RETRY = DEFAULT_RETRY.with_delay(initial=0.01, maximum=0.02).with_timeout(10)


@pytest.fixture
def server(tmp_path):
    with running_storage(tmp_path, buckets=["drops"]) as server:
        yield server


@pytest.fixture
def bucket(server):
    return storage_client(server.url).bucket("drops")


def begin(server, name="x", **query):
    """Begin a resumable upload and return its address."""
    answer = requests.post(
        f"{server.url}/upload/storage/v1/b/drops/o",
        params={"uploadType": "resumable", "name": name} | query,
        json={"contentType": "text/plain"},
        timeout=10,
    )
    assert answer.status_code == 200
    return answer.headers["Location"]


def put(address, data, content_range, **headers):
    return requests.put(
        address, data=data, headers={"Content-Range": content_range} | headers, timeout=10
    )


def crc32c(data):
    return base64.b64encode(google_crc32c.Checksum(data).digest()).decode()


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 5 * CHUNK + 7], ids=str
)
@pytest.mark.parametrize("known", [True, False], ids=["known-size", "unknown-size"])
def test_a_resumable_upload_keeps_every_byte(bucket, size, known):
    data = random.Random(size).randbytes(size)

    bucket.blob("x", chunk_size=CHUNK).upload_from_file(
        io.BytesIO(data), size=size if known else None
    )

    blob = bucket.get_blob("x")
    assert (blob.size, blob.crc32c) == (size, crc32c(data))
    assert blob.md5_hash == base64.b64encode(hashlib.md5(data).digest()).decode()
    assert blob.download_as_bytes() == data


def test_a_streamed_upload_keeps_every_byte(bucket):
    with bucket.blob("x", chunk_size=CHUNK).open("wb") as file:
        for number in range(30):
            file.write(b"%07d" % number * 10_000)

    assert bucket.blob("x").download_as_bytes() == b"".join(
        b"%07d" % number * 10_000 for number in range(30)
    )


def test_a_resumable_upload_says_how_far_it_is(server):
    address = begin(server)

    nothing = put(address, b"", "bytes */*")
    first = put(address, b"a" * CHUNK, f"bytes 0-{CHUNK - 1}/*")
    repeated = put(address, b"a" * CHUNK, f"bytes 0-{CHUNK - 1}/*")
    ahead = put(address, b"z", f"bytes {2 * CHUNK}-{2 * CHUNK}/*")
    status = put(address, b"", f"bytes */{CHUNK + 1}")
    last = put(address, b"aab", f"bytes {CHUNK - 2}-{CHUNK}/{CHUNK + 1}")
    again = put(address, b"", "bytes */*")

    assert (nothing.status_code, nothing.headers.get("Range")) == (308, None)
    for answer in (first, repeated, ahead, status):
        assert (answer.status_code, answer.headers["Range"]) == (308, f"bytes=0-{CHUNK - 1}")
    assert last.status_code == 200
    assert last.json()["size"] == str(CHUNK + 1)
    assert last.json()["crc32c"] == crc32c(b"a" * CHUNK + b"b")
    assert (again.status_code, again.json()) == (200, last.json())


def test_a_resumable_upload_may_come_in_one_piece_without_a_range(server):
    address = begin(server)

    answer = requests.put(address, data=b"whole", timeout=10)

    assert answer.json()["size"] == "5"
    assert answer.json()["contentType"] == "text/plain"


def test_a_cancelled_upload_leaves_nothing(server, bucket, tmp_path):
    address = begin(server)
    put(address, b"a" * CHUNK, f"bytes 0-{CHUNK - 1}/*")

    cancelled = requests.delete(address, timeout=10)

    assert cancelled.status_code == 499
    assert put(address, b"", "bytes */*").status_code == 404
    assert bucket.get_blob("x") is None
    assert kept_files(tmp_path) == (0, 0)


def test_more_bytes_than_announced_are_refused(server, bucket):
    address = begin(server)

    answer = put(address, b"four", "bytes 0-3/3")

    assert answer.status_code == 400
    assert bucket.get_blob("x") is None


@pytest.mark.parametrize("field", ["md5Hash", "crc32c"])
@pytest.mark.parametrize("chunk_size", [None, CHUNK], ids=["multipart", "resumable"])
def test_a_wrong_checksum_in_the_metadata_is_refused(bucket, tmp_path, field, chunk_size):
    blob = bucket.blob("x", chunk_size=chunk_size)
    blob._properties[field] = crc32c(b"other") if field == "crc32c" else "AAAAAAAAAAAAAAAAAAAAAA=="
    blob._changes.add(field)

    with pytest.raises(exceptions.BadRequest, match="doesn't match"):
        blob.upload_from_file(io.BytesIO(b"bytes" * CHUNK), checksum=None)

    assert bucket.get_blob("x") is None
    assert kept_files(tmp_path) == (0, 0)


def test_a_wrong_checksum_in_the_last_request_is_refused(server, bucket, tmp_path):
    address = begin(server)

    answer = put(address, b"abc", "bytes 0-2/3", **{"X-Goog-Hash": f"crc32c={crc32c(b'abd')}"})

    assert answer.status_code == 400
    assert bucket.get_blob("x") is None
    assert kept_files(tmp_path) == (0, 0)


RELATED = {
    "crlf": (b"\r\n", b"content\r\n"),
    "bare-line-feeds": (b"\n", b"content\r"),
    "empty": (b"\r\n", b""),
    "looks-like-a-boundary": (b"\r\n", b"\r\n--sepp\r\n--se\n--sep"),
    "large": (b"\n", b"\r\n--se" * 500_000),
}


@pytest.mark.parametrize(("line_end", "content"), RELATED.values(), ids=RELATED.keys())
def test_a_multipart_body_gives_back_the_exact_content(server, bucket, line_end, content):
    head = [b"--sep", b"Content-Type: application/json", b"", json.dumps({"name": "x"}).encode()]
    part = [b"--sep", b"Content-Type: text/csv", b"", content, b"--sep--", b""]

    answer = requests.post(
        f"{server.url}/upload/storage/v1/b/drops/o?uploadType=multipart",
        data=line_end.join(head + part),
        headers={"Content-Type": "multipart/related; boundary='sep'"},
        timeout=10,
    )

    assert answer.json()["contentType"] == "text/csv"
    assert bucket.blob("x").download_as_bytes() == content


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000], ids=str)
@pytest.mark.parametrize(
    "content", [content for _, content in list(RELATED.values())[:4]], ids=repr
)
def test_a_multipart_body_may_be_cut_anywhere(size, content):
    body = b"--sep\r\n\r\n{}\r\n--sep\r\n\r\n" + content + b"\r\n--sep--\r\n"
    pieces = iter([body[at : at + size] for at in range(0, len(body), size)])

    _, found = split_related("multipart/related; boundary=sep", pieces)

    assert b"".join(found) == content


def test_a_multipart_body_without_its_end_is_refused(server, bucket, tmp_path):
    answer = requests.post(
        f"{server.url}/upload/storage/v1/b/drops/o?uploadType=multipart",
        data=b'--sep\r\n\r\n{"name": "x"}\r\n--sep\r\n\r\ncontent',
        headers={"Content-Type": "multipart/related; boundary=sep"},
        timeout=10,
    )

    assert answer.status_code == 400
    assert "boundary" in answer.json()["error"]["message"]
    assert bucket.get_blob("x") is None
    assert kept_files(tmp_path) == (0, 0)


def test_a_body_in_http_chunks_is_taken(server, bucket):
    requests.post(
        f"{server.url}/upload/storage/v1/b/drops/o?uploadType=media&name=x",
        data=iter([b"one,", b"two,", b"three" * 300_000]),
        headers={"Content-Type": "text/csv"},
        timeout=10,
    ).raise_for_status()

    blob = bucket.get_blob("x")
    assert blob.content_type == "text/csv"
    assert blob.download_as_bytes() == b"one,two," + b"three" * 300_000


@pytest.mark.parametrize("kind", ["media", "multipart", "resumable"])
def test_a_body_may_be_gzipped_on_its_way(server, bucket, kind):
    text = b"a line\n" * 500_000
    body, address = text, f"{server.url}/upload/storage/v1/b/drops/o?uploadType={kind}&name=x"
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/csv"}
    if kind == "multipart":
        body = b"--sep\r\n\r\n{}\r\n--sep\r\n\r\n" + text + b"\r\n--sep--"
        headers["Content-Type"] = "multipart/related; boundary=sep"
    if kind == "resumable":
        address = begin(server)

    send = requests.put if kind == "resumable" else requests.post
    answer = send(address, data=gzip.compress(body), headers=headers, timeout=10)

    assert answer.status_code == 200
    assert bucket.get_blob("x").content_encoding is None
    assert bucket.blob("x").download_as_bytes() == text


@pytest.mark.parametrize(
    ("body", "message"),
    [(b"plain", "is not gzip"), (gzip.compress(b"x" * 99)[:-9], "in the middle")],
    ids=["plain", "cut"],
)
def test_a_body_that_is_not_the_gzip_it_claims_is_refused(server, tmp_path, body, message):
    answer = requests.post(
        f"{server.url}/upload/storage/v1/b/drops/o?uploadType=media&name=x",
        data=body,
        headers={"Content-Encoding": "gzip"},
        timeout=10,
    )

    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]
    assert kept_files(tmp_path) == (0, 0)


def cut_off(server, head, data):
    """Send the head of a request and a part of its body, then hang up."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n" + data)


def test_an_interrupted_upload_leaves_nothing(server, bucket, tmp_path):
    cut_off(
        server,
        "POST /upload/storage/v1/b/drops/o?uploadType=media&name=x HTTP/1.1\r\n"
        "Host: h\r\nContent-Length: 5000000",
        b"x" * 2_000_000,
    )

    bucket.blob("other").upload_from_string("1")
    wait_until(lambda: kept_files(tmp_path) == (1, 0), "the staged bytes to go")
    assert bucket.get_blob("x") is None


def test_an_interrupted_chunk_is_resumed_where_it_broke(server):
    address = begin(server)
    path = address.removeprefix(server.url)
    cut_off(
        server,
        f"PUT {path} HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n"
        "Content-Range: bytes 0-499999/500000",
        b"a" * 300_000,
    )
    wait_until(lambda: "Range" in put(address, b"", "bytes */500000").headers, "bytes to arrive")
    arrived = int(put(address, b"", "bytes */500000").headers["Range"].rpartition("-")[2]) + 1

    rest = put(address, b"a" * (500_000 - arrived), f"bytes {arrived}-499999/500000")

    assert rest.json()["crc32c"] == crc32c(b"a" * 500_000)


def test_a_failure_on_request_is_met_once_and_retried(server, bucket):
    # Not just any GET: the library asks for the bucket in the background, for its traces.
    server.faults.queue(FailNext(match=lambda request: "/o/x" in request.path, status=503))

    bucket.blob("x").upload_from_string("1")

    assert bucket.blob("x").download_as_bytes(retry=QUICK_RETRY) == b"1"
    assert server.faults.remaining == 0


def test_a_failed_request_changes_nothing(server, bucket):
    server.faults.queue(FailNext(match=lambda request: request.method == "POST", status=500))

    with pytest.raises(exceptions.InternalServerError):
        bucket.blob("x").upload_from_string("1", retry=None)

    assert bucket.get_blob("x") is None


def test_a_lost_answer_makes_a_retried_create_meet_its_own_write(server, bucket):
    """The trap that every create-only writer has to know: the 412 may be for its own object."""
    server.faults.queue(DropAfterApply(match=lambda request: request.method == "POST"))

    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("x").upload_from_string("mine", if_generation_match=0, retry=QUICK_RETRY)

    assert bucket.blob("x").download_as_bytes() == b"mine"


def test_a_lost_answer_to_the_last_chunk_is_told_again(server, bucket):
    last = f"bytes {CHUNK}-{CHUNK}/{CHUNK + 1}"
    server.faults.queue(
        DropAfterApply(match=lambda request: request.headers.get("Content-Range") == last)
    )

    bucket.blob("x", chunk_size=CHUNK).upload_from_file(
        io.BytesIO(b"y" * (CHUNK + 1)), if_generation_match=0, retry=QUICK_RETRY
    )

    assert bucket.get_blob("x").size == CHUNK + 1
    assert server.faults.remaining == 0
