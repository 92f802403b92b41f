"""One table for both state machines: what becomes of a run, whatever its job comes to."""

import json
from datetime import timedelta

import pytest
from msgspec.structs import replace

from support.launching import (
    ENDPOINT,
    MODEL,
    code,
    drop,
    end_jobs,
    gemini_rows,
    launch,
    rows,
)
from support.memory import START
from support.world import World
from tunedrop.ai_ports import JobError, RowNote
from tunedrop.domain.endings import TABLE, due_note, ending_of, is_stale, shown_state
from tunedrop.domain.job_states import JobState, job_state
from tunedrop.domain.runs import RunState
from tunedrop.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    UpstreamUnavailableError,
)

STAYS, RUNS = (None, "", False), (RunState.RUNNING, "", False)
ENDS = {
    "UNSPECIFIED": (STAYS, STAYS),
    "QUEUED": (STAYS, STAYS),
    "PENDING": (STAYS, STAYS),
    "RUNNING": (RUNS, RUNS),
    "UPDATING": (RUNS, RUNS),
    "CANCELLING": (RUNS, RUNS),
    "PAUSED": ((RunState.RUNNING, "job_paused", False),) * 2,
    "SUCCEEDED": ((RunState.FAILED, "no_tuned_model", False), (RunState.SUCCEEDED, "", False)),
    "PARTIALLY_SUCCEEDED": (
        (RunState.FAILED, "no_tuned_model", False),
        (RunState.SUCCEEDED, "", False),
    ),
    "FAILED": ((RunState.FAILED, "job_failed", False), (RunState.SUCCEEDED, "", True)),
    "CANCELLED": ((RunState.CANCELLED, "job_cancelled", False),) * 2,
    "EXPIRED": ((RunState.FAILED, "job_expired", False),) * 2,
    "FROM_TOMORROW": ((RunState.RUNNING, "job_state_unknown", False),) * 2,
}
"""By a state's name without its prefix: without and with a tuned model."""


@pytest.mark.parametrize("prefix", ["PIPELINE_STATE_", "JOB_STATE_"])
@pytest.mark.parametrize("holds_model", [False, True], ids=["without-model", "with-model"])
@pytest.mark.parametrize("name", ENDS)
def test_every_state_of_both_machines_has_one_ending(name, holds_model, prefix):
    ending = ending_of(job_state(prefix + name), holds_model=holds_model)

    assert ENDS[name][holds_model] == (ending.state, ending.code, ending.adopted)


@pytest.mark.parametrize("raw", ["77", "", "JOB_STATE_", "running"])
def test_a_number_or_a_name_that_nobody_knows_is_no_end(raw):
    ending = ending_of(job_state(raw), holds_model=True)

    assert ("job_state_unknown", False) == (ending.code, ending.is_end)


def test_the_table_holds_every_state_and_the_job_that_is_gone():
    assert {*JobState, None} == TABLE.keys()
    assert "job_deleted" == ending_of(None, holds_model=False).code


@pytest.mark.parametrize(
    ("raw", "shown"),
    [("JOB_STATE_PAUSED", "JOB_STATE_PAUSED"), ("77", "77"), ("some words", ""), ("", "")],
)
def test_a_state_is_recorded_only_if_it_looks_like_one(raw, shown):
    assert shown == shown_state(raw)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def run_id(world):
    run_id = drop(world)
    launch(world, run_id)
    return run_id


def notes_of(world, run_id):
    """What the steps say that the job does."""
    steps = world.run(run_id).transitions
    return [
        (step.detail["code"], step.detail["job_state"])
        for step in steps
        if step.state is RunState.RUNNING and step.detail
    ]


@pytest.mark.parametrize("before", ["PENDING", "RUNNING"])
def test_a_pause_is_said_once_and_so_is_that_the_job_goes_on(world, run_id, before):
    for raw in (before, "PAUSED", "PAUSED", "RUNNING", "RUNNING"):
        end_jobs(world, raw)

    assert [
        ("job_paused", "PIPELINE_STATE_PAUSED"),
        ("job_goes_on", "PIPELINE_STATE_RUNNING"),
    ] == notes_of(world, run_id)


def test_each_state_that_nobody_knows_is_said_when_it_comes(world, run_id):
    for raw in ("77", "77", "78", "JOB_STATE_PAUSED", "77"):
        world.pipelines.end(raw)
        world.tick()
        world.tick()

    assert [
        ("job_state_unknown", "77"),
        ("job_state_unknown", "78"),
        ("job_paused", "JOB_STATE_PAUSED"),
        ("job_state_unknown", "77"),
    ] == notes_of(world, run_id)


@pytest.mark.parametrize("raw", ["PENDING", "RUNNING", "PAUSED", "FROM_TOMORROW"])
def test_a_job_without_progress_is_cancelled_at_its_deadline(world, run_id, raw):
    end_jobs(world, raw)
    world.tick(seconds=world.run(run_id).accepted["plan"]["deadline_seconds"] + 1)

    assert ("failed", "deadline_exceeded") == code(world, run_id)
    assert [world.run(run_id).launched.detail["job_name"]] == world.pipelines.cancelled


