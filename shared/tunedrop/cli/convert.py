"""`tunedrop convert`: a dataset in another format, on this machine and without an account.

Parses and prints; what a line becomes is the functions' own business.
"""

from pathlib import Path

import click

from tunedrop.cli.environment import settings_if_any
from tunedrop.cli.files import STANDARD_INPUT, expect_apart
from tunedrop.errors import UsageError

TARGETS = ("code-generation", "code-chat", "gemini")


@click.command()
@click.argument(
    "source", metavar="FROM", type=click.Path(exists=True, dir_okay=False, allow_dash=True)
)
@click.argument("target", metavar="TO", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--to", "to_format", type=click.Choice(TARGETS), required=True, help="The format to write."
)
@click.option(
    "--default-context",
    metavar="TEXT",
    help="The system instruction of gemini lines that have none of their own.",
)
@click.option(
    "--bucket",
    "buckets",
    multiple=True,
    help="A bucket that file parts may point into. May be repeated.",
)
@click.option("--drop-rejected", is_flag=True, help="Leave out the lines that cannot be converted.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_context
def convert(  # noqa: PLR0913 — one for each option
    ctx: click.Context,
    source: str,
    target: str,
    to_format: str,
    default_context: str | None,
    buckets: tuple[str, ...],
    *,
    drop_rejected: bool,
    force: bool,
) -> None:
    """Write a dataset in another format, line by line as a deployment would.

    FROM and TO may be - for standard input and output. The format of FROM is told by what it holds.
    TO appears whole or not at all: with a line that cannot be converted there is no TO, unless
    --drop-rejected leaves such lines out. Says what is joined or left out.

    Exits with 0 if TO was written, else with 1.

    \b
    Example:
      tunedrop convert train.jsonl train.gemini.jsonl --to gemini
      tunedrop convert - - --to gemini --drop-rejected < train.jsonl > train.gemini.jsonl
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    _expect_free(source, target, force=force)
    if default_context and to_format != "gemini":
        raise click.UsageError(
            f"--default-context is written into gemini lines; for {to_format} it is a setting of the job"
        )
    from tunedrop.cli.check_progress import watched_chunks
    from tunedrop.cli.converting import Request, convert_file
    from tunedrop.domain.formats import Format

    settings = settings_if_any()
    request = Request(
        to_format=Format(to_format),
        default_context=default_context,
        allowed_buckets=frozenset(buckets)
        | (settings.dataset_buckets if settings else frozenset()),
        drops_rejected=drop_rejected,
    )
    converted = convert_file(source, target, request, watched_chunks)
    is_piped = target == STANDARD_INPUT
    for line in converted.words(source, target):
        click.echo(line, err=is_piped or not converted.is_written)
    ctx.exit(0 if converted.is_written else 1)


def _expect_free(source: str, target: str, *, force: bool) -> None:
    if target == STANDARD_INPUT:
        return
    expect_apart([Path(target)], [source])
    if Path(target).exists() and not force:
        raise UsageError(f"{target}: expected no file, found one; name another, or add --force")
