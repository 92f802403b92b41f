"""The webhook's secret with the real gcloud: made, read back, filled at a terminal, mended, removed."""

import base64
import os
import subprocess
from pathlib import Path

import pytest

from support.recorder import Recorder, environment
from support.recorder.given import give
from support.warm_gcloud import GCLOUD
from tunedrop_deploy_lib.config_file import load_config
from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.gcloud import Gcloud
from tunedrop_deploy_lib.surveying import look_at

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.gcloud,
    pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed"),
]
CONFIG = """
project = "test-project-1"
region = "europe-west4"
bucket_location = "europe-west4"
deployment = "dev"
"""
TOLD = CONFIG + "alerts = { webhook = true }\n"
KEY = "projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k"
NAME = "projects/test-project-1/secrets/dev-webhook"
VALUE = "https://hooks.example.com/services/T0/B0/x"
LAUNCHER, STATUS = (
    f"serviceAccount:dev-{name}@test-project-1.iam.gserviceaccount.com"
    for name in ("launcher", "status")
)


class Bench:
    """A recorder, the real gcloud, and the steps of a configuration."""

    def __init__(self, recorder, folder, warm):
        self.recorder, self.folder, self.warm = recorder, folder, warm
        for name in ("functions", "shared"):
            (folder / name).symlink_to(ROOT / name)
        path = f"{warm.folder}:{os.environ['PATH']}"
        self.environment = os.environ | environment(recorder, folder) | {"PATH": path}
        self.use(TOLD)

    def use(self, text):
        path = self.folder / "config.toml"
        path.write_text(text)
        config = load_config(path)
        give(self.recorder, config)
        self.deployment = Deployment(config, self.folder)
        self.deployment.stage()
        self.steps = {step.key: step for step in self.deployment.steps}
        self.gcloud = Gcloud(self.deployment.facts, execute=self.run, say=lambda _: None)

    def run(self, arguments):
        return self.warm.execute(arguments, self.environment, self.folder)

    def make(self, *keys):
        for key in keys:
            for command in self.steps[key].create:
                self.gcloud.change(command)

    def see(self, key):
        self.gcloud.forget()
        return look_at(self.steps[key], self.gcloud)

    def mend(self, key):
        for difference in self.see(key).differences:
            for command in difference.mend:
                self.gcloud.change(command)
        return self.see(key)

    def person(self, *words, given=None):
        """What a person runs at a terminal."""
        line = ["gcloud", "secrets", "versions", *words, "--project=test-project-1"]
        done = subprocess.run(
            line, env=self.environment, input=given, text=True, check=False, capture_output=True
        )
        assert 0 == done.returncode, done.stderr


@pytest.fixture(scope="module")
def begun(warm, tmp_path_factory):
    """A project with interfaces and accounts, packed."""
    with Recorder() as recorder:
        bench = Bench(recorder, tmp_path_factory.mktemp("begun"), warm)
        bench.make("apis", *(key for key in bench.steps if key.startswith("account/")))
        return recorder.packed()


@pytest.fixture
def bench(tmp_path, warm, begun):
    with Recorder() as recorder:
        recorder.unpack(begun)
        yield Bench(recorder, tmp_path, warm)
        assert [] == recorder.unknown


def test_the_secret_lies_in_the_deployments_region_and_reads_back_as_planned(bench):
    assert bench.see("secret/webhook").absent

    bench.make("secret/webhook")

    (request,) = bench.recorder.calls("POST /secretmanager/v1/projects/test-project-1/secrets")
    assert "dev-webhook" == request.query["secretId"]
    assert {"userManaged": {"replicas": [{"location": "europe-west4"}]}} == request.body[
        "replication"
    ]
    assert {"tunedrop-deployment": "dev"} == request.body["labels"]
    assert bench.see("secret/webhook").fine


def test_other_labels_are_found_and_mended(bench):
    bench.make("secret/webhook")
    bench.recorder.state["secretmanager"][NAME]["labels"] = {"theirs": "x"}

    (difference,) = bench.see("secret/webhook").differences
    mended = bench.mend("secret/webhook")

    assert "expected labels to be" in difference.what
    assert mended.fine
    labels = bench.recorder.state["secretmanager"][NAME]["labels"]
    assert {"theirs": "x", "tunedrop-deployment": "dev"} == labels


def test_a_secret_that_lies_elsewhere_is_a_persons_to_remove(bench):
    bench.make("secret/webhook")
    bench.recorder.state["secretmanager"][NAME]["replication"] = {"automatic": {}}

    (difference,) = bench.see("secret/webhook").differences

    assert () == difference.mend
    assert "`gcloud secrets delete dev-webhook --project=test-project-1`" in difference.remedy


