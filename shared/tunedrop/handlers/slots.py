"""Concurrency slots: how many jobs may exist at once, each place a chain of the ledger.

The newest record of a chain says who has the slot. It names the intent (the number of the LAUNCHING step) that
it was taken for, so that a worker whose intent was overtaken has lost the slot with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from tunedrop import chains, logs
from tunedrop.domain import places
from tunedrop.domain.runs import Run
from tunedrop.errors import FencedError
from tunedrop.services import Services

TAKEN = "taken"
FREED = "freed"

_TRIES = 10
_FOLDER = "slots/"
_EVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot as the newest record of its chain says."""

    number: int
    """Counted from 1."""
    sequence: int
    """Number of that record; 0 of a slot that nobody has taken yet."""
    run_id: str
    attempt: int
    intent: int
    """Number of the LAUNCHING step that it is, or was last, taken for."""
    taken: bool
    at: datetime
    """When that record was written."""
    base_model: str = ""


def survey(services: Services) -> list[Slot]:
    """Look at every slot, in one call and one more for each.

    Besides those that may be taken there are higher ones that still are, after the cap was lowered.
    """
    cap = services.settings.max_concurrent_jobs
    hints = chains.hints(services, _FOLDER)
    higher = [number for prefix in hints if (number := _number_of(prefix)) > cap]
    slots = []
    for number in (*range(1, cap + 1), *sorted(higher)):
        prefix = places.slot_prefix(number)
        slots.append(_slot(number, chains.newest(services, prefix, hint=hints.get(prefix, 1))))
    return [slot for slot in slots if slot.number <= cap or slot.taken]


def count_free(slots: Sequence[Slot], cap: int) -> int:
    """How many more may be taken; those above the cap count as long as they are taken."""
    return max(0, cap - sum(slot.taken for slot in slots))


def take(services: Services, run: Run) -> Slot | None:
    """Take a slot for the run's newest step, which is its intent to launch; None while all are taken.

    The same intent finds its slot again, and an older intent's goes over to it.

    Raises:
        FencedError: A newer intent of the run has a slot.
    """
    cap, intent = services.settings.max_concurrent_jobs, run.last.sequence
    for _ in range(_TRIES):
        slots = survey(services)
        held = sorted(_held_by(slots, run.run_id), key=lambda slot: slot.intent)
        for overtaken in held[:-1]:  # a worker woke up late and took one more
            free(services, overtaken)
        slot = held[-1] if held else _first_free(slots, cap)
        if slot is None:
            return None
        if held and slot.intent > intent:
            msg = f"run {run.run_id}: step {slot.intent} has the slot of step {intent}"
            raise FencedError(msg)
        if held and slot.intent == intent:
            return slot
        if taken := _append(services, slot, run):
            return taken
    return None


def take_beyond(services: Services, run: Run) -> Slot | None:
    """Count a job that is there although every slot is taken: above the cap, so that none starts until one ends."""
    cap = services.settings.max_concurrent_jobs
    taken = {slot.number for slot in survey(services) if slot.taken}
    number = next(number for number in count(cap + 1) if number not in taken)
    newest = chains.newest(services, places.slot_prefix(number))
    return _append(services, _slot(number, newest), run)


def free(services: Services, slot: Slot) -> bool:
    """Free a slot; False if it went over to another intent since it was looked at.

    Whether its run still needs it has to be read after the slot was looked at, not before.
    """
    metadata = _metadata(FREED, slot.run_id, slot.attempt, slot.intent, slot.base_model)
    return _write(services, slot, metadata)


def free_of(services: Services, run: Run) -> None:
    """Free the slots of the intents before the run's newest step; a worker that wakes up late leaves a later one's alone."""
    for slot in _held_by(survey(services), run.run_id):
        if slot.intent < run.last.sequence:
            free(services, slot)


def _held_by(slots: Sequence[Slot], run_id: str) -> list[Slot]:
    return [slot for slot in slots if slot.taken and slot.run_id == run_id]


def _first_free(slots: Sequence[Slot], cap: int) -> Slot | None:
    if not count_free(slots, cap):
        return None
    return next((slot for slot in slots if not slot.taken), None)


def _append(services: Services, slot: Slot, run: Run) -> Slot | None:
    base_model = str(run.accepted["plan"]["base_model"])
    metadata = _metadata(TAKEN, run.run_id, run.attempt, run.last.sequence, base_model)
    if not _write(services, slot, metadata):
        return None
    link = chains.Link(slot.sequence + 1, metadata, services.clock.now())
    return _slot(slot.number, link)


def _metadata(
    state: str, run_id: str, attempt: int, intent: int, base_model: str
) -> dict[str, str]:
    return {
        "state": state,
        "run_id": run_id,
        "attempt": str(attempt),
        "intent": str(intent),
        "base_model": base_model,
    }


def _write(services: Services, slot: Slot, metadata: Mapping[str, str]) -> bool:
    record = {
        "kind": "slot",
        **metadata,
        "attempt": int(metadata["attempt"]),
        "intent": int(metadata["intent"]),
    }
    prefix = places.slot_prefix(slot.number)
    return chains.append(services, prefix, after=slot.sequence, record=record, metadata=metadata)


def _slot(number: int, link: chains.Link | None) -> Slot:
    """What a record says; one that says nothing readable counts as taken, by no run."""
    if link is None:
        return Slot(number, 0, run_id="", attempt=0, intent=0, taken=False, at=_EVER)
    said = link.metadata
    try:
        return Slot(
            number,
            link.sequence,
            run_id=said["run_id"],
            attempt=int(said["attempt"]),
            intent=int(said["intent"]),
            taken={TAKEN: True, FREED: False}[said["state"]],
            at=link.created_at,
            base_model=said["base_model"],
        )
    except (KeyError, ValueError):
        path = places.numbered(places.slot_prefix(number), link.sequence)
        logs.warning(f"{path}: expected a slot taken or freed; look at the object by hand")
        return Slot(number, link.sequence, "", attempt=0, intent=0, taken=True, at=link.created_at)


def _number_of(prefix: str) -> int:
    """The slot of a chain; 0 for a name that is none of ours."""
    digits = prefix.removeprefix(_FOLDER).rstrip("/")
    number = int(digits) if digits.isascii() and digits.isdecimal() else 0
    return number if prefix == places.slot_prefix(number) else 0
