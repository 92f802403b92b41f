"""Families 46 to 48 and 50 of the hostile inputs: log entries that lie, and jobs that are not what they should be."""

import json

import pytest

from support.hostile_deliveries import SECRET, Siege, code_rows, gemini_rows
from tunedrop.ai_ports import JobError

PARENT = "projects/test-project/locations/us-central1"
MODEL, ENDPOINT = f"{PARENT}/models/7@1", f"{PARENT}/endpoints/8"
FOREIGN_RUN = "somebody-0123456789abcdef"


@pytest.fixture
def siege(capfd):
    siege = Siege(capfd)
    siege.world.drop("x.jsonl", code_rows())
    siege.world.deliver()
    (siege.run_id,) = siege.world.runs()
    siege.run = lambda: siege.world.run(siege.run_id)
    return siege


def entry(job_id, state="PIPELINE_STATE_SUCCEEDED", **changes):
    """What the sink lets through about a job."""
    labels = {"pipeline_job_id": job_id, "location": "us-central1", "resource_container": "p"}
    return {
        "insertId": "i1",
        "logName": "projects/test-project/logs/aiplatform.googleapis.com%2Fpipeline_job_events",
        "resource": {"type": "aiplatform.googleapis.com/PipelineJob", "labels": labels},
        "jsonPayload": {"state": state, "tunedModel": MODEL, "text": SECRET},
        **changes,
    }


def told(siege, body, **message):
    return siege.push("job-events", body, **message)


def test_family_46_a_log_entry_that_claims_success_is_not_believed(siege):
    answer = told(siege, entry(f"tunedrop-{siege.run_id}-a1"))

    assert (200, "done") == answer[:2]
    assert "launched" == siege.run().state.value
    assert [] == siege.store.names("test-ledger", "registry/")
    assert [] == siege.world.predictor.asked
    siege.assert_silent(jobs=1)


@pytest.mark.parametrize(
    ("job_id", "code"),
    [
        ("somebodys-own-job", "foreign_job"),
        ("tunedrop", "foreign_job"),
        (f"tunedrop-{FOREIGN_RUN}-a1", "unknown_run"),
        (f"tunedrop-{FOREIGN_RUN}-a9999", "unknown_run"),
        ("7", "foreign_job"),
    ],
)
def test_family_46_a_log_entry_about_a_foreign_or_nonexistent_job_changes_nothing(
    siege, job_id, code
):
    before = siege.store.names("test-ledger")

    answer = told(siege, entry(job_id))

    assert (200, "done", code) == answer[:3]
    assert before == siege.store.names("test-ledger")
    siege.assert_silent(jobs=1)


def test_family_47_entries_twice_and_out_of_order_leave_the_jobs_own_state(siege):
    job_id = f"tunedrop-{siege.run_id}-a1"
    states = ["SUCCEEDED", "RUNNING", "PENDING", "FAILED", "SUCCEEDED", "CANCELLED", "RUNNING"]
    siege.world.pipelines.end("PIPELINE_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)

    for number, state in enumerate(states * 2):
        told(siege, entry(job_id, f"PIPELINE_STATE_{state}"), messageId=f"m{number}")

    assert "kept" == siege.run().state.value
    assert 1 == siege.world.publisher.kinds().count("model-registered")
    siege.assert_silent(jobs=1)


@pytest.mark.parametrize(
    "resource",
    [
        None,
        [],
        "x",
        5,
        {},
        {"labels": None},
        {"labels": [SECRET]},
        {"labels": {}},
        *(
            {"labels": {"pipeline_job_id": job}}
            for job in (
                None,
                5,
                True,
                [],
                {"a": 1},
                "",
                "/",
                "../../x",
                "a/b",
                f"tunedrop-{FOREIGN_RUN}-a1/x",
                f"{PARENT}/pipelineJobs/tunedrop-{FOREIGN_RUN}-a1",
                f"tunedrop-{FOREIGN_RUN}-a1\n",
                f"tunedrop-{FOREIGN_RUN}-a0",
                f"tunedrop-{FOREIGN_RUN}-a99999",
                f"TUNEDROP-{FOREIGN_RUN}-A1",
                "tunedrop-é-0123456789abcdef-a1",
                "x" * 100_000,
            )
        ),
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_family_47_an_entry_that_names_no_job_of_ours_is_passed_over(siege, resource):
    before = siege.store.names("test-ledger")

    answer = told(siege, {"resource": resource})

    assert (200, "done", "foreign_job") == answer[:3]
    assert before == siege.store.names("test-ledger")
    siege.assert_silent(jobs=1)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.99])
def test_family_47_an_entry_that_is_cut_off_is_refused(siege, share):
    whole = json.dumps(entry(f"tunedrop-{siege.run_id}-a1")).encode()

    answer = told(siege, whole[: int(len(whole) * share)])

    assert (200, "refused", "not_json") == answer[:3]
    siege.assert_silent(jobs=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"location": "europe-west4", "resource_container": "projects/somebody-else"},
        {"location": None},
        {"location": "../../evil"},
    ],
    ids=str,
)
def test_family_47_where_an_entry_says_the_job_is_makes_no_difference(siege, changes):
    body = entry(f"tunedrop-{siege.run_id}-a1")
    body["resource"]["labels"] |= changes
    asked = []
    look = siege.world.pipelines.get
    siege.world.pipelines.get = lambda name: asked.append(name) or look(name)

    assert (200, "done") == told(siege, body)[:2]
    assert {f"{PARENT}/pipelineJobs/tunedrop-{siege.run_id}-a1"} == set(asked)
    assert "launched" == siege.run().state.value


