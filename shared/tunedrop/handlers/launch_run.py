"""Answers launch requests: one recorded job for an attempt, however often it is asked for.

Trusts no message: it reads the verdict and the run, and never an address from the wire. A message is
acknowledged as soon as the ledger says what it led to; what has to wait is the sweep's to release.
"""

from datetime import datetime, timedelta
from typing import Any

from tunedrop import logs
from tunedrop.contracts import LaunchRequested, RunQueued
from tunedrop.delivery import Outcome
from tunedrop.domain import places
from tunedrop.domain.runs import Run, RunState, Transition
from tunedrop.errors import BusyError, FencedError, RefusedError
from tunedrop.events import PubsubDelivery
from tunedrop.handlers import askers, newest
from tunedrop.handlers.admission import Wait, reason_to_hold, reason_to_wait
from tunedrop.handlers.create_job import attempt
from tunedrop.handlers.rehearse_run import rehearse
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import NOT_BEFORE, advance, follow_up, keep_place
from tunedrop.handlers.track_job import meet_wish
from tunedrop.ledger import Record
from tunedrop.services import Services, Vertex
from tunedrop.wire import decode

_WAITING = frozenset({RunState.ACCEPTED, RunState.QUEUED})


def receive_launch(services: Services, vertex: Vertex, delivery: PubsubDelivery) -> Outcome:
    """Answer a launch request.

    Raises:
        BusyError: The run took another step meanwhile; the request has to be looked at again.
    """
    request = decode(LaunchRequested, delivery.data)
    logs.label(run_id=request.run_id, drop_id=request.drop_id)
    verdict = _allowing(services, request)
    asker = askers.record(services, verdict["run_id"], verdict)
    run = services.runbook.start(verdict["run_id"], verdict["run_key"], _asked_for(verdict))
    services.runbook.announce(run)
    try:
        run = newest.settle(services, run, asker)
        return launch(services, vertex, run)
    except FencedError:
        # Whoever took the step may not have known of this drop, which may want the run all the same.
        raise BusyError("the run took another step; the launch is looked at again") from None


def launch(services: Services, vertex: Vertex, run: Run) -> Outcome:
    """Take a run as far as a recorded job, the queue or a hold; or through its rehearsal."""
    if run.state in _WAITING:
        return _outcome(*_admitted(services, vertex, run))
    if run.state is RunState.LAUNCHING:
        if settled(services, run.last):
            return _outcome(*attempt(services, vertex, run))
        return _outcome(run, "launch_under_way")
    follow_up(services, run)
    meet_wish(services, vertex, run)
    return _outcome(run, "nothing_to_launch")


def _admitted(services: Services, vertex: Vertex, run: Run) -> tuple[Run, str]:
    """Take a run that waits past rehearsal, hold and queue, as far as it gets; and the code of what happened."""
    if run.state is RunState.ACCEPTED:
        if run.is_rehearsal:
            return rehearse(services, vertex, run), "rehearsed"
        if reason := reason_to_hold(services, run):
            return _held(services, run, reason), "held"
    wait = reason_to_wait(services, run)
    if wait is not None:
        return _waits(services, run, wait), wait.code
    return attempt(services, vertex, run)


def settled(services: Services, intent: Transition) -> bool:
    """Whether an intent's owner can neither create a job any more nor have one that lists do not show yet."""
    lag = timedelta(seconds=services.settings.timings.list_lag_seconds)
    return services.clock.now() >= datetime.fromisoformat(intent.detail["lease_expires_at"]) + lag


def _allowing(services: Services, request: LaunchRequested) -> Record:
    """The verdict that allows what is asked.

    Raises:
        RefusedError: There is none.
    """
    verdict = services.ledger.read(places.verdict_path(request.drop_id))
    if verdict is None:
        raise RefusedError(
            "expected a verdict for the drop, found none; nothing is launched unchecked",
            code="no_verdict",
        )
    if verdict["outcome"] != "accepted" or verdict["run_id"] != request.run_id:
        raise RefusedError(
            "expected a verdict that accepts this run, found another", code="verdict_mismatch"
        )
    return verdict


def _waits(services: Services, run: Run, wait: Wait) -> Run:
    """Put the run into the queue; one that is in it keeps its place."""
    not_before = {NOT_BEFORE: wait.not_before.isoformat()} if wait.not_before else {}
    if run.state is RunState.ACCEPTED:
        said = fact(services, run, RunQueued, code=wait.code)
        detail = {"code": wait.code, **not_before}
        return advance(services, run, RunState.QUEUED, detail, facts=[said])
    keep_place(services, run, not_before=wait.not_before)
    return run


def _held(services: Services, run: Run, reason: str) -> Run:
    said = fact(services, run, RunQueued, code=reason, held=True)
    return advance(services, run, RunState.HELD, {"code": reason}, facts=[said])


def _asked_for(verdict: Record) -> dict[str, Any]:
    """What a run needs to know of the verdict that asked for it first."""
    kept = ("drop_id", "recipe", "plan", "training", "evaluation", "asked", "dataset_format")
    return {
        **{key: verdict[key] for key in kept},
        "holdout_hashes": verdict.get("holdout_hashes"),
        "dataset_uri": verdict["uri"],
        "generation": verdict["generation"],
    }


def _outcome(run: Run, code: str) -> Outcome:
    return Outcome(
        code=code, record=places.transition_path(run.run_id, run.last.sequence), run_id=run.run_id
    )
