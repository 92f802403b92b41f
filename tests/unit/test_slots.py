"""Never more jobs than slots, and never two intents in one, whoever comes in between."""

import pytest
from msgspec.structs import replace

from support.launching import at_the_next_write
from support.memory import START
from support.world import World
from tunedrop.domain.runs import Run, RunState, Transition
from tunedrop.errors import FencedError, UpstreamUnavailableError
from tunedrop.handlers import slots

ACCEPTED = {"plan": {"base_model": "code-bison@002"}}


def intent(run_id, sequence=2, attempt=1):
    """A run whose newest step is an intent to launch."""
    steps = [Transition(n, RunState.QUEUED, START, attempt, "me", {}) for n in range(2, sequence)]
    return Run(
        run_id,
        "key",
        (
            Transition(1, RunState.ACCEPTED, START, 1, "me", ACCEPTED),
            *steps,
            Transition(sequence, RunState.LAUNCHING, START, attempt, "me", {}),
        ),
    )


def world_of(cap):
    return World(max_concurrent_jobs=cap)


def take(world, *args, **kwargs):
    return slots.take(world.services, intent(*args, **kwargs))


def holders(world):
    """Who has which slot for which intent, as the ledger says."""
    found = slots.survey(world.services)
    return {slot.number: (slot.run_id, slot.intent) for slot in found if slot.taken}


def test_slots_that_nobody_took_are_free():
    world = world_of(3)

    found = slots.survey(world.services)

    assert [(1, 0, False), (2, 0, False), (3, 0, False)] == [
        (slot.number, slot.sequence, slot.taken) for slot in found
    ]
    assert 3 == slots.count_free(found, 3)


def test_a_slot_says_by_whom_and_when_it_was_taken():
    world = world_of(2)

    slot = take(world, "a-1", sequence=4, attempt=2)

    assert slot == slots.survey(world.services)[0]
    assert (1, 1, "a-1", 2, 4, True) == (
        slot.number,
        slot.sequence,
        slot.run_id,
        slot.attempt,
        slot.intent,
        slot.taken,
    )
    assert (world.clock.now(), "code-bison@002") == (slot.at, slot.base_model)
    record = world.record("slots/0001/000001.json")
    assert ("slot", "taken", "a-1", 2, 4) == tuple(
        record[key] for key in ("kind", "state", "run_id", "attempt", "intent")
    )


def test_runs_take_the_lowest_free_slots_until_none_is_left():
    world = world_of(2)

    taken = [take(world, run_id) for run_id in ("a-1", "b-2", "c-3")]

    assert [1, 2] == [slot.number for slot in taken[:2]]
    assert taken[2] is None
    assert {1: ("a-1", 2), 2: ("b-2", 2)} == holders(world)
    assert 0 == slots.count_free(slots.survey(world.services), 2)


def test_the_same_intent_finds_its_slot_again():
    world = world_of(2)

    assert take(world, "a-1") == take(world, "a-1")
    assert {1: ("a-1", 2)} == holders(world)


def test_a_newer_intent_of_the_run_takes_over_its_slot_though_none_is_free():
    world = world_of(1)
    take(world, "a-1", sequence=2)

    slot = take(world, "a-1", sequence=3)

    assert (1, 2, 3) == (slot.number, slot.sequence, slot.intent)
    assert {1: ("a-1", 3)} == holders(world)


def test_an_intent_that_was_overtaken_gets_no_slot():
    world = world_of(2)
    take(world, "a-1", sequence=3)

    with pytest.raises(FencedError, match="step 3 has the slot of step 2"):
        take(world, "a-1", sequence=2)
    assert {1: ("a-1", 3)} == holders(world)


def test_a_freed_slot_is_taken_again():
    world = world_of(1)
    slot = take(world, "a-1")

    assert slots.free(world.services, slot)
    assert {} == holders(world)
    assert 3 == take(world, "b-2").sequence


def test_an_intent_whose_slot_was_freed_takes_one_anew():
    world = world_of(1)
    slots.free(world.services, take(world, "a-1"))

    assert 3 == take(world, "a-1").sequence
    assert {1: ("a-1", 2)} == holders(world)


def test_freeing_a_slot_that_went_over_to_another_intent_changes_nothing():
    world = world_of(1)
    slot = take(world, "a-1", sequence=2)
    take(world, "a-1", sequence=3)

    assert not slots.free(world.services, slot)
    assert {1: ("a-1", 3)} == holders(world)


def test_a_run_gives_back_its_own_slots_only():
    world = world_of(2)
    take(world, "a-1")
    take(world, "b-2")

    slots.free_of(world.services, intent("a-1", sequence=3))
    slots.free_of(world.services, intent("unheard-of", sequence=3))

    assert {2: ("b-2", 2)} == holders(world)


def test_a_worker_that_wakes_up_late_leaves_the_slot_of_a_later_intent_alone():
    world = world_of(1)
    take(world, "a-1", sequence=5, attempt=2)

    slots.free_of(world.services, intent("a-1", sequence=3))

    assert {1: ("a-1", 5)} == holders(world)


def test_slots_above_a_lowered_cap_count_while_they_are_taken():
    world = world_of(3)
    kept = [take(world, run_id) for run_id in ("a-1", "b-2", "c-3")]
    slots.free(world.services, kept[0])
    lowered = world.settings.model_copy(update={"max_concurrent_jobs": 1})
    world.services = replace(world.services, settings=lowered)

    found = slots.survey(world.services)

    assert [1, 2, 3] == [slot.number for slot in found]
    assert 0 == slots.count_free(found, 1)
    slots.free(world.services, kept[1])
    assert [1, 3] == [slot.number for slot in slots.survey(world.services)]
    assert take(world, "d-4") is None
    slots.free_of(world.services, intent("c-3", sequence=3))
    assert 1 == take(world, "d-4").number


