"""Whether a run may start, in which order the reasons count, and whose turn it is."""

import json
from datetime import datetime, timedelta

import pytest

from support.launching import (
    A_DAY,
    LONG,
    asked,
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
    price,
    queue,
    requests,
    slots,
    start,
    steps,
)
from support.world import World
from tunedrop.contracts import JobTick
from tunedrop.domain.runs import RunState
from tunedrop.errors import QuotaExhaustedError
from tunedrop.events import PubsubDelivery
from tunedrop.handlers.admission import reason_to_hold, reason_to_wait
from tunedrop.handlers.track_runs import receive_job_event

CHEAP, DEAR = gemini_rows("cheap"), gemini_rows("dear", count=400)
RECIPE = 'base_model = "gemini-3.5-flash"\n[budget]\n'
CHEAP_USD, DEAR_USD = 0.0042, 0.0883


@pytest.fixture
def world():
    return World()


def dear(world):
    return drop(world, "dear", data=DEAR)


def cheap(world):
    return drop(world, "cheap", data=CHEAP)


def test_prices_are_as_these_tests_say():
    world = World()

    assert (CHEAP_USD, DEAR_USD) == (price(world, cheap(world)), price(world, dear(world)))


def reasons_to_hold(**changes):
    """What holds a run of each price under some settings, dearest first."""
    world, reasons = World(**changes), []
    for accept in (dear, cheap, drop):
        world.clock.skip(1)
        reasons.append(reason_to_hold(world.services, start(world, accept(world))))
    return reasons


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["", "", ""]),
        ({"allow_unpriced": False}, ["", "", "price_unknown"]),
        ({"max_usd_per_run": 0.01}, ["over_budget", "", ""]),
        ({"max_usd_per_run": DEAR_USD}, ["", "", ""]),
        ({"max_usd_per_run": 0}, ["over_budget", "over_budget", ""]),
        ({"max_usd_per_day": 0.01}, ["over_daily_budget", "", ""]),
        ({"max_usd_per_day": DEAR_USD}, ["", "", ""]),
        ({"max_usd_per_run": 0.01, "max_usd_per_day": 0.01}, ["over_budget", "", ""]),
        ({"max_new_runs_per_hour": 1}, ["", "burst", "burst"]),
        (
            {"max_new_runs_per_hour": 1, "max_usd_per_day": 0.001, "allow_unpriced": False},
            ["over_daily_budget", "over_daily_budget", "price_unknown"],
        ),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_each_reason_to_hold_counts_in_order(changes, expected):
    assert expected == reasons_to_hold(**changes)


def test_a_recipes_own_limit_holds_though_the_deployment_has_none(world):
    world.drop("bot/recipe.toml", f"{RECIPE}max_usd_per_run = 0.01\n".encode())
    run_id = drop(world, "dear", data=DEAR, folder="bot/")

    assert "held" == launch(world, run_id)
    assert ("held", "over_budget") == code(world, run_id)


def test_a_recipe_does_not_raise_the_deployments_limit():
    world = World(max_usd_per_run=0.01)
    world.drop("bot/recipe.toml", f"{RECIPE}max_usd_per_run = 99\n".encode())
    run_id = drop(world, "dear", data=DEAR, folder="bot/")

    assert "held" == launch(world, run_id)


def test_a_run_that_is_held_counts_no_start_and_holds_nothing():
    world = World(max_usd_per_run=0.01, max_usd_per_day=1)

    launch(world, dear(world))

    assert ({}, [], []) == (slots(world), money(world), queue(world))
    assert [] == world.store.names("test-ledger", "starts/")


def reason(world, run_id):
    wait = reason_to_wait(world.services, world.run(run_id))
    return wait and (wait.code, wait.not_before)


def test_reasons_to_wait_follow_one_another_in_order():
    world = World(max_usd_per_day=0.09)
    first, second = bring(world, RunState.QUEUED), dear(world)
    start(world, second)
    launch(world, first)
    launch(world, cheap(world))
    decide(world, "pause")
    tomorrow = world.clock.now().replace(hour=0) + timedelta(days=1)

    assert ("paused", None) == reason(world, second)
    decide(world, "resume")
    assert ("no_slot", None) == reason(world, second)
    end_jobs(world, "FAILED")
    launch(world, drop(world, "third", data=CHEAP))
    world.tunings.end("JOB_STATE_FAILED")
    world.tick()
    assert ("daily_budget", tomorrow) == reason(world, second)
    world.clock.skip(A_DAY)
    assert reason(world, second) is None


