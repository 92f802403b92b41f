"""One table for the states of both of the service's state machines.

Pure: names and numbers of states in, our own state out; unknown ones are a state of their own.
Names and numbers: google.cloud.aiplatform_v1.types `PipelineState` and `JobState`, read 2026-11-23.
"""

from enum import StrEnum


class JobState(StrEnum):
    """What a job of either backend is doing."""

    ACTIVE = "active"
    """Accepted and not running yet."""
    RUNNING = "running"
    CANCELLING = "cancelling"
    """May still end in any way."""
    PAUSED = "paused"
    """Resumable by a person; not an end."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    """A state newer than this table: reported, and looked at again."""


ENDED = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED})

_SUFFIXES = {
    "UNSPECIFIED": JobState.ACTIVE,
    "QUEUED": JobState.ACTIVE,
    "PENDING": JobState.ACTIVE,
    "RUNNING": JobState.RUNNING,
    "UPDATING": JobState.RUNNING,
    "CANCELLING": JobState.CANCELLING,
    "PAUSED": JobState.PAUSED,
    "SUCCEEDED": JobState.SUCCEEDED,
    # Undocumented for tuning; ends like a success whose dropped rows are reported.
    "PARTIALLY_SUCCEEDED": JobState.SUCCEEDED,
    "FAILED": JobState.FAILED,
    "CANCELLED": JobState.CANCELLED,
    "EXPIRED": JobState.EXPIRED,
}
_PREFIXES = ("PIPELINE_STATE_", "JOB_STATE_")


def job_state(raw: str) -> JobState:
    """Map a state's name to ours; anything not in the table is `UNKNOWN`."""
    for prefix in _PREFIXES:
        if raw.startswith(prefix):
            return _SUFFIXES.get(raw.removeprefix(prefix), JobState.UNKNOWN)
    return JobState.UNKNOWN
