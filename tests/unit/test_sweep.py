"""Sweeps look after everything that is open: nothing broken starves another, and two at once do no harm."""

from contextlib import suppress
from datetime import timedelta

import pytest

from support.launching import (
    LONG,
    at_the_next_write,
    break_run,
    bring,
    code,
    decide,
    drop,
    end_jobs,
    gemini_rows,
    launch,
    lose_messages,
    money,
    queue,
    slots,
    steps,
)
from support.world import World
from tunedrop import time_left
from tunedrop.domain import places
from tunedrop.domain.runs import RunState
from tunedrop.errors import OutOfTimeError, UpstreamUnavailableError
from tunedrop.events import PubsubDelivery
from tunedrop.handlers.launch_run import receive_launch
from tunedrop.handlers.sweep import sweep
from tunedrop.handlers.track_runs import receive_job_event

TICK = b'{"kind": "sweep"}'
SLOT = {"state": "taken", "attempt": "1", "intent": "2", "base_model": "m"}
BROKEN, LATE = "aaa-0123456789abcdef", "zzz-0123456789abcdef"


@pytest.fixture
def world():
    return World()


def deliver_what_can_be(world):
    """Deliver launch requests; one that raises is given up."""
    while world._delivered < len(world.publisher.sent):
        topic, data, attributes = world.publisher.sent[world._delivered]
        world._delivered += 1
        if topic == "launches":
            try:
                receive_launch(world.services, world.vertex, PubsubDelivery("p", data, attributes))
            except Exception:  # noqa: BLE001 — as a dead letter
                continue


def rounds(world, count=4, seconds=1000):
    for _ in range(count):
        world.tick(seconds=seconds)
        deliver_what_can_be(world)


def in_line(world, words):
    """Runs that were launched a second after one another, as far as there were slots."""
    runs = []
    for word in words:
        world.clock.skip(1)
        runs.append(drop(world, word))
        launch(world, runs[-1])
    lose_messages(world)
    return runs


def test_a_sweep_over_nothing_is_one(world):
    assert "swept" == world.tick().code


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "swept"), (300, "swept"), (301, "stale_tick"), (-60, "swept")]
)
def test_a_tick_that_the_next_has_overtaken_is_dropped(world, seconds, expected):
    run_id = bring(world, RunState.LAUNCHED)
    world.pipelines.end("PIPELINE_STATE_FAILED")
    at = world.clock.now() - timedelta(seconds=seconds)
    tick = PubsubDelivery("t", TICK, {}, published_at=at)

    assert expected == receive_job_event(world.services, world.vertex, tick).code
    assert (expected == "swept") is (code(world, run_id) == ("failed", "job_failed"))


def test_a_stale_tick_about_one_run_is_looked_at_all_the_same(world):
    run_id = bring(world, RunState.LAUNCHED)
    world.pipelines.end("PIPELINE_STATE_FAILED")
    body = f'{{"kind": "run", "run_id": "{run_id}"}}'.encode()
    old = PubsubDelivery("t", body, {}, published_at=world.clock.now() - timedelta(days=1))

    assert "failed" == receive_job_event(world.services, world.vertex, old).code


def test_a_second_sweep_finds_nothing_to_do(world):
    for words in "abc":
        launch(world, drop(world, words))
    lose_messages(world)
    world.tick()
    written, sent = len(world.store.writes), len(world.publisher.sent)

    world.tick()

    cursors = [name for bucket, name in world.store.writes[written:] if bucket == "test-state"]
    assert {f"cursors/{walk}" for walk in ("sweep", "intake", "verdicts", "runs")} == set(cursors)
    assert len(cursors) == len(world.store.writes) - written
    assert sent == len(world.publisher.sent)


