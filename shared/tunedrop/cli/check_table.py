"""Prints the result of a check: coloured and as wide as the terminal, or plain and unfolded in a pipe.

Takes published values; judges nothing.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tunedrop.cli.check_words import head_words, lines_words, place_words
from tunedrop.cli.output import console, plain, print_pairs

if TYPE_CHECKING:
    from rich.console import Console

Part = Mapping[str, Any]
_SEVERITY_STYLES = {"error": "red", "warning": "yellow", "note": "cyan"}
_VERDICT_STYLES = {"accepted": "bold green", "rejected": "bold red"}
_INDENT = 9
"""Columns of the longest severity and a gap: what is said of a finding stands below its code."""


def print_result(name: str, result: Part) -> None:
    """Print the published result of a check: verdict first, what happens next last."""
    if sys.stdout.isatty():
        _print_on_terminal(name, result)
    else:
        _print_in_pipe(name, result)


def _print_in_pipe(name: str, result: Part) -> None:
    """One paragraph a finding, its first line as compilers write theirs; no line is folded."""
    click.echo(f"{plain(name)}: {result['verdict']}")
    print_pairs(head_words(result), indent=2)
    for finding in result["findings"]:
        first = finding["first"]
        place = ":".join(str(first[key]) for key in ("line", "column") if first[key] is not None)
        where = f"{plain(name)}:{place}" if place else plain(name)
        click.echo(f"\n{where}: {finding['severity']} {finding['code']}: {plain(first['message'])}")
        click.echo(f"  {finding['count']:,} found: {_on_lines(finding)}")
        click.echo(f"  {plain(first['remedy'])}")
    if result["next"]:
        click.echo(f"\nnext: {plain(result['next'])}")


def _on_lines(finding: Part) -> str:
    lines: Sequence[int] = finding["lines"]
    unit = "line " if len(lines) == 1 else "lines " if lines else ""
    return unit + lines_words(finding)


def _print_on_terminal(name: str, result: Part) -> None:
    from rich.table import Table
    from rich.text import Text

    screen = console()
    verdict = result["verdict"]
    screen.print(Text(f"{plain(name)}: {verdict}", style=_VERDICT_STYLES.get(verdict, "bold")))
    head = Table.grid(padding=(0, 2, 0, 0))
    for words in head_words(result).items():
        if words[1]:
            head.add_row(
                *(Text(plain(each), overflow="fold") for each in ("  " + words[0], words[1]))
            )
    screen.print(head)
    if result["findings"]:
        _print_table(screen, result["findings"])
    if result["next"]:
        following = Table.grid(padding=(0, 2, 0, 0))
        following.add_row(Text("next", style="bold"), Text(plain(result["next"])))
        screen.print(following)


def _print_table(screen: "Console", findings: Sequence[Part]) -> None:
    """A row for each finding, and what it says below it at full width, since that is a sentence or two."""
    from rich.padding import Padding
    from rich.rule import Rule
    from rich.text import Text

    rows = [("severity", "code", "count", "lines")]
    rows += [(f["severity"], f["code"], f"{f['count']:,}", lines_words(f)) for f in findings]
    widths = [max(len(plain(row[column])) for row in rows) for column in range(3)]
    screen.print()
    screen.print(Text(_aligned(rows[0], widths), style="bold"))
    screen.print(Rule(style="dim"))
    for row, finding in zip(rows[1:], findings, strict=True):
        line = Text(_aligned(row, widths))
        line.stylize(f"bold {_SEVERITY_STYLES.get(row[0], '')}".strip(), 0, len(row[0]))
        screen.print(line)
        first = finding["first"]
        words = Text(plain(place_words(first) + first["message"]), overflow="fold")
        words.append(f"\n{plain(first['remedy'])}", style="dim")
        screen.print(Padding(words, (0, 0, 0, _INDENT), expand=False))
    screen.print(Rule(style="dim"))


def _aligned(row: Iterable[str], widths: Sequence[int]) -> str:
    severity, code, count, lines = map(plain, row)
    code_width, count_width = widths[1:]
    return f"{severity:<{_INDENT}}{code:<{code_width}}  {count:>{count_width}}  {lines}"
