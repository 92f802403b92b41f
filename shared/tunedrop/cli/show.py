"""`tunedrop show`: a run with its steps, or what became of a dropped object.

Parses, reads the ledger, prints; holds no dataset text, since records hold none.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from tunedrop.cli.environment import services
from tunedrop.cli.options import json_option
from tunedrop.cli.output import print_json, print_pairs, print_problems
from tunedrop.errors import UsageError

if TYPE_CHECKING:
    from tunedrop.services import Services

_BAD_OUTCOMES = frozenset({"rejected", "recipe_rejected"})


@click.command()
@click.argument("what", metavar="RUN|gs://BUCKET/OBJECT")
@json_option
@click.pass_context
def show(ctx: click.Context, what: str, *, as_json: bool) -> None:
    """Show a run, or the newest answer about a dropped object.

    Exits with 1 if the run ended without a model and was no rehearsal, or the object was rejected.

    \b
    Example:
      tunedrop show support-bot-0123456789abcdef
      tunedrop show gs://my-intake/support-bot/train.jsonl
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    from tunedrop.cli.show_run import BAD_STATES, print_run, run_view

    deployment = services()
    if what.startswith("gs://"):
        view = drop_view(deployment, what)
        bad = view["receipt"]["outcome"] in _BAD_OUTCOMES
        printer = print_drop
    else:
        view = run_view(deployment, what)
        bad = view["state"] in BAD_STATES
        printer = print_run
    if as_json:
        print_json(view)
    else:
        printer(view)
    ctx.exit(1 if bad else 0)


def drop_view(deployment: "Services", text: str) -> dict[str, Any]:
    """Return the newest receipt of an object, with its verdict, as plain values.

    Raises:
        UsageError: The address is none, or nothing has been answered about it.
    """
    from tunedrop.cli.uploading import page_link
    from tunedrop.domain import naming, places
    from tunedrop.reports.addresses import drop_report_uri

    try:
        uri = naming.GsUri.parse(text)
    except ValueError as error:
        raise UsageError(f"{error}; write it as gs://BUCKET/OBJECT") from None
    receipt = _newest_receipt(deployment, uri)
    if receipt is None:
        raise UsageError(
            f"{uri}: expected an object that the deployment has answered about, found none; "
            "look again in a minute if it has only just been dropped"
        )
    page = drop_report_uri(deployment.settings, uri.bucket, uri.name)
    verdict = deployment.ledger.read(places.verdict_path(str(receipt["drop_id"])))
    return {
        "uri": str(uri),
        "page": page,
        "link": page_link(page),
        "receipt": dict(receipt),
        "verdict": dict(verdict) if verdict else None,
    }


def print_drop(view: Mapping[str, Any]) -> None:
    """Print the answer about a dropped object for people."""
    from tunedrop.cli.check_table import print_result

    receipt, verdict = view["receipt"], view["verdict"] or {}
    if verdict.get("result"):
        print_result(view["uri"], verdict["result"])
    print_pairs(
        {
            "object": view["uri"],
            "generation": receipt["generation"],
            "outcome": receipt["outcome"],
            "code": receipt.get("code"),
            "waits for": receipt.get("missing"),
            "run": receipt.get("run_id"),
            "run was": receipt.get("run_state"),
            "next": _next(receipt, verdict),
            "page": view["link"],
        }
    )
    print_problems([*receipt.get("problems", ()), *verdict.get("problems", ())])


def _next(receipt: Mapping[str, Any], verdict: Mapping[str, Any]) -> str:
    """The command that goes on with a run that had ended before the drop."""
    from tunedrop.reports.drop_words import again

    return " ".join(again(receipt, verdict))


def _newest_receipt(deployment: "Services", uri: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 — a GsUri
    """Of the highest generation; there, of several the last to be written, a final one before one that waits."""
    from tunedrop.domain import places

    folder = places.receipt_path(uri.bucket, uri.name, 0).rpartition("/")[0] + "/"
    listed = deployment.ledger.list(folder)
    newest = max(
        listed,
        key=lambda info: (
            int(info.name.removeprefix(folder).partition(".")[0]),
            ".waiting_for_" not in info.name,
            info.created_at,
        ),
        default=None,
    )
    return deployment.ledger.read(newest.name) if newest else None
