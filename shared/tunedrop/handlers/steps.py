"""Takes a run's next step, and does what follows from it: its place in the queue, its slot, its page.

A crash between a step and what follows leaves both to the sweep, which calls `follow_up` again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tunedrop.domain.runs import HOLDING, Run, RunState
from tunedrop.handlers import slots, waiting
from tunedrop.handlers.reporting import reported_unless_retryable
from tunedrop.handlers.run_pages import publish_run_report
from tunedrop.message_kinds import Fact
from tunedrop.services import Services

NOT_BEFORE = "not_before"
"""Of a step into the queue: when the run may be released at the earliest, as an ISO instant."""


def advance(
    services: Services,
    run: Run,
    state: RunState,
    detail: Mapping[str, Any] | None = None,
    *,
    facts: Sequence[Fact] = (),
) -> Run:
    """Take the next step within the attempt.

    Raises:
        FencedError: Another worker took a step since *run* was loaded; nothing was changed.
    """
    before = run.state
    run = services.runbook.step(run, state, detail, facts=facts)
    if before in HOLDING and state not in HOLDING:
        slots.free_of(services, run)
    if RunState.QUEUED in {before, state}:
        keep_place(services, run)
    _show(services, run)
    return run


def follow_up(services: Services, run: Run) -> None:
    """Do again what a crash may have left undone after the newest step; slots are the sweep's own look."""
    services.runbook.announce(run)
    keep_place(services, run)
    _show(services, run)


def keep_place(services: Services, run: Run, *, not_before: datetime | None = None) -> None:
    """Have the run in the queue if it is queued, not to be tried before an instant, and else out of it."""
    if run.state is not RunState.QUEUED:
        waiting.leave(services, run)
        return
    recorded = run.last.detail.get(NOT_BEFORE)
    earliest = not_before or (datetime.fromisoformat(recorded) if recorded else None)
    waiting.enter(services, run, not_before=earliest)


def _show(services: Services, run: Run) -> None:
    """Publish the run's page; one that cannot be made must not hold the run up."""
    with reported_unless_retryable(f"page of run {run.run_id}: "):
        publish_run_report(services, run)
