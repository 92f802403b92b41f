"""Writes a dataset in another format, and counts what that costs: lines left out, and things lost in others.

Checks and stages by the functions' own code; prints nothing.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tunedrop.cli.check_words import lines_words
from tunedrop.cli.files import STANDARD_INPUT, Read, readable_twice, replacing
from tunedrop.cli.output import plain
from tunedrop.domain.checks import (
    CheckOptions,
    CheckResult,
    Limits,
    PhysicalLine,
    check_dataset,
    split_lines,
)
from tunedrop.domain.checks.judging import mend
from tunedrop.domain.findings import Finding, Severity
from tunedrop.domain.formats import Format, losses, may_lose
from tunedrop.domain.formats.wire import DECODERS
from tunedrop.domain.staging import stage_lines
from tunedrop.errors import RetryableError
from tunedrop.reports.words import counted

_KEPT_LINES = 100


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted."""

    to_format: Format
    default_context: str | None
    """The system instruction of Gemini lines without one."""
    allowed_buckets: frozenset[str]
    """Where file parts may point."""
    drops_rejected: bool
    """Whether the rest is written where some lines cannot be."""

    @property
    def limits(self) -> Limits:
        """No base model's: those of the format alone."""
        return Limits(target_format=self.to_format)

    @property
    def options(self) -> CheckOptions:
        """A check of what can be written, not of what it says."""
        return CheckOptions(
            tolerate=1.0 if self.drops_rejected else 0.0,
            allowed_buckets=self.allowed_buckets,
            with_contents=False,
            with_content_hashes=False,
        )


@dataclass(slots=True)
class Loss:
    """One kind of loss: how many lines have it, and the first of them."""

    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        """Count a line."""
        self.count += 1
        if len(self.lines) < _KEPT_LINES:
            self.lines.append(line)


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a file."""

    result: CheckResult
    is_written: bool
    to_format: Format
    losses: dict[str, Loss] = field(default_factory=dict)

    def words(self, source: str, target: str) -> Iterator[str]:
        """Say it, a line each, without control characters from outside."""
        lines, shown = self.result.lines, plain(source)
        recognised = self.result.dataset_format or "no format that is known"
        yield f"{shown}: {counted(lines.physical, 'line', 'lines')}, {recognised}"
        if self.is_written:
            yield f"{plain(target)}: {counted(lines.kept, 'line', 'lines')} of {self.to_format} written"
        else:
            yield f"{plain(target)}: not written"
        for loss, found in self.losses.items():
            where = lines_words({"lines": found.lines, "count": found.count})
            yield f"lossy: {counted(found.count, 'line', 'lines')}: {loss}: {where}"
        for finding in self.result.findings:
            if finding.severity is Severity.ERROR:
                yield from _finding_words(finding)
        if lines.rejected and not self.is_written:
            yield "correct the lines named, or leave them out with --drop-rejected"


def convert_file(source: str, target: str, request: Request, read: Read) -> Converted:
    """Check a file, and write it in another format if that can be done.

    Args:
        source: Path, or `-` for standard input.
        target: Path, or `-` for standard output; a file appears whole or not at all.
        request: What is wanted.
        read: Reads *source*.

    Raises:
        RetryableError: The file changed since it was checked.
    """
    with readable_twice(source, read) as path:
        result = check_dataset(
            read(path), limits_for=lambda _format: request.limits, options=request.options
        )
        recognised = result.dataset_format
        if result.verdict == "rejected" or recognised is None:
            return Converted(result, is_written=False, to_format=request.to_format)
        with _opened(target) as file:
            writing = _Writing(recognised, request)
            lines = split_lines(read(path), request.options.max_line_bytes)
            for data in writing.written(lines):
                file.write(data)
            if writing.count != result.lines.kept:
                raise RetryableError(
                    f"{source}: changed while it was read; nothing was written, try again"
                )
    return Converted(
        result, is_written=True, to_format=request.to_format, losses=dict(writing.losses)
    )


class _Writing:
    """The second reading of a file, which writes it."""

    def __init__(self, recognised: Format, request: Request) -> None:
        self._recognised = recognised
        self._request = request
        self._decode = DECODERS[recognised].decode
        self._may_lose = may_lose(recognised, request.to_format)
        self._line: PhysicalLine = b""
        self.count = 0
        self.losses: dict[str, Loss] = {}

    def written(self, lines: Iterable[PhysicalLine]) -> Iterator[bytes]:
        """Yield the lines to write, counting their losses."""
        staged = stage_lines(
            self._remembered(lines),
            source_format=self._recognised,
            target_format=self._request.to_format,
            default_context=self._request.default_context,
            limits=self._request.limits,
            options=self._request.options,
        )
        for line in staged:
            if line.part == "training":
                self.count += 1
                self._note_losses(line.source_line)
                yield line.data

    def _remembered(self, lines: Iterable[PhysicalLine]) -> Iterator[PhysicalLine]:
        """The same lines; staging takes one at a time, so the last one taken is the one it speaks of."""
        for self._line in lines:
            yield self._line

    def _note_losses(self, number: int) -> None:
        if self._may_lose and isinstance(self._line, bytes):
            row = self._decode(mend(self._line)[0])
            for loss in losses(row, self._request.to_format):
                self.losses.setdefault(loss, Loss()).add(number)


def _opened(target: str) -> AbstractContextManager[BinaryIO]:
    if target == STANDARD_INPUT:
        return nullcontext(sys.stdout.buffer)
    return replacing(Path(target))


def _finding_words(finding: Finding) -> Iterator[str]:
    where = lines_words({"lines": finding.lines, "count": finding.count})
    yield f"{finding.code}: {where}: {plain(finding.first.message)}"
    yield f"  {finding.first.remedy}"
