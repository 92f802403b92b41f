"""Families 40, 42 and 44 of the hostile inputs: messages and recipes that ask for what nobody has allowed."""

import json

import pytest

from support.hostile_deliveries import SECRET, Siege, code_rows

CODE = "code-bison@002"
OTHER = "projects/somebody-else/locations/us-central1"
KEY = f"{OTHER}/keyRings/ring/cryptoKeys/key"


@pytest.fixture
def siege(capfd):
    return Siege(capfd)


def asked(siege, **fields):
    siege.store.put("test-intake", "x.jsonl", code_rows())
    answer = siege.push("requests", {"dataset_uri": "gs://test-intake/x.jsonl", **fields})
    siege.world.deliver()
    return answer


def nested(field, value):
    section, _, leaf = field.rpartition(".")
    return {"base_model": CODE, **({section: {leaf: value}} if section else {leaf: value})}


def launch(siege, **fields):
    return siege.push("launches", fields, messageId="l1")


def test_family_40_a_launch_that_no_verdict_backs_is_refused(siege):
    answer = launch(siege, drop_id="0" * 32, run_id="default-0123456789abcdef")

    assert (200, "refused", "no_verdict") == answer[:3]
    siege.assert_silent()


def test_family_40_a_launch_of_what_was_rejected_is_refused(siege):
    outcome = siege.world.drop("x.jsonl", f"{SECRET}\n" * 20)

    answer = launch(siege, drop_id=outcome.drop_id, run_id="default-0123456789abcdef")

    assert (200, "refused", "verdict_mismatch") == answer[:3]
    siege.assert_silent()


def test_family_40_a_verdict_on_an_older_generation_launches_that_generations_bytes(siege):
    world = siege.world
    old = world.drop("x.jsonl", code_rows())
    new = world.drop("x.jsonl", f"{SECRET}\n" * 20)

    crossed = launch(siege, drop_id=new.drop_id, run_id=old.run_id)
    world.deliver()

    assert "verdict_mismatch" == crossed.code
    digest = world.record(f"verdicts/{old.drop_id}.json")["training"]["digest"]
    ((_, body),) = siege.created()
    values = body["runtimeConfig"]["parameterValues"]
    assert f"gs://test-work/staged/{digest}.jsonl" == values["dataset_uri"]


@pytest.mark.parametrize("change", ["run_key", "digest"])
def test_family_40_a_verdict_with_another_digest_is_a_conflict_and_no_second_job(siege, change):
    world = siege.world
    outcome = world.drop("x.jsonl", code_rows())
    verdict = world.record(f"verdicts/{outcome.drop_id}.json")
    world.deliver()
    forged = {**verdict, "drop_id": "f" * 32}
    if change == "run_key":
        forged["run_key"] = "0" * 64
    else:
        path = f"staged/{'0' * 64}.jsonl"
        forged["training"] = {**verdict["training"], "digest": "0" * 64, "path": path}
    world.store.put("test-ledger", f"verdicts/{'f' * 32}.json", json.dumps(forged))

    answer = launch(siege, drop_id="f" * 32, run_id=outcome.run_id)

    assert 200 == answer.status
    assert answer.code in (
        {"conflict"} if change == "run_key" else {"conflict", "nothing_to_launch"}
    )
    siege.assert_silent(jobs=1)
    assert "0" * 64 not in json.dumps(siege.created())


DEMANDS = {
    "encryption_key": KEY,
    "kms_key_name": KEY,
    "encryptionSpec": {"kmsKeyName": KEY},
    "service_account": "a@p.iam.gserviceaccount.com",
    "output_uri": "gs://somebody-elses/out",
    "gcs_output_directory": "gs://somebody-elses/out",
    "webhook_url": "http://169.254.169.254/",
    "callback": "https://evil.example.com",
    "project": "somebody-else",
    "region": "us-east4",
    "location": "us-east4",
    "network": "projects/1/global/networks/x",
    "template_uri": "https://us-kfp.pkg.dev/a/b/c/v1",
    "vertex_emulator_host": "127.0.0.1:80",
    "deployment": "other",
    "bucket": "test-ledger",
    "job_name": f"{OTHER}/pipelineJobs/1",
    "run_key": "0" * 64,
    "approved": True,
    "drop": "x",
}
COMMANDS = {
    "requests": {"dataset_uri": "gs://test-intake/x.jsonl"},
    "launches": {"drop_id": "0" * 32, "run_id": "default-0123456789abcdef"},
    "job-events": {"kind": "sweep"},
    "control": {"action": "sweep"},
}


@pytest.mark.parametrize("topic", COMMANDS)
@pytest.mark.parametrize("key", DEMANDS)
def test_family_42_a_message_brings_no_account_key_address_or_place(siege, topic, key):
    siege.store.put("test-intake", "x.jsonl", code_rows())

    answer = siege.push(topic, {**COMMANDS[topic], key: DEMANDS[key]})

    assert (200, "refused", "message_invalid") == answer[:3]
    assert "unknown_key" in {problem["code"] for problem in answer.record["problems"]}
    siege.assert_silent()


@pytest.mark.parametrize("section", ["", "tuning."])
@pytest.mark.parametrize(
    "key", [key for key in DEMANDS if key not in {"encryption_key", "service_account", "region"}]
)
def test_family_42_a_recipe_brings_none_either(siege, section, key):
    answer = asked(siege, inline_recipe=nested(section + key, DEMANDS[key]))

    assert (200, "rejected") == (answer.status, answer.code)
    siege.assert_silent()


PIPELINE = {
    "template_uri": "https://us-kfp.pkg.dev/test-project/own/template/v1",
    "dataset_format": "code-generation",
    "parameters": {"data": "{dataset_uri}", "out": "gs://somebody-elses/out"},
}


def test_family_42_a_template_that_the_deployment_does_not_list_runs_nothing(siege):
    answer = asked(siege, inline_recipe={"pipeline": PIPELINE})

    assert (200, "rejected") == (answer.status, answer.code)
    siege.assert_silent()


def test_family_42_what_is_sent_comes_from_the_deployment_alone(siege):
    asked(siege, requester=KEY, correlation_id="https://evil.example.com")

    ((_, body),) = siege.created()
    text = json.dumps(body)
    assert body["runtimeConfig"]["gcsOutputDirectory"].startswith("gs://test-work/")
    assert "encryptionSpec" not in text
    assert "serviceAccount" not in text
    assert not [word for word in ("evil", "somebody", "keyRings") if word in text]


@pytest.mark.parametrize("topic", COMMANDS)
@pytest.mark.parametrize("version", [0, 2, 999, -1, "1", 1.5, None, [1], 10**30], ids=repr)
def test_family_44_a_message_of_another_schema_version_is_refused(siege, topic, version):
    answer = siege.push(topic, {**COMMANDS[topic], "schema_version": version})

    assert (200, "refused", "message_invalid") == answer[:3]
    siege.assert_silent()


@pytest.mark.parametrize("fields", [{}, {"schema_version": 1}], ids=["missing", "1"])
def test_family_44_a_message_without_a_schema_version_is_of_the_first(siege, fields):
    answer = asked(siege, **fields)

    assert (200, "done", "accepted") == answer[:3]