STATES = {
    "SUCCEEDED": ("failed", "no_tuned_model"),
    "PARTIALLY_SUCCEEDED": ("failed", "no_tuned_model"),
    "FAILED": ("failed", "job_failed"),
    "EXPIRED": ("failed", "job_expired"),
    "CANCELLED": ("cancelled", "job_cancelled"),
    "PAUSED": ("goes on", "job_paused"),
    **dict.fromkeys(("CANCELLING", "UPDATING", "UNSPECIFIED"), ("goes on", None)),
    **dict.fromkeys(("FROM_TOMORROW", f"{SECRET}\n", ""), ("goes on", "job_state_unknown")),
}


@pytest.mark.parametrize("prefix", ["PIPELINE_STATE_", "JOB_STATE_", ""])
@pytest.mark.parametrize("state", STATES, ids=ascii)
def test_family_48_each_state_of_a_job_has_its_place(siege, prefix, state):
    raw = prefix + state
    expected = STATES[state] if prefix else ("goes on", "job_state_unknown")
    siege.world.pipelines.end(raw)

    siege.world.tick()

    run = siege.run()
    standing = "goes on" if run.state.value in {"launched", "running"} else run.state.value
    assert expected == (standing, run.last.detail.get("code"))
    siege.assert_silent(jobs=1)


@pytest.mark.parametrize("state", ["SUCCEEDED", "PARTIALLY_SUCCEEDED", "FAILED"])
def test_family_48_a_tuning_job_that_holds_a_model_after_all_is_registered(capfd, state):
    siege = Siege(capfd)
    siege.world.drop("x.jsonl", gemini_rows())
    siege.world.deliver()
    siege.world.tunings.end(f"JOB_STATE_{state}", tuned_model=MODEL, endpoint=ENDPOINT)

    siege.world.tick()

    (run_id,) = siege.world.runs()
    assert "kept" == siege.world.run(run_id).state.value


def test_family_48_a_job_that_was_deleted_ends_its_run(siege):
    siege.world.pipelines.jobs.clear()

    siege.world.tick()

    assert ("failed", "job_deleted") == (siege.run().state.value, siege.run().last.detail["code"])
    assert [] == siege.store.names("test-state", "open/")


@pytest.mark.parametrize("state", ["PIPELINE_STATE_PAUSED", "77", "PIPELINE_STATE_RUNNING"])
def test_family_48_a_job_that_never_ends_is_given_up_at_its_deadline(siege, state):
    siege.world.pipelines.end(state)
    siege.world.tick()

    siege.world.tick(seconds=siege.run().accepted["plan"]["deadline_seconds"] + 1)

    assert "deadline_exceeded" == siege.run().last.detail["code"]
    assert 1 == len(siege.world.pipelines.cancelled)


def test_family_48_a_failed_jobs_words_are_not_passed_on(siege):
    words = f'Example 3: {{"input_text": "{SECRET}"}} is bad \x1b[31m\u202e'
    siege.world.pipelines.end("PIPELINE_STATE_FAILED", error=JobError(3, words, SECRET))

    siege.world.tick()

    assert "job_failed" == siege.run().last.detail["code"]
    assert "input_text" not in json.dumps(siege.run().last.detail)


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"owner": "somebody"},
        {"tunedrop-deployment": "other", "tunedrop-attempt": "1"},
        {"tunedrop-deployment": "tunedrop", "tunedrop-run": FOREIGN_RUN, "tunedrop-attempt": "1"},
    ],
    ids=str,
)
def test_family_50_a_job_id_that_somebody_elses_job_has_is_a_failed_launch(capfd, labels):
    siege = Siege(capfd)
    siege.world.drop("x.jsonl", code_rows())
    (body,) = siege.world.publisher.bodies("launch-requested")
    run_id = json.loads(body)["run_id"]
    job_id = f"tunedrop-{run_id}-a1"
    siege.world.pipelines.create(region="us-central1", job_id=job_id, body={"labels": labels})

    answer = siege.push("launches", body)
    siege.world.pipelines.end("PIPELINE_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)
    siege.world.tick()

    assert (200, "done", "job_id_taken") == answer[:3]
    assert "failed" == siege.world.run(run_id).state.value
    assert {} == siege.world.models.labels
    assert [] == siege.world.pipelines.cancelled
    siege.assert_silent(jobs=1)
