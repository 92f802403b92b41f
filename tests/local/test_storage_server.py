"""Buckets, simple objects, names and errors, through the unmodified client."""

import hashlib
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import google_crc32c
import pytest
import requests
from google.api_core import exceptions
from google.cloud.storage import transfer_manager

from support.storage import kept_files, running_storage, storage_client

ODD_NAMES = {
    "double-slash": "a//b",
    "leading-slash": "/abs",
    "folder": "dir/",
    "climbing": "../../up/x",
    "space": " a b ",
    "non-ascii": "ünï/☃/\U0001f600.jsonl",
    "hash": "a#1",
    "question": "a?x=1&y=2",
    "percent": "%2e%2e/%20%",
    "plus": "a+b=c",
    "wildcards": "*[x]?{a,b}",
    "right-to-left": "a\u202eb",
    "longest": "n" * 1024,
    "like-an-api-path": "o/x/compose",
}


@pytest.fixture
def server(tmp_path):
    with running_storage(tmp_path, buckets=["drops"]) as server:
        yield server


@pytest.fixture
def client(server):
    return storage_client(server.url)


@pytest.fixture
def bucket(client):
    return client.bucket("drops")


def test_a_bucket_is_created_with_what_was_asked_for(client):
    bucket = client.bucket("made-here")
    bucket.labels = {"team": "a"}
    bucket.iam_configuration.uniform_bucket_level_access_enabled = True
    bucket.versioning_enabled = True

    client.create_bucket(bucket, location="us-central1")

    found = client.get_bucket("made-here")
    assert found.location == "US-CENTRAL1"
    assert found.location_type == "region"
    assert found.labels == {"team": "a"}
    assert found.versioning_enabled
    assert found.iam_configuration.uniform_bucket_level_access_enabled
    assert found.iam_configuration.public_access_prevention == "inherited"
    assert found.project_number > 0
    assert found.metageneration == 1


def test_a_bucket_that_exists_is_not_created_again(client):
    with pytest.raises(exceptions.Conflict, match="you already own it"):
        client.create_bucket("drops")


@pytest.mark.parametrize("name", ["Upper", "ab", "-dash", "a..b", "under_"], ids=str)
def test_a_bucket_with_an_impossible_name_is_refused(server, name):
    answer = requests.post(f"{server.url}/storage/v1/b", json={"name": name}, timeout=10)

    assert answer.status_code == 400
    assert "Invalid bucket name" in answer.json()["error"]["message"]


def test_a_bucket_patch_merges_and_removes(client):
    bucket = client.get_bucket("drops")
    bucket.labels = {"a": "1", "b": "2"}
    bucket.add_lifecycle_delete_rule(age=30)
    bucket.patch()
    bucket = client.get_bucket("drops")
    bucket.labels = {"b": "3"}
    bucket.iam_configuration.public_access_prevention = "enforced"
    bucket.patch()

    found = client.get_bucket("drops")
    assert found.labels == {"b": "3"}
    assert [rule["condition"] for rule in found.lifecycle_rules] == [{"age": 30}]
    assert found.iam_configuration.public_access_prevention == "enforced"
    assert found.iam_configuration.uniform_bucket_level_access_enabled is False
    assert found.metageneration == 3


def test_buckets_are_listed_by_prefix(client):
    for name in ("list-b", "list-a", "other"):
        client.create_bucket(name)

    names = [bucket.name for bucket in client.list_buckets(prefix="list-")]

    assert names == ["list-a", "list-b"]


def test_only_an_empty_bucket_is_deleted(client, bucket):
    bucket.blob("x").upload_from_string("1")
    with pytest.raises(exceptions.Conflict, match="not empty"):
        bucket.delete()
    bucket.delete_blob("x")

    bucket.delete()

    assert client.lookup_bucket("drops") is None


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.get_bucket("nowhere"),
        lambda client: client.bucket("nowhere").blob("x").upload_from_string("1"),
        lambda client: list(client.list_blobs("nowhere")),
        lambda client: client.bucket("drops").blob("x").download_as_bytes(),
        lambda client: client.bucket("drops").blob("x").reload(),
        lambda client: client.bucket("drops").blob("x").delete(),
        lambda client: client.bucket("drops").blob("x").patch(),
    ],
    ids=["bucket", "upload", "list", "download", "get", "delete", "patch"],
)
def test_what_is_not_there_is_not_found(client, ask):
    with pytest.raises(exceptions.NotFound):
        ask(client)


