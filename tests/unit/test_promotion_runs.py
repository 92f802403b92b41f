"""What becomes of a run's registered model: one champion, whoever ends first and whatever crashes."""

import json
import threading

import pytest

from support.launching import raising
from support.promoting import (
    RECIPE,
    aliased,
    chain,
    endpoint,
    evaluated,
    evaluation,
    model,
    registered,
    settle,
)
from support.world import World
from tunedrop.contracts import ModelKept, ModelPromoted
from tunedrop.domain.runs import RunState
from tunedrop.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    QuotaExhaustedError,
    UpstreamUnavailableError,
)
from tunedrop.handlers import champions, evaluate_run, promote_run
from tunedrop.handlers.steps import advance
from tunedrop.wire import decode


@pytest.fixture
def world():
    return World()


def test_a_model_that_beats_the_base_becomes_the_first_champion(world):
    run = evaluated(world, registered(world, "one", "better-than-champion"), "base")

    run = settle(world, run)

    assert RunState.PROMOTED is run.state
    assert {
        "code": "better_than_base",
        "version": 1,
        "champion_sequence": 1,
        "champion_version": 1,
        "previous_version": None,
        "notes": [],
    } == run.last.detail
    champion = champions.newest(world.services, RECIPE)
    assert (run.run_id, 1, 1, model("one"), endpoint("one"), "code-generation") == (
        champion.run_id,
        champion.attempt,
        champion.version,
        champion.tuned_model,
        champion.endpoint,
        champion.dataset_format,
    )
    assert ("evidence/somewhere.json", "ab" * 32) == (champion.evidence, champion.evidence_sha256)
    assert [model("one")] == aliased(world)
    said = decode(ModelPromoted, world.publisher.bodies("model-promoted")[0])
    assert (RECIPE, 1, "better_than_base", None) == (
        said.recipe,
        said.version,
        said.code,
        said.previous_version,
    )


def test_a_later_champion_takes_the_alias_over(world):
    settle(world, evaluated(world, registered(world, "one", "better-than-champion"), "base"))
    run = evaluated(world, registered(world, "two", "better-than-champion"), "champion", against=1)

    run = settle(world, run)

    assert ("better_than_champion", 2, 1) == tuple(
        run.last.detail[key] for key in ("code", "champion_sequence", "previous_version")
    )
    assert [model("two")] == aliased(world)


def test_a_model_that_is_not_better_leaves_the_champion(world):
    settle(world, registered(world, "one", "always"))
    run = evaluated(
        world, registered(world, "two", "better-than-champion"), "champion", "worse", against=1
    )

    run = settle(world, run)

    assert RunState.KEPT is run.state
    assert {
        "code": "worse",
        "version": 2,
        "champion_sequence": 1,
        "champion_version": 1,
        "previous_version": None,
        "notes": [],
    } == run.last.detail
    assert ([1], [model("one")]) == (chain(world), aliased(world))
    said = decode(ModelKept, world.publisher.bodies("model-kept")[-1])
    assert ("worse", 1) == (said.code, said.champion_version)


def test_a_run_without_an_evaluation_is_settled_by_its_policy(world):
    assert "manual" == settle(world, registered(world, "one", "manual")).last.detail["code"]
    kept = settle(world, registered(world, "two", "better-than-base"))
    assert (RunState.KEPT, "not_evaluated") == (kept.state, kept.last.detail["code"])
    promoted = settle(world, registered(world, "three", "always"))
    assert (RunState.PROMOTED, "always") == (promoted.state, promoted.last.detail["code"])


def test_an_older_model_that_ends_late_does_not_replace_a_newer_one(world):
    older, newer = registered(world, "one", "always"), registered(world, "two", "always")
    settle(world, newer)

    assert "newer_champion" == settle(world, older).last.detail["code"]
    assert [2] == chain(world)


@pytest.mark.parametrize("error", [InvalidRequestError("no aliases"), NotFoundError("no version")])
def test_a_location_without_aliases_gets_a_note_and_blocks_nothing(world, error):
    world.models.no_aliases = error

    run = settle(world, registered(world, "one", "always"))

    assert (RunState.PROMOTED, ["aliases_unsupported"]) == (run.state, run.last.detail["notes"])


@pytest.fixture
def asked_again(monkeypatch):
    """Has further evaluations start anew and go on as a test says."""

    def begin(services, vertex, run):
        return advance(services, run, RunState.EVALUATING)

    def going_on(go_on):
        monkeypatch.setattr(evaluate_run, "begin", begin)
        monkeypatch.setattr(evaluate_run, "go_on", lambda services, vertex, run: go_on(run))

    going_on(lambda run: run)
    return going_on


def test_a_model_is_held_against_a_champion_that_came_meanwhile(world, asked_again):
    run = evaluated(world, registered(world, "one", "better-than-champion"), "base")
    settle(world, registered(world, "two", "always"))

    again = settle(world, run)

    assert (RunState.EVALUATING, [2]) == (again.state, chain(world))


def test_a_model_that_beats_the_new_champion_at_once_is_promoted_at_once(world, asked_again):
    def beats_it(run):
        return advance(world.services, run, RunState.EVALUATED, evaluation("champion", against=1))

    asked_again(beats_it)
    run = evaluated(world, registered(world, "one", "better-than-champion"), "base")
    settle(world, registered(world, "two", "always"))

    run = settle(world, run)

    assert ("better_than_champion", [2, 1]) == (run.last.detail["code"], chain(world))