@pytest.mark.parametrize("record", ["slots/", "runs/", "open/", "queue/", "cursors/"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_two_sweeps_at_once_do_no_harm(record, after):
    world = World(max_concurrent_jobs=2)
    runs = in_line(world, "abcde")
    world.pipelines.end("PIPELINE_STATE_FAILED")
    at_the_next_write(world, record, world.tick, after=after)

    world.tick()
    world.deliver()

    assert ["failed"] * 2 + ["launched"] * 2 + ["queued"] == [
        steps(world, run_id)[-1] for run_id in runs
    ]
    assert 4 == len(world.pipelines.created)
    assert set(runs[2:4]) == set(slots(world).values())
    assert runs[4:] == queue(world)
    sent = [attributes for _, _, attributes in world.publisher.sent]
    assert 2 == len({each["ce-id"] for each in sent if "run-failed" in each["ce-type"]})


def test_a_sweep_between_a_launchers_steps_takes_nothing_from_it(world):
    run_id = drop(world, data=gemini_rows())
    at_the_next_write(world, "slots/", world.tick, after=True)

    assert "launched" == launch(world, run_id)
    assert {1: run_id} == slots(world)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param("runs", id="step"),
        pytest.param("open", id="mark"),
        pytest.param("queue", id="place"),
        pytest.param("slots", id="slot"),
        pytest.param("paused", id="hint"),
        pytest.param("cursors", id="cursor"),
        pytest.param("verdicts", id="verdict"),
    ],
)
def test_a_broken_record_starves_nobody(record):
    world = World(max_concurrent_jobs=2)
    runs = in_line(world, "abc")
    {
        "runs": lambda: break_run(world),
        "open": lambda: world.store.put("test-state", f"open/{BROKEN}", b"x", state="?"),
        "queue": lambda: world.store.put("test-state", "queue/!", b"x"),
        "slots": lambda: world.store.put("test-ledger", "slots/0003/000001.json", b"{"),
        "paused": lambda: world.store.put("test-state", "heads/slots/0001", b"", sequence="x"),
        "cursors": lambda: world.store.put("test-state", "cursors/runs", b"\xff\xfe"),
        "verdicts": lambda: world.store.put("test-ledger", "verdicts/x.json", b"{", run_id=BROKEN),
    }[record]()

    end_jobs(world, "FAILED")
    rounds(world)

    assert ["failed", "failed", "launched"] == [steps(world, run_id)[-1] for run_id in runs]
    assert not set(runs) & set(queue(world))


def reported(capsys, *words):
    lines = [line for line in capsys.readouterr().out.splitlines() if "WARNING" in line]
    return any(all(word in line for word in words) for line in lines)


def test_an_unreadable_step_is_reported_by_each_sweep(world, capsys):
    break_run(world, BROKEN)

    for _ in range(2):
        world.tick()
        assert reported(capsys, "corrupt_record", f"runs/{BROKEN}/000001.json")


def test_a_missing_step_is_reported(world, capsys):
    run_id = bring(world, RunState.LAUNCHED)
    del world.store.objects["test-ledger"][f"runs/{run_id}/000002.json"]
    world.pipelines.end("PIPELINE_STATE_FAILED")

    world.tick()

    assert reported(capsys, "corrupt_record", f"runs/{run_id}/", "without a gap")


def test_an_unreadable_place_is_reported(world, capsys):
    world.store.put("test-state", "queue/five-bot-1", b"")

    world.tick()

    assert reported(capsys, "queue/five-bot-1")


def test_an_unreadable_slot_is_reported_and_freed(world, capsys):
    world.store.put("test-ledger", "slots/0001/000001.json", b"{", state="broken")

    world.tick()

    assert reported(capsys, "slots/0001/000001.json")
    assert "launched" == launch(world, drop(world))


def test_an_unreadable_amount_is_reported_and_stops_no_free_run(capsys):
    world = World(max_usd_per_day=1)
    world.store.put("test-ledger", "budget/2026-11-23/000001.json", b"{")
    dear, free = drop(world, "dear", data=gemini_rows()), drop(world, "free")

    deliver_what_can_be(world)
    rounds(world)

    assert ("queued", "daily_budget", "launched") == (*code(world, dear), steps(world, free)[-1])


def test_an_unreadable_mark_is_mended_by_what_the_ledger_says(world):
    run_id = bring(world, RunState.LAUNCHED)
    world.store.put("test-state", f"open/{run_id}", b"", announced="3", state="asleep")

    world.tick()

    mark = world.services.runbook.marks.find(run_id)
    assert (RunState.LAUNCHED, 3) == (mark.state, mark.announced)


