"""What operators decide: where it may be decided, what follows, and that nothing decided is lost."""

import json

import pytest

from support.launching import (
    ENDPOINT,
    LONG,
    MODEL,
    at_the_next_write,
    bring,
    code,
    decide,
    drop,
    end_jobs,
    event,
    gemini_rows,
    launch,
    lose_messages,
    money,
    queue,
    raising,
    slots,
    steps,
)
from support.world import World
from tunedrop.domain.runs import RETRYABLE, RunState
from tunedrop.errors import (
    BusyError,
    MalformedEventError,
    QuotaExhaustedError,
    RefusedError,
    UpstreamUnavailableError,
)
from tunedrop.events import PubsubDelivery
from tunedrop.handlers.decide import receive_control

LATER = (RunState.SUCCEEDED, RunState.LOADING)
OPEN = (
    RunState.ACCEPTED,
    RunState.HELD,
    RunState.QUEUED,
    RunState.LAUNCHING,
    RunState.LAUNCHED,
    RunState.RUNNING,
    *LATER,
)
ENDED = (
    RunState.KEPT,
    RunState.FAILED,
    RunState.LOAD_FAILED,
    RunState.CANCELLED,
    RunState.REFUSED,
    RunState.SUPERSEDED,
)


@pytest.fixture
def world():
    return World()


def names(states):
    return pytest.mark.parametrize("state", states, ids=lambda state: state.value)


def released(world):
    return [outcome.code for outcome in world.deliver()]


@names([state for state in ENDED if state in RETRYABLE and state is not RunState.LOAD_FAILED])
def test_a_retry_is_the_next_attempt_from_wherever_it_is_allowed(world, state):
    run_id = bring(world, state)

    assert "retried" == decide(world, "retry", run_id)

    run = world.run(run_id)
    assert (RunState.QUEUED, 2) == (run.state, run.attempt)
    assert ("retried", "because", "ada") == tuple(
        run.last.detail[key] for key in ("code", "reason", "claimed_by")
    )
    assert [run_id] == queue(world) == world.open_runs()
    assert ["launched"] == released(world)
    assert world.pipelines.created[-1][0].endswith("-a2")


def test_a_retry_after_loading_failed_loads_again_without_a_new_job(world):
    run_id = bring(world, RunState.LOAD_FAILED)

    decide(world, "retry", run_id)
    assert (RunState.LOADING, 1) == (world.run(run_id).state, world.run(run_id).attempt)
    assert [] == released(world)
    world.tick()

    assert ["load_failed", "loading", "registered", "kept"] == steps(world, run_id)[-4:]
    assert 1 == len(world.pipelines.created)
    assert [] == world.open_runs()


def test_a_second_loading_has_its_own_time(world):
    run_id = bring(world, RunState.LOAD_FAILED)
    world.clock.skip(world.settings.timings.load_deadline_seconds + 1)
    decide(world, "retry", run_id)
    world.predictor.answer = UpstreamUnavailableError("503")

    world.tick(seconds=world.settings.timings.load_deadline_seconds - 10)
    assert RunState.LOADING is world.run(run_id).state
    world.tick(seconds=20)

    assert ("load_failed", "load_timeout") == code(world, run_id)


@names([*OPEN, RunState.KEPT])
def test_a_retry_is_refused_where_there_is_nothing_to_retry(world, state):
    run_id = bring(world, state)
    before = steps(world, run_id)

    with pytest.raises(RefusedError) as caught:
        decide(world, "retry", run_id)

    assert ("wrong_state", before) == (caught.value.code, steps(world, run_id))


@names([state for state in (*OPEN, *ENDED) if state is not RunState.HELD])
@pytest.mark.parametrize("action", ["approve", "refuse"])
def test_only_a_held_run_is_approved_or_refused(world, state, action):
    run_id = bring(world, state)

    with pytest.raises(RefusedError, match="expected it to be held"):
        decide(world, action, run_id)


def test_an_approved_run_waits_for_its_turn_like_any_other(world):
    launch(world, drop(world, "busy"))
    run_id = bring(world, RunState.HELD)

    decide(world, "approve", run_id)

    assert ["no_slot"] == released(world)
    assert [run_id] == queue(world)


@names([RunState.ACCEPTED, RunState.HELD, RunState.QUEUED])
def test_what_waits_is_cancelled_at_once(world, state):
    run_id = bring(world, state)

    assert "cancelled" == decide(world, "cancel", run_id)

    assert ("cancelled", "cancelled") == code(world, run_id)
    assert ("because", "ada") == tuple(
        world.run(run_id).last.detail[key] for key in ("reason", "claimed_by")
    )
    assert [] == queue(world)
    assert "nothing_to_launch" == launch(world, run_id)
    assert [] == world.pipelines.created
    assert "cancelled" == json.loads(world.publisher.bodies("run-failed")[0])["code"]


