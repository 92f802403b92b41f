"""Marks tell a sweep how a run stood; they are hints, and none of them takes anything away by being wrong."""

from datetime import timedelta

import pytest

from support.launching import bring, code, drop, end_jobs, launch, lose_messages, raising
from support.memory import START
from support.world import World
from tunedrop.domain.runs import RunState
from tunedrop.errors import UpstreamUnavailableError

RUN = "default-0123456789abcdef"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def marks(world):
    return world.services.runbook.marks


def put(world, **metadata):
    world.store.put("test-state", f"open/{RUN}", "{}", **metadata)


WHOLE = {
    "announced": "3",
    "state": "launched",
    "attempt": "1",
    "since": START.isoformat(),
    "at": START.isoformat(),
    "backend": "pipeline_job",
    "region": "us-central1",
    "job": "projects/p/locations/us-central1/pipelineJobs/x",
    "launched_at": START.isoformat(),
    "deadline": (START + timedelta(hours=1)).isoformat(),
}


def test_nobody_has_a_mark_before_the_first_step(marks):
    assert marks.find(RUN) is None
    assert [] == list(marks.all())


def test_a_new_mark_tells_nothing_but_what_has_been_said(marks):
    marks.ensure(RUN, 2)

    mark = marks.find(RUN)
    assert (RUN, 2, None, 0, "") == (
        mark.run_id,
        mark.announced,
        mark.state,
        mark.attempt,
        mark.job,
    )


def test_a_mark_that_is_there_is_left_as_it_is(world, marks):
    put(world, **WHOLE)

    marks.ensure(RUN, 0)

    assert 3 == marks.find(RUN).announced


@pytest.mark.parametrize("state", [RunState.HELD, RunState.QUEUED, RunState.LAUNCHING])
def test_a_mark_tells_how_its_run_waits(world, marks, state):
    run_id = bring(world, state)

    mark = marks.find(run_id)
    assert (run_id, 2, state, 1, world.clock.now()) == (
        mark.run_id,
        mark.announced,
        mark.state,
        mark.attempt,
        mark.at,
    )
    assert ("pipeline_job", "us-central1", "", None, None) == (
        mark.backend,
        mark.region,
        mark.job,
        mark.launched_at,
        mark.deadline,
    )


def test_a_mark_tells_which_job_its_run_has_and_until_when_it_may_take(world, marks):
    run_id = bring(world, RunState.LAUNCHED)
    run = world.run(run_id)

    mark = marks.find(run_id)
    assert (run.launched.detail["job_name"], run.launched.at) == (mark.job, mark.launched_at)
    seconds = run.accepted["plan"]["deadline_seconds"]
    assert run.launched.at + timedelta(seconds=seconds) == mark.deadline


def test_marks_are_read_from_one_listing_without_reading_any(world, marks, monkeypatch):
    runs = sorted(bring(world, RunState.QUEUED, words) for words in "abc")
    monkeypatch.setattr(world.store, "read", None)
    monkeypatch.setattr(world.store, "stat", None)

    assert runs == [mark.run_id for mark in marks.all()]


def test_a_prefix_narrows_the_marks(world, marks):
    for run_id in ("bot-0123456789abcdef", "bot-2-0123456789abcdef", "other-0123456789abcdef"):
        marks.ensure(run_id, 0)

    assert ["bot-0123456789abcdef", "bot-2-0123456789abcdef"] == [
        mark.run_id for mark in marks.all(prefix="bot")
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"announced": "three"},
        {"state": "sleeping"},
        {"attempt": ""},
        {"at": "yesterday"},
        {"launched_at": "soon"},
        {"deadline": "never"},
        *({name: None} for name in WHOLE),
    ],
    ids=lambda change: "-".join(f"{key}-{value}" for key, value in change.items()),
)
def test_a_mark_that_cannot_be_read_tells_only_what_has_been_said(world, marks, change):
    told = {key: value for key, value in {**WHOLE, **change}.items() if value is not None}
    put(world, **told)

    mark = marks.find(RUN)

    assert (None, 0, "", None) == (mark.state, mark.attempt, mark.job, mark.deadline)
    assert (0 if "announced" in change else 3) == mark.announced
    assert world.clock.now() == mark.at


@pytest.mark.parametrize("announced", ["²", "٣", "-1", "1e3", " 1", "0x1"])
def test_a_number_of_another_kind_says_nothing_or_itself_and_is_no_crash(world, marks, announced):
    put(world, announced=announced)

    assert 0 == marks.find(RUN).announced


@pytest.mark.parametrize("name", ["at", "launched_at", "deadline"])
def test_an_instant_without_a_zone_tells_nothing(world, marks, name):
    put(world, **{**WHOLE, name: "2026-11-23T12:00:00"})

    assert marks.find(RUN).state is None


