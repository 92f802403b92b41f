"""The plan: held to a golden file, to what gcloud accepts, and to what the design forbids."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.fake_gcloud import FakeGcloud
from support.gcloud_lint import lint
from support.warm_gcloud import GCLOUD
from tunedrop.contracts import COMMANDS
from tunedrop.topology import ACCOUNTS, BUCKETS, TOPICS
from tunedrop_deploy_lib.cli import main
from tunedrop_deploy_lib.config_file import load_config
from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.gcloud import Gcloud, facts_of, shell_line
from tunedrop_deploy_lib.permissions import END, START, permissions_table
from tunedrop_deploy_lib.schedule import TICK, sink_filter

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
EXAMPLE = ROOT / "deploy" / "config.example.toml"
ASSIGNMENT = re.compile(r'[A-Z_]+="\$\((gcloud .*)\)"')


@pytest.fixture
def deployment(write_config, document):
    return Deployment(load_config(write_config(document)), ROOT)


def planned(path, capsys, *flags):
    assert 0 == main(["plan", "--config", str(path), *flags], root=ROOT)
    return capsys.readouterr().out


def lines_of(plan):
    """Every gcloud line of a printed plan, those in assignments too."""
    for line in plan.splitlines():
        assigned = ASSIGNMENT.fullmatch(line)
        if assigned or line.startswith("gcloud "):
            yield assigned[1] if assigned else line


def settled(text, config):
    """Without what changes with every source change, or with where the test lies."""
    return re.sub(r"tunedrop-source=[0-9a-f]{16}", "tunedrop-source=DIGEST", text).replace(
        str(config), "deploy/config.toml"
    )


def test_the_plan_equals_the_golden_one(write_config, document, capsys):
    path = write_config(document)
    golden = GOLDEN / f"plan-{document.get('deployment', 'tunedrop')}.sh"

    plan = settled(planned(path, capsys), path)

    assert golden.read_text() == plan


def test_the_plan_is_a_shell_script(write_config, document, capsys, tmp_path):
    script = tmp_path / "plan.sh"
    script.write_text(planned(write_config(document), capsys))

    done = subprocess.run(["sh", "-n", str(script)], capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)


def test_the_tool_needs_the_standard_library_alone(write_config, document):
    """Without site-packages, as on a machine on which nothing was installed."""
    tool = [str(ROOT / "deploy" / "tunedrop_deploy.py"), "plan", "--config"]
    done = subprocess.run(
        [sys.executable, "-E", "-s", "-S", *tool, str(write_config(document))],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert "gcloud services enable" in done.stdout


def test_every_fact_is_asked_for_before_it_is_used(write_config, document, capsys):
    known, early = set(), []
    for line in planned(write_config(document), capsys).splitlines():
        early += [] if line.startswith("#") else [n for n in facts_of([line]) if n not in known]
        assigned = re.match(r'([A-Z_]+)="\$\(', line)
        known |= {assigned[1]} if assigned else set()

    assert [] == early
    assert known


def test_the_plan_for_programs_has_the_same_lines(write_config, document, capsys):
    path = write_config(document)
    text = [line for line in lines_of(planned(path, capsys)) if "--format=value" not in line]

    plan = json.loads(planned(path, capsys, "--json"))

    steps = [line for step in plan["steps"] for line in step["create"]]
    assert [line for line in text if "storage service-agent" not in line] == steps
    assert all(step["why"].endswith(".") for step in plan["steps"])


STRANGE = {
    "bindings": [{"role": "roles/x.y", "members": ["allUsers"]}],
    "retentionPolicy": {"retentionPeriod": "1"},
}
"""Something that differs in everything from what any step expects."""
FOUND = {
    "apis": [],
    "budget": [
        {"displayName": "tunedrop dev in test-project-1", "name": "billingAccounts/1/budgets/2"}
    ],
}


def found_of(step):
    """What a look at a step could show; an alert policy is known by what it is called."""
    if step.key.startswith("alert/"):
        title = step.makes.partition("'")[2].removesuffix("'")
        return [{"displayName": title, "name": "projects/p/alertPolicies/1"}]
    return FOUND.get(step.key, STRANGE)


@pytest.mark.gcloud
@pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")
def test_gcloud_accepts_every_planned_line(write_config, document, capsys, tmp_path, warm):
    lines = list(lines_of(planned(write_config(document), capsys)))

    assert len(lines) > 90
    assert [] == lint(lines, tmp_path, warm)


@pytest.mark.gcloud
@pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")
def test_gcloud_refuses_a_line_that_is_wrong(tmp_path, warm):
    lines = ["gcloud pubsub topics create x --bogus", "gcloud pubsub topics create x"]

    assert lines[:1] == [line for line, _ in lint(lines, tmp_path, warm)]


@pytest.mark.gcloud
@pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")
def test_gcloud_accepts_every_line_that_looks_mends_and_removes(deployment, tmp_path, warm):
    commands = []
    for step in deployment.steps:
        found = found_of(step)
        commands += [step.look, *step.undo(found, str)]
        commands += [command for one in step.judge(found, str) for command in one.mend]
    # The linter drops the '=' of an empty value.
    lines = {shell_line(command) for command in commands if "--push-endpoint=" not in command}

    assert len(lines) > 100
    assert [] == lint(lines, tmp_path, warm)


def test_no_function_is_public_and_events_are_retried(write_config, document, capsys):
    lines = list(lines_of(planned(write_config(document), capsys)))
    deploys = [line for line in lines if line.startswith("gcloud functions deploy")]

    assert 5 == len(deploys)
    for line in deploys:
        assert "--no-allow-unauthenticated" in line
        assert "--ingress-settings=internal-only" in line
        assert ("--retry" in line) == ("--trigger-event-filters" in line)
        assert 540 >= int(re.search(r"--timeout=(\d+)s", line)[1])
    assert not [line for line in lines if re.search(r"allUsers|allAuthenticatedUsers", line)]


def test_every_subscription_waits_ten_minutes_and_never_expires(write_config, document, capsys):
    lines = list(lines_of(planned(write_config(document), capsys)))
    pattern = r"gcloud pubsub subscriptions (create|update) "
    subscriptions = [line for line in lines if re.match(pattern, line)]

    assert 6 == len(subscriptions)
    assert all("--ack-deadline=600" in line for line in subscriptions)
    assert all("--expiration-period=never" in line for line in subscriptions)


def test_every_command_names_its_project_or_billing_account(deployment):
    loose = [
        shell_line(command)
        for step in deployment.steps
        for command in (step.look, *step.create)
        if command[0] != "projects"
        and "--project=test-project-1" not in command
        and not any(word.startswith("--billing-account=") for word in command)
    ]

    assert [] == loose


ENTRY = {
    "logName": "projects/test-project-1/logs/aiplatform.googleapis.com%2Fpipeline_job_events",
    "resource": "aiplatform.googleapis.com/PipelineJob",
    "state": "PIPELINE_STATE_SUCCEEDED",
}


def passes(entry, text):
    """Whether an entry passes a filter of the few forms that the sink uses."""
    resource = re.search(r'resource\.type="([^"]+)"', text)[1]
    log = re.search(r'logName="([^"]+)"', text)[1]
    states = re.findall(r'"(PIPELINE_STATE_[A-Z]+)"', text)
    return (entry["resource"], entry["logName"]) == (resource, log) and entry["state"] in states


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"state": "PIPELINE_STATE_FAILED"}, True),
        ({"state": "PIPELINE_STATE_CANCELLED"}, True),
        ({"state": "PIPELINE_STATE_RUNNING"}, False),
        ({"logName": ENTRY["logName"].replace("events", "task_events")}, False),
        ({"resource": "cloud_run_revision"}, False),
        (
            {
                "resource": "cloud_run_revision",
                "logName": "projects/test-project-1/logs/run.googleapis.com%2Fstdout",
            },
            False,
        ),
    ],
    ids=["succeeded", "failed", "cancelled", "running", "task-log", "our-service", "our-log"],
)
def test_the_sink_passes_ends_of_jobs_and_never_our_own_logs(changes, expected):
    text = sink_filter("test-project-1")

    assert expected == passes(ENTRY | changes, text)
    assert 2 == text.count(" AND ")
    assert "/logs/aiplatform.googleapis.com%2F" in text


def test_the_tick_is_a_message_that_the_status_function_reads():
    contracts = [one for one in COMMANDS if one.topic == "job-events"]

    (tick,) = [one.model_validate_json(TICK) for one in contracts]

    assert "sweep" == tick.kind


def architecture_rows(heading):
    text = (ROOT / "docs" / "architecture.md").read_text()
    section = text.partition(f"## {heading}")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return {cells[0].strip().lower(): [cell.strip() for cell in cells[1:]] for cells in rows[2:]}


def functions_in(cell):
    everyone = ("validator", "launcher", "status")
    return {name for name in everyone if name in cell or "the functions" in cell}


def test_every_function_that_the_architecture_names_for_a_bucket_holds_a_right_there():
    rows = architecture_rows("Buckets")

    assert {bucket.role for bucket in BUCKETS} == set(rows)
    for bucket in BUCKETS:
        writes, reads, _ = rows[bucket.role]
        writers = {*bucket.creates, *bucket.replaces} & ACCOUNTS.keys()
        assert functions_in(writes) == writers
        assert functions_in(reads) <= {*bucket.reads}


def test_every_function_that_the_architecture_names_for_a_topic_may_publish_and_no_other():
    rows = architecture_rows("Topics")

    assert {topic.role for topic in TOPICS} == set(rows)
    for topic in TOPICS:
        assert functions_in(rows[topic.role][0]) == {*topic.publishes} & ACCOUNTS.keys()


def test_nobody_may_change_the_ledger(deployment):
    (step,) = [step for step in deployment.steps if step.key == "policy/bucket/ledger"]

    assert {"roles/storage.objectCreator", "roles/storage.objectViewer"} == {
        grant.role for grant in step.grants
    }


def test_only_the_checking_functions_may_write_verdicts(deployment):
    (step,) = [step for step in deployment.steps if step.key == "policy/bucket/ledger"]
    creators = [grant for grant in step.grants if grant.role.endswith("objectCreator")]

    assert {"validator"} == {g.holder for g in creators if "/objects/verdicts/" in g.condition}
    assert all(grant.condition for grant in creators)


def test_only_operators_may_take_dead_letters_out(deployment):
    (step,) = [one for one in deployment.steps if one.key == "policy/subscription/dead-letters"]

    assert {"roles/pubsub.subscriber"} >= {grant.role for grant in step.grants}
    assert {"operators"} >= {grant.holder for grant in step.grants}
    assert len(deployment.config.operators) == len(step.grants)


def test_the_permissions_table_of_the_docs_is_what_the_example_grants():
    deployment = Deployment(load_config(EXAMPLE), ROOT)
    page = (ROOT / "docs" / "deploy.md").read_text()

    shown = page.partition(START)[2].partition(END)[0].strip()

    assert permissions_table(deployment).strip() == shown


def test_the_permissions_table_has_a_row_for_every_binding_that_is_planned(deployment):
    bindings = [
        command
        for step in deployment.steps
        for command in step.create
        if "add-iam-policy-binding" in command
    ]

    table = permissions_table(deployment).partition("\n\n")[0]

    assert len(bindings) == len(table.strip().splitlines()) - 2


def test_looking_asks_nothing_twice_until_something_changed(deployment):
    fake = FakeGcloud()
    gcloud = Gcloud(deployment.facts, execute=fake.execute)
    command = ("services", "list", "--enabled", "--project=test-project-1", "--format=json")

    gcloud.look(command)
    gcloud.look(command)
    once = len(fake.calls)
    gcloud.change(("services", "enable", "run.googleapis.com", "--project=test-project-1"))
    gcloud.look(command)

    assert (1, 3) == (once, len(fake.calls))
