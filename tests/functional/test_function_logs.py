"""What the real functions write to standard output, delivery by delivery: one line each, one story under one trace."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.posting import Courier, entries, post_finalized, push
from support.world import World
from tunedrop import bootstrap
from tunedrop.errors import AccessDeniedError, UpstreamUnavailableError
from tunedrop.logs import ERROR_EVENT, LABELS, SPAN, TRACE

ROWS = "".join(
    json.dumps({"input_text": f"question {n}", "output_text": f"answer {n}"}) + "\n"
    for n in range(20)
)
STORY, OTHER = "4bf92f3577b34da6a3ce929d0e0e4736", "a" * 32
HEADERS = {"traceparent": f"00-{STORY}-00f067aa0ba902b7-01"}
NAME = f"projects/test-project/traces/{STORY}"


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setenv("K_SERVICE", "tunedrop-some")
    monkeypatch.setenv("K_REVISION", "tunedrop-some-00001-xyz")
    world = World()
    bootstrap.using(world.services, world.vertex)
    return world


def settled(text):
    return [entry for entry in entries(text) if entry["event"] == "delivery.settled"]


@pytest.mark.parametrize(
    ("headers", "span"),
    [
        (HEADERS, "00f067aa0ba902b7"),
        ({"X-Cloud-Trace-Context": f"{STORY}/123;o=1"}, "000000000000007b"),
        ({**HEADERS, "X-Cloud-Trace-Context": f"{OTHER}/9"}, "00f067aa0ba902b7"),
        ({"traceparent": "00-x", "X-Cloud-Trace-Context": f"{STORY}/123"}, "000000000000007b"),
    ],
    ids=["standard", "platform", "both", "unusable-standard"],
)
def test_the_trace_of_an_event_is_that_of_its_request(world, headers, span, capsys):
    info = world.store.put("test-intake", "x.jsonl", ROWS)

    post_finalized(info, headers=headers)

    (entry,) = settled(capsys.readouterr().out)
    assert (NAME, span) == (entry[TRACE], entry[SPAN])


@pytest.mark.parametrize(
    "value", ["", "00-" + "g" * 32, "x\\n{}", "é" * 60, "1" * 9000], ids=lambda v: v[:8]
)
def test_headers_of_another_form_are_ignored(world, value, capsys):
    info = world.store.put("test-intake", "x.jsonl", ROWS)

    post_finalized(info, headers={"traceparent": value, "X-Cloud-Trace-Context": value})

    (entry,) = settled(capsys.readouterr().out)
    assert 32 == len(entry[TRACE].rpartition("/")[2])
    assert value[:8] not in entry[TRACE] or not value


def test_the_story_of_a_drop_has_one_trace_through_all_three_functions(world, capsys):
    """The tick and the log sink know nothing of the drop; the run's first record does."""
    courier = Courier(world)
    post_finalized(world.store.put("test-intake", "x.jsonl", ROWS), headers=HEADERS)
    courier.deliver()
    endpoint = "projects/test-project/locations/us-central1/endpoints/8"
    world.pipelines.end(
        "PIPELINE_STATE_SUCCEEDED",
        tuned_model=endpoint.replace("endpoints", "models"),
        endpoint=endpoint,
    )
    (run_id,) = world.runs()
    push("job-events", {"kind": "sweep"}, message_id="tick", headers={"traceparent": "none"})

    found = entries(capsys.readouterr().out)
    of_story = [entry["message"] for entry in found if entry[TRACE] == NAME]
    assert [
        "finalized: accepted",
        f"run {run_id}: accepted",
        f"run {run_id}: launching",
        f"run {run_id}: launched",
        "launches: launched",
        f"run {run_id}: succeeded",
        f"run {run_id}: registered",
        f"run {run_id}: kept: manual",
    ] == of_story
    assert ["job-events: swept"] == [entry["message"] for entry in found if entry[TRACE] != NAME]
    sent = {attributes["traceparent"].split("-")[1] for _, _, attributes in world.publisher.sent}
    assert {STORY} == sent


def test_a_job_event_about_one_run_belongs_to_the_runs_story(world, capsys):
    courier = Courier(world)
    post_finalized(world.store.put("test-intake", "x.jsonl", ROWS), headers=HEADERS)
    courier.deliver()
    (run_id,) = world.runs()
    job = {"resource": {"labels": {"pipeline_job_id": f"tunedrop-{run_id}-a1"}}}
    capsys.readouterr()

    push("job-events", job, headers={"X-Cloud-Trace-Context": f"{OTHER}/1"})

    (entry,) = settled(capsys.readouterr().out)
    assert (NAME, run_id) == (entry[TRACE], entry[LABELS]["run_id"])


def test_a_messages_own_trace_goes_before_that_of_its_request(world, capsys):
    push(
        "requests",
        b"{}",
        attributes=HEADERS,
        headers={"X-Cloud-Trace-Context": f"{OTHER}/1"},
    )

    assert NAME == settled(capsys.readouterr().out)[0][TRACE]


