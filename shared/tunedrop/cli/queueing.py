"""What the runs that wait wait for: their place in the queue, when they may be expected to start, and why.

Reads STATE, and of the ledger the newest step of each run that waits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tunedrop.domain import places
from tunedrop.errors import CorruptRecordError
from tunedrop.handlers import waiting
from tunedrop.services import Services


@dataclass(frozen=True, slots=True)
class Place:
    """A run's place in the queue."""

    number: int
    """Counted from 1."""
    of: int
    priority: int
    expected_start: datetime | None
    """None where nobody knows."""


def queue_places(deployment: Services) -> dict[str, Place]:
    """The places of all runs in the queue, by run."""
    priorities = {entry.run_id: entry.priority for entry in waiting.entries(deployment)}
    return {
        run_id: Place(at.position, at.of, priorities[run_id], at.expected_start)
        for run_id, at in waiting.standings(deployment).items()
        if run_id in priorities
    }


def reasons(deployment: Services, newest: Iterable[tuple[str, int]]) -> dict[str, str]:
    """The codes under which runs wait, by run; of each the number of its newest step is given."""
    return {run_id: _reason(deployment, run_id, sequence) for run_id, sequence in newest}


def _reason(deployment: Services, run_id: str, sequence: int) -> str:
    try:
        step = deployment.ledger.read(places.transition_path(run_id, sequence)) or {}
    except CorruptRecordError as error:
        return error.code
    return str(step.get("detail", {}).get("code", ""))
