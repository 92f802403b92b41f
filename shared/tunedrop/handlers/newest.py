"""Folders of which only the newest dataset counts: a newer drop replaces one that still waits.

Everybody writes down who asks before looking at the others, so that of two at once at least one sees both.
"""

from datetime import datetime

from tunedrop.contracts import RunFailed
from tunedrop.domain import naming
from tunedrop.domain.runs import BEFORE_LAUNCH, Run, RunState
from tunedrop.errors import FencedError
from tunedrop.handlers import askers
from tunedrop.handlers.askers import Asker
from tunedrop.handlers.closing import close
from tunedrop.handlers.reporting import reported
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import advance
from tunedrop.services import Services

SUPERSEDED = "superseded"


def settle(services: Services, run: Run, asker: Asker) -> Run:
    """Hold a run that a drop asks for against the others of its recipe; the run as it stands afterwards.

    A drop of a superseded run's bytes that is newer than what superseded it opens the run's next attempt.

    Raises:
        FencedError: Another worker took a step of this run meanwhile.
    """
    if run.state is RunState.SUPERSEDED and _is_newer_than_what_replaced(run, asker):
        detail = {"code": "dropped_again", "drop_id": asker.drop_id}
        run = services.runbook.reopen(run, RunState.ACCEPTED, detail)
    if not asker.is_replaceable or run.is_rehearsal:
        return run
    own = _newest(services, run)
    for other in _others(services, run):
        theirs = _newest(services, other)
        if theirs < own and _gives_way(other, theirs):
            _replace_if_it_still_waits(services, other, run, own)
        elif own < theirs and _gives_way(run, own):
            return _replace(services, run, other, theirs)
    return run


def _gives_way(run: Run, asker: Asker) -> bool:
    """Whether a newer drop replaces the run: it still waits, and nobody decided that it should go on."""
    return asker.is_replaceable and run.state in BEFORE_LAUNCH and not run.approved


def _is_newer_than_what_replaced(run: Run, asker: Asker) -> bool:
    by = run.last.detail
    newer = datetime.fromisoformat(str(by["by_dropped_at"])), str(by["by_drop_id"])
    return not asker.is_replaceable or (asker.dropped_at, asker.drop_id) > newer


def _newest(services: Services, run: Run) -> Asker:
    """The drop that a run stands or falls with: one that nothing replaces, else the newest.

    Whoever starts a run has written down before who asks, so there is one.
    """
    asked = askers.of_run(services, run.run_id)
    return next((asker for asker in asked if not asker.is_replaceable), asked[-1])


def _others(services: Services, run: Run) -> list[Run]:
    """The open runs of the same recipe, which have the beginning of their ids in common."""
    recipe = str(run.accepted["recipe"]["name"])
    others = []
    for mark in services.runbook.marks.all(prefix=naming.safe(recipe, naming.RECIPE_IN_ID)):
        if mark.run_id == run.run_id:
            continue
        other = None
        with reported(f"run {mark.run_id}: "):
            other = services.runbook.load(mark.run_id)
        if other is not None and other.accepted["recipe"]["name"] == recipe:
            others.append(other)
    return others


def _replace_if_it_still_waits(services: Services, run: Run, by: Run, newer: Asker) -> None:
    try:
        _replace(services, run, by, newer)
    except FencedError:
        return  # it was launched, cancelled or replaced at this very moment


def _replace(services: Services, run: Run, by: Run, newer: Asker) -> Run:
    detail = {
        "code": SUPERSEDED,
        "by_run_id": by.run_id,
        "by_drop_id": newer.drop_id,
        "by_dropped_at": newer.dropped_at.isoformat(),
    }
    said = fact(services, run, RunFailed, code=SUPERSEDED)
    run = advance(services, run, RunState.SUPERSEDED, detail, facts=[said])
    close(services, run)
    return run
