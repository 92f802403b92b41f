"""Makes the index anew from LEDGER alone: what `index.json` has to be equal to, and how it comes back if it is lost.

Lists whole folders, so that it costs more the longer a deployment lives; the sweep does it only where it has to.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import nlargest
from itertools import groupby, islice
from typing import TypeVar

from tunedrop import time_left
from tunedrop.domain import naming
from tunedrop.domain.instants import instant_of
from tunedrop.domain.naming import ObjectRole
from tunedrop.errors import OutOfTimeError
from tunedrop.handlers import champions
from tunedrop.handlers.champions import Champion
from tunedrop.handlers.reporting import reported
from tunedrop.ports import ObjectInfo
from tunedrop.reports.index_data import (
    MOST_DROPS,
    MOST_RUNS,
    ChampionRow,
    DropRow,
    Index,
    News,
    RunRow,
    drop_row,
    empty_index,
)
from tunedrop.services import Services

WITHOUT_PAGE = frozenset({ObjectRole.PLACEHOLDER, ObjectRole.UPLOAD_PART})
"""Objects that are answered without a page, and so without a row."""
_ANSWERS_A_DROP = 2
"""One that waits, and the final one."""
_DROPS, _RUNS = "drops/", "runs/"
_STEP = re.compile(rf"{_RUNS}(?P<run>[^/]+)/(?P<sequence>\d{{6}})\.json", re.ASCII)

T = TypeVar("T")


def index_of_ledger(services: Services) -> Index:
    """The index that the records as they stand make, on this day.

    Raises:
        OutOfTimeError: The time got short before everything was listed and read.
    """
    drops = (row for row in _drops(services) if not row.is_rehearsal)
    runs = (row for row in _runs(services) if not row.is_rehearsal)
    news = News(
        drops=tuple(islice(drops, _ANSWERS_A_DROP * MOST_DROPS)),
        runs=tuple(nlargest(MOST_RUNS, runs, key=lambda row: (row.at, row.run_id))),
        champions=tuple(champion_row(each) for each in champions.every(services)),
    )
    return empty_index(services.today()).with_news(news, services.today())


def champion_row(champion: Champion) -> ChampionRow:
    """The row of a recipe's champion."""
    return ChampionRow(
        recipe=champion.recipe,
        sequence=champion.sequence,
        version=champion.version,
        run_id=champion.run_id,
        attempt=champion.attempt,
        base_model=champion.base_model,
        action=champion.action,
        at=champion.at,
    )


def _drops(services: Services) -> Iterator[DropRow]:
    """Rows of drops, the newest records first; one that cannot be read is reported."""
    listed = _in_time(services, services.ledger.walk(_DROPS))
    newest_first = sorted(((info.created_at, info.name) for info in listed), reverse=True)
    for _, name in _in_time(services, newest_first):
        row = None
        with reported(f"{name}: "):
            receipt = services.ledger.read(name)
            if receipt and naming.object_role(str(receipt["name"])) not in WITHOUT_PAGE:
                row = drop_row(receipt)
        if row is not None:
            yield row


def _runs(services: Services) -> Iterator[RunRow]:
    """Rows of all runs, from the names and the metadata of their steps."""
    steps = (
        (match["run"], int(match["sequence"]), info)
        for info in _in_time(services, services.ledger.walk(_RUNS))
        if (match := _STEP.fullmatch(info.name))
    )
    for run_id, of_run in groupby(steps, key=lambda step: step[0]):
        told = [(sequence, info.metadata, _at(info)) for _, sequence, info in of_run]
        sequence, newest, at = told[-1]
        attempt = newest.get("attempt", "")
        since = next(first for _, metadata, first in told if metadata.get("attempt", "") == attempt)
        yield RunRow(
            run_id=run_id,
            sequence=sequence,
            state=newest.get("state", ""),
            attempt=int(attempt) if attempt.isascii() and attempt.isdigit() else 0,
            since=since,
            at=at,
        )


def _in_time(services: Services, things: Iterable[T]) -> Iterator[T]:
    """One after another, as long as there is time to take up one more.

    Raises:
        OutOfTimeError: There is not.
    """
    for thing in things:
        if time_left.is_short(services.clock):
            raise OutOfTimeError("the time got short before the index was made of LEDGER")
        yield thing


def _at(info: ObjectInfo) -> datetime:
    """When a record was written by its writer's clock, or else by the storage service's."""
    return instant_of(info.metadata.get("at", "")) or info.created_at
