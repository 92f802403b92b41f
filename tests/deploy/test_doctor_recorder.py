"""`tunedrop doctor` against a recorded project: all good, and one fault at a time, each found and mended in words."""

import json
import os
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from support.deployed import make_deployment, settings_of, subscription_of_trigger
from support.gcloud_lint import lint
from support.recorder import Recorder, environment, quotas, vertex
from support.warm_gcloud import GCLOUD
from tunedrop import bootstrap
from tunedrop.cli.main import cli
from tunedrop.doctor import messages
from tunedrop_deploy_lib import messages as deployed_messages
from tunedrop_deploy_lib.config_file import load_config
from tunedrop_deploy_lib.deployment import Deployment

ROOT = Path(__file__).parents[2]
ALIVE = {"TUNEDROP_CATALOG_FILE": str(ROOT / "tests" / "support" / "no_retirement.toml")}
PROJECT = "projects/test-project-1"
FLAG = "--project=test-project-1"
KEY = f"{PROJECT}/locations/us-central1/keyRings/r/cryptoKeys/k"
TENSORBOARD = f"{PROJECT}/locations/us-central1/tensorboards/7"
SMALL = {
    "project": "test-project-1",
    "region": "us-central1",
    "bucket_location": "us-central1",
    "allow": {"base_models": ["gemini-3.5-flash"]},
    "recipes": {"default_base_models": {"gemini": "gemini-3.5-flash"}},
}
ENCRYPTED = {
    **SMALL,
    "deployment": "dev",
    "allow": {"base_models": ["code-bison@002"], "dataset_buckets": ["shared-datasets"]},
    "recipes": {"default_base_models": {"code-generation": "code-bison@002"}},
    "security": {
        "tuning_service_account": "tuning@test-project-1.iam.gserviceaccount.com",
        "kms_key": KEY,
    },
}


class Examined:
    """What a run of the command said."""

    def __init__(self, result):
        self.code = result.exit_code
        self.output = result.output
        self.lines = {line["code"]: line for line in json.loads(result.stdout)["lines"]}
        self.summary = json.loads(result.stdout)["summary"]

    @property
    def bad(self):
        """Codes of the lines that are neither good nor needless, with their states."""
        return {
            code: line["state"]
            for code, line in self.lines.items()
            if line["state"] not in {"good", "not_needed"}
        }


class Project:
    """A recorded deployment that can be broken and examined."""

    def __init__(self, recorder, deployment):
        self.recorder, self.deployment = recorder, deployment

    @property
    def state(self):
        return self.recorder.state

    def policy(self, place):
        return self.state["policies"][place]["bindings"]

    def run(self, *arguments, **settings):
        bootstrap.forget()
        variables = settings_of(self.deployment, self.recorder, **(ALIVE | settings))
        return CliRunner(env=variables).invoke(cli, ["doctor", *arguments])

    def examine(self, **settings):
        return Examined(self.run("--json", **settings))


def project_of(document, folder):
    path = folder / "config.toml"
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in document.items()))
    return Deployment(load_config(path), ROOT)


