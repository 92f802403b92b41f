"""`tunedrop drop`: files into the intake bucket.

Parses, uploads, prints addresses; what becomes of a drop is the deployment's business.
"""

import click

from tunedrop.cli.environment import services
from tunedrop.cli.files import STANDARD_INPUT, uploads_of
from tunedrop.cli.options import json_option, overrides_of, read_assignments, set_option
from tunedrop.cli.output import print_json, print_pairs


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, allow_dash=True),
)
@click.option("--to", "folder", help="The folder of the intake bucket to put them into.")
@click.option("--name", help="The object's name, for standard input.")
@set_option
@json_option
def drop(
    files: tuple[str, ...],
    folder: str | None,
    name: str | None,
    assignments: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Upload datasets to the intake bucket, where they are checked and tuned on.

    FILE may be a folder, whose recipe.toml, evaluation files and datasets are uploaded, or - for
    standard input. Prints each object's address and that of the page where the answer will appear.

    \b
    Example:
      tunedrop drop support-bot/
      tunedrop drop train.jsonl --to support-bot --set tuning.epochs=3
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    if (STANDARD_INPUT in files) != (name is not None):
        raise click.UsageError("--name belongs to standard input (-), which has no name of its own")
    uploads = uploads_of(files, folder=folder.strip("/") if folder else None, stdin_name=name or "")
    overrides = read_assignments(assignments)

    from tunedrop.cli.uploading import page_link, upload
    from tunedrop.reports.addresses import drop_report_uri

    deployment = services()
    overrides_of(overrides, locked=deployment.settings.locked_fields)
    dropped = []
    for item in uploads:
        info = upload(deployment.store, deployment.settings.intake_bucket, item, overrides)
        page = drop_report_uri(deployment.settings, info.bucket, info.name)
        shown = {
            "uri": info.uri,
            "generation": str(info.generation),
            "page": page,
            "link": page_link(page),
        }
        dropped.append(shown)
        if not as_json:
            click.echo(info.uri)
            print_pairs({"page": page, "link": shown["link"]}, indent=2)
    if as_json:
        print_json(dropped)
