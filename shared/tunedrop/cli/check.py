"""`tunedrop check`: the check of a dataset, on this machine and without an account.

Parses, asks the checker, prints; the rules are the functions' own.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from tunedrop.cli.environment import settings_if_any
from tunedrop.cli.files import STANDARD_INPUT
from tunedrop.cli.options import json_option

_INPUT = click.Path(exists=True, dir_okay=False, allow_dash=True)
_OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=_INPUT)
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
@click.option(
    "--structure-only", is_flag=True, help="Look at the structure alone, and not at the texts."
)
@click.option("--html", type=_OUTPUT, metavar="OUT", help="Write the result as a page, too.")
@click.option(
    "--fix",
    type=_OUTPUT,
    metavar="OUT",
    help="Write the file without its rejected lines, and beside it OUT.rejects.jsonl and OUT.lines.",
)
@click.option(
    "--with-rows", is_flag=True, help="With --fix: write rejected rows to OUT.rejects.jsonl, too."
)
@click.option(
    "--diff", type=_INPUT, metavar="OLD", help="Say whether FILE is better or worse than OLD."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    help="Processes to check a large file in; as many as the file is worth when left out.",
)
@json_option
@click.pass_context
def check(  # noqa: PLR0913 — one for each option
    ctx: click.Context,
    files: tuple[str, ...],
    base_model: str | None,
    recipe: Path | None,
    buckets: tuple[str, ...],
    *,
    html: Path | None,
    fix: Path | None,
    diff: str | None,
    structure_only: bool,
    with_rows: bool,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Check datasets as the deployment would, offline.

    FILE may be - for standard input. Without a recipe the limits are those of the base model that a
    deployment takes for the file's format. The evaluation file that the recipe names is checked
    first, where it is at hand.

    Exits with 0 if every file is accepted, else with 1; with --fix, if what was written is accepted.

    \b
    Example:
      tunedrop check train.jsonl
      tunedrop check --for gemini-3.5-flash --json - < train.jsonl
      tunedrop check --fix fixed.jsonl train.jsonl
      tunedrop check --diff train.v1.jsonl train.v2.jsonl
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    _expect_one_thing(files, html=html, fix=fix, diff=diff, with_rows=with_rows)
    if diff and structure_only:
        raise click.UsageError("--diff compares texts, which --structure-only leaves out")
    from tunedrop.cli.check_actions import Action
    from tunedrop.cli.check_progress import watched_chunks
    from tunedrop.cli.checking import Checker, Wanted
    from tunedrop.cli.workers import jobs_for, spread_over

    wanted = Wanted(recipe, base_model, buckets, structure_only, for_comparison=diff is not None)
    with spread_over(jobs or max(map(jobs_for, files))) as spread_for:
        checker = Checker(settings_if_any(), wanted, watched_chunks, spread_for)
        action = Action(checker, html, as_json=as_json)
        if fix:
            good = action.fix(files[0], fix, with_rows=with_rows)
        elif diff:
            good = action.compare(files[0], diff)
        else:
            good = action.check(files)
    ctx.exit(0 if good else 1)


def _expect_one_thing(
    files: Sequence[str],
    *,
    html: Path | None,
    fix: Path | None,
    diff: str | None,
    with_rows: bool,
) -> None:
    asked = [name for name, value in (("--html", html), ("--fix", fix), ("--diff", diff)) if value]
    if asked and len(files) > 1:
        raise click.UsageError(f"{asked[0]} takes one FILE, found {len(files)}")
    if fix and diff:
        raise click.UsageError("expected one of --fix and --diff, found both")
    if with_rows and not fix:
        raise click.UsageError("--with-rows says what --fix writes; add --fix OUT")
    if [*files, diff].count(STANDARD_INPUT) > 1:
        raise click.UsageError("expected - once, found it twice; standard input is read once")