def test_a_paused_job_that_somebody_wants_cancelled_is_asked_to_stop(world, run_id):
    end_jobs(world, "PAUSED")
    world.control(action="cancel", run_id=run_id)
    before = len(world.pipelines.cancelled)
    world.tick()

    assert before < len(world.pipelines.cancelled)


def test_a_failed_job_that_holds_a_model_is_adopted_and_its_endpoint_made(world, run_id):
    end_jobs(world, "FAILED", tuned_model=MODEL, error=JobError(13, "Failed to create endpoint."))
    world.models.endpoints[MODEL] = [ENDPOINT]
    world.tick()

    run = world.run(run_id)
    succeeded = run.newest(RunState.SUCCEEDED).detail
    assert (True, MODEL, "") == tuple(
        succeeded[key] for key in ("adopted", "tuned_model", "endpoint")
    )
    assert 1 == len(world.models.deployments)
    assert ENDPOINT == run.newest(RunState.REGISTERED).detail["endpoint"]


STALE = {
    "another-runs": ({"tunedrop-run": "other-0123456789abcdef"}, 1),
    "another-attempts": ({"tunedrop-run": "own", "tunedrop-attempt": "2"}, 1),
    "older": ({}, -1),
}


@pytest.mark.parametrize(("labels", "age"), STALE.values(), ids=STALE)
@pytest.mark.parametrize("raw", ["SUCCEEDED", "FAILED"])
def test_a_model_that_a_cache_handed_back_is_refused(world, run_id, labels, age, raw):
    labels = {key: run_id if value == "own" else value for key, value in labels.items()}
    whole = world.models.get
    uploaded_at = world.clock.now() + timedelta(seconds=age)
    world.models.get = lambda name: replace(whole(name), labels=labels, created_at=uploaded_at)

    end_jobs(world, raw, tuned_model=MODEL, endpoint=ENDPOINT)

    assert ("failed", "stale_model") == code(world, run_id)
    assert [] == world.store.names("test-ledger", "registry/")
    assert {} == world.models.labels
    assert "run-failed" in world.publisher.kinds()


