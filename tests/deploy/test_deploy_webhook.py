"""The webhook's secret: made by the tool, filled by a person, read by two accounts, never seen by the tool."""

import json
import re

import pytest

from support.fake_gcloud import FakeGcloud
from support.gcloud_lint import lint
from support.warm_gcloud import GCLOUD
from tunedrop.topology import FUNCTIONS, NOTIFIERS
from tunedrop_deploy_lib import webhook
from tunedrop_deploy_lib.applying import apply
from tunedrop_deploy_lib.config_file import load_config
from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.errors import RefusedError
from tunedrop_deploy_lib.gcloud import Gcloud
from tunedrop_deploy_lib.names import Names
from tunedrop_deploy_lib.plan import plan_json, plan_text
from tunedrop_deploy_lib.removing import destroy
from tunedrop_deploy_lib.verifying import deviations

NAME = "tunedrop-webhook"
SMALL = {
    "project": "test-project-1",
    "region": "us-central1",
    "bucket_location": "us-central1",
    "allow": {"base_models": ["gemini-3.5-flash"]},
}
TOLD = SMALL | {"alerts": {"webhook": True}}
KEY = "projects/test-project-1/locations/us-central1/keyRings/r/cryptoKeys/k"


@pytest.fixture
def build(write_config, checkout):
    """A callable that makes a deployment of a configuration."""
    return lambda document=TOLD: Deployment(load_config(write_config(document)), checkout)


@pytest.fixture
def fake():
    return FakeGcloud()


def gcloud_over(deployment, fake):
    return Gcloud(deployment.facts, execute=fake.execute, sleep=lambda _: None, say=lambda _: None)


def applied(deployment, fake):
    gcloud = gcloud_over(deployment, fake)
    return apply(deployment, gcloud, say=lambda _: None, sleep=lambda _: None)


def found(deployment, fake):
    return [(one.key, one.what) for one in deviations(deployment, gcloud_over(deployment, fake))]


def run(fake, line):
    answer = fake.execute(line.split())
    assert 0 == answer.code, answer.stderr


def complete(deployment, fake):
    """Applied, with a value that a person gave as soon as the secret was there."""
    fake.state["given"] = {NAME: True}
    applied(deployment, fake)


def deploys(fake):
    return {call[2]: call for call in fake.calls if call[:2] == ["functions", "deploy"]}


def test_nothing_is_made_for_a_deployment_that_tells_nobody(build):
    deployment = build(SMALL)

    keys = [step.key for step in deployment.steps if "webhook" in step.key or "secret" in step.key]
    apis = next(step for step in deployment.steps if step.key == "apis")

    assert [] == keys
    assert "secretmanager.googleapis.com" not in apis.create[0]


def test_apply_stops_before_the_functions_until_a_person_gave_the_address(build, fake):
    deployment = build()

    with pytest.raises(RefusedError) as caught:
        applied(deployment, fake)

    remedy = "gcloud secrets versions add tunedrop-webhook --project=test-project-1 --data-file=-"
    assert f"a value of the secret {NAME}: run `{remedy}`" in str(caught.value)
    assert f"secret/{NAME}" in fake.things
    assert {} == deploys(fake)


def test_apply_goes_on_once_the_address_is_given_and_then_changes_nothing(build, fake):
    deployment = build()
    with pytest.raises(RefusedError):
        applied(deployment, fake)

    run(fake, f"secrets versions add {NAME} --project=test-project-1 --data-file=-")
    first = applied(deployment, fake)
    second = applied(deployment, fake)

    assert first.changed
    assert not second.changed
    assert [] == found(deployment, fake)


def test_the_tool_itself_never_gives_or_reads_a_value(build, fake):
    complete(build(), fake)

    calls = [" ".join(call) for call in fake.calls if call[0] == "secrets"]

    assert calls
    assert not [c for c in calls if "versions add" in c or "access" in c or "data-file" in c]


def test_only_the_functions_that_tell_are_given_the_secret(build, fake):
    complete(build(), fake)

    given = {
        name: [word for word in call if "-secrets" in word] for name, call in deploys(fake).items()
    }

    told = [f"--set-secrets=TUNEDROP_WEBHOOK_URL={NAME}:latest"]
    assert {
        f"tunedrop-{one.name}": told if one.source in NOTIFIERS else ["--clear-secrets"]
        for one in FUNCTIONS
    } == given
    assert {"launcher", "status"} == set(NOTIFIERS)


def test_only_the_accounts_of_those_functions_can_read_it(build):
    (step,) = [step for step in build().steps if step.key == "policy/secret/webhook"]

    assert {
        ("launcher", "roles/secretmanager.secretAccessor"),
        ("status", "roles/secretmanager.secretAccessor"),
    } == {(grant.holder, grant.role) for grant in step.grants}


def test_the_address_is_in_no_variable_that_people_can_read(build, fake):
    complete(build(), fake)

    functions = [thing for key, thing in fake.things.items() if key.startswith("function/")]

    assert 5 == len(functions)
    assert not [
        one
        for one in functions
        if "TUNEDROP_WEBHOOK_URL" in one["serviceConfig"]["environmentVariables"]
    ]


def disabled(fake):
    run(fake, f"secrets versions disable 1 {NAME}")


def a_newer_one_destroyed(fake):
    run(fake, f"secrets versions add {NAME} --data-file=-")
    run(fake, f"secrets versions destroy 2 {NAME}")


def another_reader(fake):
    policy = fake.state["policies"][f"secret/{NAME}"]
    policy["bindings"][0]["members"].append("user:eve@example.com")


def no_reader(fake):
    fake.state["policies"][f"secret/{NAME}"]["bindings"] = []


