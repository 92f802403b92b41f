"""A day's money is taken once an attempt, summed exactly, and never overspent, whoever comes in between."""

import pytest

from support.launching import at_the_next_write
from support.memory import START
from support.world import World
from tunedrop.domain.runs import Run, RunState, Transition
from tunedrop.errors import BusyError, UpstreamUnavailableError
from tunedrop.handlers import money

DAY = "budget/2026-11-23/"
A_DAY = 24 * 3600


def run_of(run_id, usd, *, attempt=1, code=""):
    """A run whose newest attempt is queued, with the code of a decision if somebody made one."""
    accepted = {"plan": {"cost": {"usd": usd}}}
    return Run(
        run_id,
        "key",
        (
            Transition(1, RunState.ACCEPTED, START, 1, "me", accepted),
            Transition(2, RunState.QUEUED, START, attempt, "me", {"code": code}),
        ),
    )


def world_of(limit):
    return World(max_usd_per_day=limit)


def take(world, *args, **kwargs):
    return money.take(world.services, run_of(*args, **kwargs))


def records(world):
    return [world.record(name) for name in world.store.names("test-ledger", "budget/")]


def amounts(world):
    return [(record["run_id"], record["usd"]) for record in records(world)]


def test_money_is_taken_until_the_limit_is_reached():
    world = world_of(10)

    assert [True, True, False, True] == [
        take(world, "a-1", 4.5),
        take(world, "b-2", 3),
        take(world, "c-3", 2.6),
        take(world, "d-4", 2.5),
    ]
    assert [("a-1", 4.5), ("b-2", 3), ("d-4", 2.5)] == amounts(world)
    assert 0 == money.left(world.services)


def test_a_record_says_whose_money_it_is_in_its_text_and_beside_it():
    world = world_of(10)

    take(world, "a-1", 0.0123, attempt=2)

    (record,) = records(world)
    assert ("money", "a-1", 2, 0.0123, False) == tuple(
        record[key] for key in ("kind", "run_id", "attempt", "usd", "approved")
    )
    (info,) = world.services.ledger.list(DAY)
    assert {"run_id": "a-1", "attempt": "2", "usd": "0.012300"} == info.metadata


def test_sums_are_exact():
    world = world_of(0.3)

    assert all(take(world, run_id, 0.1) for run_id in ("a-1", "b-2", "c-3"))
    assert 0 == money.left(world.services)
    assert not take(world, "d-4", 0.000001)


def test_less_than_a_micro_dollar_counts_as_one():
    world = world_of(0.000001)

    assert take(world, "a-1", 0.0000001)
    assert not take(world, "b-2", 0.0000001)


def test_an_attempt_takes_its_money_once():
    world = world_of(5)

    assert take(world, "a-1", 5)
    assert take(world, "a-1", 5)
    assert [("a-1", 5)] == amounts(world)


def test_each_attempt_takes_its_own():
    world = world_of(9)

    assert take(world, "a-1", 5)
    assert not take(world, "a-1", 5, attempt=2)
    assert [("a-1", 5)] == amounts(world)


def test_money_is_recorded_without_a_limit_as_well():
    world = world_of(None)

    assert take(world, "a-1", 1000)
    assert [("a-1", 1000)] == amounts(world)
    assert money.left(world.services) is None
    assert money.fits_today(world.services, run_of("b-2", 1000))


@pytest.mark.parametrize("usd", [None, 0, 0.0])
def test_no_known_price_takes_no_money(usd):
    world = world_of(0)

    assert take(world, "a-1", usd)
    assert money.fits_today(world.services, run_of("a-1", usd))
    assert not money.exceeds_a_day(world.services, run_of("a-1", usd))
    assert [] == amounts(world)


def test_the_next_day_has_its_own_money():
    world = world_of(5)
    take(world, "a-1", 5)
    assert not take(world, "b-2", 5)

    world.clock.skip(A_DAY)

    assert 5 == money.left(world.services)
    assert take(world, "b-2", 5)
    assert ["budget/2026-11-23/000001.json", "budget/2026-11-24/000001.json"] == world.store.names(
        "test-ledger", "budget/"
    )


def test_looking_takes_nothing():
    world = world_of(5)
    take(world, "a-1", 3)

    assert money.fits_today(world.services, run_of("a-1", 3))
    assert money.fits_today(world.services, run_of("b-2", 2))
    assert not money.fits_today(world.services, run_of("b-2", 2.01))
    assert [("a-1", 3)] == amounts(world)


@pytest.mark.parametrize(
    ("limit", "usd", "expected"),
    [(5, 5, False), (5, 5.01, True), (0, 0.01, True), (None, 1000, False)],
)
def test_a_run_is_more_than_a_day_has_by_its_own_estimate(limit, usd, expected):
    world = world_of(limit)
    take(world, "b-2", 4)

    assert expected is money.exceeds_a_day(world.services, run_of("a-1", usd))


