"""`tunedrop dead-letters`: messages that no function could deal with, to be sent again or thrown away.

Parses, opens the box, prints; where letters lie and what is sent again is `tunedrop.dead_letters`'.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tunedrop.cli.environment import dead_letter_box, publisher, services
from tunedrop.cli.options import json_option
from tunedrop.cli.output import moment, print_json, print_note, print_pairs, print_table
from tunedrop.errors import UsageError

if TYPE_CHECKING:
    from tunedrop.dead_letters import DeadLetter
    from tunedrop.services import Services

_SHOWN = (
    "id",
    "about",
    "role",
    "subscription",
    "deliveries",
    "replayed_from",
    "why",
    "stands",
    "logs",
)


@click.group("dead-letters")
def dead_letters() -> None:
    """Look at messages that no function could deal with; send them again, or throw them away.

    Looking takes none away. One that somebody else looks at at the same time is not shown.

    \b
    Example:
      tunedrop dead-letters list
      tunedrop dead-letters replay 1234567890
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped


@dead_letters.command("list")
@json_option
def list_letters(*, as_json: bool) -> None:
    """List the dead letters, the oldest first.

    \b
    Example:
      tunedrop dead-letters list
      tunedrop dead-letters list --json
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    from tunedrop.cli.dead_letter_view import letter_view

    deployment = services()
    with dead_letter_box().opened() as letters:
        ordered = sorted(letters, key=lambda letter: (letter.given_up_at, letter.message_id))
        views = [letter_view(deployment, letter) for letter in ordered]
    if as_json:
        print_json(views)
        return
    print_table(
        ("id", "given up", "from", "deliveries", "about", "meanwhile"),
        (
            (
                view["id"],
                moment(view["given_up_at"]),
                view["role"],
                view["deliveries"],
                view["about"],
                view["stands"],
            )
            for view in views
        ),
    )


@dead_letters.command()
@click.argument("letter_id", metavar="ID")
@json_option
def show(letter_id: str, *, as_json: bool) -> None:
    """Show a dead letter whole, with why it is one.

    \b
    Example:
      tunedrop dead-letters show 1234567890
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    with dead_letter_box().opened() as letters:
        _print_whole(services(), _find(letters, letter_id), as_json=as_json)


@dead_letters.command()
@click.argument("letter_id", metavar="ID")
@json_option
def replay(letter_id: str, *, as_json: bool) -> None:
    """Send a dead letter again to where it was given up, and take it out of the box.

    What was done already is not done twice. An event of the intake bucket goes as a tuning request.

    \b
    Example:
      tunedrop dead-letters replay 1234567890
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    deployment, box = services(), dead_letter_box()
    with box.opened() as letters:
        letter = _find(letters, letter_id)
        if letter.replayed_from:
            print_note(f"it was sent again before, as dead letter {letter.replayed_from}")
        sent = _send(deployment, letter)
        box.remove(letter)
    if as_json:
        print_json(sent)
    else:
        print_pairs(sent)


@dead_letters.command()
@click.argument("letter_id", metavar="ID")
@json_option
def discard(letter_id: str, *, as_json: bool) -> None:
    """Throw a dead letter away; what is printed is all that is left of it.

    \b
    Example:
      tunedrop dead-letters discard 1234567890 --json > thrown-away.json
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    box = dead_letter_box()
    with box.opened() as letters:
        letter = _find(letters, letter_id)
        _print_whole(services(), letter, as_json=as_json)
        box.remove(letter)


def _find(letters: "Sequence[DeadLetter]", letter_id: str) -> "DeadLetter":
    found = next((letter for letter in letters if letter.message_id == letter_id), None)
    if found is None:
        raise UsageError(
            f"{letter_id}: expected a dead letter, found none: it was sent again or thrown away"
            " before, or somebody else is looking at it; see `tunedrop dead-letters list`"
        )
    return found


def _send(deployment: "Services", letter: "DeadLetter") -> dict[str, str]:
    """Publish a letter on the topic that it came from; where to, and the id of the new message."""
    from tunedrop.dead_letters import FINALIZED, attributes_of_replay, request_of_event, role_of
    from tunedrop.wire import encode

    settings, data = deployment.settings, letter.data
    role = role_of(settings.deployment, letter)
    if role == FINALIZED:
        role, data = "requests", encode(request_of_event(letter))
    topic = settings.topic(role)
    message_id = publisher().publish(topic, data, attributes_of_replay(letter))
    return {"replayed": letter.message_id, "topic": topic, "message_id": message_id}


def _print_whole(deployment: "Services", letter: "DeadLetter", *, as_json: bool) -> None:
    from tunedrop.cli.dead_letter_view import whole_view

    view = whole_view(deployment, letter)
    if as_json:
        print_json(view)
        return
    print_pairs(
        {
            **{name.replace("_", " "): view[name] for name in _SHOWN},
            "given up": moment(view["given_up_at"]),
            "attributes": view["attributes"],
            "message": view["message"],
        }
    )