def test_a_mark_that_changed_is_not_taken_away(world, marks):
    marks.ensure(RUN, 0)
    seen = marks.find(RUN)
    marks.renew(RUN, 1)

    marks.remove(seen)

    assert 1 == marks.find(RUN).announced


def test_a_mark_is_taken_away_once(marks):
    marks.ensure(RUN, 0)
    mark = marks.find(RUN)

    marks.remove(mark)
    marks.remove(mark)

    assert marks.find(RUN) is None


def test_what_one_worker_said_is_not_forgotten_by_a_slower_one(world, marks):
    run_id = drop(world)
    launch(world, run_id)
    run, mark = world.run(run_id), marks.find(run_id)
    marks.renew(run_id, 7)

    marks.remember(run, mark)

    assert 7 == marks.find(run_id).announced


def test_a_renewed_mark_that_others_keep_renewing_is_given_up(world, marks):
    write, tries = world.store.write, []

    def interrupted(*args, **kwargs):
        tries.append(1)
        put(world, announced="7")
        return write(*args, **kwargs)

    world.store.write = interrupted
    marks.renew(RUN, 1)

    assert 7 == marks.find(RUN).announced
    assert 1 < len(tries) < 100


def test_a_run_that_lost_its_mark_gets_another_and_its_attempt_is_said_again(world, marks):
    run_id = bring(world, RunState.LAUNCHED)
    marks.remove(marks.find(run_id))
    before = world.publisher.kinds().count("run-launched")

    world.services.runbook.announce(world.run(run_id))

    assert RunState.LAUNCHED is marks.find(run_id).state
    assert before + 1 == world.publisher.kinds().count("run-launched")


def test_an_ended_run_gets_no_mark(world, marks):
    run_id = bring(world, RunState.FAILED)

    world.services.runbook.announce(world.run(run_id))

    assert marks.find(run_id) is None


def test_the_mark_of_an_ended_run_is_kept_until_its_end_is_said(world, marks):
    run_id = bring(world, RunState.LAUNCHED)
    stale = world.run(run_id)
    publish = world.publisher.publish

    def down(*_):
        raise UpstreamUnavailableError("broker")

    world.publisher.publish = down
    end_jobs(world, "FAILED")
    world.services.runbook.close(world.run(run_id))
    assert marks.find(run_id) is not None
    world.publisher.publish = publish
    world.services.runbook.announce(stale)
    assert marks.find(run_id) is not None
    world.services.runbook.announce(world.run(run_id))
    world.services.runbook.close(world.run(run_id))

    assert marks.find(run_id) is None


def test_a_mark_that_claims_more_than_was_said_silences_nobody_for_good(world):
    run_id = bring(world, RunState.LAUNCHED)
    world.store.put("test-state", f"open/{run_id}", "{}", announced="999")
    lose_messages(world)

    end_jobs(world, "FAILED")
    for _ in range(3):
        world.tick(seconds=400)

    assert ("failed", "job_failed") == code(world, run_id)
    assert "run-failed" in world.publisher.kinds()


def ended(world):
    """A run that failed and was closed; its id."""
    run_id = bring(world, RunState.LAUNCHED)
    end_jobs(world, "FAILED")
    world.tick(seconds=400)
    return run_id


def test_that_everything_about_an_ended_run_was_said_is_recorded_when_its_mark_goes(world):
    run_id = ended(world)
    steps = len(world.run(run_id).transitions)

    assert [] == world.open_runs()
    assert f"runs/{run_id}/{steps:06d}.said.json" in world.store.names("test-ledger", "runs/")


@pytest.mark.parametrize("sweeps", [1, 2])
def test_an_ended_run_whose_mark_was_lost_before_all_was_said_is_said_by_the_walk(world, sweeps):
    run_id = bring(world, RunState.LAUNCHED)
    publish = world.publisher.publish
    world.publisher.publish = raising(UpstreamUnavailableError("503"))
    end_jobs(world, "FAILED")
    world.tick(seconds=400)
    world.publisher.publish = publish
    world.store.delete("test-state", f"open/{run_id}")

    for _ in range(sweeps):
        world.tick(seconds=400)

    assert 1 == world.publisher.kinds().count("run-failed")
    assert [] == world.open_runs()


def test_a_closed_run_is_not_followed_again(world):
    run_id = ended(world)
    world.publisher.sent.clear()
    load, loaded = world.services.runbook.load, []
    world.services.runbook.load = lambda name: loaded.append(name) or load(name)

    world.tick(seconds=400)

    assert run_id not in loaded