WITHOUT_A_ZONE = "2026-11-23T12:00:00"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"at": WITHOUT_A_ZONE, "state": "held"}, id="at"),
        pytest.param({"launched_at": WITHOUT_A_ZONE}, id="launched_at"),
        pytest.param({"backend": "carrier_pigeon"}, id="backend"),
    ],
)
def test_a_mark_that_reads_well_and_is_wrong_starves_nobody(world, change):
    run_id = bring(world, RunState.LAUNCHED)
    mark = dict(world.store.stat("test-state", f"open/{run_id}").metadata)
    world.store.put("test-state", f"open/{BROKEN}", b"", **{**mark, **change})

    end_jobs(world, "FAILED")

    assert ("failed", "job_failed") == code(world, run_id)


def test_a_wrong_mark_of_a_run_that_waits_costs_a_look_and_nothing_else(world):
    run_id = bring(world, RunState.QUEUED)
    mark = dict(world.store.stat("test-state", f"open/{run_id}").metadata)
    wrong = {**mark, "state": "launched", "job": "projects/p/locations/l/pipelineJobs/none"}
    world.store.put("test-state", f"open/{run_id}", b"", **wrong)

    rounds(world)

    assert "launched" == steps(world, run_id)[-1]


def test_a_broken_run_at_the_head_of_the_queue_starves_nobody(world):
    break_run(world)
    place = places.queue_path(0, world.clock.now(), BROKEN)
    world.store.put("test-state", place, b"", not_before="", base_model="m")
    decide(world, "pause")
    runs = [drop(world, words) for words in "ab"]
    for run_id in runs:
        launch(world, run_id)
    decide(world, "resume")

    rounds(world)

    assert 1 == len(world.pipelines.created)


def test_a_broken_run_in_a_slot_keeps_no_other_slot_taken():
    world = World(max_concurrent_jobs=2)
    break_run(world)
    world.store.put("test-ledger", "slots/0001/000001.json", b"{}", run_id=BROKEN, **SLOT)
    world.store.put(
        "test-ledger", "slots/0002/000001.json", b"{}", run_id="gone-0123456789abcdef", **SLOT
    )

    world.tick()

    assert {1: BROKEN} == slots(world)


def test_a_fault_in_one_part_keeps_no_other_part_from_its_turn(world, capsys):
    run_id = bring(world, RunState.LAUNCHED)
    world.pipelines.end("PIPELINE_STATE_FAILED")
    listed = world.store.list

    def failing(bucket, *, prefix, start_offset=""):
        if prefix in {"heads/slots/", "queue/", "verdicts/", ""}:
            raise UpstreamUnavailableError("503")
        return listed(bucket, prefix=prefix, start_offset=start_offset)

    world.store.list = failing
    rounds(world)
    world.store.list = listed
    rounds(world)

    assert ("failed", "job_failed") == code(world, run_id)
    assert {} == slots(world)


def in_need(world, count=6):
    """Runs that each sweep has to look at, since their models do not answer yet; their ids in order."""
    world.predictor.answer = UpstreamUnavailableError("503")
    for number in range(count):
        launch(world, drop(world, f"w{number}"))
    model = "projects/test-project/locations/us-central1/models/7@1"
    endpoint = "projects/test-project/locations/us-central1/endpoints/8"
    end_jobs(world, "SUCCEEDED", tuned_model=model, endpoint=endpoint)
    lose_messages(world)
    return sorted(world.runs())


def looks_of_a_short_sweep(world, seconds=60, limit=190):
    """The runs that a sweep reads before its time is up, each taking some seconds."""
    looked, load = [], world.services.runbook.load

    def slow(run_id):
        looked.append(run_id)
        world.clock.skip(seconds)
        return load(run_id)

    world.services.runbook.load = slow
    with time_left.limited(world.clock, limit):
        outcome = sweep(world.services, world.vertex)
    del world.services.runbook.load
    return outcome.code, looked


def test_a_sweep_that_runs_out_of_time_says_so(capsys):
    world = World(max_concurrent_jobs=6)
    runs = in_need(world)

    assert ("swept_in_part", runs[:3]) == looks_of_a_short_sweep(world)
    assert reported(capsys, "ran out of time")


