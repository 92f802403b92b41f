"""The index's part of a sweep: what is new of drops, runs and champions is added to it, and its page is written.

The only writer of the index. What it reads grows with the open runs and with what is new, not with what has ended;
a crash between any two of its steps leaves notes that the next sweep collects again, to the same end.
"""

from collections.abc import Iterator

from msgspec import Struct

from tunedrop import chains
from tunedrop.domain import places
from tunedrop.errors import (
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
)
from tunedrop.handlers import champions
from tunedrop.handlers.champions import Champion
from tunedrop.handlers.index_of_ledger import champion_row, index_of_ledger
from tunedrop.handlers.reporting import reported
from tunedrop.handlers.run_pages import publish_run_report
from tunedrop.ports import ObjectInfo
from tunedrop.reports import index_notes
from tunedrop.reports.addresses import INDEX, INDEX_DATA
from tunedrop.reports.index_data import ChampionRow, Index, News, RunRow, read_index
from tunedrop.reports.publishing import publish_index
from tunedrop.services import Services

_MAX_BYTES = 64 * 1024 * 1024
_TRIES = 5
_BOTH = "index."
"""What the names of the page and of its data begin with: one listing shows both."""


class _Standing(Struct, frozen=True):
    """The index as it is."""

    index: Index | None
    """None where there is none, or none that can be read."""
    generation: int
    """Of `index.json`; 0 where there is none."""
    page: ObjectInfo | None


def write_index(services: Services) -> None:
    """Bring the index up to what the records say by now; nothing is written where nothing is new."""
    opened = tuple(_open_runs(services))  # before the notes: whoever closes in between is in one
    notes = index_notes.collect(services)
    for _ in range(_TRIES):
        standing = _standing(services)
        index = _updated(services, standing.index, opened, notes.news)
        try:
            generation = _written(services, standing, index)
        except PreconditionFailedError:
            continue  # another sweep was faster, and may have collected less
        publish_index(services, index, generation, standing.page)
        index_notes.forget(services, notes.found)
        return


def _open_runs(services: Services) -> Iterator[RunRow]:
    """Rows of the open runs by their marks, which tell of the newest step that was said."""
    for mark in services.runbook.marks.all():
        if mark.state is not None:
            yield RunRow(
                run_id=mark.run_id,
                sequence=mark.announced,
                state=mark.state.value,
                attempt=mark.attempt,
                since=mark.since,
                at=mark.at,
            )


def _standing(services: Services) -> _Standing:
    store, bucket = services.store, services.settings.reports_bucket
    both = {info.name: info for info in store.list(bucket, prefix=_BOTH)}
    data, page = both.get(INDEX_DATA), both.get(INDEX)
    if data is None:
        return _Standing(None, 0, page)
    try:
        text = store.read(bucket, INDEX_DATA, max_bytes=_MAX_BYTES, generation=data.generation)
    except (InvalidRequestError, NotFoundError):
        return _Standing(None, data.generation, page)
    return _Standing(read_index(text), data.generation, page)


def _updated(
    services: Services, before: Index | None, opened: tuple[RunRow, ...], told: News
) -> Index:
    if before is None:
        return index_of_ledger(services)
    crowned = tuple(_new_champions(services, before))
    news = News(drops=told.drops, runs=(*told.runs, *opened), champions=crowned)
    return before.with_news(news, services.today())


def _new_champions(services: Services, before: Index) -> Iterator[ChampionRow]:
    """Champions that the index does not know; the pages of their runs, and of the former champions', show it by then.

    Once a day all of them are looked at, in case that a hint was lost.
    """
    known = {row.recipe: row for row in before.champions}
    is_new_day = before.day != services.today()
    for champion in champions.every(services) if is_new_day else _hinted(services, before):
        former = known.get(champion.recipe)
        if former is None or former.sequence < champion.sequence:
            for run_id in {champion.run_id, former.run_id if former else champion.run_id}:
                with reported(f"run {run_id}: "):
                    _show_again(services, run_id)
            yield champion_row(champion)


def _hinted(services: Services, before: Index) -> Iterator[Champion]:
    """Champions of the recipes whose chain has grown since, by the hints in STATE."""
    known = {places.champions_prefix(row.recipe): row.sequence for row in before.champions}
    for prefix, sequence in chains.hints(services, places.CHAMPIONS).items():
        if sequence > known.get(prefix, 0):
            champion = None
            with reported():
                champion = champions.numbered(services, prefix, sequence)
            if champion is not None:
                yield champion


def _show_again(services: Services, run_id: str) -> None:
    run = services.runbook.load(run_id)
    if run is not None:
        publish_run_report(services, run)


def _written(services: Services, standing: _Standing, index: Index) -> int:
    """Write the index where it changed; its generation.

    Raises:
        PreconditionFailedError: Another sweep wrote it meanwhile.
    """
    if index == standing.index:
        return standing.generation
    info = services.store.write(
        services.settings.reports_bucket,
        INDEX_DATA,
        index.encoded(),
        if_generation=standing.generation,
    )
    return info.generation
