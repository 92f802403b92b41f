"""What every part of a run is given, and what it hands back.

Holds values and no decision.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tunedrop_bench.bars import Measured
from tunedrop_bench.files import MEGABYTE, Wanted
from tunedrop_bench.tables import Table

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is measured, and how often."""

    folder: Path
    """Where data is written; emptied by whoever made it."""
    rounds: int
    megabytes: int
    """Of each file that checkers are given."""
    download_megabytes: int
    formats: tuple[str, ...]
    peers_python: str
    rows: int | None = None
    """Of each file that checkers are given, instead of `megabytes`."""
    say: Say = print

    def wanted(self, row_format: str, *, is_bad: bool = False) -> Wanted:
        """The file that checkers of a format are given."""
        size = None if self.rows else self.megabytes * MEGABYTE
        return Wanted(row_format, is_bad=is_bad, rows=self.rows, size_bytes=size)


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of a run found."""

    tables: list[Table] = field(default_factory=list)
    measured: Measured = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    """Counts of ours that are not those of the file: a benchmark of a wrong checker says nothing."""