def test_one_reason_after_the_other_keeps_a_run_waiting_until_none_is_left(world):
    run_id = drop(world)
    decide(world, "pause")
    assert "paused" == launch(world, run_id)
    decide(world, "resume")
    world.pipelines.refusals = [QuotaExhaustedError("429")]
    assert "quota_exhausted" == launch(world, run_id)
    assert "backing_off" == launch(world, run_id)
    world.clock.skip(LONG)
    other = asked(world, "urgent", 0)
    launch(world, other)
    assert "no_slot" == launch(world, run_id)
    end_jobs(world, "FAILED")

    assert "launched" == launch(world, run_id)
    assert ["accepted", "queued", "launching", "queued", "launching", "launched"] == steps(
        world, run_id
    )


def test_a_wait_is_said_once_however_often_it_is_looked_at(world):
    decide(world, "pause")
    run_id = drop(world)

    assert ["paused"] * 3 == [launch(world, run_id) for _ in range(3)]
    assert 1 == world.publisher.kinds().count("run-queued")
    assert ["accepted", "queued"] == steps(world, run_id)
    assert [run_id] == queue(world)


def in_line(world, count=4):
    """A run with a job, and others that wait behind it, oldest first."""
    runs = []
    for number in range(count):
        run_id = drop(world, f"w{number}")
        launch(world, run_id)
        world.clock.skip(1)
        runs.append(run_id)
    lose_messages(world)
    return runs


def launched(world):
    """The runs whose jobs were created, in order."""
    return [body["labels"]["tunedrop-run"] for _, body in world.pipelines.created]


def test_under_a_cap_of_one_the_queue_keeps_its_order(world):
    runs = in_line(world)

    for _ in range(8):
        end_jobs(world, "FAILED")
        world.deliver()

    assert runs == launched(world)
    assert [] == queue(world)


def test_the_urgent_overtake_the_old(world):
    old = in_line(world, 3)
    urgent, later = asked(world, "urgent", 1), asked(world, "later", 9)
    launch(world, urgent)
    launch(world, later)
    lose_messages(world)

    for _ in range(8):
        end_jobs(world, "FAILED")
        world.deliver()

    assert [old[0], urgent, *old[1:], later] == launched(world)


@pytest.mark.parametrize("which", [1, 2, 3])
def test_a_redelivered_request_does_not_jump_the_queue(world, which):
    runs = in_line(world)
    world.pipelines.end("PIPELINE_STATE_FAILED")
    event(world, runs[0])

    answer = launch(world, runs[which])

    assert (answer == "launched") is (which == 1)
    assert [runs[0], *([runs[1]] if which == 1 else [])] == launched(world)
    assert runs[1 + (which == 1) :] == queue(world)


def test_a_fresh_drop_does_not_jump_the_queue_though_a_slot_is_free(world):
    runs = in_line(world)
    world.pipelines.end("PIPELINE_STATE_FAILED")
    event(world, runs[0])

    assert "no_slot" == launch(world, drop(world, "fresh"))
    assert [runs[0]] == launched(world)


def test_a_jobs_end_hands_its_slot_to_the_next_at_once(world):
    first, second, *_ = in_line(world)
    world.pipelines.end("PIPELINE_STATE_SUCCEEDED")

    event(world, first)

    assert ["no_slot", "launched"] == ["no_slot", *(each.code for each in world.deliver())]
    assert {1: second} == slots(world)


def test_a_tick_about_one_run_hands_its_slot_on_as_well(world):
    first, second, *_ = in_line(world)
    world.pipelines.end("PIPELINE_STATE_FAILED")
    tick = JobTick(kind="run", run_id=first).model_dump_json().encode()

    receive_job_event(world.services, world.vertex, PubsubDelivery("t1", tick, {}))
    world.deliver()

    assert [first, second] == launched(world)


def test_as_many_are_released_as_there_are_free_slots():
    world = World(max_concurrent_jobs=3)
    runs = in_line(world, 8)
    end_jobs(world, "FAILED")

    assert ["launched"] * 3 == [outcome.code for outcome in world.deliver()]
    assert runs[:6] == launched(world)
    assert runs[6:] == queue(world)


def test_a_run_that_backs_off_lets_the_one_behind_it_pass(world):
    world.pipelines.refusals = [QuotaExhaustedError("429")]
    first, second = drop(world, "first"), drop(world, "second")
    launch(world, first)

    assert "launched" == launch(world, second)
    assert [first] == queue(world)


def test_a_refused_create_frees_slot_and_money_and_rests_longer_each_time():
    world = World(max_usd_per_day=1)
    run_id = cheap(world)
    rest = world.settings.timings.queue_retry_seconds
    for _ in range(7):
        world.tunings.refusals = [QuotaExhaustedError("429")]
        assert "quota_exhausted" == launch(world, run_id)
        assert {} == slots(world)
        world.clock.skip(LONG)
    said = [step for step in world.run(run_id).transitions if step.state is RunState.QUEUED]

    waits = [
        (datetime.fromisoformat(step.detail["not_before"]) - step.at).total_seconds()
        for step in said
    ]
    assert [rest * times for times in (1, 2, 4, 8, 16, 16, 16)] == waits
    assert [CHEAP_USD, -CHEAP_USD] * 7 == money(world)
    assert "launched" == launch(world, run_id)


