"""Applying, verifying and removing a plan, against the stand-in for gcloud: stopped anywhere, broken anywhere."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.breaking import broken, leaves
from support.fake_gcloud import READS, FakeGcloud, Killed, install
from tunedrop_deploy_lib import surveying
from tunedrop_deploy_lib.applying import AS_IT_SHOULD_BE, CORRECTED, CREATED, apply
from tunedrop_deploy_lib.cli import main
from tunedrop_deploy_lib.config_file import load_config
from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.errors import DeployError, RefusedError
from tunedrop_deploy_lib.gcloud import WAITS_SECONDS, Gcloud
from tunedrop_deploy_lib.removing import destroy
from tunedrop_deploy_lib.verifying import deviations, verify

ROOT = Path(__file__).parents[2]


@pytest.fixture
def deployment(write_config, document, checkout):
    return Deployment(load_config(write_config(document)), checkout)


@pytest.fixture
def fake():
    return FakeGcloud()


class Told(list):
    """What the tool said, and how long it would have rested."""

    def __init__(self):
        super().__init__()
        self.rests = []


@pytest.fixture
def told():
    return Told()


def gcloud_over(deployment, fake, told):
    return Gcloud(deployment.facts, execute=fake.execute, sleep=told.rests.append, say=told.append)


def applied(deployment, fake, told):
    gcloud = gcloud_over(deployment, fake, told)
    return apply(deployment, gcloud, say=told.append, sleep=told.rests.append)


def found(deployment, fake, told):
    """Every deviation, as its step's key and its sentence."""
    gcloud = gcloud_over(deployment, fake, told)
    return [(one.key, one.what) for one in deviations(deployment, gcloud)]


class OneByOne:
    """Looks at one part after the other, and at none that nobody asks for."""

    def __init__(self, _at_once):
        self.map = map

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        pass


@pytest.fixture
def one_by_one(monkeypatch):
    """Hundreds of surveys: threads would take most of the time."""
    monkeypatch.setattr(surveying, "ThreadPoolExecutor", OneByOne)


def is_found(deployment, fake, told):
    """Whether there is any deviation."""
    gcloud = gcloud_over(deployment, fake, told)
    return next(deviations(deployment, gcloud), None) is not None


def project_of(fake):
    """The project without its log of calls, as one comparable value."""
    kept = {key: value for key, value in fake.state.items() if key not in {"calls", "changes"}}
    return json.loads(json.dumps(kept, sort_keys=True))


def changes_in(calls):
    return [call for call in calls if not READS.intersection(call[:4])]


def provided(fake, deployment):
    """What has to be there before the tool is run, since only a person can provide it."""
    for email in {deployment.config.tuning_service_account} - {""}:
        fake.things[f"account/{email}"] = {"email": email}
    for email in deployment.config.allowed_service_accounts:
        fake.things[f"account/{email}"] = {"email": email}
    for name in deployment.config.dataset_buckets:
        fake.things[f"bucket/{name}"] = {"name": name, "projectNumber": "999"}
    fake.state["given"] = {deployment.names.webhook_secret: True}
    return fake


@pytest.fixture
def standing(deployment, fake, told):
    """A project in which the plan has been applied."""
    applied(deployment, provided(fake, deployment), told)
    return fake


def test_applying_makes_everything_and_verifying_finds_nothing(deployment, fake, told):
    outcome = applied(deployment, provided(fake, deployment), told)

    assert outcome.changed
    assert [] == found(deployment, fake, told)
    assert [] == told.rests


def test_applying_again_changes_nothing(deployment, standing, told):
    before = len(standing.calls)

    outcome = applied(deployment, standing, told)

    assert len(deployment.steps) == outcome.counts[AS_IT_SHOULD_BE]
    assert [] == changes_in(standing.calls[before:])


@pytest.mark.usefixtures("one_by_one")
def test_an_apply_that_is_killed_after_any_change_goes_on_where_it_was(
    write_config, full_document, checkout, told, monkeypatch
):
    deployment = Deployment(load_config(write_config(full_document)), checkout)
    whole = provided(FakeGcloud(), deployment)
    applied(deployment, whole, told)
    monkeypatch.setattr(deployment, "stage", lambda: None)  # is staged now
    ends = []
    for count in range(1, whole.changes + 1):
        fake = provided(FakeGcloud(kill_after=count), deployment)
        with pytest.raises(Killed):
            applied(deployment, fake, told)
        fake.kill_after = None
        applied(deployment, fake, told)
        ends.append(project_of(fake) == project_of(whole))

    assert [] == found(deployment, whole, told)
    assert whole.changes > 80
    assert [True] * whole.changes == ends


