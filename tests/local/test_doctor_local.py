"""`tunedrop doctor` against a running local cloud: what is there is asked for, what it cannot have is not needed."""

import json
import os

import pytest
from click.testing import CliRunner

from support.cloud import recorded_cloud
from support.storage import storage_client
from tunedrop.cli.main import cli

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with recorded_cloud(tmp_path_factory.mktemp("doctor") / "cloud") as found:
        yield found.cloud


def examine(cloud, **changes):
    for name in [name for name in os.environ if name.startswith("TUNEDROP_")]:
        del os.environ[name]
    result = CliRunner(env={**cloud.environment, **changes}).invoke(cli, ["doctor", "--json"])
    document = json.loads(result.stdout)
    return result.exit_code, {line["code"]: line for line in document["lines"]}


def states(lines, start):
    return {line["state"] for code, line in lines.items() if code.startswith(start)}


def test_a_local_cloud_is_good(cloud):
    code, lines = examine(cloud)

    assert (0, {"good", "not_needed"}) == (code, states(lines, ""))
    assert {"good"} == states(lines, ("topic.", "project.vertex", "base_model."))
    assert {"good"} == {lines[f"bucket.{role}.exists"]["state"] for role in ("intake", "ledger")}
    assert {"not_needed"} == states(lines, ("api.", "right.", "quota.", "account.", "function."))


def test_a_bucket_that_is_gone_is_missing(cloud):
    client = storage_client(cloud.storage.url)
    client.create_bucket("a-bucket-for-a-while")
    client.bucket("a-bucket-for-a-while").delete()
    client.close()
    code, lines = examine(cloud, TUNEDROP_STATE_BUCKET="a-bucket-for-a-while")

    assert (1, "missing") == (code, lines["bucket.state.exists"]["state"])


def test_rules_about_settings_are_kept(cloud):
    key = f"projects/{cloud.settings.project}/locations/europe-west4/keyRings/r/cryptoKeys/k"
    code, lines = examine(
        cloud,
        TUNEDROP_ENCRYPTION_KEY=key,
        TUNEDROP_TENSORBOARD=key.partition("/keyRings")[0] + "/tensorboards/7",
        TUNEDROP_ALLOWED_BASE_MODELS="code-bison@002,gemini-3.5-flash",
    )
    unfit = {code for code, line in lines.items() if line["state"] == "unfit"}

    assert 1 == code
    assert {
        "key.europe-west4.r.k.region",
        "key.base_model.code-bison@002",
        "key.base_model.gemini-3.5-flash",
        "tensorboard.region",
    } <= unfit


def test_servers_that_are_gone_are_unseen(cloud):
    dead = "127.0.0.1:9"
    code, lines = examine(
        cloud,
        STORAGE_EMULATOR_HOST=f"http://{dead}",
        TUNEDROP_VERTEX_EMULATOR_REST_HOST=dead,
    )

    assert (0, {"unseen"}) == (code, states(lines, ("bucket.", "project.vertex")))