def test_an_object_comes_back_as_it_went_in(bucket):
    text = b'{"a": 1}\n'
    blob = bucket.blob("train.jsonl")
    blob.metadata = {"tunedrop-recipe": "é"}
    blob.upload_from_string(text, content_type="application/jsonl")

    found = bucket.get_blob("train.jsonl")
    assert found.download_as_bytes() == text
    assert found.size == len(text)
    assert found.content_type == "application/jsonl"
    assert found.metadata == {"tunedrop-recipe": "é"}
    assert found.md5_hash == b64encode(hashlib.md5(text).digest()).decode()
    assert found.crc32c == b64encode(google_crc32c.Checksum(text).digest()).decode()
    assert found.id == f"drops/train.jsonl/{found.generation}"
    assert found.metageneration == 1
    assert found.time_created == found.updated


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES.keys())
def test_an_odd_name_is_kept_to_the_letter(bucket, client, name):
    bucket.blob(name).upload_from_string(name.encode())

    assert bucket.blob(name).download_as_bytes() == name.encode()
    assert bucket.get_blob(name).name == name
    assert [blob.name for blob in client.list_blobs("drops", prefix=name)] == [name]
    copied = bucket.copy_blob(bucket.blob(name), bucket, f"copies/{name}"[:1024])
    assert copied.download_as_bytes() == name.encode()
    bucket.delete_blob(name)
    assert bucket.get_blob(name) is None


@pytest.mark.parametrize(
    "name",
    ["two\nlines", "carriage\rreturn", "n" * 1025, ".well-known/acme-challenge/x"],
    ids=["newline", "carriage-return", "too-long", "acme"],
)
def test_a_name_that_the_service_forbids_is_refused(bucket, name):
    with pytest.raises(exceptions.BadRequest, match="Object names cannot"):
        bucket.blob(name).upload_from_string("x")


def test_an_object_and_a_folder_may_share_a_name(bucket):
    bucket.blob("p").upload_from_string("1")
    bucket.blob("p/q").upload_from_string("2")

    assert bucket.blob("p").download_as_bytes() == b"1"
    assert bucket.blob("p/q").download_as_bytes() == b"2"


def test_an_overwrite_is_a_greater_generation(bucket, tmp_path):
    blob = bucket.blob("x")
    blob.upload_from_string("1")
    first = blob.generation
    blob.upload_from_string("2")

    assert blob.generation > first
    assert bucket.blob("x").download_as_bytes() == b"2"
    assert kept_files(tmp_path) == (1, 0)


def test_an_error_has_the_shape_of_the_service(server):
    answer = requests.get(f"{server.url}/storage/v1/b/drops/o/nope", timeout=10)

    message = "No such object: drops/nope"
    assert answer.status_code == 404
    assert answer.json() == {
        "error": {
            "code": 404,
            "message": message,
            "errors": [{"message": message, "domain": "global", "reason": "notFound"}],
        }
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/storage/v1/nothing", 404),
        ("POST", "/storage/v1/b/drops/o/x", 405),
        ("PATCH", "/drops/x", 405),
        ("GET", "/storage/v1/b/drops/o?maxResults=ten", 400),
        ("GET", "/storage/v1/b/drops/o?pageToken=%25", 400),
        ("POST", "/upload/storage/v1/b/drops/o?uploadType=odd&name=x", 400),
        ("POST", "/upload/storage/v1/b/drops/o?uploadType=media", 400),
        ("PUT", "/upload/storage/v1/b/drops/o?uploadType=resumable&upload_id=gone", 404),
    ],
)
def test_a_request_without_sense_gets_a_plain_answer(server, method, path, status):
    answer = requests.request(method, server.url + path, timeout=10)

    assert answer.status_code == status


def test_a_refused_upload_leaves_the_connection_usable(server):
    with requests.Session() as session:
        refused = session.post(
            f"{server.url}/upload/storage/v1/b/nowhere/o?uploadType=media&name=x",
            data=b"x" * 3_000_000,
            timeout=10,
        )
        after = session.get(f"{server.url}/storage/v1/b/drops", timeout=10)

    assert refused.status_code == 404
    assert after.json()["name"] == "drops"


def test_a_stored_header_cannot_smuggle_another_one(server, bucket):
    blob = bucket.blob("x")
    blob.content_disposition = "attachment\r\nX-Smuggled: yes; é"
    blob.upload_from_string("1")

    answer = requests.get(f"{server.url}/drops/x", timeout=10)

    assert "X-Smuggled" not in answer.headers
    assert answer.content == b"1"


