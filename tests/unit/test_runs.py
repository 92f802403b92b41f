"""The table of legal steps, and what a run's steps add up to."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tunedrop.domain.job_states import JobState, job_state
from tunedrop.domain.runs import (
    ENDED,
    LEGAL,
    REOPENED,
    IllegalTransitionError,
    Run,
    RunState,
    Transition,
    check_transition,
    gap_in,
)


def step(sequence, state, **detail):
    return Transition(sequence, state, datetime(2026, 11, 23, tzinfo=UTC), 1, "me", detail)


@pytest.mark.parametrize("state", sorted(ENDED), ids=str)
def test_nothing_follows_an_end(state):
    assert frozenset() == LEGAL[state]


def test_every_state_has_a_row():
    assert {None, *RunState} == set(LEGAL)


def test_every_state_can_be_reached_and_can_end():
    reached = {None}
    while (more := {after for before in reached for after in LEGAL[before]} - reached) != set():
        reached |= more

    assert {None, *RunState} == reached
    assert all(LEGAL[state] or state in ENDED for state in RunState)


def test_a_step_outside_the_table_is_a_bug():
    with pytest.raises(IllegalTransitionError, match="from kept, attempt 1, to launching"):
        check_transition(step(1, RunState.KEPT), RunState.LAUNCHING, 1)


def test_a_rehearsal_follows_an_acceptance_and_nothing_else():
    before = {state for state, after in LEGAL.items() if RunState.REHEARSED in after}

    assert {RunState.ACCEPTED} == before


@pytest.mark.parametrize(
    ("recipe", "rehearsed"),
    [({"name": "tunedrop-selftest/x"}, True), ({"name": "bot"}, False), ({}, False), (None, False)],
    ids=["reserved", "another", "nameless", "none"],
)
def test_the_recipe_of_a_run_tells_whether_it_is_a_rehearsal(recipe, rehearsed):
    run = Run("r", "k", (step(1, RunState.ACCEPTED, recipe=recipe),))

    assert rehearsed is run.is_rehearsal


@pytest.mark.parametrize("code", ["approved", "retried"])
def test_a_decision_counts_for_its_own_attempt(code):
    steps = (
        step(1, RunState.ACCEPTED),
        step(2, RunState.HELD),
        step(3, RunState.QUEUED, code=code),
    )
    next_attempt = replace(step(4, RunState.QUEUED, code="no_slot"), attempt=2)

    assert not Run("r", "k", steps[:2]).approved
    assert Run("r", "k", steps).approved
    assert not Run("r", "k", (*steps, next_attempt)).approved


def test_an_ended_run_goes_on_in_its_next_attempt_alone():
    for state, after in REOPENED.items():
        number = 1 if state is RunState.LOAD_FAILED else 2
        for following in after:
            check_transition(step(1, state), following, number)
            with pytest.raises(IllegalTransitionError):
                check_transition(step(1, state), following, 3 - number)


def test_a_run_is_in_doubt_since_the_first_of_its_unanswered_intents():
    steps = (
        step(1, RunState.ACCEPTED),
        step(2, RunState.LAUNCHING),
        step(3, RunState.QUEUED),
        step(4, RunState.LAUNCHING),
        step(5, RunState.LAUNCHING),
    )
    times = [datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in range(5)]
    steps = tuple(replace(each, at=at) for each, at in zip(steps, times, strict=True))

    assert Run("r", "k", steps[:3]).in_doubt_since is None
    assert times[3] == Run("r", "k", steps).in_doubt_since


@pytest.mark.parametrize(("numbers", "gap"), [([], None), ([1, 2, 3], None), ([1, 3], 2), ([2], 1)])
def test_a_missing_step_is_seen(numbers, gap):
    assert gap == gap_in(numbers)


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        ("PIPELINE_STATE_SUCCEEDED", JobState.SUCCEEDED),
        ("JOB_STATE_SUCCEEDED", JobState.SUCCEEDED),
        ("JOB_STATE_PARTIALLY_SUCCEEDED", JobState.SUCCEEDED),
        ("JOB_STATE_EXPIRED", JobState.EXPIRED),
        ("PIPELINE_STATE_CANCELLING", JobState.CANCELLING),
        ("JOB_STATE_UPDATING", JobState.RUNNING),
        ("PIPELINE_STATE_PAUSED", JobState.PAUSED),
        ("JOB_STATE_UNSPECIFIED", JobState.ACTIVE),
        ("JOB_STATE_FROM_THE_FUTURE", JobState.UNKNOWN),
        ("17", JobState.UNKNOWN),
    ],
)
def test_both_state_machines_are_in_one_table(raw, state):
    assert state == job_state(raw)


def test_the_table_knows_every_state_of_the_vendors_types():
    from google.cloud.aiplatform_v1.types import JobState as VendorJobState
    from google.cloud.aiplatform_v1.types import PipelineState

    unknown = [
        member.name
        for kind in (VendorJobState, PipelineState)
        for member in kind
        if job_state(member.name) is JobState.UNKNOWN
    ]

    assert [] == unknown
