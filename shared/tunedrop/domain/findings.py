"""Findings as values: one fault of one line, and the log that counts them all and keeps the first.

Knows no format and no dataset; messages arrive written, and never quote what a dataset says.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct, field

from tunedrop.domain.finding_rules import RULES, Code, Rule, Scope, Severity

__all__ = ["RULES", "Code", "Finding", "FindingLog", "LineFinding", "Rule", "Scope", "Severity"]


class LineFinding(NamedTuple):
    """One fault of one line, or of the file as a whole."""

    code: Code
    message: str
    column: int | None = None
    """1-based, in characters; None where no single place is at fault."""

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return RULES[self.code].remedy


class Finding(Struct):
    """Every occurrence of one code, counted, the first ones with their lines."""

    code: Code
    severity: Severity
    first_line: int | None
    first: LineFinding
    count: int = 0
    lines: list[int] = field(default_factory=list)
    """1-based numbers of the first lines, each once; empty for a finding about the file."""

    def to_json(self) -> dict[str, object]:
        """The published shape."""
        return {
            "code": self.code.value,
            "severity": self.severity.value,
            "count": self.count,
            "lines": self.lines,
            "first": {
                "line": self.first_line,
                "column": self.first.column,
                "message": self.first.message,
                "remedy": self.first.remedy,
            },
        }


class FindingLog:
    """Collects findings in file order: all counted, the first lines of each code kept."""

    def __init__(self, *, kept_lines_per_code: int, severities: Mapping[Code, Severity]) -> None:
        self._kept = kept_lines_per_code
        self._severities = severities
        self._findings: dict[Code, Finding] = {}

    def add(self, found: LineFinding, *, line: int | None = None) -> None:
        """Count one occurrence; *line* is None for a finding about the file."""
        entry = self._findings.get(found.code)
        if entry is None:
            severity = self._severities[found.code]
            if severity is Severity.OFF:
                return
            entry = Finding(found.code, severity, line, found)
            self._findings[found.code] = entry
        entry.count += 1
        if line is not None and len(entry.lines) < self._kept and line not in entry.lines[-1:]:
            entry.lines.append(line)

    def count(self, code: Code, times: int) -> None:
        """Count *times* more of a code that has been added, without their lines."""
        if code in self._findings:
            self._findings[code].count += times

    def merge(self, later: Iterable[Finding], offset: int) -> None:
        """Take over what another log found in the lines after the first *offset* ones."""
        for found in later:
            code = found.code
            entry = self._findings.get(code)
            if entry is None:
                first_line = found.first_line and found.first_line + offset
                entry = Finding(code, found.severity, first_line, found.first)
                self._findings[code] = entry
            entry.count += found.count
            room = self._kept - len(entry.lines)
            entry.lines.extend(line + offset for line in found.lines[:room])

    def has_file_error(self) -> bool:
        """Whether an error speaks of more than one line."""
        return any(
            f.severity is Severity.ERROR and RULES[f.code].scope is not Scope.LINE
            for f in self._findings.values()
        )

    def ordered(self) -> tuple[Finding, ...]:
        """Errors first, then warnings, then notes; within each, in the registry's order."""
        rank = {severity: place for place, severity in enumerate(Severity)}
        place = {code: number for number, code in enumerate(RULES)}
        return tuple(
            sorted(self._findings.values(), key=lambda f: (rank[f.severity], place[f.code]))
        )
