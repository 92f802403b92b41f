"""The pause switch: the order in which decisions were published counts, not that of their arrival."""

import json
from datetime import timedelta

import pytest

from support.launching import at_the_next_write, bring, code, decide, drop, end_jobs, launch
from support.memory import START
from support.world import World
from tunedrop.domain.runs import RunState
from tunedrop.errors import PreconditionFailedError
from tunedrop.handlers.pausing import is_paused, turn


@pytest.fixture
def world():
    return World()


def at(seconds):
    return START + timedelta(seconds=seconds)


def set_switch(world, paused, seconds):
    return turn(
        world.services, paused=paused, decided_at=at(seconds), reason="because", claimed_by="ada"
    )


def test_a_deployment_that_nobody_paused_is_not(world):
    assert not is_paused(world.services)


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([("pause", 1)], True),
        ([("pause", 1), ("resume", 2)], False),
        ([("resume", 2), ("pause", 1)], False),
        ([("pause", 2), ("resume", 1)], True),
        ([("pause", 1), ("pause", 1), ("resume", 3), ("pause", 2)], False),
        ([("resume", 5), ("pause", 6), ("resume", 4)], True),
        ([("resume", 1)], False),
    ],
)
def test_the_decision_that_was_published_last_stands(world, decisions, expected):
    for action, seconds in decisions:
        decide(world, action, at=at(seconds))

    assert expected is is_paused(world.services)


def test_a_decision_that_came_too_late_says_so_and_is_recorded(world):
    decide(world, "resume", at=at(2))

    assert "decided_later" == decide(world, "pause", at=at(1), message_id="late")
    record = world.record("messages/control/late.json")
    assert ("decided_later", "pause", "because", "ada") == tuple(
        record[key] for key in ("code", "action", "reason", "claimed_by")
    )


def test_a_decision_delivered_again_is_not_carried_out_again(world):
    decide(world, "pause", at=at(1), message_id="one")
    decide(world, "resume", at=at(2), message_id="two")

    assert "decided_before" == decide(world, "pause", at=at(3), message_id="one")
    assert not is_paused(world.services)


def test_without_a_time_of_publication_the_time_of_arrival_counts(world):
    decide(world, "pause", at=at(-5))
    world.clock.skip(1)

    assert "resumed" == decide(world, "resume")
    assert not is_paused(world.services)


def test_the_switch_says_who_turned_it_and_why(world):
    set_switch(world, paused=True, seconds=1)

    said = json.loads(world.store.read("test-state", "paused", max_bytes=10**4))
    assert {
        "paused": "true",
        "decided_at": at(1).isoformat(),
        "reason": "because",
        "claimed_by": "ada",
    } == said


@pytest.mark.parametrize(
    "metadata",
    [{}, {"paused": "false"}, {"paused": "false", "decided_at": "yesterday"}, {"paused": ""}],
)
def test_a_switch_that_cannot_be_read_is_on_until_it_is_turned(world, metadata):
    world.store.put("test-state", "paused", b"", **metadata)

    assert is_paused(world.services)
    assert set_switch(world, paused=False, seconds=0)
    assert not is_paused(world.services)


@pytest.mark.parametrize("decided_at", ["2026-11-23T12:00:00", "2026-11-23"])
def test_a_switch_whose_time_has_no_zone_can_be_turned(world, decided_at):
    world.store.put("test-state", "paused", b"", paused="true", decided_at=decided_at)

    assert set_switch(world, paused=False, seconds=0)


@pytest.mark.parametrize(("ours", "expected"), [(2, False), (0, True)])
def test_of_two_decisions_at_once_the_later_stands(world, ours, expected):
    at_the_next_write(world, "paused", lambda: set_switch(world, paused=True, seconds=1))

    set_switch(world, paused=False, seconds=ours)

    assert expected is is_paused(world.services)


def test_a_switch_that_others_keep_turning_is_left_to_the_next_delivery(world):
    write, tries = world.store.write, []

    def interrupted(*args, **kwargs):
        tries.append(1)
        world.store.put("test-state", "paused", b"", paused="true", decided_at=START.isoformat())
        return write(*args, **kwargs)

    world.store.write = interrupted

    with pytest.raises(PreconditionFailedError):
        set_switch(world, paused=False, seconds=1)
    assert 1 < len(tries) < 100


def test_checks_and_running_jobs_go_on_while_launches_are_paused(world):
    run_id = bring(world, RunState.LAUNCHED)
    decide(world, "pause")
    later = drop(world, "later")

    end_jobs(world, "FAILED")

    assert ("failed", "job_failed") == code(world, run_id)
    assert "paused" == launch(world, later)


def test_an_intent_is_taken_over_though_launches_are_paused(world):
    run_id = bring(world, RunState.LAUNCHING)
    decide(world, "pause")

    world.tick(seconds=1000)

    assert ["launched"] == [outcome.code for outcome in world.deliver()]
    assert RunState.LAUNCHED is world.run(run_id).state


def test_resuming_releases_what_waited_at_once(world):
    decide(world, "pause")
    launch(world, drop(world))
    world._delivered = len(world.publisher.sent)

    decide(world, "resume")

    assert ["launched"] == [outcome.code for outcome in world.deliver()]


def test_resuming_too_early_releases_nothing(world):
    decide(world, "pause", at=at(2))
    launch(world, drop(world))
    world._delivered = len(world.publisher.sent)

    decide(world, "resume", at=at(1))

    assert [] == world.deliver()
