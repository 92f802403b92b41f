"""What operators decide about champions: one record each, with who and why, and never a model that nobody can call."""

import json

import pytest

from support.launching import at_the_next_write, bring, code, raising
from support.promoting import RECIPE, aliased, chain, endpoint, model, registered, settle, settled
from support.world import World
from tunedrop.contracts import ModelPromoted, ModelRolledBack
from tunedrop.domain.runs import RunState
from tunedrop.errors import (
    BusyError,
    InvalidRequestError,
    NotFoundError,
    PermanentError,
    RefusedError,
)
from tunedrop.events import PubsubDelivery
from tunedrop.handlers import champions
from tunedrop.handlers.decide import receive_control
from tunedrop.wire import decode


@pytest.fixture
def world():
    return World()


def decide(world, action, *, message_id=None, **fields):
    """Deliver a control message; the outcome's code."""
    body = {"action": action, "reason": "because", "claimed_by": "ada", **fields}
    message_id = message_id or f"c{next(world._messages)}"
    delivery = PubsubDelivery(message_id, json.dumps(body).encode(), {})
    return receive_control(world.services, world.vertex, delivery).code


def promote(world, run, **options):
    return decide(world, "promote", run_id=run.run_id, **options)


def rollback(world, version=None, **options):
    fields = {"version": version} if version else {}
    return decide(world, "rollback", recipe=RECIPE, **fields, **options)


def said(world, contract, kind):
    return [decode(contract, body) for body in world.publisher.bodies(kind)]


def ids(world, kind):
    return [
        attributes["ce-id"]
        for _, _, attributes in world.publisher.sent
        if attributes["ce-type"].split(".")[2] == kind
    ]


def test_a_model_that_its_policy_kept_is_promoted_by_hand(world):
    settled(world, "one")
    run = settled(world, "two", "manual")

    assert "promoted" == promote(world, run, message_id="d1")

    champion = champions.newest(world.services, RECIPE)
    assert (2, "promoted", "by_hand", "because", "ada", "d1", 1) == (
        champion.version,
        champion.action,
        champion.code,
        champion.reason,
        champion.claimed_by,
        champion.decision_id,
        champion.previous_version,
    )
    assert [model("two")] == aliased(world)
    fact = said(world, ModelPromoted, "model-promoted")[-1]
    assert (run.run_id, 2, "by_hand", 1, "ada") == (
        fact.run_id,
        fact.version,
        fact.code,
        fact.previous_version,
        fact.claimed_by,
    )
    assert ids(world, "model-promoted")[-1].startswith("champion/bot-")
    assert ids(world, "model-promoted")[-1].endswith("/000002")
    assert ("kept", "manual") == code(world, run.run_id)


def test_a_model_that_is_promoted_before_its_run_ends_ends_as_promoted_and_is_said_once(world):
    run = registered(world, "one")
    promote(world, run)

    run = settle(world, world.run(run.run_id))

    assert (RunState.PROMOTED, "by_hand") == (run.state, run.last.detail["code"])
    assert ([1], 1) == (chain(world), len(said(world, ModelPromoted, "model-promoted")))


@pytest.mark.parametrize("state", [RunState.HELD, RunState.RUNNING, RunState.FAILED])
def test_only_a_model_that_can_be_called_is_promoted(world, state):
    run_id = bring(world, state)

    with pytest.raises(RefusedError, match="expected a model that can be called") as caught:
        decide(world, "promote", run_id=run_id)

    assert "wrong_state" == caught.value.code
    assert [] == world.store.names("test-ledger", "champions/")


def test_a_roll_back_goes_to_the_champion_before_in_one_record(world):
    for words in ("one", "two"):
        settled(world, words)

    assert "rolled_back" == rollback(world, message_id="d1")

    champion = champions.newest(world.services, RECIPE)
    assert (3, 1, "rolled_back", "because", "ada", "d1", endpoint("one")) == (
        champion.sequence,
        champion.version,
        champion.action,
        champion.reason,
        champion.claimed_by,
        champion.decision_id,
        champion.endpoint,
    )
    assert ([1, 2, 1], [model("one")]) == (chain(world), aliased(world))
    (fact,) = said(world, ModelRolledBack, "model-rolled-back")
    assert (1, 2, "because", "ada") == (
        fact.version,
        fact.previous_version,
        fact.reason,
        fact.claimed_by,
    )
    assert ids(world, "model-rolled-back")[0].endswith("/000003")
    assert "rolled_back" == world.record("messages/control/d1.json")["code"]