def toml(value):
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)} = {toml(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    return json.dumps(value)


@pytest.fixture
def started(tmp_path):
    """A callable that gives a project for a configuration."""
    recorders = []

    def start(document):
        recorder = Recorder(services=[quotas.service, vertex.service]).__enter__()
        recorders.append(recorder)
        deployment = project_of(document, tmp_path)
        make_deployment(recorder, deployment)
        return Project(recorder, deployment)

    yield start
    for recorder in recorders:
        recorder.__exit__()


@pytest.fixture
def project(started):
    return started(SMALL)


@pytest.fixture
def encrypted(started):
    found = started(ENCRYPTED)
    found.state["aiplatform"][TENSORBOARD] = {"name": TENSORBOARD}
    found.state["storage"]["shared-datasets"] = {"name": "shared-datasets"}
    return found


def test_a_healthy_project_has_good_lines_only(project):
    examined = project.examine()

    assert (0, {}) == (examined.code, examined.bad)
    assert len(examined.lines) == sum(examined.summary.values())
    assert [] == project.recorder.unknown


def test_a_healthy_project_with_a_key_and_a_tensorboard_has_good_lines_only(encrypted):
    examined = encrypted.examine(TUNEDROP_TENSORBOARD=TENSORBOARD)

    assert (0, {}) == (examined.code, examined.bad)
    assert {"good"} == {
        line["state"]
        for code, line in examined.lines.items()
        if code.startswith(("key.", "tensorboard.", "quota.gpu", "quota.tpu"))
    }


def test_looking_changes_nothing_and_asks_once_for_each_thing(project):
    project.examine()
    lines = [request.line for request in project.recorder.requests]

    assert [] == project.recorder.changes
    assert len(lines) == len(set(lines))


def test_every_right_that_the_plan_grants_the_deployments_accounts_is_looked_at(encrypted):
    """The policies of the recorded project come from the plan; without them no right may look good."""
    for policy in encrypted.state["policies"].values():
        policy["bindings"].clear()
    examined = encrypted.examine()
    accounts = ("serviceAccount:dev-", "serviceAccount:tuning@", "serviceAccount:service-")
    granted = sum(
        grant.member.startswith((*accounts, "serviceAccount:${STORAGE_AGENT}"))
        for step in encrypted.deployment.steps
        for grant in step.grants
        if "secret" not in step.key
    )
    missing = [
        code
        for code, state in examined.bad.items()
        if state == "missing" and code.startswith(("right.", "agent.", "key.us-central1.r.k."))
    ]

    assert granted == len(missing)


def without_role(bindings, role, account=""):
    bindings[:] = [
        binding
        for binding in bindings
        if binding["role"] != role or not binding["members"][0].startswith(account)
    ]


def turn_api_off(project):
    del project.state["serviceusage"]["cloudbuild.googleapis.com"]


def take_role(project):
    bindings = project.policy(f"crm/{PROJECT}")
    without_role(bindings, f"{PROJECT}/roles/tunedrop_tunedrop_launcher")


def widen_condition(project):
    for binding in project.policy("storage/test-project-1-tunedrop-ledger"):
        if binding["members"] == [account("launcher")] and "condition" in binding:
            binding["condition"] = {"expression": "true", "title": "any time"}


def account(role):
    return f"serviceAccount:tunedrop-{role}@test-project-1.iam.gserviceaccount.com"


def bucket(project, role):
    return project.state["storage"][f"test-project-1-tunedrop-{role}"]


def give_bucket_away(project):
    bucket(project, "ledger")["projectNumber"] = "666"


def open_bucket(project):
    bucket(project, "reports")["iamConfiguration"]["publicAccessPrevention"] = "inherited"


def allow_object_lists(project):
    bucket(project, "work")["iamConfiguration"]["uniformBucketLevelAccess"] = {"enabled": False}


def move_bucket(project):
    bucket(project, "state")["location"] = "ASIA"


def remove_bucket(project):
    del project.state["storage"]["test-project-1-tunedrop-state"]


def shorten_ack_deadline(project):
    project.state["pubsub"][subscription_of_trigger(project.recorder.world)][
        "ackDeadlineSeconds"
    ] = 10


def drop_dead_letters(project):
    del project.state["pubsub"][f"{PROJECT}/subscriptions/tunedrop-launches"]["deadLetterPolicy"]


def let_subscription_expire(project):
    kept = project.state["pubsub"][f"{PROJECT}/subscriptions/tunedrop-dead-letters-pull"]
    kept["expirationPolicy"] = {"ttl": "2678400s"}


def remove_topic(project):
    del project.state["pubsub"][f"{PROJECT}/topics/tunedrop-control"]


def disable_account(project):
    email = "tunedrop-status@test-project-1.iam.gserviceaccount.com"
    project.state["iam"][f"{PROJECT}/serviceAccounts/{email}"]["disabled"] = True


def weaken_custom_role(project):
    role = project.state["iam"][f"{PROJECT}/roles/tunedrop_tunedrop_replacer"]
    role["includedPermissions"] = ["storage.objects.create"]


def delete_custom_role(project):
    project.state["iam"][f"{PROJECT}/roles/tunedrop_tunedrop_status"]["deleted"] = True


def take_agents_role(project):
    without_role(project.policy(f"crm/{PROJECT}"), "roles/pubsub.serviceAgent")


def use_up_quota(project):
    quotas.new_quota(project.recorder.world, "concurrent_jobs", 0)


def stop_retries(project):
    function = f"{PROJECT}/locations/us-central1/functions/tunedrop-finalized"
    project.state["functions"][function]["eventTrigger"]["retryPolicy"] = (
        "RETRY_POLICY_DO_NOT_RETRY"
    )


def break_function(project):
    function = f"{PROJECT}/locations/us-central1/functions/tunedrop-control"
    project.state["functions"][function]["state"] = "FAILED"


UPDATE = "gcloud pubsub subscriptions update"
FAULTS = {
    turn_api_off: (
        "api.cloudbuild",
        "missing",
        f"gcloud services enable cloudbuild.googleapis.com {FLAG}",
    ),
    take_role: (
        "right.project.launcher.launcher",
        "missing",
        (
            f"gcloud projects add-iam-policy-binding test-project-1 --member={account('launcher')}"
            f" --role={PROJECT}/roles/tunedrop_tunedrop_launcher --condition=None"
        ),
    ),
    widen_condition: (
        "right.bucket.ledger.launcher.objectCreator",
        "unfit",
        "gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-ledger"
        f" --member={account('launcher')} --role=roles/storage.objectCreator '--condition=expression="
        + " || ".join(
            'resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/'
            f'{folder}/")'
            for folder in ("runs", "askers", "starts", "slots", "budget", "messages")
        )
        + f",title=in runs askers starts slots budget messages' {FLAG}",
    ),
    give_bucket_away: (
        "bucket.ledger.owner",
        "unfit",
        "write nothing to it: name another bucket_prefix",
    ),
    open_bucket: (
        "bucket.reports.public_access",
        "unfit",
        (
            "gcloud storage buckets update gs://test-project-1-tunedrop-reports"
            f" --public-access-prevention {FLAG}"
        ),
    ),
    allow_object_lists: (
        "bucket.work.uniform_access",
        "unfit",
        (
            "gcloud storage buckets update gs://test-project-1-tunedrop-work"
            f" --uniform-bucket-level-access {FLAG}"
        ),
    ),
    move_bucket: ("bucket.state.location", "unfit", "a bucket cannot move"),
    remove_bucket: (
        "bucket.state.exists",
        "missing",
        (
            "gcloud storage buckets create gs://test-project-1-tunedrop-state --location=us-central1"
            f" --uniform-bucket-level-access --public-access-prevention {FLAG}"
        ),
    ),
    shorten_ack_deadline: (
        "subscription.finalized.ack_deadline",
        "unfit",
        f"{UPDATE} eventarc-us-central1-tunedrop-finalized-sub-1 --ack-deadline=600 {FLAG}",
    ),
    drop_dead_letters: (
        "subscription.launches.dead_letters",
        "missing",
        (
            f"{UPDATE} tunedrop-launches --dead-letter-topic={PROJECT}/topics/tunedrop-dead-letters"
            f" --max-delivery-attempts=30 {FLAG}"
        ),
    ),
    let_subscription_expire: (
        "subscription.dead-letters.expiry",
        "unfit",
        f"{UPDATE} tunedrop-dead-letters-pull --expiration-period=never {FLAG}",
    ),
    remove_topic: (
        "topic.control",
        "missing",
        f"gcloud pubsub topics create tunedrop-control {FLAG}",
    ),
    disable_account: (
        "account.status",
        "unfit",
        (
            "gcloud iam service-accounts enable"
            f" tunedrop-status@test-project-1.iam.gserviceaccount.com {FLAG}"
        ),
    ),
    weaken_custom_role: (
        "role.replacer",
        "unfit",
        (
            "gcloud iam roles update tunedrop_tunedrop_replacer"
            f" --permissions=storage.objects.create,storage.objects.delete {FLAG}"
        ),
    ),
    delete_custom_role: (
        "role.status",
        "unfit",
        f"gcloud iam roles undelete tunedrop_tunedrop_status {FLAG}",
    ),
    take_agents_role: (
        "agent.pubsub",
        "missing",
        f"gcloud beta services identity create --service=pubsub.googleapis.com {FLAG}",
    ),
    use_up_quota: (
        "quota.jobs.global",
        "unfit",
        (
            "gcloud beta quotas preferences create --service=aiplatform.googleapis.com"
            f" --quota-id=ConcurrentJobs --preferred-value=1 {FLAG}"
        ),
    ),
    stop_retries: ("function.finalized.retry", "unfit", messages.APPLY),
    break_function: ("function.control.state", "unfit", messages.APPLY),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_is_found_by_its_line_with_what_mends_it(project, fault):
    code, state, mend = FAULTS[fault]
    fault(project)
    examined = project.examine()
    line = examined.lines[code]

    assert (1, state) == (examined.code, line["state"])
    assert mend in [*line["mend"], line["remedy"][: len(mend)]]
    assert {code} == {
        each for each in examined.bad if not each.startswith("right.bucket.state")
    } | {code}


def test_a_fault_is_told_to_people_with_its_reason_and_a_line_to_copy(project):
    shorten_ack_deadline(project)
    result = project.run()
    mend = FAULTS[shorten_ack_deadline][2]

    assert 1 == result.exit_code
    assert "10 s, expected 600 s" in result.output
    assert "the function is called again while it still works" in result.output
    assert mend in [line.strip() for line in result.output.splitlines()]
    assert "tunedrop-validator" not in result.output


def test_good_lines_are_shown_when_asked_for(project):
    assert "tunedrop-validator@" in project.run("--all").output


def disable_key(project):
    project.state["cloudkms"][KEY]["primary"]["state"] = "DISABLED"


def take_key_from_storage(project):
    bindings = project.policy(f"cloudkms/{KEY}")
    bindings[:] = [one for one in bindings if "gs-project-accounts" not in one["members"][0]]


def use_up_a100s(project):
    quotas.new_quota(project.recorder.world, "restricted_image_training_nvidia_a100_80gb_gpus", 0)


def use_up_tpus(project):
    quotas.new_quota(project.recorder.world, "restricted_image_training_tpu", 32)


def take_actas(project):
    email = "tuning@test-project-1.iam.gserviceaccount.com"
    project.policy(f"iam/{PROJECT}/serviceAccounts/{email}").clear()


def remove_tensorboard(project):
    del project.state["aiplatform"][TENSORBOARD]


QUOTA = "gcloud beta quotas preferences create --service=aiplatform.googleapis.com --quota-id="
FAULTS_OF_ENCRYPTED = {
    disable_key: (
        "key.us-central1.r.k.state",
        "unfit",
        "gcloud kms keys versions enable 1 --key=k --keyring=r --location=us-central1 " + FLAG,
    ),
    take_key_from_storage: (
        "key.us-central1.r.k.storage",
        "missing",
        (
            f"gcloud kms keys add-iam-policy-binding {KEY}"
            " --member=serviceAccount:service-123456789012@gs-project-accounts.iam.gserviceaccount.com"
            f" --role=roles/cloudkms.cryptoKeyEncrypterDecrypter {FLAG}"
        ),
    ),
    use_up_a100s: (
        "quota.gpu.us-central1",
        "unfit",
        (
            f"{QUOTA}RestrictedImageTrainingNvidiaA10080GbGpus --preferred-value=8"
            f" --dimensions=region=us-central1 {FLAG}"
        ),
    ),
    use_up_tpus: (
        "quota.tpu.europe-west4",
        "unfit",
        (
            f"{QUOTA}RestrictedImageTrainingTpu --preferred-value=64"
            f" --dimensions=region=europe-west4 {FLAG}"
        ),
    ),
    take_actas: (
        "right.account.tuning@test-project-1.iam.gserviceaccount.com.launcher.serviceAccountUser",
        "missing",
        (
            "gcloud iam service-accounts add-iam-policy-binding"
            " tuning@test-project-1.iam.gserviceaccount.com"
            " --member=serviceAccount:dev-launcher@test-project-1.iam.gserviceaccount.com"
            f" --role=roles/iam.serviceAccountUser {FLAG}"
        ),
    ),
    remove_tensorboard: (
        "tensorboard.exists",
        "missing",
        f"gcloud ai tensorboards create --region=us-central1 --display-name=dev {FLAG}",
    ),
}


@pytest.mark.parametrize("fault", FAULTS_OF_ENCRYPTED, ids=lambda fault: fault.__name__)
def test_a_fault_of_keys_quotas_and_boards_is_found_alone(encrypted, fault):
    code, state, mend = FAULTS_OF_ENCRYPTED[fault]
    fault(encrypted)
    examined = encrypted.examine(TUNEDROP_TENSORBOARD=TENSORBOARD)

    assert (1, {code: state}) == (examined.code, examined.bad)
    assert mend in examined.lines[code]["mend"]


ELSEWHERE = KEY.replace("us-central1", "europe-west4")
FAR_BOARD = TENSORBOARD.replace("us-central1", "europe-west4")
SETTINGS = {
    "retired": ({"TUNEDROP_CATALOG_FILE": ""}, "base_model.code-bison@002.alive", "unfit"),
    "unknown": (
        {"TUNEDROP_ALLOWED_BASE_MODELS": "code-bison@002,code-bisn"},
        "base_model.code-bisn.alive",
        "unfit",
    ),
    "refuses_keys": (
        {"TUNEDROP_ALLOWED_BASE_MODELS": "code-bison@002,gemini-3.5-flash"},
        "key.base_model.gemini-3.5-flash",
        "unfit",
    ),
    "key_elsewhere": (
        {"TUNEDROP_ENCRYPTION_KEY": ELSEWHERE},
        "key.europe-west4.r.k.region",
        "unfit",
    ),
    "no_such_key": (
        {"TUNEDROP_ENCRYPTION_KEY": ELSEWHERE},
        "key.europe-west4.r.k.state",
        "missing",
    ),
    "board_elsewhere": ({"TUNEDROP_TENSORBOARD": FAR_BOARD}, "tensorboard.region", "unfit"),
    "another_number": ({"TUNEDROP_PROJECT_NUMBER": "1"}, "project.state", "unfit"),
    "not_allowed": (
        {"TUNEDROP_DEFAULT_BASE_MODELS": "gemini=gemini-3.5-flash"},
        "base_model.default.gemini",
        "unfit",
    ),
    "nothing_allowed": ({"TUNEDROP_ALLOWED_BASE_MODELS": ""}, "base_model.any", "missing"),
    "idle_region": ({"TUNEDROP_ALLOWED_REGIONS": "us-east1"}, "base_model.regions", "unfit"),
}


@pytest.mark.parametrize(("settings", "code", "state"), SETTINGS.values(), ids=list(SETTINGS))
def test_settings_that_do_not_fit_are_found(encrypted, settings, code, state):
    examined = encrypted.examine(**settings)

    assert (1, state) == (examined.code, examined.lines[code]["state"])


def test_a_base_model_that_is_not_offered_in_the_region_is_found(started):
    examined = started({**SMALL, "region": "us-east1", "bucket_location": "us"}).examine()
    line = examined.lines["base_model.gemini-3.5-flash.region"]

    assert (1, {"base_model.gemini-3.5-flash.region": "unfit"}) == (examined.code, examined.bad)
    assert "offered in us-central1, europe-west4" in line["remedy"]


def test_a_base_model_that_is_offered_in_another_allowed_region_is_good_with_a_word(started):
    document = {**SMALL, "region": "us-east1", "bucket_location": "us", "recipes": {}}
    document["allow"] = {"base_models": ["gemini-3.5-flash"], "regions": ["us-central1"]}
    line = started(document).examine().lines["base_model.gemini-3.5-flash.region"]

    assert ("good", "not offered in us-east1; recipes have to name us-central1") == (
        line["state"],
        line["found"],
    )


def test_a_right_that_is_held_on_the_whole_project_counts_unless_folders_are_asked_for(project):
    everywhere = {"role": "roles/storage.objectViewer", "members": [account("status")]}
    wide = {"role": "roles/storage.objectCreator", "members": [account("status")]}
    project.policy(f"crm/{PROJECT}").extend([everywhere, wide])
    without_role(project.policy("storage/test-project-1-tunedrop-ledger"), everywhere["role"])
    without_role(project.policy("storage/test-project-1-tunedrop-ledger"), wide["role"])
    lines = project.examine().lines
    reads, writes = (
        lines[f"right.bucket.ledger.status.{role}"] for role in ("objectViewer", "objectCreator")
    )

    assert ("good", "given on the whole project") == (reads["state"], reads["found"])
    assert (
        "unfit",
        "held on the whole project, expected in runs cancels slots registry champions messages",
    ) == (
        writes["state"],
        writes["found"],
    )


def test_what_the_caller_may_not_see_is_said_and_stops_nothing(project):
    project.recorder.fail(r"POST /crm/.*:getIamPolicy", 403, times=None)
    examined = project.examine()
    line = examined.lines["right.project.launcher.launcher"]

    assert (0, {"unseen"}) == (examined.code, set(examined.bad.values()))
    assert examined.summary["unseen"] == len(examined.bad)
    assert "resourcemanager.projects.getIamPolicy" in line["found"]
    assert (
        "roles/iam.securityReviewer holds it; an owner of project test-project-1" in line["remedy"]
    )


def test_an_interface_that_is_off_says_how_to_turn_it_on_for_looking(project):
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}]
    body = {"error": {"code": 403, "status": "PERMISSION_DENIED", "details": details}}
    project.recorder.fail(r"GET /cloudquotas/", 403, body, times=None)
    line = project.examine().lines["quota.jobs.global"]

    assert ("unseen", [f"gcloud services enable cloudquotas.googleapis.com {FLAG}"]) == (
        line["state"],
        line["mend"],
    )


def test_an_interface_that_is_off_hides_only_what_it_answers_for(project):
    del project.state["serviceusage"]["eventarc.googleapis.com"]
    examined = project.examine()

    assert {"api.eventarc": "missing", "subscription.finalized.exists": "unseen"} == examined.bad
    assert [f"gcloud services enable eventarc.googleapis.com {FLAG}"] == (
        examined.lines["subscription.finalized.exists"]["mend"]
    )


@pytest.mark.parametrize(
    "body", ["[]", b"\xff", {"error": "not an object"}, {"error": {"message": "no\x1b[2Jthing"}}]
)
def test_an_answer_of_any_shape_is_unseen_and_prints_no_control_character(project, body):
    status = 200 if isinstance(body, bytes) else 500
    project.recorder.fail(r"GET /iam/.*/roles", status, body, times=None)
    result = project.run()

    assert 0 == result.exit_code
    assert "unseen     tunedrop_tunedrop_launcher" in result.output
    assert "\x1b[2J" not in result.output


def test_a_quota_that_the_service_does_not_list_is_unseen(project):
    project.state["cloudquotas"].clear()

    assert {"quota.jobs.global": "unseen"} == project.examine().bad


def test_nothing_seen_at_all_has_an_exit_code_of_its_own(project):
    project.recorder.fail(r".", 403, times=None)
    examined = project.examine()

    assert 3 == examined.code
    assert {"unseen"} == set(examined.bad.values())


def test_nobody_there_has_the_same_exit_code(project):
    result = project.run("--json", TUNEDROP_GOOGLE_APIS_EMULATOR_HOST="127.0.0.1:9")

    assert 3 == result.exit_code
    assert "no usable answer: ConnectionError" in result.stdout


def test_every_bad_line_says_why_and_what_to_do(encrypted):
    for things in ("serviceusage", "iam", "storage", "pubsub", "functions", "cloudkms", "policies"):
        encrypted.state[things].clear()
    encrypted.state["cloudquotas"].clear()
    examined = encrypted.examine(
        TUNEDROP_TENSORBOARD=FAR_BOARD, TUNEDROP_ALLOWED_REGIONS="us-east1"
    )
    silent = [
        code
        for code in examined.bad
        if not all(examined.lines[code][part] for part in ("what", "why", "found"))
        or not (examined.lines[code]["mend"] or examined.lines[code]["remedy"])
    ]

    assert examined.bad
    assert [] == silent


@pytest.mark.gcloud
@pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")
def test_every_mending_line_is_one_that_gcloud_takes(encrypted, tmp_path, warm):
    """Breaks whatever a line knows a command for; `success` counts, since the exit code says nothing."""
    commands = set()
    for fault in FAULTS_OF_ENCRYPTED:
        fault(encrypted)
    commands |= mends(encrypted.examine(TUNEDROP_TENSORBOARD=TENSORBOARD))
    for policy in encrypted.state["policies"].values():
        policy["bindings"].clear()
    commands |= mends(encrypted.examine(TUNEDROP_TENSORBOARD=FAR_BOARD))
    for things in ("iam", "storage", "pubsub", "cloudkms", "serviceusage"):
        encrypted.state[things].clear()
        commands |= mends(encrypted.examine())
    lines = sorted(line for line in commands if line.startswith("gcloud "))

    assert 60 < len(lines)
    assert [] == lint(lines, tmp_path, warm)


MENDED = [
    fault
    for fault, (_code, _state, mend) in FAULTS.items()
    # The recorder's quotas cannot be written.
    if mend.startswith("gcloud ") and fault is not use_up_quota
]


@pytest.mark.gcloud
@pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")
@pytest.mark.parametrize("fault", MENDED, ids=lambda fault: fault.__name__)
def test_what_a_line_says_mends_it(project, tmp_path, warm, fault):
    code = FAULTS[fault][0]
    fault(project)
    for line in project.examine().lines[code]["mend"]:
        variables = os.environ | environment(project.recorder, tmp_path)
        answer = warm.execute(shlex.split(line)[1:], variables, tmp_path)
        assert 0 == answer.code, answer.stderr

    assert "good" == project.examine().lines[code]["state"]


def mends(examined):
    return {command for line in examined.lines.values() for command in line["mend"]}


def test_the_doctor_expects_of_subscriptions_what_the_deploy_tool_makes():
    assert deployed_messages.MAX_ATTEMPTS == messages.MAX_ATTEMPTS
