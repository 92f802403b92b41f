"""`tunedrop runs`: one line a run, from one listing of the ledger.

State and attempt are in the objects' metadata; only of runs that wait a record is read.
"""

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from tunedrop.cli.environment import services
from tunedrop.cli.options import json_option
from tunedrop.cli.output import moment, print_json, print_note, print_table

if TYPE_CHECKING:
    from tunedrop.cli.queueing import Place
    from tunedrop.ports import ObjectInfo
    from tunedrop.services import Services

_PREFIX = "runs/"
_TRANSITION = re.compile(r"runs/(?P<run>[a-z0-9-]+)/(?P<sequence>[0-9]{6})\.json", re.ASCII)
_HELD, _QUEUED = "held", "queued"
_COLUMNS = ("run", "state", "attempt", "started", "updated")
_WAITING_COLUMNS = ("position", "expected start", "why", "next")


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as a listing shows it; what follows `updated_at` is of runs that wait."""

    run_id: str
    state: str
    attempt: int
    steps: int
    started_at: datetime
    updated_at: datetime
    why: str = ""
    """Code of what it waits for."""
    priority: int | None = None
    position: int | None = None
    """In the queue, counted from 1."""
    of: int | None = None
    expected_start: datetime | None = None
    """None as well where nobody knows."""
    next: str = ""
    """The command that lets a held run go on."""

    @property
    def waits(self) -> bool:
        """Whether it waits for its turn, or for somebody's decision."""
        return self.state in {_HELD, _QUEUED}


@click.command()
@click.option(
    "--waiting",
    "only_waiting",
    is_flag=True,
    help="Only runs that wait, in the order of the queue.",
)
@json_option
def runs(*, only_waiting: bool, as_json: bool) -> None:
    """List the runs: those that wait for a decision first, then the newest first.

    A run that waits is shown with its place in the queue, when it may be expected to start, and why it
    waits.

    \b
    Example:
      tunedrop runs
      tunedrop runs --waiting --json
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    from tunedrop.handlers.pausing import is_paused

    deployment = services()
    listed = with_places(deployment, run_lines(deployment.ledger.list(_PREFIX)))
    listed = in_order_of_queue(listed) if only_waiting else held_first(listed)
    if is_paused(deployment):
        print_note("launches are paused; `tunedrop resume` lets them go on")
    if as_json:
        print_json([asdict(line) for line in listed])
    else:
        _print(listed, only_waiting=only_waiting)


def run_lines(infos: "Iterable[ObjectInfo]") -> list[RunLine]:
    """Add up a listing of transitions, in name order, to one line a run, newest first."""
    matched = ((match, info) for info in infos if (match := _TRANSITION.fullmatch(info.name)))
    lines = []
    for run_id, group in itertools.groupby(matched, key=lambda pair: pair[0]["run"]):
        steps = [info for _, info in group]
        newest = steps[-1]
        lines.append(
            RunLine(
                run_id=run_id,
                state=newest.metadata.get("state", "unknown"),
                attempt=int(newest.metadata.get("attempt", "0")),
                steps=len(steps),
                started_at=steps[0].created_at,
                updated_at=newest.created_at,
            )
        )
    return sorted(lines, key=lambda line: (line.started_at, line.run_id), reverse=True)


def with_places(deployment: "Services", lines: Sequence[RunLine]) -> list[RunLine]:
    """Add to the runs that wait where they stand, and why."""
    from tunedrop.cli import queueing

    waiting = [line for line in lines if line.waits]
    if not waiting:
        return list(lines)
    places = queueing.queue_places(deployment)
    reasons = queueing.reasons(deployment, ((line.run_id, line.steps) for line in waiting))
    return [
        _placed(line, places.get(line.run_id), reasons[line.run_id]) if line.waits else line
        for line in lines
    ]


def _placed(line: RunLine, place: "Place | None", why: str) -> RunLine:
    if line.state == _HELD:
        return replace(line, why=why, next=f"tunedrop approve {line.run_id}")
    if place is None:
        return replace(line, why=why)
    return replace(
        line,
        why=why,
        priority=place.priority,
        position=place.number,
        of=place.of,
        expected_start=place.expected_start,
    )


def held_first(lines: Iterable[RunLine]) -> list[RunLine]:
    """Put what waits for a decision first; the rest keeps its order."""
    return sorted(lines, key=lambda line: line.state != _HELD)


def in_order_of_queue(lines: Iterable[RunLine]) -> list[RunLine]:
    """Keep what waits: for a decision first, then in the order of the queue, then what has no place yet."""
    return sorted(
        (line for line in lines if line.waits),
        key=lambda line: (line.state != _HELD, line.position or math.inf, line.started_at),
    )


def _print(listed: Sequence[RunLine], *, only_waiting: bool) -> None:
    """Print a table whose columns about waiting are there only where something waits."""
    if only_waiting:
        columns = (*_COLUMNS[:2], "priority", *_WAITING_COLUMNS)
        print_table(columns, ((*_cells(line)[:2], line.priority, *_waits(line)) for line in listed))
    elif any(line.waits for line in listed):
        rows = ((*_cells(line), *_waits(line)) for line in listed)
        print_table((*_COLUMNS, *_WAITING_COLUMNS), rows)
    else:
        print_table(_COLUMNS, map(_cells, listed))


def _cells(line: RunLine) -> tuple[object, ...]:
    return line.run_id, line.state, line.attempt, moment(line.started_at), moment(line.updated_at)


def _waits(line: RunLine) -> tuple[object, ...]:
    position = f"{line.position} of {line.of}" if line.position else ""
    start = moment(line.expected_start) if line.expected_start else "unknown"
    return position, start if line.state == _QUEUED else "", line.why, line.next
