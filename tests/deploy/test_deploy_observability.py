"""Metrics, alerts and dashboard: held to what the functions really write, to gcloud, and to a recorder's answers."""

import ast
import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from support.day import whole_day
from support.fake_gcloud import FakeGcloud
from support.gcloud_lint import lint
from support.log_filters import extracted, matches, terms
from support.warm_gcloud import GCLOUD
from tunedrop.domain.runs import ENDED
from tunedrop.topology import FUNCTIONS
from tunedrop_deploy_lib.config_file import load_config
from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.gcloud import Gcloud, shell_line
from tunedrop_deploy_lib.observability import CONTENT_LABEL, STAGED, values

ROOT = Path(__file__).parents[2]
WATCHING = ("metric", "dashboard", "alert")


def watching(deployment):
    return {s.key: s for s in deployment.steps if s.key.split("/")[0] in WATCHING}


def staged(deployment):
    """The documents by key, as a command would read them."""
    return {key: json.loads(*step.files.values()) for key, step in watching(deployment).items()}


def metrics_of(deployment):
    found = staged(deployment).items()
    return {k.removeprefix("metric/"): document for k, document in found if k[0] == "m"}


@pytest.fixture
def deployment(write_config, document):
    return Deployment(load_config(write_config(document)), ROOT)


@pytest.fixture
def small(write_config, small_document):
    return Deployment(load_config(write_config(small_document)), ROOT)


@pytest.fixture(scope="module")
def day():
    return whole_day()


COUNTED = {
    "accepted": {(): 3},
    "rejected": {("not_json",): 1, ("unknown_field",): 1},
    "refused": {
        ("message_invalid", "requests"): 1,
        ("foreign_bucket", "finalized"): 1,
        ("unknown_run", "control"): 1,
    },
    "launched": {(): 3},
    "suppressed": {("answered_before",): 1, ("nothing_to_launch",): 1, ("decided_before",): 1},
    "fenced": {(): 1},
    "retries": {("upstream_unavailable", "finalized"): 1, ("config_invalid", "unbuilt"): 1},
    "denied": {("access_denied",): 1, ("config_invalid",): 1},
    "bugs": {("finalized",): 1, ("job-events",): 1},
    "endings": {("kept",): 1, ("cancelled",): 1, ("failed",): 1},
    "swept": {(): 6},
    "unexplained": {(): 1},
}
"""What a day's log entries add up to: values of the metric's labels, in the order of their names."""


def test_each_metric_counts_what_happened_that_day_and_nothing_else(small, day):
    counted = {
        key: Counter(
            tuple(value for _, value in sorted(extracted(metric, entry).items()))
            for entry in day.entries
            if matches(metric["filter"], entry)
        )
        for key, metric in metrics_of(small).items()
    }

    assert counted == COUNTED


def constants():
    """Every text that stands alone somewhere in the functions' code."""
    for path in (ROOT / "shared" / "tunedrop").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_code_that_a_filter_names_is_one_that_the_functions_know(small):
    named = {
        value
        for metric in metrics_of(small).values()
        for _, path, _, given in terms(metric["filter"])
        if path[:2] != ["resource", "labels"] and path != ["resource", "type"]
        for value in given
    }

    assert len(named) > 20
    assert set() == named - set(constants())


def test_the_endings_are_the_states_that_nothing_follows(small):
    counted = terms(metrics_of(small)["endings"]["filter"])[-1]

    assert {state.value for state in ENDED} == set(counted[3])


def test_each_label_of_a_metric_has_an_extractor(deployment):
    for metric in metrics_of(deployment).values():
        labels = [label["key"] for label in metric["metricDescriptor"].get("labels", [])]
        assert labels == sorted(metric.get("labelExtractors", {}))


def test_two_deployments_of_a_project_share_no_name_and_count_nothing_of_each_other(
    write_config, small_document, day
):
    path = write_config(small_document | {"deployment": "tunedrop-2"})
    other = Deployment(load_config(path), ROOT)
    small = Deployment(load_config(write_config(small_document)), ROOT)

    here = {step.makes for step in watching(small).values()}
    assert set() == here & {step.makes for step in watching(other).values()}
    for metric in metrics_of(other).values():
        assert not [entry for entry in day.entries if matches(metric["filter"], entry)]


def test_every_place_is_filled_in(deployment):
    for text in (text for step in watching(deployment).values() for text in step.files.values()):
        assert [] == re.findall(r"<[a-z_]+>", text)


def test_alerts_and_dashboard_speak_of_metrics_that_are_made(deployment):
    names = {f"{deployment.names.deployment}-{key}" for key in metrics_of(deployment)}
    everything = json.dumps([d for key, d in staged(deployment).items() if key[0] != "m"])

    used = set(re.findall(r"logging\.googleapis\.com/user/([a-z0-9-]+)", everything))
    assert names == used


