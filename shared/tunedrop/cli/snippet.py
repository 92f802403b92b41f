"""`tunedrop snippet`: code that calls a recipe's champion, to be copied.

Parses, finds the model, prints; calls nothing.
"""

import click

from tunedrop.cli.ask import chosen
from tunedrop.cli.environment import services
from tunedrop.cli.output import plain

_LANGUAGES = ("rest", "google-genai", "vertexai")


@click.command()
@click.argument("which", metavar="RECIPE|RUN")
@click.option(
    "--lang",
    "language",
    type=click.Choice(_LANGUAGES),
    default=_LANGUAGES[0],
    show_default=True,
    help="curl, Google's current SDK, or its deprecated one.",
)
def snippet(which: str, language: str) -> None:
    """Print code that calls the champion of a recipe, or the tuned model of a run.

    A recipe without a champion gets code for its newest model, and a note says so.

    \b
    Example:
      tunedrop snippet support-bot
      tunedrop snippet support-bot --lang google-genai > ask.py
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    from tunedrop.reports import calling

    deployment = services()
    callee = chosen(deployment, which)
    text = calling.snippet(
        deployment.settings,
        language,
        endpoint=callee.target,
        tuned_model=callee.tuned_model or "",
        dataset_format=callee.dataset_format,
        context=callee.context,
    )
    click.echo(plain(text, keep="\n"))