UNJUDGED = {
    "name", "email", "projectId", "environment", "uri", "service", "writerIdentity",
    "trigger", "subscription", "currencyCode", "LOG_EXECUTION_ID", "etag",
}  # fmt: skip
"""Names that services give, and what the plan says nothing about."""
UNJUDGED_KINDS = ("agent/", "service/", "trigger/", "apis")
OF_EVENTARC = {("topic",), ("pushConfig",)}
"""What the service decides about the subscription that it makes along with a trigger."""


def breakable(fake, provided_keys):
    for key, thing in sorted(fake.things.items()):
        if key.startswith(UNJUDGED_KINDS) or key in provided_keys:
            continue
        others = OF_EVENTARC if key.startswith("subscription/eventarc-") else set()
        for path in leaves(thing):
            if path[-1] not in UNJUDGED and path not in others:
                yield key, path


@pytest.mark.usefixtures("one_by_one")
def test_verify_finds_each_single_setting_that_is_broken(deployment, standing, told):
    own = set(provided(FakeGcloud(), deployment).things)
    missed, count = [], 0
    for key, path in list(breakable(standing, own)):
        holder = standing.things[key]
        for part in path[:-1]:
            holder = holder[part]
        good = holder[path[-1]]
        holder[path[-1]] = broken(good)
        count += 1
        if not is_found(deployment, standing, told):
            missed.append((key, ".".join(path)))
        holder[path[-1]] = good

    assert count > 150
    assert [] == missed
    assert [] == found(deployment, standing, told)


@pytest.mark.usefixtures("one_by_one")
def test_verify_finds_each_single_binding_that_is_missing_or_too_much(deployment, standing, told):
    missed, count = [], 0
    for key, policy in standing.state["policies"].items():
        for binding in policy["bindings"]:
            good = list(binding["members"])
            for member in [one for one in good if not one.startswith("projectOwner:")]:
                count += 1
                binding["members"] = [one for one in good if one != member]
                if not is_found(deployment, standing, told):
                    missed.append((key, binding["role"], member))
            binding["members"] = [*good, "allUsers"]
            is_ours = key.removeprefix("bucket/") not in deployment.config.dataset_buckets
            if is_ours != is_found(deployment, standing, told):
                missed.append((key, binding["role"], "allUsers"))
            binding["members"] = good
            condition = binding.get("condition")
            if condition:
                binding["condition"] = condition | {"expression": "true"}
                if not is_found(deployment, standing, told):
                    missed.append((key, binding["role"], "condition"))
                binding["condition"] = condition

    assert count > 40
    assert [] == missed


@pytest.mark.usefixtures("one_by_one")
def test_verify_finds_each_single_thing_that_is_gone_and_apply_brings_it_back(
    deployment, standing, told, monkeypatch
):
    monkeypatch.setattr(deployment, "stage", lambda: None)  # is staged by now
    whole = project_of(standing)
    own = set(provided(FakeGcloud(), deployment).things)
    unfound, unmended = [], []
    for key in sorted(standing.things):
        if key in own or key.startswith(
            ("service/", "trigger/", "subscription/eventarc-", "agent/")
        ):
            continue  # made along with a function, or not ours to make
        fake = FakeGcloud(json.loads(json.dumps(whole)) | {"calls": []})
        del fake.things[key]
        fake.state["policies"].pop(key, None)
        unfound += [] if is_found(deployment, fake, told) else [key]
        applied(deployment, fake, told)
        unmended += found(deployment, fake, told)

    assert [] == unfound
    assert [] == unmended


def test_what_verify_prints_mends_what_it_found(deployment, standing, told):
    name = f"subscription/{deployment.names.deployment}-launches"
    standing.things[name]["ackDeadlineSeconds"] = 10

    count = verify(
        deployment, gcloud_over(deployment, standing, told), config_path="c", say=told.append
    )

    assert 1 == count
    (line,) = [text.strip() for text in told if text.strip().startswith("gcloud ")]
    assert "--ack-deadline=600" in line
    standing.execute(line.split()[1:])
    assert [] == found(deployment, standing, told)


def test_a_redeploy_without_retries_is_found_and_mended(deployment, standing, told):
    (function,) = [thing for thing in standing.things.values() if "eventTrigger" in thing]
    function["eventTrigger"]["retryPolicy"] = "RETRY_POLICY_DO_NOT_RETRY"

    outcome = applied(deployment, standing, told)

    assert 1 == outcome.counts[CORRECTED]
    assert "RETRY_POLICY_RETRY" == function_of(standing)["eventTrigger"]["retryPolicy"]


