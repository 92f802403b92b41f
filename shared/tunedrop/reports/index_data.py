"""What the index of a deployment lists: the newest drops and runs, and every recipe's champion, as one JSON value.

Rows come from records and marks, and add up the same in whatever order they come; reads and writes nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from tunedrop.domain import naming, places
from tunedrop.domain.naming import canonical_json
from tunedrop.domain.runs import Run

MOST_DROPS = 200
MOST_RUNS = 500
SCHEMA_VERSION = 1
MAX_NAME = 200
"""Characters of a name; an object's may have a thousand, and hundreds of rows make a page."""
_WAITING = "waiting"

T = TypeVar("T")
R = TypeVar("R", bound=Struct)


class DropRow(Struct, frozen=True):
    """The newest answer to one drop."""

    drop_id: str
    at: datetime
    bucket: str
    name: str
    """Cut where it is long."""
    page: str
    """Folder of the page, in REPORTS."""
    outcome: str
    run_id: str = ""

    @property
    def rank(self) -> tuple[bool, datetime]:
        """A final answer outranks one that waits, and a later one an earlier."""
        return not self.outcome.startswith(_WAITING), self.at

    @property
    def is_rehearsal(self) -> bool:
        """Whether the drop lies in the folder of rehearsals."""
        return naming.is_rehearsal(naming.folder_of(self.name))


class RunRow(Struct, frozen=True):
    """One run as its newest step left it."""

    run_id: str
    sequence: int
    """Of that step."""
    state: str
    attempt: int
    since: datetime
    """When the attempt was asked for."""
    at: datetime
    """When the step was taken."""

    @property
    def is_rehearsal(self) -> bool:
        """Whether the run may be a rehearsal; the same at every step, so that a late row brings none back."""
        return naming.may_be_rehearsal(self.run_id)


class ChampionRow(Struct, frozen=True):
    """A recipe's present champion."""

    recipe: str
    sequence: int
    """In the chain of the recipe's champions."""
    version: int
    run_id: str
    attempt: int
    base_model: str
    action: str
    at: datetime


class News(Struct, frozen=True):
    """Rows that may be newer than the index's, in any order."""

    drops: tuple[DropRow, ...] = ()
    runs: tuple[RunRow, ...] = ()
    champions: tuple[ChampionRow, ...] = ()


class Index(Struct, frozen=True):
    """Everything on the index; rows newest first."""

    schema_version: int
    day: date
    """On which it was last looked at, in UTC: what a retirement is near to."""
    drops: tuple[DropRow, ...] = ()
    runs: tuple[RunRow, ...] = ()
    champions: tuple[ChampionRow, ...] = ()

    def with_news(self, news: News, day: date) -> "Index":
        """Add rows: of two about the same the newer counts; what is beyond the bounds, or a rehearsal, is left out."""
        drops = _newest((*self.drops, *news.drops), lambda row: row.drop_id, lambda row: row.rank)
        drops = [row for row in drops if not row.is_rehearsal]
        runs = _newest((*self.runs, *news.runs), lambda row: row.run_id, lambda row: row.sequence)
        runs = [row for row in runs if not row.is_rehearsal]
        champions = _newest(
            (*self.champions, *news.champions), lambda row: row.recipe, lambda row: row.sequence
        )
        return Index(
            SCHEMA_VERSION,
            max(day, self.day),
            tuple(sorted(drops, key=lambda row: (row.at, row.drop_id), reverse=True)[:MOST_DROPS]),
            tuple(sorted(runs, key=lambda row: (row.at, row.run_id), reverse=True)[:MOST_RUNS]),
            tuple(sorted(champions, key=lambda row: (row.at, row.recipe), reverse=True)),
        )

    def encoded(self) -> bytes:
        """As `index.json` holds it; equal values have equal bytes."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)


def empty_index(day: date) -> Index:
    """An index of nothing yet."""
    return Index(SCHEMA_VERSION, day)


def read_index(data: bytes) -> Index | None:
    """What `index.json` holds; None of anything that is not an index of this version."""
    index = _decoded(data, Index)
    return index if index is not None and index.schema_version == SCHEMA_VERSION else None


def drop_row(receipt: Mapping[str, Any]) -> DropRow:
    """The row of a drop whose receipt this is."""
    bucket, name = str(receipt["bucket"]), str(receipt["name"])
    known = name.encode("utf-8", "replace").decode()
    return DropRow(
        drop_id=str(receipt["drop_id"]),
        at=datetime.fromisoformat(receipt["at"]),
        bucket=bucket,
        name=known if len(known) <= MAX_NAME else f"{known[: MAX_NAME - 1]}…",
        page=places.drop_report_prefix(bucket, name),
        outcome=str(receipt["outcome"]),
        run_id=str(receipt.get("run_id", "")),
    )


def run_row(run: Run) -> RunRow:
    """The row of a run."""
    return RunRow(
        run_id=run.run_id,
        sequence=run.last.sequence,
        state=run.state.value,
        attempt=run.attempt,
        since=run.steps_of_attempt[0].at,
        at=run.last.at,
    )


def row_text(row: DropRow | RunRow) -> str:
    """A row in printable ASCII, which the metadata of an object can hold."""
    return canonical_json(msgspec.to_builtins(row)).decode()


def row_of(text: str, kind: type[R]) -> R | None:
    """A row read back; None of anything else."""
    return _decoded(text, kind)


def _newest(rows: Iterable[R], key: Callable[[R], str], rank: Callable[[R], Any]) -> list[R]:
    """Of each thing the row with the highest rank."""
    newest: dict[str, R] = {}
    for row in rows:
        standing = newest.get(key(row))
        if standing is None or rank(row) > rank(standing):
            newest[key(row)] = row
    return list(newest.values())


def _decoded(data: bytes | str, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError):
        return None