def other_labels(fake):
    fake.things[f"secret/{NAME}"]["shown"]["labels"] = {}


def other_place(fake):
    fake.things[f"secret/{NAME}"]["shown"]["replication"] = {"automatic": {}}


def function_forgot(fake):
    config(fake, "launches")["secretEnvironmentVariables"] = []


def function_pinned(fake):
    config(fake, "control")["secretEnvironmentVariables"][0]["version"] = "1"


def validator_reads(fake):
    given = config(fake, "launches")["secretEnvironmentVariables"]
    config(fake, "requests")["secretEnvironmentVariables"] = given


def config(fake, name):
    (thing,) = [t for key, t in fake.things.items() if key.endswith(f"functions/tunedrop-{name}")]
    return thing["serviceConfig"]


BROKEN = {
    disabled: ("secret/webhook-value", "expected it, found nothing"),
    a_newer_one_destroyed: ("secret/webhook-value", "expected it, found nothing"),
    another_reader: ("policy/secret/webhook", "expected user:eve@example.com not to hold"),
    no_reader: ("policy/secret/webhook", "to hold roles/secretmanager.secretAccessor"),
    other_labels: ("secret/webhook", "expected labels to be"),
    other_place: ("secret/webhook", "expected replication to be"),
    function_forgot: ("function/launches", "secretEnvironmentVariables"),
    function_pinned: ("function/control", "secretEnvironmentVariables"),
    validator_reads: ("function/requests", "secretEnvironmentVariables"),
}


@pytest.mark.parametrize("damage", BROKEN, ids=lambda one: one.__name__)
def test_each_thing_that_is_broken_is_found(build, fake, damage):
    deployment = build()
    complete(deployment, fake)
    key, said = BROKEN[damage]

    damage(fake)

    differences = found(deployment, fake)
    assert {key} == {where for where, _ in differences}
    assert all(said in what for _, what in differences)


@pytest.mark.parametrize(
    "damage",
    [another_reader, no_reader, other_labels, function_forgot, function_pinned, validator_reads],
    ids=lambda one: one.__name__,
)
def test_what_the_tool_may_mend_it_mends(build, fake, damage):
    deployment = build()
    complete(deployment, fake)
    damage(fake)

    applied(deployment, fake)

    assert [] == found(deployment, fake)


def test_a_deployment_that_stops_telling_takes_the_secret_from_its_functions(build, fake):
    complete(build(), fake)
    quiet = build(SMALL)

    applied(quiet, fake)

    assert [] == [
        one
        for function in FUNCTIONS
        for one in config(fake, function.name).get("secretEnvironmentVariables", [])
    ]


def test_destroy_takes_the_secret_along_without_a_purge(build, fake):
    deployment = build()
    complete(deployment, fake)

    destroy(deployment, gcloud_over(deployment, fake), purge=False, say=lambda _: None)

    assert not [key for key in fake.things if key.startswith("secret/")]


def test_with_a_key_the_secret_is_encrypted_with_it_and_its_service_is_let_at_it_first(build):
    deployment = build(TOLD | {"security": {"kms_key": KEY}})
    keys = [step.key for step in deployment.steps]
    steps = {step.key: step for step in deployment.steps}

    (path, text), *_ = steps["secret/webhook"].files.items()

    replica = {"location": "us-central1", "customerManagedEncryption": {"kmsKeyName": KEY}}
    assert {"userManaged": {"replicas": [replica]}} == json.loads(text)
    assert f"--replication-policy-file={path}" in steps["secret/webhook"].create[0]
    assert (
        keys.index("agent/secretmanager")
        < keys.index("policy/key")
        < keys.index("secret/webhook")
        < keys.index("policy/secret/webhook")
        < keys.index("secret/webhook-value")
        < keys.index("function/finalized")
    )
    assert "secretmanager" in {grant.holder for grant in steps["policy/key"].grants}


def test_with_a_key_the_deployment_stands_and_stays(build, fake):
    deployment = build(TOLD | {"security": {"kms_key": KEY}})

    complete(deployment, fake)

    assert [] == found(deployment, fake)
    assert not applied(deployment, fake).changed


def test_secret_managers_account_without_the_key_is_found(build, fake):
    deployment = build(TOLD | {"security": {"kms_key": KEY}})
    complete(deployment, fake)
    policy = fake.state["policies"][f"key/{KEY}"]
    for binding in policy["bindings"]:
        binding["members"] = [one for one in binding["members"] if "secretmanager" not in one]

    keys = {key for key, _ in found(deployment, fake)}

    assert {"agent/secretmanager", "policy/key"} == keys


def test_the_plan_says_what_a_person_has_to_run_and_runs_it_not(build):
    plan = plan_text(build(), "deploy/config.toml")

    (line,) = [line for line in plan.splitlines() if "versions add" in line]
    assert line.startswith("# By hand: run `gcloud secrets versions add tunedrop-webhook ")
    assert plan.index(line) < plan.index("gcloud functions deploy")


def test_the_plan_for_programs_says_it_as_well(build):
    steps = {step["key"]: step for step in json.loads(plan_json(build()))["steps"]}

    assert [] == steps["secret/webhook-value"]["create"]
    assert "versions add" in steps["secret/webhook-value"]["remedy"]


@pytest.mark.gcloud
@pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")
def test_gcloud_accepts_the_line_that_a_person_runs(write_config, tmp_path, warm):
    *_, step = webhook.secret_steps(Names(load_config(write_config(TOLD))))
    line = re.search(r"`(gcloud [^`]+)`", step.remedy)[1]

    assert [] == lint([line], tmp_path, warm)