def test_a_line_names_deployment_object_drop_record_and_reason(world, capsys):
    info = world.store.put(
        "test-intake", "bot/recipe.toml", b'base_model = "code-bison@002"\nepoch = 1\n'
    )

    post_finalized(info)

    (entry,) = settled(capsys.readouterr().out)
    labels = entry[LABELS]
    assert {
        "deployment": "tunedrop",
        "role": "finalized",
        "code": "recipe_rejected",
        "reason": "unknown_field",
        "delivery": "event-1",
        "object": "gs://test-intake/bot/recipe.toml",
    }.items() <= labels.items()
    assert world.record(labels["record"])["drop_id"] == labels["drop_id"]
    assert "INFO" == entry["severity"]


def test_a_rejected_dataset_is_no_error(world, capsys):
    post_finalized(world.store.put("test-intake", "x.jsonl", b"no json, but a secret row\n" * 20))

    out = capsys.readouterr().out
    (entry,) = settled(out)
    assert ("rejected", "INFO") == (entry[LABELS]["code"], entry["severity"])
    assert entry[LABELS]["reason"]
    assert ERROR_EVENT not in out
    assert "secret row" not in out


def test_each_answer_is_one_line_and_only_that_and_nothing_on_stderr(world, capfd):
    """A traceback on standard error would be taken for a bug by Error Reporting at every retry."""

    def unavailable(*_, **__):
        raise UpstreamUnavailableError("gs://test-intake/x.jsonl: 503")

    world.store.stat = unavailable
    statuses = [
        push("requests", b"not json").status_code,
        post_finalized(world.store.put("test-intake", "x.jsonl", ROWS)).status_code,
    ]

    out, err = capfd.readouterr()
    assert [200, 500] == statuses
    assert ["refused", "again"] == [entry["answer"] for entry in entries(out)]
    assert "" == err


def test_a_bug_is_one_error_event_that_names_service_and_revision(world, capfd):
    def broken(*_, **__):
        raise RuntimeError(text)

    text = "text of a row"
    world.store.stat = broken

    post_finalized(world.store.put("test-intake", "x.jsonl", ROWS))

    out, err = capfd.readouterr()
    (entry,) = entries(out)
    assert ("bug", ERROR_EVENT) == (entry["answer"], entry["@type"])
    expected = {"service": "tunedrop-some", "version": "tunedrop-some-00001-xyz"}
    assert expected == entry["serviceContext"]
    assert "receive.py" in entry["stack_trace"]
    assert "text of a row" not in out + err
    assert "" == err


def launched(world):
    courier = Courier(world)
    post_finalized(world.store.put("test-intake", "x.jsonl", ROWS), headers=HEADERS)
    courier.deliver()
    return world.runs()[0]


@pytest.mark.parametrize(
    ("error", "severity", "event"),
    [
        (AccessDeniedError("aiplatform: 403"), "WARNING", "warning"),
        (RuntimeError("text of a row"), "ERROR", "bug"),
    ],
    ids=["denied", "bug"],
)
def test_what_a_sweep_says_about_one_run_carries_its_id_and_its_trace(
    world, error, severity, event, capsys
):
    run_id = launched(world)

    def raising(*_, **__):
        raise error

    world.pipelines.end("JOB_STATE_RUNNING")
    world.pipelines.get = raising
    capsys.readouterr()

    push("job-events", {"kind": "sweep"})

    about, sweep = entries(capsys.readouterr().out)
    assert (severity, event, NAME) == (about["severity"], about["event"], about[TRACE])
    assert (run_id, "job-events") == (about[LABELS]["run_id"], about[LABELS]["role"])
    assert "text of a row" not in json.dumps(about)
    assert "swept" == sweep[LABELS]["code"]
    assert "run_id" not in sweep[LABELS]


def test_a_decision_names_the_action_and_who_claims_it(world, capsys):
    run_id = launched(world)
    capsys.readouterr()

    push("control", {"action": "cancel", "run_id": run_id, "claimed_by": "ann@example.com\n{}"})

    (entry,) = settled(capsys.readouterr().out)
    labels = entry[LABELS]
    assert ("cancel", "cancel_requested", run_id) == (
        labels["action"],
        labels["code"],
        labels["run_id"],
    )
    assert labels["claimed_by"].startswith("ann@example.com")


def test_the_frameworks_execution_ids_leave_our_fields_as_they_are():
    """Cloud Run functions set LOG_EXECUTION_ID; the framework then rewrites every line on its way out."""
    script = (
        "from support.posting import post_finalized\n"
        "from support.world import World\n"
        "from tunedrop import bootstrap\n"
        "world = World()\n"
        "bootstrap.using(world.services, world.vertex)\n"
        f"info = world.store.put('test-intake', 'x.jsonl', {ROWS!r})\n"
        f"post_finalized(info, headers={HEADERS!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(Path(__file__).parents[1]), "LOG_EXECUTION_ID": "true"},
        capture_output=True,
        text=True,
        check=True,
    )

    (entry,) = settled(done.stdout)
    assert (NAME, "00f067aa0ba902b7", "INFO") == (entry[TRACE], entry[SPAN], entry["severity"])
    assert {"code": "accepted", "deployment": "tunedrop"}.items() <= entry[LABELS].items()
    assert entry[LABELS]["execution_id"]
