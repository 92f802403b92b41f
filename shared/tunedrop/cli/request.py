"""`tunedrop request`: a tuning request, published as another system would publish it.

Parses, checks the message by its contract, publishes.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tunedrop.cli.environment import services
from tunedrop.cli.files import chunks_of, read_recipe_file
from tunedrop.cli.options import by_option, json_option, overrides_of, read_assignments, set_option
from tunedrop.cli.output import print_json, print_pairs
from tunedrop.errors import UsageError

if TYPE_CHECKING:
    from tunedrop.contracts import TuningRequested
    from tunedrop.services import Services


@click.command()
@click.argument("dataset_uri", required=False, metavar="gs://BUCKET/OBJECT")
@click.option("--recipe", help="The folder of the recipe; the dataset's own when absent.")
@click.option(
    "--inline",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A recipe file to send along instead.",
)
@set_option
@click.option(
    "--generation",
    type=click.IntRange(min=1),
    help="Tune this generation of the object and no later one; the live one when absent.",
)
@click.option(
    "--priority",
    type=click.IntRange(0, 9),
    default=5,
    show_default=True,
    help="0 is the most urgent.",
)
@click.option(
    "--correlation-id", help="Handed back in every message about what follows; made up when absent."
)
@by_option
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="A whole message as JSON instead, - for standard input.",
)
@json_option
def request(  # noqa: PLR0913 — one for each field of the message
    dataset_uri: str | None,
    recipe: str | None,
    inline: Path | None,
    assignments: tuple[str, ...],
    generation: int | None,
    priority: int,
    *,
    correlation_id: str | None,
    by: str,
    file: str | None,
    as_json: bool,
) -> None:
    """Ask for a tuning of an uploaded dataset.

    Unlike a drop, a request may name another folder's recipe, bring its own, or override fields.

    \b
    Example:
      tunedrop request gs://my-intake/data/train.jsonl --recipe support-bot --set tuning.epochs=3
      tunedrop request --file request.json
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    if (dataset_uri is None) == (file is None):
        raise click.UsageError("expected the dataset's gs:// address, or a message with --file")
    deployment = services()
    if file is not None:
        if recipe or inline or assignments or generation or correlation_id:
            raise click.UsageError("--file holds the whole message; leave the other options out")
        message = _message(b"".join(_bounded(file)))
    else:
        fields = {
            "dataset_uri": dataset_uri,
            "dataset_generation": generation,
            "recipe": recipe,
            "inline_recipe": _inline(inline),
            "overrides": overrides_of(
                read_assignments(assignments), locked=deployment.settings.locked_fields
            ),
            "priority": priority,
            "requester": by,
            "correlation_id": correlation_id or f"request-{secrets.token_hex(8)}",
        }
        message = _from_arguments(fields)
    sent = publish(deployment, message)
    if as_json:
        print_json(sent)
    else:
        print_pairs(sent)


def publish(deployment: "Services", message: "TuningRequested") -> dict[str, str]:
    """Publish a request; returns its ids and where the answer will appear.

    Raises:
        UsageError: The dataset lies where this deployment takes none from.
    """
    from tunedrop.cli.uploading import page_link
    from tunedrop.domain.naming import GsUri
    from tunedrop.reports.addresses import drop_report_uri

    uri = GsUri.parse(message.dataset_uri)
    buckets = deployment.settings.dataset_buckets
    if uri.bucket not in buckets:
        raise UsageError(
            f"dataset_uri: expected an object in {', '.join(sorted(buckets))}, found another bucket; "
            "copy the dataset there"
        )
    event_id = f"request/{secrets.token_hex(8)}"
    deployment.post.send(message, event_id=event_id, subject=message.dataset_uri)
    page = drop_report_uri(deployment.settings, uri.bucket, uri.name)
    return {
        "event_id": event_id,
        "correlation_id": message.correlation_id,
        "page": page,
        "link": page_link(page),
    }


def _from_arguments(fields: dict[str, Any]) -> "TuningRequested":
    from tunedrop.domain.naming import canonical_json
    from tunedrop.wire import MessageInvalidError

    given = {name: value for name, value in fields.items() if value is not None}
    try:
        return _message(canonical_json(given))
    except MessageInvalidError as error:
        raise UsageError(str(error)) from None


def _message(data: bytes) -> "TuningRequested":
    from tunedrop.contracts import TuningRequested
    from tunedrop.wire import decode

    return decode(TuningRequested, data)


def _inline(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    return read_recipe_file(path).model_dump(mode="json", exclude_unset=True)


def _bounded(path: str) -> Iterator[bytes]:
    """Read no more of a message than shows that it is too long."""
    from tunedrop.wire import MAX_MESSAGE_BYTES

    left = MAX_MESSAGE_BYTES + 1
    for piece in chunks_of(path):
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return
