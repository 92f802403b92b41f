"""Judges one physical line: the fast path first, words only where they are needed.

The checker and the writer of the staged file share it, so that both keep exactly the same lines.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from tunedrop.domain.checks.explaining import Explainer
from tunedrop.domain.checks.fast import FastPath, Read
from tunedrop.domain.checks.options import CheckOptions, Limits
from tunedrop.domain.findings import RULES, Code, LineFinding, Severity
from tunedrop.domain.formats import (
    ConversionError,
    Format,
    Measure,
    always_fits,
    example_of,
    measure_row,
    write_example,
)
from tunedrop.domain.formats.wire import Row

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
CHARACTERS_PER_TOKEN = 4
"""Google's rule of thumb; open models of its skill files measure 3.2 to 4.3."""
_MENDABLE = frozenset({Code.BOM, Code.CRLF})


class Outcome(StrEnum):
    """Where a physical line goes; every line has exactly one."""

    USED = "used"
    FIXED = "fixed"
    REJECTED = "rejected"
    BLANK = "blank"


class Judged(NamedTuple):
    """What became of one line."""

    outcome: Outcome
    data: bytes = b""
    """The mended line without its line end; empty unless it is kept."""
    read: Read | None = None
    """The decoded line, for lines that are kept."""
    measure: Measure | None = None
    findings: tuple[LineFinding, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether the line is trained on."""
        return self.outcome in {Outcome.USED, Outcome.FIXED}


BLANK = Judged(Outcome.BLANK)


def mend(line: bytes) -> tuple[bytes, tuple[LineFinding, ...]]:
    """Take off the line end and a byte order mark: the only two things that are ever mended."""
    body = line.removesuffix(b"\n")
    found = []
    if body.startswith(BYTE_ORDER_MARK):
        body = body.removeprefix(BYTE_ORDER_MARK)
        found.append(LineFinding(Code.BOM, "the line begins with a byte order mark", 1))
    if body.endswith(b"\r"):
        body = body.rstrip(b"\r")
        found.append(LineFinding(Code.CRLF, "the line ends in CRLF"))
    return body, tuple(found)


class Judge:
    """Judges the lines of one file whose format is known."""

    def __init__(self, dataset_format: Format, limits: Limits, options: CheckOptions) -> None:
        self._format = dataset_format
        self._limits = limits
        self._options = options
        self._read = FastPath(dataset_format).read
        self._max_line_bytes = options.max_line_bytes
        self._target = limits.target_format or dataset_format
        self._may_not_fit = not always_fits(dataset_format, self._target)
        self._errors = {
            code
            for code, rule in RULES.items()
            if options.severities.get(code, rule.severity) is Severity.ERROR
        }
        self._explain = Explainer(dataset_format, limits, options)

    def judge(self, line: bytes) -> Judged:
        """Judge one physical line, with its line end if it has one; overlong ones included."""
        if (
            line.endswith(b"\n")
            and not line.endswith(b"\r\n")
            and len(line) <= self._max_line_bytes
        ):
            read = self._read(line)
            if read is not None and read.is_sure:
                return self._keep(line[:-1], read, ())
        return self._judge_slowly(line)

    def _judge_slowly(self, line: bytes) -> Judged:
        body, mended = mend(line)
        if not body.strip():
            return BLANK
        if len(line.removesuffix(b"\n")) > self._max_line_bytes:
            return overlong(self._max_line_bytes)
        read = self._read(body)
        if read is not None and read.is_sure:
            return self._keep(body, read, mended)
        found = self._explain(body, may_be_cut=not line.endswith(b"\n"))
        if read is None and not found:
            found = (LineFinding(Code.UNREADABLE_LINE, "no reader accepts the line"),)
        if read is None or self._rejects(found):
            return Judged(Outcome.REJECTED, findings=found)
        return self._keep(body, read, (*mended, *found))

    def _rejects(self, found: Iterable[LineFinding]) -> bool:
        return any(finding.code in self._errors for finding in found)

    def _keep(self, body: bytes, read: Read, found: tuple[LineFinding, ...]) -> Judged:
        measure = measure_row(read.row)
        found = (*found, *self._beyond_shape(read.row, measure))
        if not found:
            return Judged(Outcome.USED, body, read, measure)
        if self._rejects(found):
            return Judged(Outcome.REJECTED, findings=found)
        is_fixed = any(finding.code in _MENDABLE for finding in found)
        return Judged(Outcome.FIXED if is_fixed else Outcome.USED, body, read, measure, found)

    def _beyond_shape(self, row: Row, measure: Measure) -> list[LineFinding]:
        """Findings about what a well-shaped line holds."""
        found = []
        if measure.repeated_turn is not None:
            message = f"turn {measure.repeated_turn} is of the same role as the turn before it"
            found.append(LineFinding(Code.NOT_ALTERNATING, message))
        limit = self._limits.max_tokens_per_example
        tokens = (measure.input_characters + measure.output_characters) // CHARACTERS_PER_TOKEN
        if limit is not None and tokens > limit:
            message = f"about {tokens:,} tokens at {CHARACTERS_PER_TOKEN} characters a token, the limit is {limit:,}"
            found.append(LineFinding(Code.TOO_LONG_EXAMPLE, message))
        if self._may_not_fit:
            found.extend(self._misfit(row))
        return found

    def _misfit(self, row: Row) -> list[LineFinding]:
        try:
            write_example(example_of(row), self._target)
        except ConversionError as error:
            return [LineFinding(Code.NOT_CONVERTIBLE, str(error))]
        return []


def overlong(max_line_bytes: int) -> Judged:
    """The judgement on a line that is too long to be looked at."""
    message = f"the line is longer than {max_line_bytes:,} bytes"
    return Judged(Outcome.REJECTED, findings=(LineFinding(Code.OVERLONG_LINE, message),))
