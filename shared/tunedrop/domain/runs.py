"""What a run is: its states, which may follow which, and how its transitions add up.

Pure: transitions in, a run out; knows no ledger and no service.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tunedrop.domain import naming


class RunState(StrEnum):
    """Where a run stands."""

    ACCEPTED = "accepted"
    HELD = "held"
    """Waits for somebody's approval."""
    QUEUED = "queued"
    """Waits for a service that said no for the time being."""
    LAUNCHING = "launching"
    """An intent is recorded; whether a job exists is found out before anything else is done."""
    LAUNCHED = "launched"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    LOADING = "loading"
    """An endpoint is being prepared for the tuned model."""
    REGISTERED = "registered"
    """Recorded, served, and called once; what it is worth is found out next."""
    EVALUATING = "evaluating"
    """Asked the held-out questions, batch by batch, and so are those that it is held against."""
    EVALUATED = "evaluated"
    PROMOTED = "promoted"
    """The model became its recipe's champion."""
    KEPT = "kept"
    """The model can be called, and the champion stays what it was; the step's code says why."""
    FAILED = "failed"
    LOAD_FAILED = "load_failed"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    """A newer drop of its recipe replaced it while it waited."""
    REHEARSED = "rehearsed"
    """Everything was done but the create call."""


SERVED = frozenset(
    {
        RunState.REGISTERED,
        RunState.EVALUATING,
        RunState.EVALUATED,
        RunState.PROMOTED,
        RunState.KEPT,
    }
)
"""States in which the tuned model can be called."""
GOOD_ENDS = frozenset({RunState.PROMOTED, RunState.KEPT})
"""How a run ends whose tuned model can be called."""
AFTER_JOB = frozenset({RunState.SUCCEEDED, RunState.LOADING}) | (SERVED - GOOD_ENDS)
"""States between the job's good end and the run's own, which the sweep leads on from."""
ENDED = GOOD_ENDS | frozenset(
    {
        RunState.FAILED,
        RunState.LOAD_FAILED,
        RunState.CANCELLED,
        RunState.REFUSED,
        RunState.SUPERSEDED,
        RunState.REHEARSED,
    }
)
"""States in which nothing is left to do; only somebody's decision, or a newer drop, opens a further attempt."""
BEFORE_LAUNCH = frozenset({RunState.ACCEPTED, RunState.HELD, RunState.QUEUED})
"""States in which no job can exist."""
HOLDING = frozenset({RunState.LAUNCHING, RunState.LAUNCHED, RunState.RUNNING})
"""States in which a job exists or may exist, and so a concurrency slot is taken."""
RETRYABLE = frozenset(
    {
        RunState.FAILED,
        RunState.CANCELLED,
        RunState.REFUSED,
        RunState.SUPERSEDED,
        RunState.LOAD_FAILED,
    }
)
"""States that `retry` goes on from."""
WITH_JOB = frozenset({RunState.LAUNCHED, RunState.RUNNING})
"""States in which one job is recorded and may still change."""

APPROVED = "approved"
RETRIED = "retried"
DECIDED = frozenset({APPROVED, RETRIED})
"""Codes of the steps by which somebody let an attempt go on, knowing what it costs."""
ANSWERED = "answered"
"""What a rehearsal records of the AI service when it answered; else the code of its error."""

LEGAL: Mapping[RunState | None, frozenset[RunState]] = {
    None: frozenset({RunState.ACCEPTED}),
    RunState.ACCEPTED: frozenset(
        {
            RunState.HELD,
            RunState.QUEUED,
            RunState.LAUNCHING,
            RunState.CANCELLED,
            RunState.REFUSED,
            RunState.SUPERSEDED,
            RunState.REHEARSED,
        }
    ),
    RunState.HELD: frozenset(
        {RunState.QUEUED, RunState.CANCELLED, RunState.REFUSED, RunState.SUPERSEDED}
    ),
    RunState.QUEUED: frozenset(
        {RunState.LAUNCHING, RunState.CANCELLED, RunState.SUPERSEDED, RunState.FAILED}
    ),
    # To itself: another worker takes over an expired intent.
    RunState.LAUNCHING: frozenset(
        {
            RunState.LAUNCHING,
            RunState.LAUNCHED,
            RunState.QUEUED,
            RunState.CANCELLED,
            RunState.FAILED,
        }
    ),
    RunState.LAUNCHED: frozenset(
        {RunState.RUNNING, RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED}
    ),
    # To itself: the job's own state is worth a record, such as a pause.
    RunState.RUNNING: frozenset(
        {RunState.RUNNING, RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED}
    ),
    RunState.SUCCEEDED: frozenset({RunState.LOADING, RunState.REGISTERED, RunState.LOAD_FAILED}),
    RunState.LOADING: frozenset({RunState.REGISTERED, RunState.LOAD_FAILED}),
    RunState.REGISTERED: frozenset({RunState.EVALUATING, RunState.PROMOTED, RunState.KEPT}),
    RunState.EVALUATING: frozenset({RunState.EVALUATED, RunState.KEPT}),
    # Back: another model became champion meanwhile, and this one is held against that.
    RunState.EVALUATED: frozenset({RunState.EVALUATING, RunState.PROMOTED, RunState.KEPT}),
    **{state: frozenset() for state in ENDED},
}
"""What may follow within an attempt."""
REOPENED: Mapping[RunState, frozenset[RunState]] = {
    RunState.SUPERSEDED: frozenset({RunState.ACCEPTED, RunState.QUEUED}),
    RunState.FAILED: frozenset({RunState.QUEUED}),
    RunState.CANCELLED: frozenset({RunState.QUEUED}),
    RunState.REFUSED: frozenset({RunState.QUEUED}),
    # The same attempt: its job ended well, and only its model has to be served.
    RunState.LOAD_FAILED: frozenset({RunState.LOADING}),
}
"""How an ended run goes on: to the next attempt, but for one whose model exists."""


