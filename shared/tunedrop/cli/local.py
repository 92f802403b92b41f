"""`tunedrop local run` and `local up`: the whole deployment on this machine.

Parses, starts a local cloud, shows what it does; the cloud itself is `tunedrop.local`'s.
"""

import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tunedrop.cli.options import json_option

if TYPE_CHECKING:
    from tunedrop.local.deployment import Options

_PORTS = ("storage", "pubsub", "vertex", "vertex-rest")


@click.group()
def local() -> None:
    """Run everything on this machine, without an account.

    \b
    Example:
      tunedrop local run train.jsonl
      tunedrop local up
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped


@local.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE|DIR...",
    type=click.Path(exists=True, allow_dash=True),
)
@click.option(
    "--recipe",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The recipe to tune by, instead of the recipe.toml beside the file.",
)
@click.option(
    "--keep", is_flag=True, help="Leave everything running until Ctrl-C, and keep its directory."
)
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where all state lies; a temporary directory when absent, of which only the pages are left.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=120.0,
    show_default=True,
    help="Seconds that each dataset may take.",
)
@click.option(
    "--job-seconds",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds that a tuning job takes here.",
)
@click.option("--retirement", is_flag=True, help="Let base models retire as the catalog says.")
@json_option
@click.pass_context
def run(  # noqa: PLR0913 — one for each option
    ctx: click.Context,
    files: tuple[str, ...],
    recipe: Path | None,
    directory: Path | None,
    timeout: float,
    job_seconds: float | None,
    *,
    keep: bool,
    retirement: bool,
    as_json: bool,
) -> None:
    """Take datasets the whole way to a tuned model that answers, on loopback.

    FILE is dropped with the recipe.toml and the evaluation files beside it; without a recipe, into the
    root, where a default recipe goes by its format. DIR is dropped as a folder, and - is standard
    input. Several are taken one after the other. Exits with 0 if every dataset ends in a tuned model,
    with 1 if one is rejected or fails, and with 3 if one takes too long.

    \b
    Example:
      tunedrop local run train.jsonl
      tunedrop local run --keep --directory .tunedrop support-bot/
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    from tunedrop.cli.cases import cases_of
    from tunedrop.cli.local_run import Choices, rehearse

    choices = Choices(
        options=_options(retirement=retirement, job_seconds=job_seconds),
        directory=directory,
        patience_seconds=timeout,
        keep=keep,
        as_json=as_json,
    )
    ctx.exit(0 if rehearse(cases_of(files, recipe), choices) else 1)


@local.command()
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".tunedrop"),
    show_default=True,
    help="Where all state lies; started again on it, the cloud goes on.",
)
@click.option("--retirement", is_flag=True, help="Let base models retire as the catalog says.")
@click.option(
    "--job-seconds",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds that a tuning job takes here.",
)
@click.option("--storage-port", type=click.IntRange(1, 65535), help="Port of the storage server.")
@click.option("--pubsub-port", type=click.IntRange(1, 65535), help="Port of the Pub/Sub server.")
@click.option(
    "--vertex-port", type=click.IntRange(1, 65535), help="gRPC port of the Vertex AI stand-in."
)
@click.option(
    "--vertex-rest-port", type=click.IntRange(1, 65535), help="REST port of the Vertex AI stand-in."
)
def up(
    directory: Path, job_seconds: float | None, *, retirement: bool, **ports: int | None
) -> None:
    """Start everything and keep it running until Ctrl-C.

    \b
    Example:
      tunedrop local up --storage-port 9023
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    from tunedrop.cli.directions import directions
    from tunedrop.local.cloud import LocalCloud

    given = {name: port for name in _PORTS if (port := ports[f"{name.replace('-', '_')}_port"])}
    options = _options(retirement=retirement, job_seconds=job_seconds, ports=given)
    with suppress(KeyboardInterrupt):
        click.echo(f"starting in {directory.resolve()} …")
        with LocalCloud(directory, options) as cloud:
            click.echo(directions(cloud))
            threading.Event().wait()  # Ctrl-C and SIGTERM end it by an exception
    click.echo("stopped")


def _options(**chosen: Any) -> "Options":  # noqa: ANN401 — the fields of Options
    from tunedrop.local.deployment import Options

    job_seconds = chosen.pop("job_seconds")
    vertex = {"seconds_per_job": job_seconds} if job_seconds else {}
    return Options(vertex=vertex, **chosen)
