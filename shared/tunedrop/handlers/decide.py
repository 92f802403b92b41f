"""Carries out what operators decide; each decision becomes a record with who and why.

Who may decide is the control topic's permissions' business; what is claimed is only written down.
"""

from collections.abc import Mapping
from typing import Any

from tunedrop import logs
from tunedrop.contracts import ControlRequested, RunFailed, RunQueued
from tunedrop.delivery import Outcome
from tunedrop.domain import places
from tunedrop.domain.runs import (
    APPROVED,
    BEFORE_LAUNCH,
    RETRIED,
    RETRYABLE,
    WITH_JOB,
    Run,
    RunState,
)
from tunedrop.errors import BusyError, FencedError, PermanentError, RefusedError
from tunedrop.events import PubsubDelivery
from tunedrop.handlers import decide_champion, pausing
from tunedrop.handlers.follow_run import ask_for_launch
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import advance, follow_up
from tunedrop.handlers.sweep import sweep
from tunedrop.handlers.sweep_queue import release
from tunedrop.handlers.track_job import ask_to_cancel
from tunedrop.services import Services, Vertex
from tunedrop.wire import EVENT_ID, decode

CANCEL_REQUESTED = "cancel_requested"
"""The job's own state ends the run."""
_DONE = {"approve": APPROVED, "refuse": "refused", "cancel": "cancelled", "retry": RETRIED}
"""What is recorded of a decision about a run that was carried out."""
_SWITCHES = {"pause": True, "resume": False}
_WITH_OR_IN_DOUBT = WITH_JOB | {RunState.LAUNCHING}


def receive_control(services: Services, vertex: Vertex, delivery: PubsubDelivery) -> Outcome:
    """Answer a control message once; a repeat, or a replay of a dead letter, is given the record of the first.

    Raises:
        BusyError: The run took another step meanwhile, or another model became champion; the decision has
            to be looked at again.
    """
    decision_id = delivery.attributes.get(EVENT_ID) or delivery.message_id
    path = places.message_path("control", decision_id)
    standing = services.ledger.read(path)
    if standing is not None:
        return Outcome(code="decided_before", record=path, run_id=str(standing.get("run_id", "")))
    request = decode(ControlRequested, delivery.data)
    logs.label(action=request.action, claimed_by=request.claimed_by, run_id=request.run_id or "")
    if request.action == "sweep":
        # Recorded first: a sweep that runs out of time is gone on with by the next, not by its message.
        _record(services, path, request, "sweep_asked")
        return Outcome(code=sweep(services, vertex).code, record=path)
    if request.action in _SWITCHES:
        code = _turn(services, request, delivery)
    else:
        code = _decide_in_turn(services, vertex, request, decision_id)
    _record(services, path, request, code)
    return Outcome(code=code, record=path, run_id=request.run_id or "")


def _record(services: Services, path: str, request: ControlRequested, code: str) -> None:
    said = request.model_dump(mode="json", exclude_none=True)
    services.ledger.create(path, {"kind": "decision", "code": code, **said})


def _decide_in_turn(
    services: Services, vertex: Vertex, request: ControlRequested, decision_id: str
) -> str:
    try:
        return _decide(services, vertex, request, decision_id)
    except FencedError:
        raise BusyError(
            "something else was decided meanwhile; the decision is looked at again"
        ) from None


def _turn(services: Services, request: ControlRequested, delivery: PubsubDelivery) -> str:
    """Pause or resume; the order in which decisions were published counts, not that of their arrival."""
    paused = _SWITCHES[request.action]
    stands = pausing.turn(
        services,
        paused=paused,
        decided_at=delivery.published_at or services.clock.now(),
        reason=request.reason,
        claimed_by=request.claimed_by,
    )
    if stands and not paused:
        release(services)
    return f"{request.action}d" if stands else "decided_later"


def _decide(services: Services, vertex: Vertex, request: ControlRequested, decision_id: str) -> str:
    if request.action in decide_champion.DONE:
        return decide_champion.decide(services, vertex, request, decision_id)
    run = services.runbook.load(request.run_id) if request.run_id else None
    if run is None:
        raise PermanentError(
            "run_id: expected a run of this deployment, found none; see `tunedrop runs`",
            code="unknown_run",
        )
    if any(step.detail.get("decision_id") == decision_id for step in run.transitions):
        _go_on(services, run)  # a crash came between the step and its record
        return _DONE[request.action]
    if request.action == "cancel" and run.state in _WITH_OR_IN_DOUBT:
        _cancel_job(services, vertex, run, request)
        return CANCEL_REQUESTED
    detail = {
        "code": _DONE[request.action],
        "reason": request.reason,
        "claimed_by": request.claimed_by,
        "decision_id": decision_id,
    }
    _go_on(services, _step(services, run, request.action, detail))
    return _DONE[request.action]


def _step(services: Services, run: Run, action: str, detail: Mapping[str, Any]) -> Run:
    if action == "approve":
        _expect(run, run.state is RunState.HELD, "held")
        return advance(services, run, RunState.QUEUED, detail)
    if action == "refuse":
        _expect(run, run.state is RunState.HELD, "held")
        return _ended(services, run, RunState.REFUSED, detail)
    if action == "retry":
        _expect(run, run.state in RETRYABLE, "ended without a model that can be called")
        if run.state is RunState.LOAD_FAILED:
            return services.runbook.reopen(run, RunState.LOADING, detail)
        said = fact(services, run, RunQueued, code=RETRIED)
        return services.runbook.reopen(run, RunState.QUEUED, detail, facts=[said])
    _expect(run, run.state in BEFORE_LAUNCH, "waiting, or running a job")
    return _ended(services, run, RunState.CANCELLED, detail)


def _go_on(services: Services, run: Run) -> None:
    """What follows from a decision; done again after a crash."""
    follow_up(services, run)
    if run.state is RunState.QUEUED:
        ask_for_launch(services, run)


def _cancel_job(services: Services, vertex: Vertex, run: Run, request: ControlRequested) -> None:
    """Write the wish down before the run is looked at again, so that a launch under way meets it."""
    wish = {
        "kind": "cancel",
        "run_id": run.run_id,
        "attempt": run.attempt,
        "reason": request.reason,
        "claimed_by": request.claimed_by,
    }
    services.ledger.create(places.cancel_path(run.run_id, run.attempt), wish)
    run = services.runbook.load(run.run_id) or run
    if run.launched and run.state in WITH_JOB:
        ask_to_cancel(vertex, run, str(run.launched.detail["job_name"]))
    elif run.state in BEFORE_LAUNCH:  # its launch was refused for the time being
        _ended(services, run, RunState.CANCELLED, {"code": "cancelled"})


def _ended(services: Services, run: Run, state: RunState, detail: Mapping[str, Any]) -> Run:
    said = fact(services, run, RunFailed, code=str(detail["code"]))
    return advance(services, run, state, detail, facts=[said])


def _expect(run: Run, fits: bool, wanted: str) -> None:
    if not fits:
        msg = f"run {run.run_id}: expected it to be {wanted}, found it {run.state.value}"
        raise RefusedError(msg, code="wrong_state")