def function_of(fake):
    (function,) = [thing for thing in fake.things.values() if "eventTrigger" in thing]
    return function


def test_destroying_keeps_the_buckets_and_purging_does_not(deployment, standing, told):
    own = set(provided(FakeGcloud(), deployment).things)

    destroy(deployment, gcloud_over(deployment, standing, told), purge=False, say=told.append)
    kept = {key.partition("/")[0] for key in live(standing) - own}
    destroy(deployment, gcloud_over(deployment, standing, told), purge=True, say=told.append)

    assert {"apis", "agent", "bucket"} == kept
    assert {"apis", "agent"} == {key.partition("/")[0] for key in live(standing) - own}
    assert any("endpoint" in line or "enabled APIs" in line for line in told)
    ours = f"{deployment.names.deployment}-"
    members = [
        member
        for policy in standing.state["policies"].values()
        for binding in policy["bindings"]
        for member in binding["members"]
    ]
    assert [] == [member for member in members if member.startswith(f"serviceAccount:{ours}")]


@pytest.mark.parametrize(
    ("served", "verbs"),
    [([{"id": "7"}], ["undeploy-model", "delete"]), ([], ["delete"])],
    ids=["serving", "idle"],
)
def test_what_goes_on_costing_is_listed_with_the_lines_that_end_it(
    deployment, standing, told, served, verbs
):
    region = deployment.config.region
    name = f"projects/1/locations/{region}/endpoints/5"
    standing.things[f"endpoint/{region}/5"] = {"name": name, "deployedModels": served}

    destroy(deployment, gcloud_over(deployment, standing, told), purge=False, say=told.append)

    (entry,) = [line for line in told if name in line]
    lines = [line.split() for line in entry.splitlines()[1:]]
    assert verbs == [words[3] for words in lines]
    assert all(words[:3] == ["gcloud", "ai", "endpoints"] and name in words for words in lines)
    assert ("costs as long as it serves" in entry) == bool(served)


def live(fake):
    return {
        key
        for key, thing in fake.things.items()
        if not (isinstance(thing, dict) and thing.get("deleted"))
    }


def test_a_destroy_that_is_killed_anywhere_can_be_run_again(deployment, told):
    whole = provided(FakeGcloud(), deployment)
    applied(deployment, whole, told)
    start = project_of(whole)
    counted = FakeGcloud(json.loads(json.dumps(start)) | {"calls": []})
    destroy(deployment, gcloud_over(deployment, counted, told), purge=True, say=told.append)
    for count in range(1, counted.changes + 1):
        fake = FakeGcloud(json.loads(json.dumps(start)) | {"calls": []}, kill_after=count)
        with pytest.raises(Killed):
            destroy(deployment, gcloud_over(deployment, fake, told), purge=True, say=told.append)
        fake.kill_after = None
        destroy(deployment, gcloud_over(deployment, fake, told), purge=True, say=told.append)

        assert live(counted) == live(fake)

    assert counted.changes > 60


def test_a_deployment_can_be_made_again_after_it_was_removed(deployment, standing, told):
    destroy(deployment, gcloud_over(deployment, standing, told), purge=True, say=told.append)

    applied(deployment, standing, told)

    assert [] == found(deployment, standing, told)


def test_a_bucket_of_another_project_is_refused_before_anything_is_put_there(
    deployment, fake, told
):
    name = deployment.names.bucket("ledger")
    fake.things[f"bucket/{name}"] = {"name": name, "projectNumber": "666", "location": "US"}

    with pytest.raises(RefusedError, match="somebody else's"):
        applied(deployment, provided(fake, deployment), told)

    assert [] == changes_in(fake.calls)


def test_a_bucket_that_may_not_be_looked_at_is_refused(deployment, told):
    name = deployment.names.bucket("ledger")
    denial = f"ERROR: HTTPError 403: me does not have storage.buckets.get access to gs://{name}."
    fake = FakeGcloud(
        fail=lambda argv: denial if f"gs://{name}" in argv and "describe" in argv else None
    )

    with pytest.raises(RefusedError, match="may be somebody else's: name another bucket_prefix"):
        applied(deployment, provided(fake, deployment), told)


