"""Real gcloud commands against the local server; skipped where gcloud is not installed."""

import os

import pytest

from support.storage import PROJECT, kept_files, running_storage, storage_client
from support.warm_gcloud import GCLOUD, WarmGcloud

pytestmark = [
    pytest.mark.gcloud,
    pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed"),
]


@pytest.fixture
def server(tmp_path):
    with running_storage(tmp_path / "state", create_only=["ledger"]) as server:
        yield server


@pytest.fixture
def bucket(server):
    server.store.buckets.create({"name": "drops"})
    return storage_client(server.url).bucket("drops")


@pytest.fixture(scope="module")
def warm():
    with WarmGcloud() as started:
        yield started


@pytest.fixture
def gcloud(warm, server, tmp_path):
    """A callable that runs `gcloud storage …` and returns its answer."""
    environment = os.environ | {
        "CLOUDSDK_CONFIG": str(tmp_path / "gcloud"),
        "CLOUDSDK_CORE_PROJECT": PROJECT,
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
        "CLOUDSDK_AUTH_ACCESS_TOKEN": "local-token",
        "CLOUDSDK_STORAGE_PROCESS_COUNT": "1",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{server.url}/storage/v1/",
        # Whatever were not meant for the local server would fail here instead of leaving.
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }

    def run(*arguments, ok=True):
        done = warm.execute(("storage", *arguments), environment, tmp_path)
        assert (done.code == 0) == ok, done.stderr
        return done

    return run


def test_gcloud_makes_and_changes_a_bucket(gcloud, server):
    gcloud(
        "buckets", "create", "gs://made", "--location=us-central1", "--uniform-bucket-level-access"
    )
    gcloud("buckets", "update", "gs://made", "--versioning", "--update-labels=team=a")
    gcloud(
        "buckets", "add-iam-policy-binding", "gs://made",
        "--member=user:a@example.com", "--role=roles/storage.objectCreator",
    )  # fmt: skip
    described = gcloud("buckets", "describe", "gs://made", "--format=value(location)")

    made = server.store.buckets.get("made")
    assert described.stdout.strip() == "US-CENTRAL1"
    assert made["versioning"] == {"enabled": True}
    assert made["labels"] == {"team": "a"}
    assert made["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"] is True
    (binding,) = server.store.buckets.policy("made")["bindings"]
    assert binding["members"] == ["user:a@example.com"]


def test_gcloud_copies_a_folder_in_and_out(gcloud, bucket, tmp_path):
    folder = tmp_path / "out" / "data set"
    (folder / "sub").mkdir(parents=True)
    (folder / "train.jsonl").write_bytes(b'{"a": 1}\r\n' * 1000 + b"\r")
    (folder / "sub" / "é.txt").write_bytes(b"\n")
    (folder / "empty").write_bytes(b"")
    (folder / "large.bin").write_bytes(os.urandom(9 << 20))
    expected = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }

    gcloud("cp", "-r", str(folder), "gs://drops/in/")
    back = tmp_path / "back"
    back.mkdir()
    gcloud("cp", "-r", "gs://drops/in/data set", str(back))

    found = {
        str(path.relative_to(back / "data set")): path.read_bytes()
        for path in back.rglob("*")
        if path.is_file()
    }
    assert found == expected
    assert bucket.blob("in/data set/large.bin").download_as_bytes() == expected["large.bin"]


def test_gcloud_reads_lists_and_removes(gcloud, bucket, tmp_path):
    for name in ("a/1", "a/2", "a/b/3", "c"):
        bucket.blob(name).upload_from_string(f"content of {name}")

    assert gcloud("cat", "gs://drops/a/1").stdout == "content of a/1"
    assert gcloud("ls", "gs://drops/").stdout.split() == ["gs://drops/c", "gs://drops/a/"]
    assert gcloud("ls", "gs://drops/a/*").stdout.split() == [
        "gs://drops/a/1",
        "gs://drops/a/2",
        "gs://drops/a/b/:",
        "gs://drops/a/b/3",
    ]
    described = gcloud("objects", "describe", "gs://drops/c", "--format=value(generation)")
    assert described.stdout.strip() == str(bucket.get_blob("c").generation)
    gcloud("rm", "-r", "gs://drops/a/")
    assert [blob.name for blob in bucket.list_blobs()] == ["c"]
    gcloud("rm", "-r", "gs://drops")
    assert not bucket.exists()
    assert kept_files(tmp_path / "state") == (0, 0)


def test_gcloud_overwrites_only_where_it_may(gcloud, server, bucket, tmp_path):
    server.store.buckets.create({"name": "ledger"})
    source = tmp_path / "x"
    source.write_text("first")

    gcloud("cp", "--if-generation-match=0", str(source), "gs://drops/x")
    source.write_text("second")
    lost = gcloud("cp", "--if-generation-match=0", str(source), "gs://drops/x", ok=False)
    assert bucket.blob("x").download_as_bytes() == b"first"
    gcloud("cp", str(source), "gs://drops/x")
    assert bucket.blob("x").download_as_bytes() == b"second"
    gcloud("cp", "gs://drops/x", "gs://ledger/x")
    refused = gcloud("rm", "gs://ledger/x", ok=False)

    assert "pre-conditions" in lost.stderr
    assert "storage.objects.delete" in refused.stderr
    assert gcloud("cat", "gs://ledger/x").stdout == "second"
