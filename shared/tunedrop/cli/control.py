"""`tunedrop approve`, `refuse`, `cancel`, `sweep`: decisions, sent to the deployment as messages.

Never writes a record: who may decide is the control topic's permissions' business.
"""

import secrets
from typing import TYPE_CHECKING

import click

from tunedrop.cli.environment import services
from tunedrop.cli.options import by_option, json_option
from tunedrop.cli.output import print_json, print_pairs
from tunedrop.errors import UsageError

if TYPE_CHECKING:
    from tunedrop.services import Services

_reason = click.option("--reason", default="", help="Why, for the record.")


@click.command()
@click.argument("run_id", metavar="RUN")
@_reason
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
@_reason
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
@_reason
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
@by_option
@json_option
def sweep(by: str, *, as_json: bool) -> None:
    """Look after every open run at once, without waiting for the next tick.

    \b
    Example:
      tunedrop sweep
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    _print(_publish(services(), {"action": "sweep", "claimed_by": by}), as_json=as_json)


def _decide(action: str, run_id: str, reason: str, by: str, *, as_json: bool) -> None:
    deployment = services()
    fields = {"action": action, "run_id": run_id, "reason": reason, "claimed_by": by}
    _print(_publish(deployment, fields), as_json=as_json)


def _publish(deployment: "Services", fields: dict[str, str]) -> dict[str, str]:
    """Publish a decision about a run that exists.

    Raises:
        UsageError: There is no such run, or a field does not fit the contract.
    """
    from tunedrop.contracts import ControlRequested
    from tunedrop.domain.naming import canonical_json, transitions_prefix
    from tunedrop.wire import MessageInvalidError, decode

    try:
        message = decode(ControlRequested, canonical_json(fields))
    except MessageInvalidError as error:
        raise UsageError(str(error)) from None
    if message.run_id and not deployment.ledger.list(transitions_prefix(message.run_id)):
        raise UsageError(f"{message.run_id}: expected a run, found none; see `tunedrop runs`")
    event_id = f"control/{secrets.token_hex(8)}"
    deployment.post.send(message, event_id=event_id, subject=message.run_id or "")
    return {"event_id": event_id, **fields}


def _print(sent: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        print_json(sent)
    else:
        print_pairs(sent)