def test_a_project_with_another_number_is_refused_before_anything_is_made(
    write_config, full_document, checkout, fake, told
):
    config = load_config(write_config(full_document | {"project_number": "111111"}))

    with pytest.raises(RefusedError, match="expected the number 111111, found 123456789012"):
        applied(Deployment(config, checkout), fake, told)

    assert [] == changes_in(fake.calls)


def test_a_project_that_cannot_be_asked_yet_gets_the_interface_for_it_first(deployment, told):
    def disabled(argv):
        api = "cloudresourcemanager.googleapis.com"
        if argv[0] == "projects" and api not in fake.things.get("apis", []):
            return f"ERROR: PERMISSION_DENIED: {api} has not been used in project 1 before or it is disabled"
        return None

    fake = provided(FakeGcloud(fail=disabled), deployment)

    before = found(deployment, fake, told)
    applied(deployment, fake, told)

    assert "apis" in {key for key, _ in before}
    assert [] == found(deployment, fake, told)


def test_rights_that_have_not_spread_yet_are_waited_for(deployment, told):
    left = {"times": 3}

    def slowly(argv):
        if argv[:2] == ["functions", "deploy"] and left["times"]:
            left["times"] -= 1
            return (
                "Preparing function...\nERROR: (gcloud.functions.deploy) PERMISSION_DENIED: not yet"
            )
        return None

    fake = provided(FakeGcloud(fail=slowly), deployment)

    applied(deployment, fake, told)

    assert list(WAITS_SECONDS[:3]) == told.rests
    assert any("PERMISSION_DENIED: not yet" in line for line in told)
    assert not any("Preparing function" in line for line in told)


def test_a_right_that_never_comes_ends_with_what_gcloud_said(deployment, told):
    def never(argv):
        if argv[:2] == ["functions", "deploy"]:
            return "ERROR: (gcloud.functions.deploy) PERMISSION_DENIED: iam.serviceAccounts.actAs"
        return None

    fake = provided(FakeGcloud(fail=never), deployment)

    with pytest.raises(DeployError, match=r"gcloud functions deploy .*\n.*serviceAccounts\.actAs"):
        applied(deployment, fake, told)

    assert list(WAITS_SECONDS) == told.rests


def test_a_setting_that_does_not_stay_set_ends_the_apply(deployment, standing, told):
    real = standing.execute

    def stubborn(argv):
        answer = real(argv)
        standing.things[f"topic/{deployment.names.topic('events')}"]["labels"] = {}
        return answer

    standing.execute = stubborn

    with pytest.raises(DeployError, match="was set, and still reads back otherwise"):
        applied(deployment, standing, told)

    assert told.rests


@pytest.mark.parametrize("says", ["apply", "verify", "destroy"])
def test_without_gcloud_each_command_says_what_to_install(
    says, write_config, full_document, checkout, monkeypatch, capsys
):
    monkeypatch.setenv("PATH", str(checkout))
    flags = ["--yes"] if says == "destroy" else []

    code = main([says, "--config", str(write_config(full_document)), *flags], root=checkout)

    assert 2 == code
    assert "install the Google Cloud CLI" in capsys.readouterr().err


def test_removal_is_not_begun_without_an_answer(write_config, full_document, checkout, capsys):
    code = main(["destroy", "--config", str(write_config(full_document))], root=checkout)

    assert 2 == code
    assert "say --yes" in capsys.readouterr().err


def run_tool(folder, config, command, *flags, kill_after=0):
    """The tool as people start it, from any folder, with the stand-in first on PATH."""
    return subprocess.run(
        [sys.executable, str(ROOT / "deploy" / "tunedrop_deploy.py"), command, *flags, "--config", str(config)],
        env=os.environ
        | {
            "PATH": f"{folder}:{os.environ['PATH']}",
            "FAKE_GCLOUD_KILL_AFTER": str(kill_after),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def test_the_tool_itself_survives_being_killed(write_config, tmp_path):
    config = write_config(
        {"project": "test-project-1", "region": "us-central1", "bucket_location": "us-central1"}
    )
    state = tmp_path / "state.json"
    folder = install(tmp_path / "bin", state).parent

    killed = run_tool(folder, config, "apply", kill_after=40)
    resumed = run_tool(folder, config, "apply")
    verified = run_tool(folder, config, "verify")

    assert -signal.SIGKILL == killed.returncode
    assert 0 == resumed.returncode, resumed.stderr
    assert (0, "Everything is as the plan says.") == (
        verified.returncode,
        verified.stdout.splitlines()[-1],
    )
    assert f" {CREATED}" in resumed.stdout
