"""`tunedrop approve`, `refuse`, `cancel`, `retry`, `pause`, `resume`, `sweep`: decisions, sent as messages.

Never writes a record: who may decide is the control topic's permissions' business.
"""

import secrets
from typing import TYPE_CHECKING, Any

import click

from tunedrop.cli.environment import services
from tunedrop.cli.options import by_option, json_option
from tunedrop.cli.output import print_json, print_pairs
from tunedrop.errors import UsageError

if TYPE_CHECKING:
    from tunedrop.contracts import ControlRequested
    from tunedrop.domain.runs import Run
    from tunedrop.services import Services

reason_option = click.option("--reason", default="", help="Why, for the record.")
"""`--reason TEXT`."""


@click.command()
@click.argument("run_id", metavar="RUN")
@reason_option
@by_option
@json_option
def approve(run_id: str, reason: str, by: str, *, as_json: bool) -> None:
    """Let a held run go on.

    \b
    Example:
      tunedrop approve support-bot-0123456789abcdef --reason "within this month's budget"
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    _decide("approve", run_id, reason, by, as_json=as_json)


@click.command()
@click.argument("run_id", metavar="RUN")
@reason_option
@by_option
@json_option
def refuse(run_id: str, reason: str, by: str, *, as_json: bool) -> None:
    """End a held run without a launch.

    \b
    Example:
      tunedrop refuse support-bot-0123456789abcdef --reason "too expensive"
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    _decide("refuse", run_id, reason, by, as_json=as_json)


@click.command()
@click.argument("run_id", metavar="RUN")
@reason_option
@by_option
@json_option
def cancel(run_id: str, reason: str, by: str, *, as_json: bool) -> None:
    """End a waiting run, or ask its job to stop.

    \b
    Example:
      tunedrop cancel support-bot-0123456789abcdef --reason "wrong dataset"
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    _decide("cancel", run_id, reason, by, as_json=as_json)


@click.command()
@click.argument("run_id", metavar="RUN")
@reason_option
@by_option
@json_option
def retry(run_id: str, reason: str, by: str, *, as_json: bool) -> None:
    """Go on with a run that ended without a model that can be called.

    Says first what that costs: a new attempt makes a new job. A run whose model could only not be
    loaded is loaded again, without a new job.

    \b
    Example:
      tunedrop retry support-bot-0123456789abcdef --reason "the quota was raised"
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    _decide("retry", run_id, reason, by, as_json=as_json)


@click.command()
@reason_option
@by_option
@json_option
def pause(reason: str, by: str, *, as_json: bool) -> None:
    """Launch nothing more until somebody resumes; checks and running jobs go on.

    \b
    Example:
      tunedrop pause --reason "the bill is being looked at"
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    _switch("pause", reason, by, as_json=as_json)


@click.command()
@reason_option
@by_option
@json_option
def resume(reason: str, by: str, *, as_json: bool) -> None:
    """Launch again what waits, in its order.

    \b
    Example:
      tunedrop resume
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    _switch("resume", reason, by, as_json=as_json)


@click.command()
@by_option
@json_option
def sweep(by: str, *, as_json: bool) -> None:
    """Look after every open run at once, without waiting for the next tick.

    \b
    Example:
      tunedrop sweep
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    print_sent(send(services(), message_of({"action": "sweep", "claimed_by": by})), as_json=as_json)


def _decide(action: str, run_id: str, reason: str, by: str, *, as_json: bool) -> None:
    """Send a decision about a run, after a word about what another attempt would cost."""
    deployment = services()
    message = message_of({"action": action, "run_id": run_id, "reason": reason, "claimed_by": by})
    run = _decidable(deployment, message)
    follows = _follows(run) if action == "retry" else {}
    if follows and not as_json:
        click.echo(follows["follows"])
    print_sent({**send(deployment, message), **follows}, as_json=as_json)


def _switch(action: str, reason: str, by: str, *, as_json: bool) -> None:
    message = message_of({"action": action, "reason": reason, "claimed_by": by})
    print_sent(send(services(), message), as_json=as_json)


def message_of(fields: dict[str, Any]) -> "ControlRequested":
    """Build a decision.

    Raises:
        UsageError: A field does not fit the contract.
    """
    from tunedrop.contracts import ControlRequested
    from tunedrop.domain.naming import canonical_json
    from tunedrop.wire import MessageInvalidError, decode

    try:
        return decode(ControlRequested, canonical_json(fields))
    except MessageInvalidError as error:
        raise UsageError(str(error)) from None


def _decidable(deployment: "Services", message: "ControlRequested") -> "Run":
    """The run that is decided about.

    Raises:
        UsageError: There is none, or its state leaves nothing to decide.
    """
    from tunedrop.domain.runs import BEFORE_LAUNCH, HOLDING, RETRYABLE, RunState

    run = deployment.runbook.load(message.run_id) if message.run_id else None
    if run is None:
        raise UsageError(f"{message.run_id}: expected a run, found none; see `tunedrop runs`")
    held = frozenset({RunState.HELD})
    fitting = {
        "approve": (held, "held"),
        "refuse": (held, "held"),
        "cancel": (BEFORE_LAUNCH | HOLDING, "waiting, or running a job"),
        "retry": (RETRYABLE, "ended without a model that can be called"),
    }
    states, wanted = fitting[message.action]
    if run.state not in states:
        raise UsageError(
            f"{run.run_id}: expected a run that is {wanted}, found it {run.state.value};"
            f" see `tunedrop show {run.run_id}`"
        )
    return run


def _follows(run: "Run") -> dict[str, Any]:
    """What another attempt comes to."""
    from tunedrop.domain.runs import RunState
    from tunedrop.reports.run_words import again_of

    loads = run.state is RunState.LOAD_FAILED
    return {
        "follows": again_of(run),
        "attempt": run.attempt if loads else run.attempt + 1,
        "new_job": not loads,
        "estimated_usd": 0.0 if loads else run.accepted["plan"]["cost"]["usd"],
    }


def send(deployment: "Services", message: "ControlRequested") -> dict[str, Any]:
    """Publish a decision; what was sent, and its id."""
    event_id = f"control/{secrets.token_hex(8)}"
    deployment.post.send(message, event_id=event_id, subject=message.run_id or "")
    sent = message.model_dump(mode="json", exclude_none=True, exclude={"schema_version"})
    return {"event_id": event_id, **sent}


def print_sent(sent: dict[str, Any], *, as_json: bool) -> None:
    """Print a decision that was sent; for people without `follows`, which they were told before."""
    if as_json:
        print_json(sent)
    else:
        print_pairs({name: value for name, value in sent.items() if name != "follows"})