def test_two_accounts_and_nobody_else_can_read_it(bench):
    bench.make("secret/webhook", "policy/secret/webhook")
    assert bench.see("policy/secret/webhook").fine
    policy = bench.recorder.state["policies"][f"secretmanager/{NAME}"]
    policy["bindings"][0]["members"].append("user:eve@example.com")

    assert not bench.see("policy/secret/webhook").fine
    assert bench.mend("policy/secret/webhook").fine
    (binding,) = bench.recorder.state["policies"][f"secretmanager/{NAME}"]["bindings"]
    assert ("roles/secretmanager.secretAccessor", {LAUNCHER, STATUS}) == (
        binding["role"],
        {*binding["members"]},
    )


def test_the_value_is_missing_until_a_person_gave_one_that_can_be_read(bench):
    key = "secret/webhook-value"
    assert bench.see(key).absent
    bench.make("secret/webhook")
    assert bench.see(key).absent

    bench.person("add", "dev-webhook", "--data-file=-", given=VALUE + "\n")

    (request,) = bench.recorder.calls(":addVersion")
    assert VALUE == base64.b64decode(request.body["payload"]["data"]).decode().strip()
    assert bench.see(key).fine
    bench.recorder.state["secretmanager"][f"{NAME}/versions/1"]["state"] = "DISABLED"
    assert bench.see(key).absent


def test_a_newest_value_that_is_destroyed_hides_an_older_one(bench):
    bench.make("secret/webhook")
    for _ in range(11):
        bench.person("add", "dev-webhook", "--data-file=-", given=VALUE)
    versions = bench.recorder.state["secretmanager"]
    versions[f"{NAME}/versions/9"]["state"] = "DESTROYED"
    assert bench.see("secret/webhook-value").fine

    versions[f"{NAME}/versions/11"]["state"] = "DESTROYED"

    assert bench.see("secret/webhook-value").absent


def test_removing_it_takes_every_value_along(bench):
    bench.make("secret/webhook", "policy/secret/webhook")
    bench.person("add", "dev-webhook", "--data-file=-", given=VALUE)

    for key in ("policy/secret/webhook", "secret/webhook"):
        for command in bench.steps[key].undo(bench.see(key).found, bench.gcloud.fill):
            bench.gcloud.remove(command)

    assert {} == bench.recorder.state["secretmanager"]
    assert bench.see("secret/webhook").absent


def test_with_a_key_the_secret_is_made_with_it_once_the_service_may_use_it(bench):
    bench.use(TOLD + f'security = {{ kms_key = "{KEY}" }}\n')
    bench.make("apis")
    assert not bench.see("agent/secretmanager").fine

    bench.make("agent/secretmanager")
    assert bench.mend("agent/secretmanager").fine
    bench.make("secret/webhook")

    replica = {"location": "europe-west4", "customerManagedEncryption": {"kmsKeyName": KEY}}
    (request,) = bench.recorder.calls("POST /secretmanager/v1/projects/test-project-1/secrets")
    assert {"userManaged": {"replicas": [replica]}} == request.body["replication"]
    assert bench.see("secret/webhook").fine


def variables_of(bench, function):
    name = f"projects/test-project-1/locations/europe-west4/functions/dev-{function}"
    config = bench.recorder.state["functions"][name]["serviceConfig"]
    return config.get("secretEnvironmentVariables", [])


def test_the_launcher_is_deployed_with_the_secret_and_loses_it_when_nobody_is_to_be_told(bench):
    bench.make("secret/webhook", "policy/secret/webhook")
    bench.person("add", "dev-webhook", "--data-file=-", given=VALUE)
    bench.make("function/launches", "function/requests")

    (given,) = variables_of(bench, "launches")
    assert ("TUNEDROP_WEBHOOK_URL", "dev-webhook", "latest") == (
        given["key"],
        given["secret"],
        given["version"],
    )
    assert [] == variables_of(bench, "requests")
    for key in ("function/launches", "function/requests"):
        assert [] == [one.what for one in bench.see(key).differences if "ecret" in one.what]
    bench.use(CONFIG)
    assert [
        "secretEnvironmentVariables" in one.what
        for one in bench.see("function/launches").differences
    ] == [True]

    assert bench.mend("function/launches").fine
    assert [] == variables_of(bench, "launches")
    assert VALUE not in str([request.data for request in bench.recorder.calls("functions")])
