"""One run taken as far as it goes: what waited for too long ends, what a crash left undone is done."""

import json

import pytest

from support.launching import (
    A_DAY,
    ENDPOINT,
    MODEL,
    at_the_next_write,
    bring,
    code,
    decide,
    drop,
    end_jobs,
    event,
    launch,
    lose_messages,
    queue,
    slots,
    start,
    steps,
)
from support.world import World
from tunedrop.domain.runs import ENDED, RunState
from tunedrop.errors import QuotaExhaustedError, UpstreamUnavailableError
from tunedrop.handlers.follow_run import follow, launch_is_due

HOLD, WAIT = 7 * A_DAY, 14 * A_DAY


@pytest.fixture
def world():
    return World()


def sweep_for(world, seconds, *, every=6 * 3600):
    """Sweep time and again, delivering what each published."""
    while seconds > 0:
        world.tick(seconds=min(every, seconds))
        world.deliver()
        seconds -= every


def test_an_unheard_of_run_is_none(world):
    assert follow(world.services, world.vertex, "bot-0123456789abcdef") is None


def test_a_held_run_that_nobody_decides_about_is_refused(world):
    run_id = bring(world, RunState.HELD)

    sweep_for(world, HOLD)
    assert RunState.HELD is world.run(run_id).state
    sweep_for(world, 60)

    assert ("refused", "hold_expired") == code(world, run_id)
    assert "hold_expired" == json.loads(world.publisher.bodies("run-failed")[0])["code"]
    assert [] == world.open_runs()


def test_a_refused_hold_may_be_retried(world):
    run_id = bring(world, RunState.HELD)
    sweep_for(world, HOLD + 60)

    decide(world, "retry", run_id)

    assert ["launched"] == [outcome.code for outcome in world.deliver()]


def waiting_behind_a_pause(world):
    decide(world, "pause")
    run_id = drop(world)
    launch(world, run_id)
    lose_messages(world)
    return run_id


def test_a_run_that_waits_for_two_weeks_has_failed(world):
    run_id = waiting_behind_a_pause(world)

    sweep_for(world, WAIT)
    assert RunState.QUEUED is world.run(run_id).state
    sweep_for(world, 60)

    assert ("failed", "waited_too_long") == code(world, run_id)
    assert [] == queue(world) == world.open_runs()


def test_a_retry_waits_anew(world):
    run_id = waiting_behind_a_pause(world)
    sweep_for(world, WAIT + 60)
    decide(world, "retry", run_id)

    sweep_for(world, WAIT - 60)

    assert RunState.QUEUED is world.run(run_id).state


def test_a_run_that_is_refused_for_two_weeks_has_failed(world):
    run_id = drop(world)
    world.pipelines.refusals = [QuotaExhaustedError("429") for _ in range(1000)]

    sweep_for(world, WAIT + 2 * A_DAY, every=A_DAY)

    assert ("failed", "waited_too_long") == code(world, run_id)


@pytest.mark.parametrize(
    ("state", "seconds", "expected"),
    [
        (RunState.ACCEPTED, 120, False),
        (RunState.ACCEPTED, 121, True),
        (RunState.LAUNCHING, 749, False),
        (RunState.LAUNCHING, 750, True),
        (RunState.QUEUED, A_DAY, False),
        (RunState.HELD, A_DAY, False),
        (RunState.LAUNCHED, A_DAY, False),
        (RunState.FAILED, A_DAY, False),
    ],
)
def test_a_launch_is_due_once_nobody_can_be_about_to_make_it(world, state, seconds, expected):
    run_id = bring(world, state)

    world.clock.skip(seconds)

    assert expected is launch_is_due(world.services, world.run(run_id))


def test_an_accepted_run_that_was_left_alone_is_asked_for_again(world):
    run_id = drop(world)
    start(world, run_id)
    lose_messages(world)

    world.tick(seconds=100)
    assert [] == world.deliver()
    world.tick(seconds=100)

    assert ["launched"] == [outcome.code for outcome in world.deliver()]


def crash_after(world, record):
    def crash():
        raise SystemExit

    at_the_next_write(world, record, crash, after=True)


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.HELD, RunState.CANCELLED])
def test_a_crash_right_after_a_step_leaves_what_follows_to_the_sweep(world, state):
    world = World(allow_unpriced=state is not RunState.HELD)
    if state is not RunState.HELD:
        decide(world, "pause")
    run_id = drop(world)
    if state is RunState.CANCELLED:
        launch(world, run_id)
        crash_after(world, f"runs/{run_id}/000003")
        act = decide
        arguments = ("cancel", run_id)
    else:
        crash_after(world, f"runs/{run_id}/000002")
        act, arguments = launch, (run_id,)
    with pytest.raises(SystemExit):
        act(world, *arguments)
    said = world.publisher.kinds().count("run-queued")

    world.tick(seconds=1000)

    assert state is world.run(run_id).state
    assert ([run_id] if state is RunState.QUEUED else []) == queue(world)
    if state is not RunState.CANCELLED:
        assert said + 1 == world.publisher.kinds().count("run-queued")
    page = json.loads(
        world.store.read("test-reports", f"runs/{run_id}/report.json", max_bytes=10**6)
    )
    assert state.value == page["state"]
    assert (state in ENDED) is (run_id not in world.open_runs())


def test_a_crash_between_a_jobs_end_and_the_slot_frees_it_later(world):
    run_id = bring(world, RunState.LAUNCHED)
    world.pipelines.end("PIPELINE_STATE_FAILED")
    crash_after(world, f"runs/{run_id}/000004")
    with pytest.raises(SystemExit):
        event(world, run_id)
    assert {1: run_id} == slots(world)

    world.tick()  # its mark still says that it has a job
    world.tick()

    assert {} == slots(world)
    assert "run-failed" in world.publisher.kinds()


def test_a_job_event_takes_a_run_from_its_job_to_a_registered_model_at_once(world):
    run_id = bring(world, RunState.LAUNCHED)
    world.pipelines.end("PIPELINE_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)

    assert "kept" == event(world, run_id).code
    assert ["launched", "succeeded", "registered", "kept"] == steps(world, run_id)[-4:]
    assert ([], {}) == (world.open_runs(), slots(world))


def test_an_ended_job_is_an_event_however_often(world):
    run_id = bring(world, RunState.LAUNCHED)
    world.pipelines.end("PIPELINE_STATE_FAILED")

    assert ["failed"] * 3 == [event(world, run_id).code for _ in range(3)]
    assert 1 == world.publisher.kinds().count("run-failed")


def test_a_mark_is_kept_until_everything_is_said(world):
    run_id = bring(world, RunState.LAUNCHED)
    publish = world.publisher.publish

    def down(topic, data, attributes):
        raise UpstreamUnavailableError("broker")

    world.publisher.publish = down
    end_jobs(world, "FAILED")
    assert [run_id] == world.open_runs()
    world.publisher.publish = publish
    world.tick()

    assert [] == world.open_runs()
    assert 1 == world.publisher.kinds().count("run-failed")
