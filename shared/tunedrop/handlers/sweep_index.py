"""The index's part of a sweep: what is new of drops, runs and champions is added to it, and its page is written.

The only writer of the index. What it reads grows with the open runs and with what is new, not with what has ended;
a crash between any two of its steps leaves notes that the next sweep collects again, to the same end.
"""

from collections.abc import Iterator

from msgspec import Struct

from tunedrop import chains, logs, time_left
from tunedrop.domain import places
from tunedrop.errors import (
    BusyError,
    InvalidRequestError,
    NotFoundError,
    OutOfTimeError,
    PreconditionFailedError,
)
from tunedrop.handlers import champions
from tunedrop.handlers.champions import Champion
from tunedrop.handlers.index_of_ledger import champion_row, index_of_ledger
from tunedrop.handlers.reporting import reported, reported_unless_retryable
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
    standing = _standing(services)
    news = News(
        drops=notes.news.drops,
        runs=(*notes.news.runs, *opened),
        champions=_new_champions(services, standing.index) if standing.index else (),
    )
    for _ in range(_TRIES):
        index = _updated(services, standing.index, news)
        if index is None:
            return
        try:
            generation = _written(services, standing, index)
        except PreconditionFailedError:  # another sweep was faster, and may have collected less
            standing = _standing(services)
            continue
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
    """The index as it stands.

    Raises:
        BusyError: Other sweeps replaced it whenever it was about to be read.
    """
    for _ in range(_TRIES):
        try:
            return _seen(services)
        except NotFoundError:
            continue  # replaced since it was listed
    raise BusyError(f"{INDEX_DATA}: replaced whenever it was about to be read")


def _seen(services: Services) -> _Standing:
    store, bucket = services.store, services.settings.reports_bucket
    both = {info.name: info for info in store.list(bucket, prefix=_BOTH)}
    data, page = both.get(INDEX_DATA), both.get(INDEX)
    if data is None:
        return _Standing(None, 0, page)
    try:
        text = store.read(bucket, INDEX_DATA, max_bytes=_MAX_BYTES, generation=data.generation)
    except InvalidRequestError:
        return _Standing(None, data.generation, page)
    return _Standing(read_index(text), data.generation, page)


def _updated(services: Services, before: Index | None, news: News) -> Index | None:
    """The index with what is new, or made anew; None where the time is too short for that."""
    if before is not None:
        return before.with_news(news, services.today())
    try:
        return index_of_ledger(services)
    except OutOfTimeError:
        logs.warning(
            f"{INDEX_DATA}: the time was too short to make it anew from LEDGER; the next sweep tries"
            " again, and decision 23 says what to do if it never comes to an end"
        )
        return None


def _new_champions(services: Services, before: Index) -> tuple[ChampionRow, ...]:
    """Champions that the index does not know, once the pages of their runs, and of all before them, show it.

    Once a day all of them are looked at, in case that a hint was lost. What there is no time for, and where a
    service failed, is left to the next sweep.
    """
    known = {row.recipe: row for row in before.champions}
    is_new_day = before.day != services.today()
    rows = []
    for champion in champions.every(services) if is_new_day else _hinted(services, before):
        former = known.get(champion.recipe)
        if former is not None and former.sequence >= champion.sequence:
            continue
        if time_left.is_short(services.clock):
            break
        with reported(f"champion of {champion.recipe}: "):
            for run_id in _crowned_since(services, former, champion):
                _show_again(services, run_id)
            rows.append(champion_row(champion))
    return tuple(rows)


def _crowned_since(services: Services, former: ChampionRow | None, champion: Champion) -> set[str]:
    """Runs whose pages may still say that they are the champion, or do not yet say it."""
    runs = {champion.run_id, former.run_id if former else champion.run_id}
    start = former.sequence if former else 0
    with reported_unless_retryable(f"champions of {champion.recipe}: "):
        chain = champions.history(services, champion.recipe)
        runs |= {each.run_id for each in chain if each.sequence > start}
    return runs


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
    with reported_unless_retryable(f"run {run_id}: "):
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
