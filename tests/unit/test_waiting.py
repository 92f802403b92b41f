"""The queue keeps order and priority, says when it is whose turn, and forgives whatever lies in it."""

from datetime import timedelta

import pytest

from support.memory import START
from support.world import World
from tunedrop.domain.runs import Run, RunState, Transition
from tunedrop.handlers import slots, waiting
from tunedrop.handlers.waiting import Standing

MODEL = "code-bison@002"
HOUR = timedelta(hours=1)
PATH = f"durations/{MODEL.replace('@', '-')}"


@pytest.fixture
def world():
    return World()


def run_of(run_id, *, priority=None, at=START, attempts=(), base_model=MODEL):
    """A run that is queued; *attempts* are the times at which further ones were asked for."""
    accepted = {
        "asked": {} if priority is None else {"priority": priority},
        "plan": {"base_model": base_model},
        "recipe": {"name": "bot"},
    }
    steps = [(RunState.ACCEPTED, 1, at), (RunState.QUEUED, 1, at + HOUR)]
    steps += [(RunState.QUEUED, number, then) for number, then in enumerate(attempts, start=2)]
    return Run(
        run_id,
        "key",
        tuple(
            Transition(sequence, state, then, attempt, "me", accepted if sequence == 1 else {})
            for sequence, (state, attempt, then) in enumerate(steps, start=1)
        ),
    )


def enter(world, *runs, **kwargs):
    for run in runs:
        waiting.enter(world.services, run, **kwargs)


def places(world):
    return world.store.names("test-state", "queue/")


def in_order(world):
    return [entry.run_id for entry in waiting.entries(world.services)]


def launching(run):
    step = Transition(run.last.sequence + 1, RunState.LAUNCHING, START, run.attempt, "me", {})
    return Run(run.run_id, run.run_key, (*run.transitions, step))


def test_a_run_waits_from_when_its_attempt_was_asked_for(world):
    run = run_of("bot-1", priority=3)
    again = run_of("bot-1", priority=3, attempts=[START + 2 * HOUR])

    assert "queue/3-20261123T120000.000000Z-bot-1" == waiting.key_of(run)
    assert "queue/3-20261123T140000.000000Z-bot-1" == waiting.key_of(again)


def test_what_waits_is_read_from_names_and_metadata_alone(world, monkeypatch):
    enter(world, run_of("bot-1"), not_before=START + HOUR)
    monkeypatch.setattr(world.store, "read", None)

    (entry,) = waiting.entries(world.services)

    assert ("bot-1", 5, START, START + HOUR, MODEL) == (
        entry.run_id,
        entry.priority,
        entry.since,
        entry.not_before,
        entry.base_model,
    )


def test_the_urgent_come_first_then_the_old(world):
    enter(
        world,
        run_of("bot-9"),
        run_of("bot-1", at=START + HOUR),
        run_of("bot-7", priority=9, at=START - HOUR),
        run_of("bot-8", priority=0, at=START + 2 * HOUR),
    )

    assert ["bot-8", "bot-9", "bot-1", "bot-7"] == in_order(world)


def test_a_run_that_enters_again_keeps_its_place_and_changes_its_time(world):
    run = run_of("bot-1")
    enter(world, run, not_before=START + HOUR)

    enter(world, run)

    (entry,) = waiting.entries(world.services)
    assert entry.not_before is None


def test_a_run_leaves_with_every_place_it_had(world):
    first = run_of("bot-1")
    second = run_of("bot-1", attempts=[START + HOUR])
    enter(world, first, second, run_of("bot-2"))

    waiting.leave(world.services, second)
    waiting.leave(world.services, second)

    assert ["bot-2"] == in_order(world)


def test_a_place_is_struck_without_knowing_its_run(world):
    enter(world, run_of("bot-1"))
    (entry,) = waiting.entries(world.services)

    waiting.strike(world.services, entry)
    waiting.strike(world.services, entry)

    assert [] == places(world)


@pytest.mark.parametrize(
    "name",
    [
        "x",
        "5-20261123T120000.000000Z",
        "five-20261123T120000.000000Z-bot-1",
        "05-20261123T120000.000000Z-bot-1",
        "5-yesterday-bot-1",
        "5-20261123T120000-bot-1",
        "5-20261123T120000Z-bot-1",
        "5-20261123-bot-1",
    ],
)
def test_names_that_are_none_of_ours_are_skipped_and_reported(world, capsys, name):
    world.store.put("test-state", f"queue/{name}", "")
    enter(world, run_of("bot-2"))

    assert ["bot-2"] == in_order(world)
    assert f"queue/{name}: no place in the queue" in capsys.readouterr().out


@pytest.mark.parametrize("not_before", ["", "soon", "2026-11-30", "2026-11-30T00:00:00"])
def test_a_time_that_cannot_be_read_keeps_nobody_waiting(world, not_before):
    world.store.put("test-state", waiting.key_of(run_of("bot-1")), "", not_before=not_before)

    (entry,) = waiting.entries(world.services)

    assert ("bot-1", None, "") == (entry.run_id, entry.not_before, entry.base_model)


