"""Takes one run as far as it goes without waiting, whatever was left undone before.

Launches nothing itself: it asks the launcher, which decides on its own.
"""

from datetime import timedelta

from tunedrop import tracing
from tunedrop.contracts import LaunchRequested, RunFailed
from tunedrop.domain.runs import WITH_JOB, Run, RunState
from tunedrop.handlers import evaluate_run, keep_curves, promote_run
from tunedrop.handlers.closing import close
from tunedrop.handlers.finish_run import finish
from tunedrop.handlers.launch_run import settled
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import advance, follow_up
from tunedrop.handlers.track_job import watch
from tunedrop.services import Services, Vertex


def follow(services: Services, vertex: Vertex, run_id: str) -> Run | None:
    """Take a run as far as it goes now; None if there is no such run."""
    run = services.runbook.load(run_id)
    if run is None:
        return None
    tracing.go_on_with(tracing.read_parent(run.traceparent))
    follow_up(services, run)
    if run.state in WITH_JOB:
        run = watch(services, vertex, run)
    is_tuned = run.state in {RunState.SUCCEEDED, RunState.LOADING}
    if is_tuned and keep_curves.keep(services, vertex, run):
        run = finish(services, vertex, run)
    run = _concluded(services, vertex, run)
    run = _given_up(services, run)
    if launch_is_due(services, run):
        ask_for_launch(services, run)
    if run.ended:
        close(services, run)
    return run


def _concluded(services: Services, vertex: Vertex, run: Run) -> Run:
    """Find out what a registered model is worth, one batch of questions at a time, and what becomes of it."""
    if run.state is RunState.REGISTERED:
        run = evaluate_run.begin(services, vertex, run)
    if run.state is RunState.EVALUATING:
        run = evaluate_run.go_on(services, vertex, run)
    if run.state in {RunState.REGISTERED, RunState.EVALUATED}:
        run = promote_run.settle(services, vertex, run)
    return run


def launch_is_due(services: Services, run: Run) -> bool:
    """Whether an accepted run was left alone for too long, or an intent can be taken over."""
    if run.state is RunState.LAUNCHING:
        return settled(services, run.last)
    grace = timedelta(seconds=services.settings.timings.accepted_grace_seconds)
    return run.state is RunState.ACCEPTED and services.clock.now() - run.last.at > grace


def ask_for_launch(services: Services, run: Run) -> None:
    """Hand a run to the launcher."""
    request = LaunchRequested(
        drop_id=run.accepted["drop_id"],
        run_id=run.run_id,
        correlation_id=run.accepted["asked"]["correlation_id"],
    )
    services.post.send(
        request, event_id=f"launch/{run.run_id}/{run.last.sequence}", subject=run.run_id
    )


def _given_up(services: Services, run: Run) -> Run:
    """End what has waited for too long: for a decision, or in the queue."""
    timings, waited = services.settings.timings, services.clock.now() - run.last.at
    if run.state is RunState.HELD and waited > timedelta(seconds=timings.hold_deadline_seconds):
        return _ended(services, run, RunState.REFUSED, "hold_expired")
    in_queue = services.clock.now() - run.steps_of_attempt[0].at
    if run.state is RunState.QUEUED and in_queue > timedelta(
        seconds=timings.queue_deadline_seconds
    ):
        return _ended(services, run, RunState.FAILED, "waited_too_long")
    return run


def _ended(services: Services, run: Run, state: RunState, code: str) -> Run:
    said = fact(services, run, RunFailed, code=code)
    return advance(services, run, state, {"code": code}, facts=[said])
