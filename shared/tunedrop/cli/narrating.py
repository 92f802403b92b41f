"""Tells what happens while it happens: plain lines for a pipe, a moving line for a terminal.

Takes words and numbers; knows nothing of what they mean.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import click

from tunedrop.cli.output import console, plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


class Narrator(Protocol):
    """Says what has happened and what is being waited for."""

    def tell(self, what: str, text: str = "") -> None:
        """Say once and for good that something has happened."""
        ...

    def wait_for(self, text: str, *, done: int | None = None, total: int | None = None) -> None:
        """Say what is being waited for, and how far it is; said again, it replaces the last."""
        ...


class PlainNarrator:
    """One line for each thing that happened, with the seconds since the start."""

    def __init__(self, *, stderr: bool, started: float) -> None:
        self._stderr = stderr
        self._started = started

    def tell(self, what: str, text: str = "") -> None:
        """See `Narrator.tell`."""
        click.echo(_line(self._started, what, text), err=self._stderr)

    def wait_for(self, text: str, *, done: int | None = None, total: int | None = None) -> None:
        """See `Narrator.wait_for`; a pipe has no use for it."""


class LiveNarrator:
    """The same lines, above one that moves."""

    def __init__(self, console: "Console", progress: "Progress", *, started: float) -> None:
        self._console = console
        self._progress = progress
        self._task = progress.add_task("", total=None)
        self._started = started

    def tell(self, what: str, text: str = "") -> None:
        """See `Narrator.tell`."""
        self._console.print(_line(self._started, what, text), soft_wrap=True)

    def wait_for(self, text: str, *, done: int | None = None, total: int | None = None) -> None:
        """See `Narrator.wait_for`."""
        shown = f"{plain(text)} {done}/{total}" if done is not None and total else plain(text)
        self._progress.update(self._task, description=shown, completed=done or 0, total=total)


@contextmanager
def narrator(*, stderr: bool, started: float) -> Iterator[Narrator]:
    """Give the narrator that fits standard output, or standard error.

    Args:
        stderr: True: on standard error, since standard output is for JSON.
        started: The monotonic time that lines count from.
    """
    stream = sys.stderr if stderr else sys.stdout
    if not stream.isatty():
        yield PlainNarrator(stderr=stderr, started=started)
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    screen = console(stderr=stderr)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(24),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=screen, transient=True) as progress:
        yield LiveNarrator(screen, progress, started=started)


def _line(started: float, what: str, text: str) -> str:
    return f"{time.monotonic() - started:6.1f} s  {what:<11} {plain(text)}".rstrip()