def test_the_next_sweep_goes_on_where_the_last_one_stopped():
    world = World(max_concurrent_jobs=6)
    runs = in_need(world)

    looks = [looks_of_a_short_sweep(world)[1] for _ in range(4)]

    assert [runs[:3], runs[3:]] * 2 == looks


def test_every_part_has_its_turn_though_each_sweep_ends_in_the_runs():
    world = World(max_concurrent_jobs=6)
    in_need(world)
    info = world.store.put("test-intake", "lost.jsonl", b"x\n")
    world.clock.skip(200)

    for _ in range(4):
        looks_of_a_short_sweep(world)

    assert any(info.uri.encode() in data for _, data, _ in world.publisher.sent)


def test_a_sweep_without_any_time_changes_nothing(world):
    bring(world, RunState.LAUNCHED)
    world.pipelines.end("PIPELINE_STATE_FAILED")
    written = len(world.store.writes)

    with time_left.limited(world.clock, 10), suppress(OutOfTimeError):
        world.clock.skip(10)
        sweep(world.services, world.vertex)

    assert written == len(world.store.writes)


@pytest.mark.parametrize("seconds", [0, 660, 661])
def test_a_mark_without_a_run_is_taken_away_once_nobody_can_be_about_to_begin_it(world, seconds):
    world.services.runbook.marks.ensure(LATE, 0)

    world.tick(seconds=seconds)

    assert ([] if seconds > 660 else [LATE]) == world.open_runs()


def test_a_run_that_begins_while_its_mark_is_taken_away_gets_another(world):
    run_id = drop(world)
    world.services.runbook.marks.ensure(run_id, 0)
    world.clock.skip(LONG)
    remove = world.store.delete

    def late(bucket, name, **options):
        if name == f"open/{run_id}":
            world.store.delete = remove
            launch(world, run_id)
        return remove(bucket, name, **options)

    world.store.delete = late
    world.tick()

    assert [run_id] == world.open_runs()
    assert "launched" == steps(world, run_id)[-1]


def test_a_place_without_a_run_is_struck(world):
    world.store.put("test-state", places.queue_path(5, world.clock.now(), LATE), b"")

    world.tick()

    assert [] == queue(world)


@pytest.mark.parametrize("state", [RunState.LAUNCHED, RunState.CANCELLED, RunState.HELD])
def test_a_place_of_a_run_that_does_not_wait_is_struck(world, state):
    run_id = bring(world, state)
    run = world.run(run_id)
    place = places.queue_path(5, run.transitions[0].at, run_id)
    world.store.put("test-state", place, b"", not_before="", base_model="m")

    world.tick()

    assert [] == queue(world)


def test_a_run_that_lost_its_place_gets_it_again(world):
    launch(world, drop(world, "busy"))
    run_id = drop(world)
    launch(world, run_id)
    lose_messages(world)
    (place,) = world.store.names("test-state", "queue/")
    world.store.delete("test-state", place)

    world.tick()

    assert [place] == world.store.names("test-state", "queue/")


def test_the_second_slot_of_a_run_is_freed():
    world = World(max_concurrent_jobs=2)
    run_id = bring(world, RunState.LAUNCHED)
    world.store.put(
        "test-ledger", "slots/0002/000001.json", b"{}", run_id=run_id, **{**SLOT, "intent": "1"}
    )

    world.tick()

    assert {1: run_id} == slots(world)


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.FAILED, RunState.HELD])
def test_the_slot_of_a_run_without_a_job_is_freed(world, state):
    run_id = bring(world, state)
    number = len(world.store.names("test-ledger", "slots/0001/")) + 1
    record = f"slots/0001/{number:06d}.json"
    world.store.put("test-ledger", record, b"{}", run_id=run_id, **SLOT)

    world.tick()

    assert {} == slots(world)


def test_money_is_not_touched_by_a_sweep():
    world = World(max_usd_per_day=1)
    launch(world, drop(world, data=gemini_rows()))
    before = money(world)

    rounds(world)

    assert before == money(world)
