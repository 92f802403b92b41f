"""`tunedrop promote` and `tunedrop rollback`: who is a recipe's champion, decided by people and sent as messages.

Looks at the records first, says what will happen, and writes none.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from tunedrop.cli import callees
from tunedrop.cli.control import message_of, print_sent, reason_option, send
from tunedrop.cli.environment import services
from tunedrop.cli.options import by_option, json_option
from tunedrop.cli.output import plain
from tunedrop.errors import UsageError

if TYPE_CHECKING:
    from tunedrop.cli.callees import Callee
    from tunedrop.services import Services

_version = click.IntRange(min=1)


@click.command()
@click.argument("which", metavar="RECIPE|RUN")
@click.option("--version", type=_version, help="Of the recipe; the newest when absent.")
@reason_option
@by_option
@json_option
def promote(which: str, version: int | None, reason: str, by: str, *, as_json: bool) -> None:
    """Make a tuned model the champion of its recipe, whatever the recipe's policy says.

    \b
    Example:
      tunedrop promote support-bot --reason "better in our own tests"
      tunedrop promote support-bot-0123456789abcdef
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    deployment = services()
    callee = _named(deployment, which, version)
    decision = {"action": "promote", "run_id": callee.run_id}
    _decide(deployment, callee, decision, reason, by, as_json=as_json)


@click.command()
@click.argument("recipe")
@click.option(
    "--to",
    "version",
    type=_version,
    metavar="VERSION",
    help="Any registered version; the champion before the present one when absent.",
)
@reason_option
@by_option
@json_option
def rollback(recipe: str, version: int | None, reason: str, by: str, *, as_json: bool) -> None:
    """Make an earlier tuned model the champion of its recipe again.

    Two roll-backs in a row go back two champions; --to goes to any version, forward as well.

    \b
    Example:
      tunedrop rollback support-bot --reason "it forgets the names of our products"
      tunedrop rollback support-bot --to 3
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    deployment = services()
    callee = callees.version_of(deployment, recipe, version or _version_before(deployment, recipe))
    # Named, so that the same command sent twice goes back once.
    decision = {"action": "rollback", "recipe": recipe, "version": callee.version}
    _decide(deployment, callee, decision, reason, by, as_json=as_json)


def _named(deployment: "Services", which: str, version: int | None) -> "Callee":
    if version is not None:
        return callees.version_of(deployment, which, version)
    found = callees.find_callee(deployment, which)
    return found if found.role == callees.RUN else callees.newest_of(deployment, which)


def _version_before(deployment: "Services", recipe: str) -> int:
    from tunedrop.domain.promotion import version_before
    from tunedrop.handlers import champions

    version = version_before(champions.history(deployment, recipe))
    if version is None:
        raise UsageError(
            f"{recipe}: expected a champion before the present one, found none; name a version with --to"
        )
    return version


def _decide(
    deployment: "Services",
    callee: "Callee",
    decision: Mapping[str, object],
    reason: str,
    by: str,
    *,
    as_json: bool,
) -> None:
    """Say what will happen, and have it done.

    Raises:
        UsageError: The model is the champion already, or there is none to go back from.
    """
    present = callees.champion_of(deployment, callee.recipe)
    if present is None and decision["action"] == "rollback":
        raise UsageError(
            f"{callee.recipe}: expected a champion to go back from, found none; see `tunedrop promote`"
        )
    if present is not None and present.version == callee.version:
        raise UsageError(
            f"{callee.recipe}: expected another version than the champion, found {callee.version}"
        )
    message = message_of({**decision, "reason": reason, "claimed_by": by})
    instead = f" in place of version {present.version}" if present else ""
    follows = f"version {callee.version} of {callee.recipe} becomes the champion{instead}, if it can be called"
    if not as_json:
        click.echo(plain(follows))
    previous = present.version if present else None
    told = {"recipe": callee.recipe, "version": callee.version, "previous_version": previous}
    print_sent({**send(deployment, message), **told, "follows": follows}, as_json=as_json)