@pytest.mark.parametrize(("minutes", "seconds"), [(1, 1800), (5, 1800), (10, 1800), (59, 10620)])
def test_the_heartbeat_is_missed_after_three_ticks_and_no_sooner_than_half_an_hour(
    write_config, small_document, minutes, seconds
):
    path = write_config(small_document | {"sweep_minutes": minutes})
    document = staged(Deployment(load_config(path), ROOT))["alert/heartbeat"]

    absent, below = document["conditions"]
    assert f"{seconds}s" == absent["conditionAbsent"]["duration"]
    assert f"{seconds}s" == below["conditionThreshold"]["aggregations"][0]["alignmentPeriod"]
    assert f"for {seconds // 60} minutes" in document["documentation"]["content"]


def test_the_backlog_is_watched_on_our_five_subscriptions_and_on_no_other(small):
    names = small.names
    pattern = re.compile(values(names)["subscriptions"])
    ours = [names.function(function) for function in FUNCTIONS if function.topic]
    trigger = "eventarc-us-central1-tunedrop-finalized-640276-sub-622"
    others = ["tunedrop-dead-letters-pull", "other-control", trigger.replace("-tune", "-my-tune")]

    assert [True] * 5 == [bool(pattern.fullmatch(name)) for name in (*ours, trigger)]
    assert [False] * 3 == [bool(pattern.fullmatch(name)) for name in others]
    assert f'"{pattern.pattern}"' in json.dumps(staged(small)["alert/backlog"]).replace('\\"', '"')


def test_people_are_told_where_a_channel_is_named(small, write_config, full_document):
    full = Deployment(load_config(write_config(full_document)), ROOT)
    channel = "projects/test-project-1/notificationChannels/77"

    told = [d["notificationChannels"] for k, d in staged(full).items() if k[:2] == "al"]
    assert [[channel]] * len(told) == told
    assert all("notificationChannels" not in document for document in staged(small).values())


def first_commands(document):
    """The commands in an alert's text."""
    lines = document["documentation"]["content"].splitlines()
    return [line.strip() for line in lines if line.startswith("    ")]


def test_each_alert_says_what_it_means_and_what_to_run_first(deployment):
    alerts = {k: d for k, d in staged(deployment).items() if k.startswith("alert/")}

    assert len(alerts) == 7
    for key, document in alerts.items():
        assert first_commands(document), key
        meaning = document["documentation"]["content"].partition("\n")[0]
        assert (meaning[-1], watching(deployment)[key].why) == (".", meaning)
        assert len(document["documentation"]["content"].encode()) < 8192


def reading(commands):
    """The filters of those commands that read the log."""
    return [m[1] for line in commands if (m := re.match(r"gcloud logging read '([^']+)'", line))]


@pytest.mark.parametrize("key", ["backlog", "heartbeat", "bugs", "errors", "denied"])
def test_what_an_alert_says_to_read_is_there(small, day, key):
    (text,) = reading(first_commands(staged(small)[f"alert/{key}"]))

    assert [entry for entry in day.entries if matches(text, entry)]
    assert [entry for entry in day.entries if not matches(text, entry)]


class Project:
    """The steps that watch, run against the stand-in for gcloud."""

    def __init__(self, deployment, folder):
        self.steps = watching(deployment)
        self.fake = FakeGcloud()
        self.gcloud = Gcloud({}, execute=self.fake.execute, say=lambda _text: None)
        for step in self.steps.values():
            for name, text in step.files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)

    def create(self):
        for step in self.steps.values():
            for command in step.create:
                self.gcloud.change(command)

    def found(self, step):
        self.gcloud.forget()
        found = self.gcloud.look(step.look)
        return None if step.absent(found) else found

    def differences(self, step):
        return step.judge(self.found(step), str)


@pytest.fixture
def project(deployment, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Project(deployment, tmp_path)


def test_what_was_made_reads_back_as_it_should_be(project):
    before = {project.found(step) is None for step in project.steps.values()}

    project.create()

    assert {True} == before
    assert [] == [one for step in project.steps.values() for one in project.differences(step)]


def leaves(document, path=()):
    """Places of all values that are neither tables nor arrays."""
    if isinstance(document, dict | list):
        keys = document if isinstance(document, dict) else range(len(document))
        return [place for key in keys for place in leaves(document[key], (*path, key))]
    return [path]


def broken_at(document, place):
    broken = json.loads(json.dumps(document))
    target = broken
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = 5 if isinstance(target[place[-1]], str) else "otherwise"
    return broken


def test_each_setting_of_a_metric_or_an_alert_that_is_broken_is_found(project, deployment):
    project.create()
    unfound, known = [], staged(deployment)

    for key, step in project.steps.items():
        places = leaves(known[key]) if key != "dashboard" else [("displayName",)]
        found = project.found(step)
        for place in places:
            if key.startswith("alert/"):
                named = next(
                    one for one in found if one["displayName"] == known[key]["displayName"]
                )
                broken = [broken_at({**named, **known[key]}, place)]
                seen = step.absent(broken) or step.judge(broken, str)
            else:
                seen = step.judge(broken_at(found, place), str)
            unfound += [] if seen else [(key, place)]

    assert [] == unfound


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("metric/rejected", ("filter",)),
        ("alert/backlog", ("conditions", 0, "conditionThreshold", "thresholdValue")),
        ("alert/bugs", ("documentation", "content")),
        ("dashboard", ("displayName",)),
        ("dashboard", ("labels", CONTENT_LABEL)),
    ],
    ids=lambda value: value if isinstance(value, str) else value[-1],
)
def test_what_is_broken_is_mended_by_the_command_that_is_named(project, key, place):
    project.create()
    step = project.steps[key]
    found = project.found(step)
    named = found if key[0] != "a" else next(o for o in found if not step.absent([o]))
    things = project.fake.things
    ours = next(thing for thing in things if things[thing] == named)
    things[ours] = broken_at(named, place)

    for command in dict.fromkeys(c for one in project.differences(step) for c in one.mend):
        project.gcloud.change(command)

    assert () == tuple(project.differences(step))


