"""Carries out what operators decide about runs; each decision becomes a record with who and why.

Who may decide is the control topic's permissions' business; what is claimed is only written down.
"""

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


def receive_control(services: Services, vertex: Vertex, delivery: PubsubDelivery) -> Outcome:
    """Answer a control message once; a repeat is given the record of the first."""
    path = naming.message_path("control", delivery.message_id)
    standing = services.ledger.read(path)
    if standing is not None:
        return Outcome(code="decided_before", record=path, run_id=str(standing.get("run_id", "")))
    request = decode(ControlRequested, delivery.data)
    if request.action == "sweep":
        return sweep(services, vertex)
    run = _run(services, request)
    code = _carry_out(services, vertex, run, request)
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


def _carry_out(services: Services, vertex: Vertex, run: Run, request: ControlRequested) -> str:
    detail = {"code": request.action, "reason": request.reason, "claimed_by": request.claimed_by}
    match request.action:
        case "approve":
            _expect(run, run.state is RunState.HELD, "held")
            run = services.runbook.step(run, RunState.QUEUED, detail)
            _ask_for_launch(services, run)
            code = "approved"
        case "refuse":
            _expect(run, run.state is RunState.HELD, "held")
            said = fact(services, run, RunFailed, code="refused")
            run = services.runbook.step(run, RunState.REFUSED, detail, facts=[said])
            code = "refused"
        case _:
            return _cancel(services, vertex, run, request)
    publish_run_report(services, run)
    return code


def _cancel(services: Services, vertex: Vertex, run: Run, request: ControlRequested) -> str:
    """A run without a job ends here; a job is asked to stop, and its own state then ends the run."""
    if run.state in WITH_JOB:
        recorded = run.newest(RunState.LAUNCHED)
        if recorded is not None:
            ask_to_cancel(vertex, run, str(recorded.detail["job_name"]))
        return "cancel_requested"
    _expect(run, run.state in BEFORE_LAUNCH, "waiting, or running a job")
    detail = {"code": "cancelled", "reason": request.reason, "claimed_by": request.claimed_by}
    said = fact(services, run, RunFailed, code="cancelled")
    run = services.runbook.step(run, RunState.CANCELLED, detail, facts=[said])
    publish_run_report(services, run)
    return "cancelled"


def _expect(run: Run, fits: bool, wanted: str) -> None:
    if not fits:
        msg = f"run {run.run_id}: expected it to be {wanted}, found it {run.state.value}"
        raise RefusedError(msg, code="wrong_state")


def _ask_for_launch(services: Services, run: Run) -> None:
    request = LaunchRequested(drop_id=run.accepted["drop_id"], run_id=run.run_id)
    services.post.send(
        request, event_id=f"launch/{run.run_id}/{run.last.sequence}", subject=run.run_id
    )