def test_the_pages_of_both_models_tell_of_the_new_champion_at_once(world):
    runs = [settled(world, words) for words in ("one", "two")]
    world.tick()

    def pages():
        names = [f"runs/{run.run_id}/report.json" for run in runs]
        return [world.store.stat("test-reports", name).generation for name in names]

    before = pages()

    rollback(world)

    assert all(old < new for old, new in zip(before, pages(), strict=True))


def test_two_roll_backs_go_back_two_versions_and_the_way_forward_is_named(world):
    for words in ("one", "two", "three"):
        settled(world, words)

    rollback(world)
    rollback(world)
    rollback(world, version=3)

    assert [1, 2, 3, 2, 1, 3] == chain(world)


def test_a_roll_back_may_go_to_a_registered_version_that_never_was_champion(world):
    settled(world, "one", "manual")
    settled(world, "two")

    assert "rolled_back" == rollback(world, version=1)
    assert [2, 1] == chain(world)


def refused(world, act):
    with pytest.raises(PermanentError) as caught:
        act()
    return caught.value.code


def test_what_cannot_be_done_is_refused_with_a_code(world):
    kept = settled(world, "one", "manual")
    assert "no_champion" == refused(world, lambda: rollback(world))
    assert "unknown_run" == refused(world, lambda: decide(world, "promote"))
    assert "no_champion" == refused(world, lambda: decide(world, "rollback"))

    run = settled(world, "two")

    assert "no_earlier_champion" == refused(world, lambda: rollback(world))
    assert "unknown_version" == refused(world, lambda: rollback(world, version=7))
    assert "already_champion" == refused(world, lambda: rollback(world, version=2))
    assert "already_champion" == refused(world, lambda: promote(world, run))
    assert [2] == chain(world)
    assert "promoted" == promote(world, kept)


@pytest.mark.parametrize("error", [NotFoundError("endpoint"), InvalidRequestError("undeployed")])
def test_a_model_whose_endpoint_is_gone_is_not_gone_back_to(world, error):
    for words in ("one", "two"):
        settled(world, words)
    third = registered(world, "three")
    world.predictor.answer = error

    assert "not_served" == refused(world, lambda: rollback(world))
    assert "not_served" == refused(world, lambda: promote(world, third))

    assert ([1, 2], [model("two")]) == (chain(world), aliased(world))


def test_a_model_that_is_listed_at_its_endpoint_is_not_called_for_that(world):
    for words in ("one", "two"):
        settled(world, words)
    world.models.endpoints[model("one")] = [endpoint("one")]
    before = list(world.predictor.asked)

    rollback(world)

    assert ([1, 2, 1], before) == (chain(world), world.predictor.asked)


def test_a_decision_that_a_crash_cut_short_is_carried_out_once(world):
    for words in ("one", "two"):
        settled(world, words)
    move = world.models.move_alias
    world.models.move_alias = raising(ConnectionError("crash"))
    with pytest.raises(ConnectionError):
        rollback(world, message_id="d1")
    world.models.move_alias = move

    assert "rolled_back" == rollback(world, message_id="d1")

    assert ([1, 2, 1], [model("one")]) == (chain(world), aliased(world))
    twice = said(world, ModelRolledBack, "model-rolled-back")
    assert 1 == len({each.model_dump_json() for each in twice})
    assert "decided_before" == rollback(world, message_id="d1")


def test_a_decision_that_loses_the_race_is_looked_at_again(world):
    for words in ("one", "two"):
        settled(world, words)
    third = registered(world, "three", "always")
    at_the_next_write(world, "champions/", lambda: settle(world, third))

    with pytest.raises(BusyError):
        rollback(world, version=1, message_id="d1")
    assert "rolled_back" == rollback(world, version=1, message_id="d1")

    assert ([1, 2, 3, 1], [model("one")]) == (chain(world), aliased(world))
