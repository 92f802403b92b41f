"""The queue's part of a sweep: slots that nobody needs any more are freed, and the next runs handed on.

Decides by marks, and asks the ledger where a mark does not settle it.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from itertools import islice

from tunedrop import logs
from tunedrop.domain.queue import Waiting
from tunedrop.domain.runs import HOLDING, Run, RunState
from tunedrop.errors import CorruptRecordError
from tunedrop.handlers import pausing, slots, waiting
from tunedrop.handlers.follow_run import ask_for_launch
from tunedrop.handlers.reporting import reported
from tunedrop.marks import Mark
from tunedrop.services import Services

_UNREADABLE_FOR = timedelta(days=1)
"""How long a run whose records cannot be read lets others pass."""


def free_slots(services: Services, marks: Mapping[str, Mark]) -> None:
    """Free the slots of runs that have no job and none under way, and the second slot of a run."""
    taken = [slot for slot in slots.survey(services) if slot.taken]
    held = Counter(slot.run_id for slot in taken)
    for slot in taken:
        mark, is_only = marks.get(slot.run_id), held[slot.run_id] == 1
        with reported(f"slot {slot.number}: "):
            if not _is_held(services, slot, mark, is_only=is_only):
                slots.free(services, slot)


def misplaced(services: Services, marks: Mapping[str, Mark]) -> set[str]:
    """The runs that wait without a place in the queue, or have a place without waiting, as their marks tell."""
    placed = {entry.run_id for entry in waiting.entries(services)}
    queued = {run_id for run_id, mark in marks.items() if mark.state is RunState.QUEUED}
    return placed ^ queued


def release(services: Services) -> None:
    """Hand as many runs to the launcher as there are free slots, in order."""
    if pausing.is_paused(services):
        return
    free = slots.count_free(slots.survey(services), services.settings.max_concurrent_jobs)
    now = services.clock.now()
    due = (entry for entry in waiting.entries(services) if entry.due(now))
    queued = (run for entry in due if (run := _queued(services, entry)) is not None)
    for run in islice(queued, free):
        ask_for_launch(services, run)


def _queued(services: Services, entry: Waiting) -> Run | None:
    """The run that waits at a place; a place whose run does not is struck, and one that cannot be read put off."""
    try:
        run = services.runbook.load(entry.run_id)
    except CorruptRecordError as error:
        logs.warning(str(error), code=error.code, run_id=entry.run_id)
        waiting.put_off(services, entry, services.clock.now() + _UNREADABLE_FOR)
        return None
    if run is not None and run.state is RunState.QUEUED:
        return run
    waiting.strike(services, entry)
    return None


def _is_held(services: Services, slot: slots.Slot, mark: Mark | None, *, is_only: bool) -> bool:
    if is_only and mark is not None and mark.state in HOLDING:
        return True
    run = services.runbook.load(slot.run_id)
    intent = run.newest(RunState.LAUNCHING) if run is not None else None
    if run is None or intent is None or run.state not in HOLDING:
        return False
    return is_only or slot.intent == intent.sequence
