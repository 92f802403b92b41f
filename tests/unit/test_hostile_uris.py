"""Families 38 and 39 of the hostile inputs: addresses in messages that lead, or seem to lead, somewhere else."""

import pytest

from support.hostile_deliveries import Siege, code_rows
from support.world import BUCKETS, World, settings
from tunedrop.domain.naming import GsUri

URIS = {
    "gs://somebody-elses-intake/x.jsonl": "bucket_not_allowed",
    "gs://test-intake-evil/x.jsonl": "bucket_not_allowed",
    "gs://test-intake.evil.com/x.jsonl": "bucket_not_allowed",
    "gs://evil-test-intake/x.jsonl": "bucket_not_allowed",
    "gs://test_intake/x.jsonl": "bucket_not_allowed",
    "gs://test-intak/x.jsonl": "bucket_not_allowed",
    "GS://test-intake/x.jsonl": "message_invalid",
    "gs://TEST-INTAKE/x.jsonl": "message_invalid",
    "gs:/test-intake/x.jsonl": "message_invalid",
    "gs:///x.jsonl": "message_invalid",
    "gs://test-intake": "message_invalid",
    "gs://test-intake/": "message_invalid",
    "gs://user@test-intake/x.jsonl": "message_invalid",
    "gs://user:word@test-intake/x.jsonl": "message_invalid",
    "gs://test-intake:80/x.jsonl": "message_invalid",
    "gs://test-intake\\x.jsonl": "message_invalid",
    "gs:\\\\test-intake\\x.jsonl": "message_invalid",
    "gs://test-intake\\@evil/x.jsonl": "message_invalid",
    "gs://test-\tintake/x.jsonl": "message_invalid",
    "gs://test-\nintake/x.jsonl": "message_invalid",
    "gs://test-intake/x\n.jsonl": "message_invalid",
    "gs://test-intake/x.jsonl\n": "message_invalid",
    "gs://test-intake/x\t.jsonl": "uri_invalid",
    "gs://test-intake/x\r.jsonl": "uri_invalid",
    "gs://test-intake/x\0.jsonl": "uri_invalid",
    " gs://test-intake/x.jsonl": "message_invalid",
    "\ufeffgs://test-intake/x.jsonl": "message_invalid",
    "gs://t\u0435st-intake/x.jsonl": "message_invalid",
    "gs://test-intake\uff0fx.jsonl": "message_invalid",
    "gs://test\u2010intake/x.jsonl": "message_invalid",
    "gs://xn--test-intake-q6e/x.jsonl": "bucket_not_allowed",
    "https://storage.googleapis.com/test-intake/x.jsonl": "message_invalid",
    "https://storage.cloud.google.com/test-intake/x.jsonl": "message_invalid",
    "http://169.254.169.254/computeMetadata/v1/": "message_invalid",
    "file:///etc/passwd": "message_invalid",
    "s3://test-intake/x.jsonl": "message_invalid",
    "//test-intake/x.jsonl": "message_invalid",
    "gs://test-intake/bot/": "dataset_not_found",
    "gs://test-intake/*": "dataset_not_found",
    "gs://test-intake/?.jsonl": "dataset_not_found",
    "gs://test-intake/x.jsonl#1": "dataset_not_found",
    "gs://test-intake/x.jsonl?generation=1": "dataset_not_found",
    "gs://test-intake/../test-ledger/x.jsonl": "dataset_not_found",
    "gs://test-intake//x.jsonl": "dataset_not_found",
    "gs://test-intake/x.jsonl ": "dataset_not_found",
    "gs://test-intake/x%2ejsonl": "dataset_not_found",
    "gs://test-intake/" + "x" * 1025: "message_invalid",
    "gs://test-intake/" + "é" * 600: "uri_invalid",
    "gs://" + "b" * 300 + "/x.jsonl": "message_invalid",
    "": "message_invalid",
}
FOREIGN = ["somebody-elses-intake", "test-intake-evil"]
OURS = [BUCKETS[f"{role}_bucket"] for role in ("ledger", "work", "state", "reports")]


@pytest.fixture
def siege(capfd):
    siege = Siege(capfd)
    siege.store.objects |= {bucket: {} for bucket in FOREIGN}
    for bucket in ["test-intake", *FOREIGN]:
        siege.store.put(bucket, "x.jsonl", code_rows())
    return siege