@pytest.mark.parametrize(("free", "expected"), [(0, ""), (1, "1"), (2, "12"), (3, "123")])
def test_it_is_the_turn_of_as_many_as_there_are_free_slots(world, free, expected):
    runs = [run_of(f"bot-{number}") for number in "123"]
    enter(world, *runs)

    assert expected == "".join(
        run.run_id[-1] for run in runs if waiting.is_turn(world.services, run, free)
    )


def test_a_new_run_waits_for_those_before_it_and_not_for_those_behind(world):
    enter(world, run_of("bot-1"))

    assert not waiting.is_turn(world.services, run_of("bot-2", at=START + HOUR), 1)
    assert waiting.is_turn(world.services, run_of("bot-2", at=START - HOUR), 1)
    assert waiting.is_turn(world.services, run_of("bot-2", priority=0, at=START + HOUR), 1)


def test_a_place_left_by_an_earlier_attempt_does_not_block_its_run(world):
    enter(world, run_of("bot-1"))

    assert waiting.is_turn(world.services, run_of("bot-1", attempts=[START + HOUR]), 1)


def test_a_turn_is_told_without_reading_the_whole_queue(world, monkeypatch):
    enter(world, *(run_of(f"bot-{number:03}") for number in range(100)))
    listed, plain = [], world.store.list

    def counted(*args, **kwargs):
        for info in plain(*args, **kwargs):
            listed.append(info.name)
            yield info

    monkeypatch.setattr(world.store, "list", counted)

    assert not waiting.is_turn(world.services, run_of("bot-099"), 0)
    assert [] == listed
    assert not waiting.is_turn(world.services, run_of("bot-099"), 3)
    assert 4 == len(listed)


def test_the_last_ten_durations_are_remembered(world):
    for number in range(12):
        waiting.note_duration(world.services, MODEL, 100.5 + number, f"bot-{number}")

    assert [100.5 + number for number in range(2, 12)] == waiting.durations(world.services, MODEL)
    assert [] == waiting.durations(world.services, "another")


def test_a_run_counts_once_with_its_newest_duration(world):
    for run_id, seconds in [("bot-1", 5), ("bot-2", 6), ("bot-1", 5), ("bot-1", 7)]:
        waiting.note_duration(world.services, MODEL, seconds, run_id)

    assert [6, 7] == waiting.durations(world.services, MODEL)


@pytest.mark.parametrize("body", ["", "[", "{}", "5", "[5]", '[{"run_id": "x", "seconds": "y"}]'])
def test_durations_that_cannot_be_read_are_begun_anew(world, body):
    world.store.put("test-state", PATH, body)
    assert [] == waiting.durations(world.services, MODEL)

    waiting.note_duration(world.services, MODEL, 5, "bot-1")

    assert [5] == waiting.durations(world.services, MODEL)


@pytest.mark.parametrize("there", [True, False])
def test_neither_of_two_durations_noted_at_once_is_lost(world, there):
    if there:
        waiting.note_duration(world.services, MODEL, 4, "bot-0")
    write = world.store.write

    def interrupted(*args, **kwargs):
        world.store.write = write
        waiting.note_duration(world.services, MODEL, 6, "bot-2")
        return write(*args, **kwargs)

    world.store.write = interrupted
    waiting.note_duration(world.services, MODEL, 5, "bot-1")

    assert [4, 6, 5][not there :] == waiting.durations(world.services, MODEL)


def test_a_duration_is_given_up_where_others_get_in_between_every_time(world):
    write, others = world.store.write, []

    def interrupted(*args, **kwargs):
        world.store.put("test-state", PATH, "[]")
        others.append(1)
        return write(*args, **kwargs)

    world.store.write = interrupted
    waiting.note_duration(world.services, MODEL, 5, "bot-1")

    assert [] == waiting.durations(world.services, MODEL)
    assert 1 < len(others) < 100


def test_a_run_that_does_not_wait_stands_nowhere(world):
    enter(world, run_of("bot-1"))

    assert waiting.standing(world.services, run_of("bot-2")) is None


def test_a_run_stands_behind_those_before_it_and_starts_when_they_are_done(world):
    running, first, second = (run_of(f"bot-{number}") for number in "123")
    waiting.note_duration(world.services, MODEL, 3600, "bot-0")
    slots.take(world.services, launching(running))
    enter(world, first, second)

    world.clock.skip(600)

    assert Standing(1, 2, START + HOUR) == waiting.standing(world.services, first)
    assert Standing(2, 2, START + 2 * HOUR) == waiting.standing(world.services, second)


def test_nobody_knows_when_a_run_starts_while_no_job_of_the_base_model_has_ended(world):
    running, first = run_of("bot-1"), run_of("bot-2")
    slots.take(world.services, launching(running))
    enter(world, first)

    assert Standing(1, 1, None) == waiting.standing(world.services, first)


def test_a_run_with_a_free_slot_is_expected_now(world):
    enter(world, run_of("bot-1"))

    assert Standing(1, 1, START) == waiting.standing(world.services, run_of("bot-1"))