class IllegalTransitionError(ValueError):
    """A transition that the table does not hold: a bug in a handler."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of a run, as recorded."""

    sequence: int
    state: RunState
    at: datetime
    attempt: int
    owner: str
    """Nonce of the worker that wrote it."""
    detail: Mapping[str, Any]
    facts: tuple[Mapping[str, Any], ...] = ()
    """Facts that this step makes true, to be published from the record."""
    traceparent: str = ""
    """Trace under which it was taken, where there was one."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its transitions tell it; never empty."""

    run_id: str
    run_key: str
    transitions: tuple[Transition, ...]

    @property
    def last(self) -> Transition:
        """The newest step."""
        return self.transitions[-1]

    @property
    def state(self) -> RunState:
        """Where the run stands."""
        return self.last.state

    @property
    def attempt(self) -> int:
        """The attempt that the newest step belongs to, counted from 1."""
        return self.last.attempt

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do."""
        return self.state in ENDED

    @property
    def accepted(self) -> Mapping[str, Any]:
        """What was asked for, as the first step recorded it."""
        return self.transitions[0].detail

    @property
    def traceparent(self) -> str:
        """Trace of whoever asked for the run first; what is done about it later belongs there too."""
        return self.transitions[0].traceparent

    @property
    def is_rehearsal(self) -> bool:
        """Whether no job is ever to be created; decided by the recipe's name, and so by the run key."""
        recipe = self.accepted.get("recipe") or {}
        return naming.is_rehearsal(str(recipe.get("name", "")))

    def newest(self, state: RunState) -> Transition | None:
        """The newest step into *state*, if there is one."""
        return next((step for step in reversed(self.transitions) if step.state is state), None)

    @property
    def launched(self) -> Transition | None:
        """The step that recorded the newest attempt's job, if one did."""
        steps = self.steps_of_attempt
        return next((step for step in steps if step.state is RunState.LAUNCHED), None)

    @property
    def in_doubt_since(self) -> datetime | None:
        """Since when nobody has known whether a job exists; None if that is known."""
        since = None
        for step in reversed(self.transitions):
            if step.state is not RunState.LAUNCHING:
                break
            since = step.at
        return since

    @property
    def steps_of_attempt(self) -> tuple[Transition, ...]:
        """The steps of the newest attempt."""
        return tuple(step for step in self.transitions if step.attempt == self.attempt)

    @property
    def approved(self) -> bool:
        """Whether somebody decided that the newest attempt may cost what it costs."""
        return any(
            step.state is RunState.QUEUED and step.detail.get("code") in DECIDED
            for step in self.steps_of_attempt
        )


def check_transition(before: Transition | None, after: RunState, attempt: int) -> None:
    """Hold a step to the tables.

    Raises:
        IllegalTransitionError: *after* may not follow, or not under this number of an attempt.
    """
    state = before.state if before else None
    number = before.attempt if before else 1
    if after in LEGAL[state] and attempt == number:
        return
    reopened = state is not None and after in REOPENED.get(state, ())
    if reopened and attempt == number + (state is not RunState.LOAD_FAILED):
        return
    msg = f"a run may not go from {state}, attempt {number}, to {after}, attempt {attempt}"
    raise IllegalTransitionError(msg)


def gap_in(sequences: Sequence[int]) -> int | None:
    """The first number missing from 1, 2, 3, … in *sequences*, or None."""
    return next((want for want, have in enumerate(sequences, start=1) if want != have), None)
