"""Carries out what operators decide about runs; each decision becomes a record with who and why.

Who may decide is the control topic's permissions' business; what is claimed is only written down.
"""

from collections.abc import Mapping

from tunedrop import logs
from tunedrop.contracts import ControlRequested, LaunchRequested, RunFailed
from tunedrop.delivery import Outcome
from tunedrop.domain import naming
from tunedrop.domain.runs import BEFORE_LAUNCH, WITH_JOB, Run, RunState
from tunedrop.errors import PermanentError, RefusedError
from tunedrop.events import PubsubDelivery
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.track_runs import ask_to_cancel, sweep
from tunedrop.reports.publishing import publish_run_report
from tunedrop.services import Services, Vertex
from tunedrop.wire import decode

_DONE = {"approve": "approved", "refuse": "refused", "cancel": "cancelled"}
"""What is recorded of a decision that was carried out."""


def receive_control(services: Services, vertex: Vertex, delivery: PubsubDelivery) -> Outcome:
    """Answer a control message once; a repeat is given the record of the first."""
    path = naming.message_path("control", delivery.message_id)
    standing = services.ledger.read(path)
    if standing is not None:
        return Outcome(code="decided_before", record=path, run_id=str(standing.get("run_id", "")))
    request = decode(ControlRequested, delivery.data)
    logs.label(action=request.action, claimed_by=request.claimed_by, run_id=request.run_id or "")
    if request.action == "sweep":
        return sweep(services, vertex)
    run = _run(services, request)
    code = _carry_out(services, vertex, run, request, delivery.message_id)
    record = {
        "kind": "decision",
        "code": code,
        **request.model_dump(mode="json", exclude_none=True),
    }
    services.ledger.create(path, record)
    return Outcome(code=code, record=path, run_id=run.run_id)


def _run(services: Services, request: ControlRequested) -> Run:
    run = services.runbook.load(request.run_id) if request.run_id else None
    if run is None:
        raise PermanentError(
            "run_id: expected a run of this deployment, found none; see `tunedrop runs`",
            code="unknown_run",
        )
    return run


def _carry_out(
    services: Services, vertex: Vertex, run: Run, request: ControlRequested, message_id: str
) -> str:
    if any(step.detail.get("message_id") == message_id for step in run.transitions):
        return _DONE[
            request.action
        ]  # a crash came between the step and its record; the sweep does the rest
    if request.action == "cancel" and run.state in WITH_JOB:
        recorded = run.newest(RunState.LAUNCHED)
        ask_to_cancel(vertex, run, str(recorded.detail["job_name"]) if recorded else "")
        return "cancel_requested"  # the job's own state ends the run
    detail = {
        "code": _DONE[request.action],
        "reason": request.reason,
        "claimed_by": request.claimed_by,
        "message_id": message_id,
    }
    _decide(services, run, request, detail)
    return _DONE[request.action]


def _decide(
    services: Services, run: Run, request: ControlRequested, detail: Mapping[str, str]
) -> None:
    if request.action == "approve":
        _expect(run, run.state is RunState.HELD, "held")
        run = services.runbook.step(run, RunState.QUEUED, detail)
        _ask_for_launch(services, run)
    elif request.action == "refuse":
        _expect(run, run.state is RunState.HELD, "held")
        run = _ended(services, run, RunState.REFUSED, detail)
    else:
        _expect(run, run.state in BEFORE_LAUNCH, "waiting, or running a job")
        run = _ended(services, run, RunState.CANCELLED, detail)
    publish_run_report(services, run)


def _ended(services: Services, run: Run, state: RunState, detail: Mapping[str, str]) -> Run:
    said = fact(services, run, RunFailed, code=detail["code"])
    return services.runbook.step(run, state, detail, facts=[said])


def _expect(run: Run, fits: bool, wanted: str) -> None:
    if not fits:
        msg = f"run {run.run_id}: expected it to be {wanted}, found it {run.state.value}"
        raise RefusedError(msg, code="wrong_state")


def _ask_for_launch(services: Services, run: Run) -> None:
    request = LaunchRequested(drop_id=run.accepted["drop_id"], run_id=run.run_id)
    services.post.send(
        request, event_id=f"launch/{run.run_id}/{run.last.sequence}", subject=run.run_id
    )