def test_a_champion_that_keeps_changing_is_given_up_on(world, asked_again):
    def too_late(run):
        return advance(world.services, run, RunState.EVALUATED, evaluation("base"))

    asked_again(too_late)
    run = evaluated(world, registered(world, "one", "better-than-champion"), "base")
    settle(world, registered(world, "two", "always"))

    run = settle(world, run)

    assert (RunState.KEPT, "champion_changed") == (run.state, run.last.detail["code"])
    rounds = [step for step in run.transitions if step.state is RunState.EVALUATED]
    assert promote_run.MAX_ROUNDS == len(rounds)


def test_a_changed_champion_that_cannot_be_asked_is_given_up_on_at_once(world, monkeypatch):
    monkeypatch.setattr(evaluate_run, "begin", lambda services, vertex, run: run)
    run = evaluated(world, registered(world, "one", "better-than-champion"), "base")
    settle(world, registered(world, "two", "always"))

    assert "champion_changed" == settle(world, run).last.detail["code"]


def test_a_crash_after_the_record_is_gone_on_with_from_it(world):
    run = registered(world, "one", "always")
    move, world.models.move_alias = (
        world.models.move_alias,
        raising(ConnectionError("crash")),
    )
    with pytest.raises(ConnectionError):
        settle(world, run)
    world.models.move_alias = move
    settle(world, registered(world, "two", "always"))

    run = settle(world, world.run(run.run_id))

    assert (RunState.PROMOTED, 1) == (run.state, run.last.detail["champion_sequence"])
    assert ([1, 2], [model("two")]) == (chain(world), aliased(world))
    assert 2 == len(world.publisher.bodies("model-promoted"))


@pytest.mark.parametrize(
    "error", [UpstreamUnavailableError("503"), AccessDeniedError("403"), QuotaExhaustedError("429")]
)
def test_an_alias_that_cannot_be_moved_now_holds_no_run_up_and_is_moved_by_a_sweep(world, error):
    run = registered(world, "one", "always")
    move, world.models.move_alias = world.models.move_alias, raising(error)

    run = settle(world, run)
    world.tick(300)
    world.models.move_alias = move
    world.tick(300)

    assert (RunState.PROMOTED, ["alias_pending"]) == (run.state, run.last.detail["notes"])
    assert ([model("one")], []) == (aliased(world), world.store.names("test-state", "aliases/"))


def test_a_worker_that_stood_still_before_the_alias_leaves_one_bearer(world):
    first, second = (registered(world, words, "always") for words in ("one", "two"))
    settle(world, first)
    move, world.models.move_alias = world.models.move_alias, raising(ConnectionError("crash"))
    with pytest.raises(ConnectionError):
        settle(world, second)
    world.models.move_alias = move

    settle(world, registered(world, "three", "always"))

    assert [model("three")] == aliased(world)


def test_whoever_moves_the_alias_late_puts_it_right(world):
    first, second = registered(world, "one", "always"), registered(world, "two", "always")
    move = world.models.move_alias

    def late(alias, **versions):
        world.models.move_alias = move
        settle(world, second)
        move(alias, **versions)

    world.models.move_alias = late

    settle(world, first)

    assert ([1, 2], [model("two")]) == (chain(world), aliased(world))


@pytest.mark.parametrize("policy", ["always", "better-than-champion"])
def test_two_endings_at_once_make_one_first_champion(world, asked_again, policy):
    runs = [evaluated(world, registered(world, words, policy), "base") for words in ("one", "two")]
    barrier, write, turn = threading.Barrier(2), world.store.write, threading.Lock()

    def together(bucket, name, *args, **kwargs):
        if name.startswith("champions/") and name.endswith("/000001.json"):
            turn.release()  # the doubles are used by one at a time, and both come as far as here
            barrier.wait(timeout=30)
            turn.acquire()
        return write(bucket, name, *args, **kwargs)

    def end(run):
        with turn:
            settle(world, run)

    world.store.write = together
    threads = [threading.Thread(target=end, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    ends = sorted(world.run(run.run_id).state for run in runs)
    first, *later = champions.history(world.services, RECIPE)
    if policy == "better-than-champion":  # the other one is held against the first
        assert ([RunState.EVALUATING, RunState.PROMOTED], []) == (ends, later)
        assert [first.tuned_model] == aliased(world)
    elif first.version == 1:  # the other one is newer, and always promoted
        assert ([RunState.PROMOTED] * 2, [2]) == (ends, [each.version for each in later])
        assert [model("two")] == aliased(world)
    else:
        assert ([RunState.KEPT, RunState.PROMOTED], []) == (ends, later)


def test_two_workers_at_one_ending_make_one_record(world):
    run = registered(world, "one", "always")
    move = world.models.move_alias

    def meanwhile(alias, **versions):
        world.models.move_alias = move
        settle(world, world.run(run.run_id))
        move(alias, **versions)

    world.models.move_alias = meanwhile
    with pytest.raises(Exception, match="taken by another worker"):
        settle(world, run)

    assert ([1], RunState.PROMOTED) == (chain(world), world.run(run.run_id).state)
    assert 1 == len(world.publisher.bodies("model-promoted"))
    assert "always" == json.loads(world.publisher.bodies("model-promoted")[0])["code"]
