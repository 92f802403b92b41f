"""`tunedrop check`: the check of a dataset, on this machine and without an account.

Parses, asks the checker, prints; the rules are the functions' own.
"""

from pathlib import Path

import click

from tunedrop.cli.environment import settings_if_any
from tunedrop.cli.options import json_option
from tunedrop.cli.output import print_note, print_one_or_list, print_result


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
)
@click.option("--for", "base_model", metavar="BASE_MODEL", help="The base model whose limits hold.")
@click.option(
    "--recipe",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The recipe to go by, instead of the nearest recipe.toml upwards of the file.",
)
@click.option(
    "--bucket",
    "buckets",
    multiple=True,
    help="A bucket that file parts may point into. May be repeated.",
)
@json_option
@click.pass_context
def check(
    ctx: click.Context,
    files: tuple[str, ...],
    base_model: str | None,
    recipe: Path | None,
    buckets: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Check datasets as the deployment would, offline.

    FILE may be - for standard input. Without a recipe the limits are those of the base model that a
    deployment takes for the file's format. Exits with 0 if every file is accepted, else with 1.

    \b
    Example:
      tunedrop check train.jsonl
      tunedrop check --for gemini-3.5-flash --json - < train.jsonl
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    from tunedrop.cli.checking import Checker, Wanted

    checker = Checker(settings_if_any(), Wanted(recipe, base_model, buckets))
    results = []
    for path in files:
        checked = checker.check(path)
        results.append(checked.result)
        for note in checked.notes:
            print_note(note)
        if not as_json:
            print_result(path, checked.result.to_json())
    if as_json:
        print_one_or_list([result.to_json() for result in results])
    ctx.exit(0 if all(result.verdict == "accepted" for result in results) else 1)