@names([RunState.LAUNCHED, RunState.RUNNING])
def test_a_job_is_asked_to_stop_and_its_own_state_ends_the_run(world, state):
    run_id = bring(world, state)

    assert "cancel_requested" == decide(world, "cancel", run_id)

    assert state is world.run(run_id).state
    assert [world.run(run_id).launched.detail["job_name"]] == world.pipelines.cancelled
    end_jobs(world, "CANCELLED")
    assert ("cancelled", "job_cancelled") == code(world, run_id)
    assert {} == slots(world)


def test_a_job_that_succeeds_though_it_was_asked_to_stop_is_a_success(world):
    run_id = bring(world, RunState.RUNNING)
    decide(world, "cancel", run_id)

    end_jobs(world, "SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)

    assert RunState.KEPT is world.run(run_id).state


@names([*LATER, *ENDED])
def test_what_has_no_job_any_more_is_not_cancelled(world, state):
    run_id = bring(world, state)

    with pytest.raises(RefusedError, match="waiting, or running a job"):
        decide(world, "cancel", run_id)


def test_a_cancel_during_a_launch_before_the_call_makes_no_job(world):
    world = World(max_usd_per_day=1)
    run_id = drop(world, data=gemini_rows())
    answers = []
    at_the_next_write(
        world, "slots/", lambda: answers.append(decide(world, "cancel", run_id)), after=True
    )

    assert "cancelled" == launch(world, run_id)

    assert ["cancel_requested"] == answers
    assert ("cancelled", "cancelled") == code(world, run_id)
    assert ([], {}, []) == (world.tunings.created, slots(world), money(world))


def test_a_cancel_during_the_call_stops_the_job_as_soon_as_it_is_recorded(world):
    run_id = drop(world)
    create = world.pipelines.create

    def slow(**arguments):
        decide(world, "cancel", run_id)
        return create(**arguments)

    world.pipelines.create = slow

    assert "launched" == launch(world, run_id)
    assert [world.run(run_id).launched.detail["job_name"]] == world.pipelines.cancelled


def test_a_cancel_of_a_launch_in_doubt_makes_no_job_when_it_is_taken_over(world):
    run_id = bring(world, RunState.LAUNCHING)

    assert "cancel_requested" == decide(world, "cancel", run_id)
    assert RunState.LAUNCHING is world.run(run_id).state
    world.tick(seconds=LONG)

    assert ["cancelled"] == released(world)
    assert ([], {}) == (world.pipelines.created, slots(world))


def test_a_cancel_of_a_launch_in_doubt_stops_the_job_that_it_turns_out_to_have_made(world):
    run_id = drop(world)
    world.pipelines.refusals = [(UpstreamUnavailableError("lost"), True)]
    launch(world, run_id)
    lose_messages(world)
    decide(world, "cancel", run_id)

    world.tick(seconds=LONG)

    assert ["launched"] == released(world)
    assert list(world.pipelines.jobs) == world.pipelines.cancelled
    end_jobs(world, "CANCELLED")
    assert ("cancelled", "job_cancelled") == code(world, run_id)


def test_a_launch_that_is_refused_while_somebody_cancels_ends(world):
    run_id = drop(world)

    def refused(**_):
        decide(world, "cancel", run_id)
        raise QuotaExhaustedError("429")

    create, world.pipelines.create = world.pipelines.create, refused
    assert "quota_exhausted" == launch(world, run_id)
    lose_messages(world)
    world.pipelines.create = create

    world.tick(seconds=LONG)

    assert ["cancelled"] == released(world)
    assert ("cancelled", "cancelled") == code(world, run_id)
    assert ([], {}) == (world.pipelines.created, slots(world))


def test_a_launch_that_is_refused_right_before_the_wish_is_looked_at_is_cancelled(world):
    run_id = drop(world)
    world.pipelines.refusals = [UpstreamUnavailableError("lost")]
    launch(world, run_id)
    world.clock.skip(LONG)
    world.pipelines.refusals = [QuotaExhaustedError("429")]
    at_the_next_write(world, "cancels/", lambda: launch(world, run_id))

    assert "cancel_requested" == decide(world, "cancel", run_id)

    assert ("cancelled", "cancelled") == code(world, run_id)
    assert [] == queue(world)


def test_a_wish_to_cancel_concerns_its_attempt_alone(world):
    run_id = bring(world, RunState.LAUNCHED)
    decide(world, "cancel", run_id)
    end_jobs(world, "CANCELLED")
    lose_messages(world)

    decide(world, "retry", run_id)

    assert ["launched"] == released(world)
    assert 1 == len(world.pipelines.cancelled)


def test_a_wish_to_cancel_says_who_and_why(world):
    run_id = bring(world, RunState.LAUNCHED)
    decide(world, "cancel", run_id)

    record = world.record(f"cancels/{run_id}-a1.json")
    assert ("cancel", 1, "because", "ada") == tuple(
        record[key] for key in ("kind", "attempt", "reason", "claimed_by")
    )


@names([RunState.LAUNCHED, RunState.LAUNCHING])
def test_cancelling_twice_is_cancelling_once(world, state):
    run_id = bring(world, state)

    assert ["cancel_requested"] * 2 == [decide(world, "cancel", run_id) for _ in range(2)]
    assert [f"cancels/{run_id}-a1.json"] == world.store.names("test-ledger", "cancels/")


def test_a_job_that_could_not_be_asked_to_stop_is_asked_when_the_message_comes_again(world):
    run_id = bring(world, RunState.LAUNCHED)
    cancel, world.pipelines.cancel = world.pipelines.cancel, raising(UpstreamUnavailableError("5"))
    with pytest.raises(UpstreamUnavailableError):
        decide(world, "cancel", run_id, message_id="c")
    world.pipelines.cancel = cancel

    assert "cancel_requested" == decide(world, "cancel", run_id, message_id="c")
    assert 1 == len(world.pipelines.cancelled)


def test_a_wish_that_a_crash_kept_from_the_job_is_carried_out_later(world):
    run_id = drop(world)
    create, cancel = world.pipelines.create, world.pipelines.cancel

    def slow(**arguments):
        decide(world, "cancel", run_id)
        return create(**arguments)

    world.pipelines.create, world.pipelines.cancel = slow, raising(UpstreamUnavailableError("503"))
    with pytest.raises(UpstreamUnavailableError):
        launch(world, run_id)
    world.pipelines.cancel = cancel

    launch(world, run_id)
    for _ in range(3):
        world.tick(seconds=400)
        world.deliver()

    assert set(world.pipelines.jobs) == set(world.pipelines.cancelled)


def test_a_cancel_that_meets_a_launch_under_way_is_carried_out_when_it_comes_again(world):
    run_id = bring(world, RunState.QUEUED)
    at_the_next_write(world, f"runs/{run_id}/000003", lambda: launch(world, run_id))

    with pytest.raises(BusyError):
        decide(world, "cancel", run_id, message_id="c")

    assert "cancel_requested" == decide(world, "cancel", run_id, message_id="c")
    assert 1 == len(world.pipelines.cancelled)


def test_a_wish_that_only_the_sweep_can_still_carry_out_is_met_at_the_jobs_next_news(world):
    run_id = bring(world, RunState.LAUNCHED)
    wish = {"kind": "cancel", "run_id": run_id, "attempt": 1}
    world.services.ledger.create(f"cancels/{run_id}-a1.json", wish)
    world.pipelines.end("PIPELINE_STATE_RUNNING")
    world.tick()

    event(world, run_id)

    assert set(world.pipelines.jobs) == set(world.pipelines.cancelled)


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.LOAD_FAILED])
def test_a_retry_that_a_crash_cut_short_is_marked_open(world, state):
    run_id = bring(world, state)

    def crash():
        raise SystemExit

    at_the_next_write(world, f"runs/{run_id}/", crash, after=True)
    with pytest.raises(SystemExit):
        decide(world, "retry", run_id)

    assert [run_id] == world.open_runs()


