"""How results are printed: JSON for programs, tables and short lines for people.

Takes plain values; knows no command, and never prints a control character that came from outside.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

Part = Mapping[str, Any]
_WIDTH_OF_A_PIPE = 140
_WIDTH_OF_WHOLE_ROWS = 10_000


def plain(text: str, *, keep: str = "") -> str:
    """Return *text* with control and other unprintable characters escaped, those in *keep* left alone."""
    return "".join(
        character if character.isprintable() or character in keep else ascii(character)[1:-1]
        for character in text
    )


def print_json(value: object) -> None:
    """Print a value as JSON on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=datetime.isoformat))


def print_one_or_list(values: Sequence[object]) -> None:
    """Print what was given for one thing as it is, for several as an array in their order."""
    print_json(values[0] if len(values) == 1 else list(values))


def print_error(text: str) -> None:
    """Say on standard error what went wrong."""
    for line in text.splitlines() or [""]:
        click.echo(f"tunedrop: {plain(line)}", err=True)


def print_note(text: str) -> None:
    """Say on standard error what is worth knowing and stops nothing."""
    click.echo(f"note: {plain(text)}", err=True)


def print_pairs(pairs: Mapping[str, object], *, indent: int = 0) -> None:
    """Print names and values below each other; empty values are left out."""
    shown = {name: value for name, value in pairs.items() if value not in (None, "", (), [])}
    width = max((len(name) for name in shown), default=0)
    for name, value in shown.items():
        click.echo(f"{' ' * indent}{name:<{width}}  {plain(str(value))}")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows below their columns' names; a pipe gets each row on one line."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_text(cell) for cell in row))
    console(pipe_width=_WIDTH_OF_WHOLE_ROWS).print(table)


def print_problems(problems: Iterable[Part]) -> None:
    """Print problems of a recipe or a message as records hold them."""
    for item in problems:
        text = (
            f"{item['where']}: expected {item['expected']}, found {item['found']}; {item['remedy']}"
        )
        click.echo(plain(text))


def error_words(detail: Part) -> str:
    """What a step's detail says about why it went wrong."""
    return " ".join(str(detail[key]) for key in ("code", "task", "message") if detail.get(key))


def rehearsal_words(detail: Part) -> str:
    """What a rehearsed step's detail says: the job that there would be, and what stood in its way."""
    said = [f"{detail['job_id']} would have been created in {detail['region']}"]
    if detail["would_hold"]:
        said.append(f"first held as {detail['would_hold']}")
    if detail["service"] != "answered":
        said.append(f"the AI service did not answer: {detail['service']} {detail['message']}")
    return "; ".join(said)


def moment(at: datetime) -> str:
    """An instant in the reader's own time zone, to the second."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def console(*, stderr: bool = False, pipe_width: int = _WIDTH_OF_A_PIPE) -> "Console":
    """A console that takes text literally, and folds a pipe's lines at *pipe_width* columns."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else pipe_width
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def _text(cell: object) -> str:
    return plain("" if cell is None else str(cell))