def test_a_metric_whose_labels_are_others_is_a_persons_business(project):
    project.create()
    step = project.steps["metric/rejected"]
    found = broken_at(project.found(step), ("metricDescriptor", "labels", 0, "key"))

    (difference,) = step.judge(found, str)

    assert () == difference.mend
    assert "delete the metric" in difference.remedy


def test_a_second_policy_of_the_same_name_is_found_and_removed(project):
    project.create()
    step = project.steps["alert/bugs"]
    project.gcloud.change(step.create[0])

    (difference,) = project.differences(step)
    project.gcloud.change(*difference.mend)

    assert () == tuple(project.differences(step))


def test_all_of_it_is_removed_and_what_others_made_stays(project):
    project.create()
    others = {"displayName": "somebody else's", "name": "projects/p/alertPolicies/99"}
    project.fake.things["alert/projects/p/alertPolicies/99"] = others

    for step in project.steps.values():
        for command in step.undo(project.found(step), str):
            project.gcloud.remove(command)

    assert {"alert/projects/p/alertPolicies/99": others} == project.fake.things


@pytest.mark.gcloud
@pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")
def test_gcloud_accepts_what_an_alert_says_to_run_and_every_mending_line(project, tmp_path, warm):
    project.create()
    lines = []
    for key, step in project.steps.items():
        document = json.loads(*step.files.values())
        lines += first_commands(document) if key.startswith("alert/") else []
        found = project.found(step)
        broken = broken_at(found, ("displayName",)) if key == "dashboard" else found
        lines += [shell_line(c) for one in step.judge(broken, str) for c in one.mend]
        lines += [shell_line(command) for command in step.undo(found, str)]
    lines = [line for line in dict.fromkeys(lines) if line.startswith("gcloud ")]

    assert len(lines) > 20
    assert [] == lint(lines, tmp_path, warm)


SCHEMA = """
import json, sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/third_party"]
from apitools.base.py import encoding
from googlecloudsdk.generated_clients.apis.logging.v2 import logging_v2_messages
from googlecloudsdk.generated_clients.apis.monitoring.v1 import monitoring_v1_messages
from googlecloudsdk.generated_clients.apis.monitoring.v3 import monitoring_v3_messages
kinds = {
    "metric": logging_v2_messages.LogMetric,
    "dashboard": monitoring_v1_messages.Dashboard,
    "alert": monitoring_v3_messages.AlertPolicy,
}
for key, document in json.load(sys.stdin).items():
    message = encoding.DictToMessage(document, kinds[key.split("/")[0]])
    for edge in encoding.UnrecognizedFieldIter(message):
        print(key, edge)
    message.check_initialized()
"""


@pytest.mark.gcloud
@pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")
@pytest.mark.parametrize("wrong", [False, True], ids=["ours", "misspelt"])
def test_every_field_is_one_that_gclouds_own_messages_have(small, wrong):
    documents = staged(small)
    if wrong:
        documents["alert/bugs"]["conditions"][0]["conditionThreshold"]["threshold"] = 1
    root = Path(GCLOUD).resolve().parents[1]
    python = shutil.which("python3", path=str(root / "platform/bundledpythonunix/bin")) or "python3"
    done = subprocess.run(
        [python, "-c", SCHEMA, str(root / "lib")],
        input=json.dumps(documents),
        capture_output=True,
        text=True,
        check=True,
    )

    assert wrong == bool(done.stdout), done.stdout


def test_what_is_staged_lies_where_the_commands_read_it(deployment):
    for step in watching(deployment).values():
        (file,) = step.files
        (command,) = step.create
        assert file.startswith(f"{STAGED}/")
        assert [file] == [word.partition("=")[2] for word in command if "-from-file=" in word]
