"""The rejected lines of a dataset, one by one: what `rejects.jsonl` is made of.

Holds numbers and codes alone; what a line says only passes through, where the caller hands the lines in.
"""

import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tunedrop.domain.finding_rules import RULES, Code

if TYPE_CHECKING:  # the check itself imports this module
    from tunedrop.domain.checks.lines import PhysicalLine

MAX_ROW_CHARACTERS = 100_000
"""Characters of a rejected row that are written; our own choice."""
_CODES = tuple(Code)
_PLACES = {code: place for place, code in enumerate(_CODES)}


@dataclass(slots=True, repr=False)
class RejectLog:
    """Every rejected line counted, the first of them named, in nine bytes each."""

    kept: int
    """How many are named."""
    count: int = field(default=0, init=False)
    """Rejected lines, the unnamed ones included."""
    # Three columns of one table, for the sake of memory.
    lines: "array[int]" = field(default_factory=lambda: array("I"), init=False)
    codes: "array[int]" = field(default_factory=lambda: array("B"), init=False)
    columns: "array[int]" = field(default_factory=lambda: array("I"), init=False)

    def __len__(self) -> int:
        return len(self.lines)

    def add(self, line: int, code: Code, column: int | None = None) -> None:
        """Note one rejected line by its first error; *line* counts from 1 and must rise."""
        self.count += 1
        if len(self.lines) < self.kept:
            self.lines.append(line)
            self.codes.append(_PLACES[code])
            self.columns.append(column or 0)

    def merge(self, later: "RejectLog", offset: int) -> None:
        """Take over what was noted of the lines after the first *offset* ones."""
        room = self.kept - len(self)
        self.count += later.count
        self.lines.extend(line + offset for line in later.lines[:room])
        self.codes.extend(later.codes[:room])
        self.columns.extend(later.columns[:room])

    def rows(self) -> Iterator[dict[str, Any]]:
        """What is known of each line: `line`, `code`, `column` (None without one) and `remedy`."""
        for line, place, column in zip(self.lines, self.codes, self.columns, strict=True):
            code = _CODES[place]
            yield {
                "line": line,
                "code": code.value,
                "column": column or None,
                "remedy": RULES[code].remedy,
            }

    def to_jsonl(self, read_lines: "Iterable[PhysicalLine] | None" = None) -> Iterator[bytes]:
        """Write the log as JSON lines, in the order of the file.

        Args:
            read_lines: All physical lines of the same file, read again; each one named then carries
                its text as `row`, long ones cut to 100,000 characters, with `cut` beside it. A line
                that was too long to be read whole has no row.

        Yields:
            One line each; a last one `{"more": n}` where not every line is named.
        """
        rows = self.rows()
        for row in rows if read_lines is None else _with_texts(rows, read_lines):
            yield json.dumps(row, ensure_ascii=False).encode() + b"\n"
        if self.count > len(self):
            yield json.dumps({"more": self.count - len(self)}).encode() + b"\n"


def _with_texts(
    rows: Iterator[dict[str, Any]], read_lines: "Iterable[PhysicalLine]"
) -> Iterator[dict[str, Any]]:
    numbered = _numbered(read_lines)
    for row in rows:
        line = next((line for number, line in numbered if number == row["line"]), None)
        yield row if line is None else row | _text(line)


def _numbered(read_lines: "Iterable[PhysicalLine]") -> Iterator[tuple[int, bytes | None]]:
    """Physical lines with their numbers, None for one that is too long to be kept."""
    for number, line in enumerate(read_lines, 1):
        yield number, line if isinstance(line, bytes) else None


def _text(line: bytes) -> dict[str, Any]:
    # Four bytes a character at most, so that a line of many megabytes is not decoded whole.
    start = line[: 4 * MAX_ROW_CHARACTERS + 1].removesuffix(b"\n").decode(errors="replace")
    text = start[:MAX_ROW_CHARACTERS]
    return {"row": text, "cut": True} if len(text) < len(start) else {"row": text}
