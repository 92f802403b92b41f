"""The runs that wait, as places in STATE whose names are in order, and how long jobs took so far.

All of it are hints: LEDGER alone says whether a run waits. Whoever finds a place whose run does not, strikes it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tunedrop import logs
from tunedrop.domain import places
from tunedrop.domain.instants import instant_of
from tunedrop.domain.naming import canonical_json
from tunedrop.domain.queue import (
    KEPT_DURATIONS,
    Waiting,
    expected_starts,
    median_of_last_ten,
    openings,
    turn,
)
from tunedrop.domain.runs import Run
from tunedrop.errors import NotFoundError, PreconditionFailedError
from tunedrop.handlers import slots
from tunedrop.ports import ObjectInfo
from tunedrop.services import Services

_PRIORITY = 5
_TRIES = 5
_MAX_DURATIONS_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands in the queue."""

    position: int
    """Counted from 1."""
    of: int
    expected_start: datetime | None
    """None where nobody knows."""


def key_of(run: Run) -> str:
    """The place of the run's newest attempt."""
    return _place(_waiting(run, run.attempt))


def enter(services: Services, run: Run, *, not_before: datetime | None = None) -> None:
    """Let the run wait at its place, or change until when it is not to be tried."""
    put_off(services, _waiting(run, run.attempt), not_before)


def put_off(services: Services, entry: Waiting, not_before: datetime | None) -> None:
    """Write a place down, not to be tried before an instant; an instant of None is no bound."""
    metadata = {
        "not_before": not_before.isoformat() if not_before else "",
        "base_model": entry.base_model,
    }
    services.store.write(
        services.settings.state_bucket,
        _place(entry),
        canonical_json(metadata),
        if_generation=None,
        metadata=metadata,
    )


def leave(services: Services, run: Run) -> None:
    """Take the run out of the queue, places that earlier attempts left behind included."""
    for attempt in range(1, run.attempt + 1):
        strike(services, _waiting(run, attempt))


def strike(services: Services, entry: Waiting) -> None:
    """Take away a place whose run does not wait there."""
    try:
        services.store.delete(services.settings.state_bucket, _place(entry))
    except NotFoundError:
        return


def entries(services: Services) -> Iterator[Waiting]:
    """The runs that wait, in order, read as far as they are asked for."""
    for info in services.store.list(services.settings.state_bucket, prefix=places.QUEUE):
        entry = _read(info)
        if entry is None:
            logs.warning(f"{info.name}: no place in the queue; it is skipped")
        else:
            yield entry


def is_turn(services: Services, run: Run, free: int) -> bool:
    """Whether the run, in the queue or not, is among the first *free* of those that are due."""
    own = _waiting(run, run.attempt)
    return free > 0 and turn(entries(services), own, free, services.clock.now())


def standing(services: Services, run: Run) -> Standing | None:
    """Where a run stands in the queue; None if it does not wait."""
    return standings(services).get(run.run_id)


def standings(services: Services) -> dict[str, Standing]:
    """Where everybody stands who waits, in order."""
    waiting = list(entries(services))
    starts = _expected_starts(services, waiting)
    return {
        entry.run_id: Standing(position, len(waiting), start)
        for position, (entry, start) in enumerate(zip(waiting, starts, strict=True), start=1)
    }


def note_duration(services: Services, base_model: str, seconds: float, run_id: str) -> None:
    """Remember how long a run's job took, among the last ten of its base model.

    Given up where other workers get in between time and again: a hint is not worth more.
    """
    bucket, path = services.settings.state_bucket, places.durations_path(base_model)
    for _ in range(_TRIES):
        generation = _generation(services, path)
        kept = _kept(services, path)
        if kept.get(run_id) == seconds:
            return
        others = [(run, took) for run, took in kept.items() if run != run_id]
        newest = [*others, (run_id, seconds)][-KEPT_DURATIONS:]
        body = canonical_json([{"run_id": run, "seconds": took} for run, took in newest])
        try:
            services.store.write(bucket, path, body, if_generation=generation)
        except PreconditionFailedError:
            continue
        return


def durations(services: Services, base_model: str) -> list[float]:
    """How many seconds the last jobs of a base model took, at most ten, newest last."""
    return list(_kept(services, places.durations_path(base_model)).values())


def _expected_starts(services: Services, waiting: list[Waiting]) -> list[datetime | None]:
    taken = [slot for slot in slots.survey(services) if slot.taken]
    base_models = {slot.base_model for slot in taken} | {entry.base_model for entry in waiting}
    typical = {name: median_of_last_ten(durations(services, name)) for name in base_models}
    ends = [_end(slot, typical) for slot in taken]
    rooms = openings(services.clock.now(), ends, services.settings.max_concurrent_jobs)
    return expected_starts(rooms, [(entry, typical[entry.base_model]) for entry in waiting])


def _end(slot: slots.Slot, typical: Mapping[str, float | None]) -> datetime | None:
    seconds = typical[slot.base_model]
    return None if seconds is None else slot.at + timedelta(seconds=seconds)


def _waiting(run: Run, attempt: int) -> Waiting:
    asked = run.accepted.get("asked") or {}
    return Waiting(
        run_id=run.run_id,
        priority=int(asked.get("priority", _PRIORITY)),
        since=next(step.at for step in run.transitions if step.attempt == attempt),
        not_before=None,
        base_model=str(run.accepted["plan"]["base_model"]),
    )


def _place(entry: Waiting) -> str:
    return places.queue_path(entry.priority, entry.since, entry.run_id)


def _read(info: ObjectInfo) -> Waiting | None:
    try:
        priority, since, run_id = info.name.removeprefix(places.QUEUE).split("-", 2)
        entry = Waiting(
            run_id=run_id,
            priority=int(priority),
            since=datetime.fromisoformat(since),
            not_before=instant_of(info.metadata.get("not_before", "")),
            base_model=info.metadata.get("base_model", ""),
        )
    except ValueError:
        return None
    return entry if _place(entry) == info.name and entry.since.tzinfo else None


def _generation(services: Services, path: str) -> int:
    try:
        return services.store.stat(services.settings.state_bucket, path).generation
    except NotFoundError:
        return 0


def _kept(services: Services, path: str) -> dict[str, float]:
    """Seconds by run, newest last; empty where nothing readable is remembered."""
    bucket = services.settings.state_bucket
    try:
        data = services.store.read(bucket, path, max_bytes=_MAX_DURATIONS_BYTES)
        return {str(job["run_id"]): float(job["seconds"]) for job in json.loads(data)}
    except (NotFoundError, ValueError, KeyError, TypeError):
        return {}