def test_more_than_a_day_has_is_taken_once_somebody_approved_it():
    world = world_of(5)
    take(world, "b-2", 2)

    assert not take(world, "a-1", 7)
    assert take(world, "a-1", 7, code="approved")

    assert [("b-2", 2, False), ("a-1", 7, True)] == [
        (record["run_id"], record["usd"], record["approved"]) for record in records(world)
    ]
    assert 0 == money.left(world.services)
    assert not take(world, "c-3", 1)


def test_an_approval_lets_no_other_run_past_the_limit():
    world = world_of(5)
    take(world, "b-2", 2)

    assert not take(world, "a-1", 4, code="approved")


def test_money_is_given_back_once_and_can_be_taken_again():
    world = world_of(5)
    take(world, "a-1", 4.1)

    money.give_back(world.services, run_of("a-1", 4.1))
    money.give_back(world.services, run_of("a-1", 4.1))

    assert [("a-1", 4.1), ("a-1", -4.1)] == amounts(world)
    assert 5 == money.left(world.services)
    assert take(world, "a-1", 4.1)
    assert [4.1, -4.1, 4.1] == [usd for _, usd in amounts(world)]


def test_nothing_is_given_back_that_was_not_taken():
    world = world_of(5)
    take(world, "b-2", 2)

    money.give_back(world.services, run_of("a-1", 2))
    money.give_back(world.services, run_of("b-2", 2, attempt=2))

    assert [("b-2", 2)] == amounts(world)


def test_two_workers_cannot_both_take_what_is_enough_for_one():
    world = world_of(5)
    at_the_next_write(world, "budget/", lambda: take(world, "b-2", 3))

    assert not take(world, "a-1", 3)
    assert [("b-2", 3)] == amounts(world)


def test_the_second_of_two_workers_sees_what_the_first_took():
    world = world_of(5)
    others = []
    at_the_next_write(world, "budget/", lambda: others.append(take(world, "b-2", 3)), after=True)

    assert take(world, "a-1", 3)
    assert [False] == others
    assert [("a-1", 3)] == amounts(world)


def test_a_lost_race_is_run_again_while_enough_is_left():
    world = world_of(6)
    at_the_next_write(world, "budget/", lambda: take(world, "b-2", 3))

    assert take(world, "a-1", 3)
    assert [("b-2", 3), ("a-1", 3)] == amounts(world)


def test_two_workers_on_one_attempt_take_its_money_once():
    world = world_of(None)
    at_the_next_write(world, "budget/", lambda: take(world, "a-1", 3))

    assert take(world, "a-1", 3)
    assert [("a-1", 3)] == amounts(world)


def test_two_workers_on_one_attempt_give_its_money_back_once():
    world = world_of(None)
    take(world, "a-1", 3)
    at_the_next_write(world, "budget/", lambda: money.give_back(world.services, run_of("a-1", 3)))

    money.give_back(world.services, run_of("a-1", 3))

    assert [("a-1", 3), ("a-1", -3)] == amounts(world)


def test_money_whose_taking_was_never_heard_of_is_not_taken_again():
    world = world_of(5)

    def lost():
        raise UpstreamUnavailableError("the answer was lost")

    at_the_next_write(world, "budget/", lost, after=True)
    with pytest.raises(UpstreamUnavailableError):
        take(world, "a-1", 5)

    assert take(world, "a-1", 5)
    assert [("a-1", 5)] == amounts(world)


def test_nobody_tries_forever(monkeypatch):
    world = world_of(5)
    take(world, "a-1", 1)
    monkeypatch.setattr(money.chains, "append", lambda *args, **kwargs: False)

    with pytest.raises(BusyError, match="in a row"):
        take(world, "b-2", 1)
    with pytest.raises(BusyError, match="in a row"):
        money.give_back(world.services, run_of("a-1", 1))


@pytest.mark.parametrize("metadata", [{}, {"usd": "much"}, {"usd": "NaN"}, {"usd": "-Infinity"}])
def test_a_record_without_an_amount_stops_the_day_and_is_named(metadata, capsys):
    world = world_of(5)
    world.store.put("test-ledger", f"{DAY}000001.json", "{}", **metadata)

    assert not take(world, "a-1", 1)
    assert not money.fits_today(world.services, run_of("a-1", 1))
    money.give_back(world.services, run_of("a-1", 1))

    assert [f"{DAY}000001.json"] == world.store.names("test-ledger", DAY)
    assert f"{DAY}000001.json: expected an amount" in capsys.readouterr().out