@pytest.mark.parametrize("action", ["approve", "refuse", "cancel", "retry"])
def test_a_decision_that_a_crash_cut_short_is_carried_out_once(world, action):
    run_id = bring(world, RunState.HELD if action != "retry" else RunState.FAILED)
    write = world.store.write

    def crash(bucket, name, *args, **kwargs):
        if name.startswith("messages/control/"):
            raise SystemExit
        return write(bucket, name, *args, **kwargs)

    world.store.write = crash
    with pytest.raises(SystemExit):
        decide(world, action, run_id, message_id="once")
    world.store.write = write
    before = steps(world, run_id)

    answer = decide(world, action, run_id, message_id="once")

    assert before == steps(world, run_id)
    assert answer == world.record("messages/control/once.json")["code"] != "wrong_state"


def test_every_decision_is_a_record_with_who_and_why(world):
    run_id = bring(world, RunState.HELD)
    for action, about in [("pause", ""), ("resume", ""), ("approve", run_id)]:
        decide(world, action, about, message_id=action)

    for action in ("pause", "resume", "approve"):
        record = world.record(f"messages/control/{action}.json")
        assert ("decision", action, "because", "ada") == tuple(
            record[key] for key in ("kind", "action", "reason", "claimed_by")
        )


def test_a_sweep_on_demand_sweeps(world):
    world.drop("x.jsonl", b"nothing\n")
    bring(world, RunState.LAUNCHED)
    world.pipelines.end("PIPELINE_STATE_FAILED")

    assert "swept" == decide(world, "sweep")
    assert [] == world.open_runs()


def test_a_sweep_on_demand_is_a_record_as_well(world):
    decide(world, "sweep", message_id="swept")

    assert "ada" == world.record("messages/control/swept.json")["claimed_by"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"action": "delete"}',
        b'{"action": "cancel", "run_id": "../x"}',
        b'{"action": "pause", "force": true}',
    ],
)
def test_what_is_no_decision_is_malformed(world, body):
    with pytest.raises(MalformedEventError):
        receive_control(world.services, world.vertex, PubsubDelivery("c", body, {}))

    assert [] == world.store.names("test-ledger", "messages/")


@pytest.mark.parametrize("action", ["approve", "refuse", "cancel", "retry"])
def test_a_decision_about_a_run_names_one(world, action):
    with pytest.raises(Exception, match="run_id") as caught:
        decide(world, action)

    assert "unknown_run" == caught.value.code