def test_a_create_only_race_has_one_winner(server):
    clients = [storage_client(server.url) for _ in range(20)]

    def create(number):
        blob = clients[number].bucket("drops").blob("race")
        try:
            blob.upload_from_string(str(number), if_generation_match=0, retry=None)
        except exceptions.PreconditionFailed:
            return None
        return number

    with ThreadPoolExecutor(20) as pool:
        winners = [number for number in pool.map(create, range(20)) if number is not None]

    assert len(winners) == 1
    assert clients[0].bucket("drops").blob("race").download_as_bytes() == str(winners[0]).encode()


def test_compare_and_set_loses_no_update(server):
    storage_client(server.url).bucket("drops").blob("counter").upload_from_string("0")
    clients = [storage_client(server.url) for _ in range(4)]

    def increment(client):
        bucket = client.bucket("drops")
        done = 0
        while done < 10:
            try:
                blob = bucket.get_blob("counter")
                value = int(blob.download_as_bytes(if_generation_match=blob.generation))
                bucket.blob("counter").upload_from_string(
                    str(value + 1), if_generation_match=blob.generation, retry=None
                )
                done += 1
            except (exceptions.PreconditionFailed, exceptions.NotFound):
                continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(increment, clients))

    assert clients[0].bucket("drops").blob("counter").download_as_bytes() == b"40"


def test_an_iam_policy_is_kept_and_a_stale_one_refused(bucket):
    policy = bucket.get_iam_policy(requested_policy_version=3)
    stale = bucket.get_iam_policy(requested_policy_version=3)
    binding = {"role": "roles/storage.objectViewer", "members": {"user:a@example.com"}}
    policy.bindings.append(binding)
    bucket.set_iam_policy(policy)

    assert bucket.get_iam_policy(requested_policy_version=3).bindings == [binding]
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.set_iam_policy(stale)


def test_notification_configurations_are_stored(client, bucket):
    created = bucket.notification(
        "finalized", topic_project="local-dev", event_types=["OBJECT_FINALIZE"]
    )
    created.create()

    (found,) = bucket.list_notifications()
    assert found.notification_id == created.notification_id
    assert found.topic_name == "finalized"
    assert found.event_types == ["OBJECT_FINALIZE"]
    found.delete()
    assert list(bucket.list_notifications()) == []
    assert client.get_service_account_email().endswith(
        "gs-project-accounts.iam.gserviceaccount.com"
    )


def test_a_batch_carries_out_each_of_its_requests(client, bucket):
    for number in range(3):
        bucket.blob(f"b/{number}").upload_from_string("x")
    updated = bucket.blob("b/2")
    updated.metadata = {"k": "é"}

    with client.batch():
        bucket.delete_blob("b/0")
        bucket.delete_blob("b/1", if_generation_match=None)
        updated.patch()

    assert [blob.name for blob in client.list_blobs("drops")] == ["b/2"]
    assert bucket.get_blob("b/2").metadata == {"k": "é"}


def test_a_batch_reports_the_failure_of_one_request(client, bucket):
    bucket.blob("there").upload_from_string("x")

    batch = client.batch(raise_exception=False)
    with batch:
        bucket.delete_blob("missing")
        bucket.delete_blob("there")

    assert [answer.status_code for answer in batch._responses] == [404, 204]
    assert bucket.get_blob("there") is None


def test_parts_uploaded_at_once_become_one_object(bucket, tmp_path):
    source = tmp_path / "source"
    data = b"".join(number.to_bytes(4, "big") for number in range(1_500_000))
    source.write_bytes(data)

    transfer_manager.upload_chunks_concurrently(
        str(source),
        bucket.blob("parts é"),
        chunk_size=2 << 20,
        max_workers=3,
        worker_type=transfer_manager.THREAD,
    )

    blob = bucket.get_blob("parts é")
    assert blob.component_count == 3
    assert blob.download_as_bytes() == data
    assert kept_files(tmp_path) == (1, 0)


def test_the_xml_api_reads_writes_and_deletes(server, bucket):
    address = f"{server.url}/drops/{quote('a//é.txt')}"
    headers = {
        "x-goog-if-generation-match": "0",
        "x-goog-meta-k": "v",
        "Content-Type": "text/plain",
    }

    created = requests.put(address, data=b"xml", headers=headers, timeout=10)
    again = requests.put(address, data=b"xml", headers=headers, timeout=10)
    read = requests.get(address, timeout=10)
    found = bucket.get_blob("a//é.txt")
    deleted = requests.delete(address, timeout=10)
    gone = requests.head(address, timeout=10)

    assert created.status_code == 200
    assert again.status_code == 412
    assert "<Code>PreconditionFailed</Code>" in again.text
    assert read.content == b"xml"
    assert (found.metadata, found.content_type) == ({"k": "v"}, "text/plain")
    assert deleted.status_code == 204
    assert gone.status_code == 404