def test_a_model_that_carries_the_runs_own_labels_is_its_own(world, run_id):
    world.models.labels[MODEL] = {"tunedrop-run": run_id, "tunedrop-attempt": "1"}

    end_jobs(world, "SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)

    assert world.run(run_id).newest(RunState.REGISTERED)


JUDGED_BY_TIME = {
    "a next version": ({}, "2"),
    "continued": ({"pre_tuned_model": "projects/p/locations/us/models/1"}, "1"),
}


@pytest.mark.parametrize(("plan", "version"), JUDGED_BY_TIME.values(), ids=JUDGED_BY_TIME)
@pytest.mark.parametrize(("age", "stale"), [(1, False), (-1, True)], ids=["newer", "older"])
def test_labels_that_all_versions_share_are_not_held_against_one(
    world, run_id, plan, version, age, stale
):
    run = world.run(run_id)
    run.accepted["plan"].update(plan)

    assert stale is is_stale(
        run,
        labels={"tunedrop-run": "earlier-0123456789abcdef"},
        version=version,
        uploaded_at=START + timedelta(seconds=age),
        job_at=START,
    )


def test_a_version_that_tells_no_time_is_not_said_to_be_old(world, run_id):
    epoch = START - timedelta(seconds=START.timestamp())

    assert not is_stale(world.run(run_id), labels={}, version="1", uploaded_at=epoch, job_at=START)


def test_a_model_that_cannot_be_read_is_not_judged(world, run_id):
    for error in (NotFoundError("gone"), InvalidRequestError("elsewhere")):
        world.models.get = raises(error)
        world.models.annotate = raises(UpstreamUnavailableError("503"))
        end_jobs(world, "SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)

        assert RunState.SUCCEEDED is world.run(run_id).state


@pytest.mark.parametrize("error", [UpstreamUnavailableError("503"), AccessDeniedError("403")])
def test_a_registry_that_does_not_answer_is_asked_again(world, run_id, error):
    whole, world.models.get = world.models.get, raises(error)
    end_jobs(world, "SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)
    assert RunState.LAUNCHED is world.run(run_id).state

    world.models.get = whole
    world.tick()

    assert world.run(run_id).newest(RunState.REGISTERED)


@pytest.mark.parametrize("error", [UpstreamUnavailableError("503"), AccessDeniedError("403")])
def test_a_late_end_is_taken_though_nobody_can_judge_the_model(world, run_id, error):
    world.models.get = raises(error)
    end_jobs(world, "SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)
    world.tick(seconds=world.run(run_id).accepted["plan"]["deadline_seconds"] + 1)

    assert world.run(run_id).newest(RunState.SUCCEEDED)


def test_a_job_that_cannot_be_cancelled_holds_no_run_past_its_deadline(world, run_id, capsys):
    world.control(action="cancel", run_id=run_id)
    cancel, world.pipelines.cancel = world.pipelines.cancel, raises(AccessDeniedError("403"))
    world.tick(seconds=world.run(run_id).accepted["plan"]["deadline_seconds"] + 1)
    assert ("failed", "deadline_exceeded") == code(world, run_id)
    assert "access_denied" in capsys.readouterr().out

    world.pipelines.cancel = cancel
    before = len(world.pipelines.cancelled)
    world.tick()
    assert before < len(world.pipelines.cancelled)


@pytest.mark.parametrize("name", ["my-model", "models/7", "projects/p/locations//models/7"])
def test_an_output_that_names_no_resource_is_none(world, run_id, name):
    end_jobs(world, "SUCCEEDED", tuned_model=name, endpoint=ENDPOINT)

    assert ("failed", "no_tuned_model") == code(world, run_id)


def test_an_endpoint_that_is_no_resource_is_made_anew(world, run_id):
    end_jobs(world, "SUCCEEDED", tuned_model=MODEL, endpoint="my-endpoint")

    assert "" == world.run(run_id).newest(RunState.SUCCEEDED).detail["endpoint"]
    assert 1 == len(world.models.deployments)


def raises(error):
    def call(*_args, **_named):
        raise error

    return call


def gemini_run(world, data):
    run_id = drop(world, "g", data=data)
    launch(world, run_id)
    return run_id


def succeeded(world, run_id, **fields):
    world.tunings.end("JOB_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT, **fields)
    world.tick()
    return world.run(run_id).newest(RunState.SUCCEEDED).detail


def test_rows_that_the_service_left_out_are_named_by_the_users_own_lines(world):
    lines = gemini_rows().splitlines(keepends=True)
    run_id = gemini_run(world, "\n\n" + "".join(lines[:4]) + "\n" + "".join(lines[4:]))
    notes = (RowNote(2, 'too long: {"contents": "private"}'), RowNote(5, ""), RowNote(99, "odd"))

    detail = succeeded(world, run_id, row_notes=notes, dropped_rows=3, billable_tokens=255_243)

    assert [
        {"row": 2, "line": 4, "reason": "too long: [cut]"},
        {"row": 5, "line": 8, "reason": ""},
        {"row": 99, "line": None, "reason": "odd"},
    ] == detail["row_notes"]
    assert (3, 255_243) == (detail["dropped_rows"], detail["billable_tokens"])


def test_of_many_rows_a_hundred_are_named(world):
    run_id = gemini_run(world, gemini_rows(count=150))
    notes = tuple(RowNote(row, "") for row in range(1, 151))

    detail = succeeded(world, run_id, row_notes=notes)

    assert [(row, row) for row in range(1, 101)] == [
        (note["row"], note["line"]) for note in detail["row_notes"]
    ]


@pytest.mark.parametrize("damage", [None, b"", b"12\n", b"\xff", b"2\n-1 5\n", b"4\nx y\n"])
def test_a_line_map_that_is_lost_or_broken_names_no_line(world, damage):
    run_id = gemini_run(world, "\n" + gemini_rows())
    path = world.run(run_id).accepted["training"]["line_map"]
    if damage is None:
        world.store.delete("test-work", path)
    else:
        world.store.write("test-work", path, damage, if_generation=None)

    detail = succeeded(world, run_id, row_notes=(RowNote(2, "x"),))

    assert [{"row": 2, "line": None, "reason": "x"}] == detail["row_notes"]


def test_how_long_a_job_took_is_what_the_service_says(world, run_id):
    ended_at = world.clock.now() + timedelta(seconds=90)
    world.clock.skip(600)

    end_jobs(world, "SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT, ended_at=ended_at)

    (path,) = world.store.names("test-state", "durations/")
    assert "90.0" in world.store.read("test-state", path, max_bytes=1000).decode()


def test_a_note_repeats_only_if_the_last_step_is_that_note(world, run_id):
    end_jobs(world, "PAUSED")
    run = world.run(run_id)
    paused = ending_of(JobState.PAUSED, holds_model=False)

    assert due_note(run, paused, "PIPELINE_STATE_PAUSED") is None
    assert due_note(run, paused, "JOB_STATE_PAUSED") is not None


def test_what_a_failed_step_says_can_be_recorded(world, run_id):
    end_jobs(world, "FAILED", error=JobError(9, "boom", "a task with spaces"))

    detail = world.run(run_id).last.detail
    assert json.loads(json.dumps(detail)) == detail
    assert {
        "code": "job_failed",
        "job_state": "PIPELINE_STATE_FAILED",
        "task": "",
        "message": "boom",
        "class": "",
        "known": "",
        "violations": [],
        "lines": [],
        "metric": "",
    } == detail


def test_a_run_of_the_table_goes_on_with_the_same_rows(world):
    """The service's row is a row of the staged file, from which held-out rows and blank lines are gone."""
    lines = rows(count=20).splitlines(keepends=True)
    run_id = drop(world, "b", data="\n" + "\n".join(lines))
    launch(world, run_id)
    error = JobError(3, 'Dataset example 3 of 20 is bad. JSON: {"input_text": "private"}', "tuner")

    end_jobs(world, "FAILED", error=error)

    assert [{"row": 3, "line": 6, "file": "training"}] == world.run(run_id).last.detail["lines"]
