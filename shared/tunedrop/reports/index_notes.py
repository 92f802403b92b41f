"""Notes for the index: whoever answers a drop or closes a run leaves the row in REPORTS, and the sweep collects it.

A note's name says which record it was made of, and its content is a function of that record: racing writers write
the same, and none can hide what another one says.
"""

from collections.abc import Sequence
from itertools import islice
from typing import TypeVar

from msgspec import Struct

from tunedrop import logs
from tunedrop.domain.runs import Run
from tunedrop.errors import NotFoundError, PreconditionFailedError
from tunedrop.ledger import Record
from tunedrop.ports import ObjectInfo
from tunedrop.reports.addresses import CHANGES
from tunedrop.reports.index_data import DropRow, News, RunRow, drop_row, row_of, row_text, run_row
from tunedrop.services import Services

MOST_AT_ONCE = 1000
"""Notes of a kind that one look takes: a page of a listing. What is beyond stays for the next."""
_DROPS, _RUNS = f"{CHANGES}drops/", f"{CHANGES}runs/"
_ROW = "row"

R = TypeVar("R", DropRow, RunRow)


class Notes(Struct, frozen=True):
    """What was found, and in which generations."""

    found: tuple[ObjectInfo, ...]
    news: News


def leave_drop_note(services: Services, receipt: Record) -> None:
    """Have the index list a drop as this receipt answers it."""
    row = drop_row(receipt)
    _leave(services, f"{_DROPS}{row.drop_id}-{row.outcome}", row)


def leave_run_note(services: Services, run: Run) -> None:
    """Have the index list a run as its newest step left it."""
    row = run_row(run)
    _leave(services, f"{_RUNS}{row.run_id}/{row.sequence:06d}", row)


def collect(services: Services) -> Notes:
    """Read what notes there are, from two listings: however many drops wait, endings have their turn."""
    drops, runs = _listed(services, _DROPS), _listed(services, _RUNS)
    news = News(drops=tuple(_rows(drops, DropRow)), runs=tuple(_rows(runs, RunRow)))
    return Notes((*drops, *runs), news)


def forget(services: Services, notes: Sequence[ObjectInfo]) -> None:
    """Take notes away that the index holds, but for what was written under their names since."""
    for note in notes:
        try:
            services.store.delete(note.bucket, note.name, if_generation=note.generation)
        except (PreconditionFailedError, NotFoundError):
            continue  # written again, or forgotten by another sweep


def _leave(services: Services, name: str, row: DropRow | RunRow) -> None:
    services.store.write(
        services.settings.reports_bucket,
        name,
        b"{}",
        if_generation=None,
        metadata={_ROW: row_text(row)},
    )


def _listed(services: Services, prefix: str) -> tuple[ObjectInfo, ...]:
    listed = services.store.list(services.settings.reports_bucket, prefix=prefix)
    return tuple(islice(listed, MOST_AT_ONCE))


def _rows(found: Sequence[ObjectInfo], kind: type[R]) -> list[R]:
    rows = []
    for info in found:
        row = row_of(info.metadata.get(_ROW, ""), kind)
        if row is None:
            logs.warning(f"{info.uri}: expected a row of the index; it is left out")
        else:
            rows.append(row)
    return rows
