"""What becomes of a run, by what its job does and whether the job holds a tuned model.

Pure: one table for both of the service's state machines; knows no job, no service and no ledger.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from tunedrop.domain import naming
from tunedrop.domain.job_states import JobState
from tunedrop.domain.runs import Run, RunState

NO_MODEL = "no_tuned_model"
JOB_FAILED = "job_failed"
STALE_MODEL = "stale_model"
PAUSED = "job_paused"
UNKNOWN_STATE = "job_state_unknown"
GOES_ON = "job_goes_on"
NOTES = frozenset({PAUSED, UNKNOWN_STATE})
"""Codes of steps that only say what the job does."""
DEADLINE = "deadline_exceeded"
DELETED = "job_deleted"
_EPOCH = datetime.fromtimestamp(0, UTC)
_STATE_NAME = re.compile(r"[A-Z0-9_]{1,64}", re.ASCII)


class Ending(Struct, frozen=True):
    """What is made of a job's state."""

    state: RunState | None
    """Where the run goes; None leaves it where it is."""
    code: str = ""
    adopted: bool = False
    """Whether a job that failed left a model to go on with."""

    @property
    def is_end(self) -> bool:
        """Whether the job's work is over, well or badly."""
        return self.state is not None and self.state is not RunState.RUNNING


_STAYS = Ending(None)
_RUNS = Ending(RunState.RUNNING)
_GOOD = Ending(RunState.SUCCEEDED)
_CANCELLED = Ending(RunState.CANCELLED, "job_cancelled")
_EXPIRED = Ending(RunState.FAILED, "job_expired")
_DELETED = Ending(RunState.FAILED, DELETED)
_PAUSED = Ending(RunState.RUNNING, PAUSED)
_UNKNOWN = Ending(RunState.RUNNING, UNKNOWN_STATE)

TABLE: Mapping[JobState | None, tuple[Ending, Ending]] = {
    JobState.ACTIVE: (_STAYS, _STAYS),
    JobState.RUNNING: (_RUNS, _RUNS),
    JobState.CANCELLING: (_RUNS, _RUNS),
    JobState.PAUSED: (_PAUSED, _PAUSED),
    JobState.UNKNOWN: (_UNKNOWN, _UNKNOWN),
    JobState.SUCCEEDED: (Ending(RunState.FAILED, NO_MODEL), _GOOD),
    # A failed job can hold a good model: only its endpoint could not be made.
    JobState.FAILED: (
        Ending(RunState.FAILED, JOB_FAILED),
        Ending(RunState.SUCCEEDED, adopted=True),
    ),
    JobState.CANCELLED: (_CANCELLED, _CANCELLED),
    JobState.EXPIRED: (_EXPIRED, _EXPIRED),
    None: (_DELETED, _DELETED),
}
"""By state, without and with a tuned model; None is a job that is gone."""


def ending_of(state: JobState | None, *, holds_model: bool) -> Ending:
    """Look up what becomes of a run whose job is in *state*; None if the job is gone."""
    return TABLE[state][holds_model]


def shown_state(raw: str) -> str:
    """A state's name or number as it may be recorded; nothing of what is neither."""
    return raw if _STATE_NAME.fullmatch(raw) else ""


def due_note(run: Run, ending: Ending, raw_state: str) -> Mapping[str, str] | None:
    """What a step of a run whose job goes on would say, or None if there is nothing new to say.

    A pause, and a state that is newer than this table, are said once; so is that the job goes on after it.
    """
    said, shown = run.last.detail, shown_state(raw_state)
    is_noted = run.state is RunState.RUNNING and said.get("code") in NOTES
    if ending.code:
        repeats = is_noted and said["code"] == ending.code and said["job_state"] == shown
        return None if repeats else {"code": ending.code, "job_state": shown}
    if is_noted:
        return {"code": GOES_ON, "job_state": shown}
    return {} if ending.state is RunState.RUNNING and run.state is RunState.LAUNCHED else None


def is_stale(
    run: Run, *, labels: Mapping[str, str], version: str, uploaded_at: datetime, job_at: datetime
) -> bool:
    """Whether a tuned model is older than the job that hands it over, or another run's: a cache's answer.

    Args:
        run: The run whose newest attempt the job belongs to.
        labels: Those of the model, which all of its versions share; a first version has its job's.
        version: Number of the model's version.
        uploaded_at: When that version was made, by the service's clock; the epoch if it does not say.
        job_at: When the job was made, by the same clock.
    """
    if _EPOCH < uploaded_at < job_at:
        return True
    if run.accepted["plan"].get("pre_tuned_model") or version not in {"", "1"}:
        return False
    own = {naming.RUN_LABEL: run.run_id, naming.ATTEMPT_LABEL: str(run.attempt)}
    return any(labels.get(key, value) != value for key, value in own.items())
