"""Prints a comparison of two versions of a dataset: the conclusion first, then what differs.

Takes a comparison and words; judges nothing.
"""

from collections.abc import Mapping
from typing import Any

import click

from tunedrop.cli.check_words import account_words
from tunedrop.cli.comparing import SAME, Comparison
from tunedrop.cli.output import plain, print_pairs, print_table

Part = Mapping[str, Any]
_THAN = {"better": "better than", "worse": "worse than", "mixed": "in parts better and in parts worse than", SAME: "as good as"}  # fmt: skip


def print_comparison(new: str, old: str, comparison: Comparison) -> None:
    """Print what became of a dataset; *new* and *old* are what the two files are called."""
    changes = comparison.changes()
    examples, verdict = changes["examples"], changes["verdict"]
    click.echo(f"{plain(new)}: {_THAN[comparison.conclusion]} {plain(old)}")
    print_pairs(
        {
            "verdict": _then_now(verdict["old"], verdict["new"]),
            "old lines": account_words(comparison.old.to_json()["lines"]),
            "new lines": account_words(comparison.new.to_json()["lines"]),
            "examples": f"{_counts(examples)}: {examples['added']:,} added, {examples['removed']:,} removed",
            "duplicates": _counts(changes["duplicates"]),
            "tokens": f"about {_counts(changes['tokens'])}",
        },
        indent=2,
    )
    if changes["findings"]:
        click.echo()
        print_table(
            ("change", "severity", "code", "old", "new", "delta"),
            (
                (each["change"], each["severity"], each["code"], f"{each['old']:,}", f"{each['new']:,}", f"{each['delta']:+,}")
                for each in changes["findings"]
            ),
        )  # fmt: skip
    if comparison.new.next:
        click.echo(f"\nnext: {plain(comparison.new.next)}")


def _counts(change: Part) -> str:
    words = _then_now(f"{change['old']:,}", f"{change['new']:,}")
    return f"{words} ({change['delta']:+,})" if change["delta"] else words


def _then_now(old: str, new: str) -> str:
    return new if old == new else f"{old}, now {new}"
