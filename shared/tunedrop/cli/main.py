"""The console entry point: the group of all commands, and which error ends in which exit code.

Knows no command from the inside, and imports nothing heavy, so that `--help` is quick.
"""

import signal
import traceback
from pathlib import Path

import click

from tunedrop import __version__
from tunedrop.cli.ask import ask
from tunedrop.cli.check import check
from tunedrop.cli.control import approve, cancel, pause, refuse, resume, retry, sweep
from tunedrop.cli.convert import convert
from tunedrop.cli.dead_letters import dead_letters
from tunedrop.cli.doctor import doctor
from tunedrop.cli.drop import drop
from tunedrop.cli.environment import ENV_FILE, enter
from tunedrop.cli.evaluate import evaluate
from tunedrop.cli.leftovers import leftovers
from tunedrop.cli.lineage import lineage
from tunedrop.cli.local import local
from tunedrop.cli.models import models
from tunedrop.cli.output import print_error
from tunedrop.cli.promoting import promote, rollback
from tunedrop.cli.request import request
from tunedrop.cli.runs import runs
from tunedrop.cli.show import show
from tunedrop.cli.snippet import snippet
from tunedrop.errors import ConfigError, PermanentError, TunedropError, UsageError

BAD_DATA, USAGE, BROKEN, INTERRUPTED = 1, 2, 3, 130


class Commands(click.Group):
    """A group that ends in tunedrop's exit codes."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a known error becomes a line, an unknown one keeps its traceback."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except TunedropError as error:
            print_error(str(error))
            if isinstance(error, ConfigError):
                print_error("name a deployment with --env-file FILE, or by its TUNEDROP_ variables")
            return ctx.exit(exit_code(error))
        except KeyboardInterrupt:
            return ctx.exit(INTERRUPTED)
        except Exception:  # noqa: BLE001 — the last stop; Python itself would end with 1, which means bad data
            print_error("a fault of tunedrop's own; please report it with what follows")
            click.echo(traceback.format_exc(), err=True, nl=False)
            return ctx.exit(BROKEN)


def exit_code(error: TunedropError) -> int:
    """Whose fault it is: the caller's, the data's, or ours and the world's."""
    if isinstance(error, UsageError):
        return USAGE
    return BAD_DATA if isinstance(error, PermanentError) else BROKEN


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="tunedrop")
@click.option(
    "--env-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar=ENV_FILE,
    show_envvar=True,
    help="Read the deployment's variables from this file and not from the environment.",
)
def cli(env_file: Path | None) -> None:
    """Drop a JSONL into a bucket, get a tuned model.

    `check`, `convert` and `local` need no account. The other commands talk to the deployment that
    the TUNEDROP_ variables of the environment name, be it a local cloud or a deployed one.

    Exit codes: 0 good, 1 bad data or a failed run, 2 wrong usage, 3 something of ours or of the world
    broke.

    \b
    Example:
      tunedrop check train.jsonl
      tunedrop local run train.jsonl
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    enter(env_file)


for _command in (
    check,
    convert,
    drop,
    request,
    runs,
    show,
    models,
    lineage,
    leftovers,
    ask,
    snippet,
    promote,
    rollback,
    evaluate,
    approve,
    refuse,
    cancel,
    retry,
    pause,
    resume,
    sweep,
    dead_letters,
    doctor,
    local,
):
    cli.add_command(_command)


def main() -> None:
    """Run the command line and leave the process."""
    signal.signal(signal.SIGTERM, _interrupt)
    cli(prog_name="tunedrop")


def _interrupt(*_: object) -> None:
    """End as Ctrl-C does, so that whatever runs is taken down."""
    raise KeyboardInterrupt
