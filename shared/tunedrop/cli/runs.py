"""`tunedrop runs`: one line a run, from one listing of the ledger.

Reads no record: state and attempt are in the objects' metadata.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from tunedrop.cli.environment import services
from tunedrop.cli.options import json_option
from tunedrop.cli.output import moment, print_json, print_table

if TYPE_CHECKING:
    from tunedrop.ports import ObjectInfo

_PREFIX = "runs/"
_TRANSITION = re.compile(r"runs/(?P<run>[a-z0-9-]+)/(?P<sequence>[0-9]{6})\.json", re.ASCII)


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as a listing shows it."""

    run_id: str
    state: str
    attempt: int
    steps: int
    started_at: datetime
    updated_at: datetime


@click.command()
@json_option
def runs(*, as_json: bool) -> None:
    """List the runs, newest first.

    \b
    Example:
      tunedrop runs
      tunedrop runs --json
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    listed = run_lines(services().ledger.list(_PREFIX))
    if as_json:
        print_json([asdict(line) for line in listed])
        return
    print_table(
        ("run", "state", "attempt", "started", "updated"),
        (
            (
                line.run_id,
                line.state,
                line.attempt,
                moment(line.started_at),
                moment(line.updated_at),
            )
            for line in listed
        ),
    )


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