def looked_into(siege):
    """Note the buckets that are looked into from now on."""
    buckets = set()

    def noting(call):
        def noted(bucket, *arguments, **options):
            buckets.add(bucket)
            return call(bucket, *arguments, **options)

        return noted

    for method in ("stat", "read", "stream", "list"):
        setattr(siege.store, method, noting(getattr(siege.store, method)))
    return buckets


@pytest.mark.parametrize("uri", URIS, ids=lambda uri: ascii(uri)[:60])
def test_family_38_an_address_that_leads_elsewhere_is_refused_and_not_followed(siege, uri):
    buckets = looked_into(siege)

    answer = siege.push("requests", {"dataset_uri": uri})

    assert (200, "refused", URIS[uri]) == answer[:3]
    assert "refused_delivery" == answer.record["kind"]
    assert buckets <= (
        {"test-ledger", "test-intake"} if "not_found" in answer.code else {"test-ledger"}
    )
    siege.assert_silent()


@pytest.mark.parametrize("uri", [None, 5, True, ["gs://test-intake/x.jsonl"], {"a": 1}], ids=repr)
def test_family_38_an_address_that_is_no_text_is_refused(siege, uri):
    assert "message_invalid" == siege.push("requests", {"dataset_uri": uri}).code


@pytest.mark.parametrize(
    "uri",
    [uri for uri, code in URIS.items() if code in {"message_invalid", "uri_invalid"}],
    ids=lambda uri: ascii(uri)[:60],
)
def test_family_38_the_one_expression_refuses_what_messages_refuse(uri):
    with pytest.raises(
        ValueError, match=r"^expected gs://bucket/object, without control characters$"
    ):
        GsUri.parse(uri)


@pytest.mark.parametrize("folder", ["..", "../..", "/", "gs://test-ledger", "bot\\..", "https://a"])
def test_family_38_a_recipes_name_leads_out_of_no_bucket(siege, folder):
    buckets = looked_into(siege)

    answer = siege.push("requests", {"dataset_uri": "gs://test-intake/x.jsonl", "recipe": folder})

    assert (200, "rejected") == (answer.status, answer.code)
    assert buckets <= {"test-intake", "test-ledger", "test-reports"}
    siege.assert_silent()


@pytest.mark.parametrize(
    "name",
    ["gs://test-ledger/x.jsonl", "../x.jsonl", "/x.jsonl", "a/../../x.jsonl", "https://a/x.jsonl"],
)
def test_family_38_an_evaluation_file_lies_below_the_recipe(siege, name):
    recipe = {"base_model": "code-bison@002", "evaluation": {"dataset": name}}

    answer = siege.push(
        "requests", {"dataset_uri": "gs://test-intake/x.jsonl", "inline_recipe": recipe}
    )

    assert (200, "rejected") == (answer.status, answer.code)
    siege.assert_silent()


@pytest.mark.parametrize("bucket", OURS)
def test_family_39_a_bucket_of_ours_holds_no_datasets_for_messages(siege, bucket):
    siege.store.put(bucket, "staged/x.jsonl", b"{}")

    answer = siege.push("requests", {"dataset_uri": f"gs://{bucket}/staged/x.jsonl"})

    assert (200, "refused", "bucket_not_allowed") == answer[:3]
    siege.assert_silent()


@pytest.mark.parametrize("bucket", OURS)
def test_family_39_an_event_of_a_bucket_of_ours_is_refused(siege, bucket):
    info = siege.store.put(bucket, "x.jsonl", b"{}")

    assert (200, "refused", "foreign_bucket") == siege.finalize(info)[:3]
    siege.assert_silent()


@pytest.mark.parametrize("bucket", OURS)
def test_family_39_a_bucket_of_ours_cannot_be_listed_for_datasets(bucket):
    with pytest.raises(ValueError, match="a function that writes where it reads feeds itself"):
        settings(extra_dataset_buckets=("lake", bucket))


def test_family_39_a_listed_bucket_is_read_and_never_written():
    world = World(extra_dataset_buckets=("test-lake",))
    world.store.objects["test-lake"] = {}
    world.store.put("test-lake", "x.jsonl", code_rows())
    world.store.writes.clear()

    outcome = world.request(dataset_uri="gs://test-lake/x.jsonl")

    assert "accepted" == outcome.code
    assert not {"test-lake", "test-intake"} & {bucket for bucket, _ in world.store.writes}