def test_a_days_money_is_waited_for_until_the_next_day_and_a_cheaper_run_passes():
    world = World(max_usd_per_day=0.1, max_concurrent_jobs=5)
    spent = drop(world, "spent", data=gemini_rows("spent", count=400))
    waits, passes = dear(world), cheap(world)
    launch(world, spent)

    assert "daily_budget" == launch(world, waits)
    assert "launched" == launch(world, passes)
    lose_messages(world)
    world.tick(seconds=6 * 3600)
    assert [] == world.deliver()
    world.tick(seconds=6 * 3600)
    assert ["launched"] == [outcome.code for outcome in world.deliver()]
    assert ["accepted", "queued", "launching", "launched"] == steps(world, waits)
    assert 2 == len(world.store.names("test-ledger", "budget/2026-11-23/"))
    assert 1 == len(world.store.names("test-ledger", "budget/2026-11-24/"))


def test_more_than_a_day_has_starts_once_approved_and_stops_the_day_for_others():
    world = World(max_usd_per_day=0.01, max_concurrent_jobs=5)
    giant = dear(world)
    assert "held" == launch(world, giant)
    lose_messages(world)

    decide(world, "approve", giant)

    assert ["launched"] == [outcome.code for outcome in world.deliver()]
    assert [DEAR_USD] == money(world)
    assert "daily_budget" == launch(world, cheap(world))


def test_a_burst_is_held_and_goes_on_once_approved():
    world = World(max_new_runs_per_hour=2, max_concurrent_jobs=5)
    runs, answers = [drop(world, f"w{number}") for number in range(4)], []
    for run_id in runs:
        world.clock.skip(1)
        answers.append(launch(world, run_id))

    assert ["launched", "launched", "held", "held"] == answers
    assert ("held", "burst") == code(world, runs[2])
    decide(world, "approve", runs[2])
    lose_messages(world)
    assert "launched" == launch(world, runs[2])
    world.clock.skip(3601)
    assert "launched" == launch(world, drop(world, "later"))


def test_a_held_run_says_so_and_is_not_released(world):
    world = World(allow_unpriced=False)
    run_id = drop(world)
    launch(world, run_id)
    lose_messages(world)

    world.tick(seconds=LONG)

    assert "nothing_to_launch" == launch(world, run_id)
    assert [] == world.deliver()
    assert json.loads(world.publisher.bodies("run-queued")[0])["held"]


def test_while_paused_nothing_is_released(world):
    runs = in_line(world, 2)
    decide(world, "pause")
    end_jobs(world, "FAILED")
    assert [] == world.deliver()
    decide(world, "resume")
    world.tick()

    world.deliver()

    assert runs == launched(world)


def test_a_place_whose_run_is_gone_is_struck_and_the_next_is_released(world):
    first, second = in_line(world, 2)
    world.store.put("test-state", "queue/0-20261123T120000.000000Z-default-00000000000000aa", b"{}")
    end_jobs(world, "FAILED")

    world.deliver()

    assert [first, second] == launched(world)
    assert [] == queue(world)


def broken_amount(world):
    world.store.put("test-ledger", "budget/2026-11-23/000001.json", b"{}", run_id="x")


def test_an_amount_that_cannot_be_read_stops_what_costs_and_names_the_record(capsys):
    world = World(max_usd_per_day=1)
    broken_amount(world)

    assert "daily_budget" == launch(world, cheap(world))

    assert "budget/2026-11-23/000001.json" in capsys.readouterr().out
    assert [] == world.tunings.created
    assert "launched" == launch(world, drop(world))


def test_an_amount_that_cannot_be_read_keeps_nobody_waiting_without_a_limit(world):
    broken_amount(world)

    assert "launched" == launch(world, cheap(world))


def test_an_amount_that_cannot_be_read_is_in_the_way_for_a_day_only():
    world = World(max_usd_per_day=1)
    broken_amount(world)
    run_id = cheap(world)
    launch(world, run_id)

    world.clock.skip(A_DAY)

    assert "launched" == launch(world, run_id)


def test_an_amount_that_cannot_be_read_does_not_starve_what_waits_behind_and_costs_nothing_known():
    world = World(max_usd_per_day=1)
    decide(world, "pause")
    first = cheap(world)
    launch(world, first)
    world.clock.skip(1)
    second = drop(world)
    launch(world, second)
    decide(world, "resume")
    broken_amount(world)
    lose_messages(world)

    world.tick(seconds=400)
    world.deliver()
    world.tick(seconds=400)
    world.deliver()

    assert [second] == launched(world)


def test_requests_of_the_sweep_name_the_drop_that_asked_first(world):
    in_line(world, 2)
    waiting = queue(world)[0]
    before = requests(world, waiting)

    end_jobs(world, "FAILED")

    assert before[0] == requests(world, waiting)[-1]
