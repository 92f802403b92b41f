"""Too many runs of a recipe within an hour are told apart from the first ones, by one and the same answer."""

from datetime import timedelta

from support.memory import START
from support.world import World
from tunedrop.domain.runs import Run, RunState, Transition
from tunedrop.handlers import bursts

MINUTE = 60


def world_of(limit):
    return World(max_new_runs_per_hour=limit)


def run_of(run_id, at, *, recipe="bot", attempt=1):
    accepted = {"recipe": {"name": recipe}}
    return Run(
        run_id,
        "key",
        (
            Transition(1, RunState.ACCEPTED, at, 1, "me", accepted),
            *(
                Transition(n, RunState.QUEUED, at, n, "me", {"code": "retried"})
                for n in range(2, attempt + 1)
            ),
        ),
    )


def look(world, run_id, **kwargs):
    """Look at a run that was started just now."""
    return bursts.is_burst(world.services, run_of(run_id, world.clock.now(), **kwargs))


def test_runs_beyond_the_limit_are_a_burst():
    world = world_of(2)

    assert [False, False, True, True] == [look(world, run_id) for run_id in "abcd"]


def test_each_recipe_counts_for_itself():
    world = world_of(1)

    assert [False, False] == [look(world, "a-1"), look(world, "b-2", recipe="other")]


def test_an_hour_later_the_next_may_start():
    world = world_of(1)
    look(world, "a-1")

    world.clock.skip(59 * MINUTE)
    assert look(world, "b-2")
    world.clock.skip(MINUTE)
    assert look(world, "c-3")
    world.clock.skip(60 * MINUTE)
    assert not look(world, "d-4")


def test_the_hour_goes_on_over_midnight():
    world = world_of(1)
    world.clock.skip(11 * 3600 + 50 * MINUTE)
    look(world, "a-1")

    world.clock.skip(20 * MINUTE)

    assert look(world, "b-2")
    assert ["2026112323", "2026112400"] == [
        name.split("/")[2] for name in world.store.names("test-ledger", "starts/")
    ]


def test_the_answer_stays_the_same_however_often_and_late_it_is_asked():
    world = world_of(2)
    runs = [run_of(run_id, START) for run_id in "dcba"]
    first = [bursts.is_burst(world.services, run) for run in runs[:2]]
    world.clock.skip(1)
    first += [bursts.is_burst(world.services, run) for run in runs[2:]]
    world.clock.skip(26 * 3600)

    again = [bursts.is_burst(world.services, run) for run in reversed(runs)]

    assert [False, False, True, True] == first == again[::-1]
    assert 4 == len(world.store.names("test-ledger", "starts/"))


def test_of_two_seen_at_once_the_name_decides():
    world = world_of(1)
    late, early = run_of("b-2", START), run_of("a-1", START)
    assert not bursts.is_burst(world.services, late)

    assert not bursts.is_burst(world.services, early)
    assert bursts.is_burst(world.services, late)


def test_each_attempt_counts():
    world = world_of(1)
    look(world, "a-1")

    assert look(world, "a-1", attempt=2)


def test_what_was_started_long_ago_counts_from_when_it_was_looked_at():
    world = world_of(1)
    look(world, "a-1")
    world.clock.skip(90 * MINUTE)

    assert not bursts.is_burst(world.services, run_of("b-2", START + timedelta(minutes=1)))


def test_the_record_says_which_attempt_was_looked_at():
    world = world_of(1)

    look(world, "a-1", attempt=2)

    (name,) = world.store.names("test-ledger", "starts/")
    record = world.record(name)
    assert ("start", "bot", "a-1", 2) == tuple(
        record[key] for key in ("kind", "recipe", "run_id", "attempt")
    )


def test_rehearsals_are_not_counted():
    world = world_of(1)

    assert not any(look(world, run_id, recipe="tunedrop-selftest/x") for run_id in "abc")
    assert [] == world.store.names("test-ledger", "starts/")