def test_a_job_that_is_there_without_a_slot_counts_above_the_cap_until_it_ends():
    world = world_of(1)
    take(world, "bot-1")

    over = [slots.take_beyond(world.services, intent(f"bot-{number}")) for number in (2, 3)]
    assert {1: ("bot-1", 2), 2: ("bot-2", 2), 3: ("bot-3", 2)} == holders(world)
    for slot in over:
        slots.free(world.services, slot)
    slots.take_beyond(world.services, intent("bot-4"))

    assert {1: ("bot-1", 2), 2: ("bot-4", 2)} == holders(world)
    assert take(world, "bot-5") is None


@pytest.mark.parametrize("cap", [1, 5])
def test_a_survey_makes_one_call_and_one_for_each_slot(cap, monkeypatch):
    world = world_of(cap)
    for _ in range(20):
        slots.free(world.services, take(world, "a-1"))
    calls, plain = [], world.store.list
    monkeypatch.setattr(
        world.store, "list", lambda *args, **kwargs: calls.append(args) or plain(*args, **kwargs)
    )
    monkeypatch.setattr(world.store, "read", None)
    monkeypatch.setattr(world.store, "stat", None)

    slots.survey(world.services)

    assert 1 + cap == len(calls)


@pytest.mark.parametrize("name", ["heads/slots/other", "heads/slots/00007", "heads/slots/٣"])
def test_a_hint_of_none_of_our_slots_is_left_alone(name):
    world = world_of(1)
    world.store.put("test-state", name, "{}", sequence="1")

    assert [1] == [slot.number for slot in slots.survey(world.services)]


@pytest.mark.parametrize(
    "metadata",
    [{}, {"state": "broken", "run_id": "a-1", "attempt": "1", "intent": "2", "base_model": "m"}],
    ids=["none", "another state"],
)
def test_a_record_that_cannot_be_read_counts_as_taken_until_it_is_freed(metadata, capsys):
    world = world_of(1)
    world.store.put("test-ledger", "slots/0001/000001.json", "{}", **metadata)

    assert take(world, "a-1") is None

    assert "slots/0001/000001.json: expected a slot taken or freed" in capsys.readouterr().out
    (slot,) = slots.survey(world.services)
    assert slots.free(world.services, slot)
    assert 3 == take(world, "a-1").sequence


def test_two_workers_that_see_the_same_free_slot_do_not_both_get_it():
    world = world_of(1)
    others = []
    at_the_next_write(world, "slots/", lambda: others.append(take(world, "b-2")))

    assert take(world, "a-1") is None
    assert [1] == [slot.number for slot in others]
    assert {1: ("b-2", 2)} == holders(world)


def test_the_loser_of_a_slot_takes_the_next_one():
    world = world_of(2)
    at_the_next_write(world, "slots/", lambda: take(world, "b-2"))

    assert 2 == take(world, "a-1").number
    assert {1: ("b-2", 2), 2: ("a-1", 2)} == holders(world)


def test_a_worker_that_comes_right_after_another_finds_the_slot_taken():
    world = world_of(1)
    others = []
    at_the_next_write(world, "slots/", lambda: others.append(take(world, "b-2")), after=True)

    assert 1 == take(world, "a-1").number
    assert [None] == others


def test_two_intents_of_a_run_end_with_the_newer_one():
    world = world_of(1)
    at_the_next_write(world, "slots/", lambda: take(world, "a-1", sequence=3))

    with pytest.raises(FencedError):
        take(world, "a-1", sequence=2)
    assert {1: ("a-1", 3)} == holders(world)


def test_a_slot_that_a_late_worker_took_for_an_older_intent_is_freed_by_the_newer_one():
    world = world_of(2)
    first = take(world, "b-2")

    def meanwhile():
        slots.free(world.services, first)
        take(world, "a-1", sequence=3)

    at_the_next_write(world, "slots/", meanwhile)
    late = take(world, "a-1", sequence=2)
    assert {1: ("a-1", 3), 2: ("a-1", 2)} == holders(world)

    assert 1 == take(world, "a-1", sequence=3).number

    assert {1: ("a-1", 3)} == holders(world)
    assert not slots.free(world.services, late)


def test_a_slot_freed_while_its_run_takes_it_over_is_taken_anew():
    world = world_of(1)
    slot = take(world, "a-1", sequence=2)
    at_the_next_write(world, "slots/", lambda: slots.free(world.services, slot))

    assert 3 == take(world, "a-1", sequence=3).sequence
    assert {1: ("a-1", 3)} == holders(world)


def test_a_slot_whose_taking_was_never_heard_of_is_found_again():
    world = world_of(2)

    def lost():
        raise UpstreamUnavailableError("the answer was lost")

    at_the_next_write(world, "slots/", lost, after=True)
    with pytest.raises(UpstreamUnavailableError):
        take(world, "a-1")

    assert 1 == take(world, "a-1").number
    assert {1: ("a-1", 2)} == holders(world)


def test_nobody_looks_for_a_slot_forever(monkeypatch):
    world = world_of(1)
    tries = []
    monkeypatch.setattr(slots.chains, "append", lambda *args, **kwargs: bool(tries.append(args)))

    assert take(world, "a-1") is None
    assert 1 < len(tries) < 100
