"""Writes the exact bytes that are trained on, and the map from their lines to the user's.

Reads the same lines as the check and judges them by the same code; knows no bucket.
"""

import itertools
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from tunedrop.domain.checks import (
    CheckOptions,
    CheckResult,
    Judge,
    Judged,
    Limits,
    Outcome,
    Overlong,
    PhysicalLine,
)
from tunedrop.domain.checks.judging import overlong
from tunedrop.domain.formats import (
    Format,
    content_hash,
    read_example,
    with_default_context,
    write_example,
)
from tunedrop.domain.split import Holdout

Part = Literal["training", "holdout", "rejected"]


class StagedLine(Struct, frozen=True):
    """One line of the source and where it goes; blank lines go nowhere."""

    part: Part
    source_line: int
    """1-based physical line of the source."""
    data: bytes = b""
    """The staged line with its LF; empty for a rejected one."""
    code: str = ""
    """Why the line is rejected: its first error."""
    remedy: str = ""


def stage_lines(
    lines: Iterable[PhysicalLine],
    *,
    source_format: Format,
    target_format: Format,
    default_context: str | None = None,
    holdout: Holdout | None = None,
    limits: Limits | None = None,
    options: CheckOptions | None = None,
) -> Iterator[StagedLine]:
    """Turn the lines of a checked file into the lines that are trained on.

    Args:
        lines: The same physical lines that were checked.
        source_format: The format that the check recognised.
        target_format: The format that the base model takes.
        default_context: Becomes the system instruction of Gemini examples without one; for every other
            target it is a parameter of the job, and the lines stay as they are.
        holdout: The split; None trains on every line.
        limits: The check's own, so that the same lines are kept.
        options: The check's own.

    Yields:
        Every line but the blank ones, in the source's order.
    """
    options = options or CheckOptions()
    stage = _Stage(source_format, target_format, default_context, holdout)
    judge = Judge(source_format, limits or Limits(target_format=target_format), options)
    for number, line in enumerate(lines, 1):
        if isinstance(line, Overlong):
            yield _rejected(number, overlong(options.max_line_bytes), options)
            continue
        judged = judge.judge(line)
        if judged.is_kept:
            yield stage.keep(number, judged)
        elif judged.outcome is Outcome.REJECTED:
            yield _rejected(number, judged, options)


def bytes_change(
    result: CheckResult,
    *,
    source_format: Format,
    target_format: Format,
    default_context: str | None = None,
    holdout: Holdout | None = None,
) -> bool:
    """Whether the staged file differs from the source; where it does not, a plain copy will do."""
    lines = result.lines
    if source_format != target_format or holdout is not None:
        return True
    if lines.fixed or lines.rejected or lines.blank or not result.ends_with_lf:
        return True
    return target_format is Format.GEMINI and bool(default_context)


class _Stage:
    """How kept lines are written and split."""

    def __init__(
        self, source: Format, target: Format, default_context: str | None, holdout: Holdout | None
    ) -> None:
        self._source = source
        self._target = target
        self._default_context = default_context if target is Format.GEMINI else None
        self._rewrites = source != target or bool(self._default_context)
        self._holdout = holdout

    def keep(self, number: int, judged: Judged) -> StagedLine:
        """Write one kept line."""
        return StagedLine(self._part(judged), number, self._write(judged))

    def _part(self, judged: Judged) -> Part:
        if self._holdout is None or judged.conversation is None:
            return "training"
        held_out = self._holdout.holds(content_hash(judged.conversation))
        return "holdout" if held_out else "training"

    def _write(self, judged: Judged) -> bytes:
        if not self._rewrites:
            return judged.data
        example = read_example(judged.data, self._source)
        return write_example(with_default_context(example, self._default_context), self._target)


def _rejected(number: int, judged: Judged, options: CheckOptions) -> StagedLine:
    first = options.first_error(judged.findings) or judged.findings[0]
    return StagedLine("rejected", number, code=first.code.value, remedy=first.remedy)


class LineMap:
    """From the lines of a staged file to those of its source, kept as runs of consecutive numbers."""

    def __init__(self) -> None:
        self._staged = array("I")
        self._source = array("I")
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, source_line: int) -> None:
        """Note the source of the next staged line; numbers must rise."""
        self._count += 1
        if not self._staged or source_line - self._source[-1] != self._count - self._staged[-1]:
            self._staged.append(self._count)
            self._source.append(source_line)

    def source_line(self, staged_line: int) -> int:
        """The 1-based source line of a 1-based staged line.

        Raises:
            IndexError: The staged file has no such line.
        """
        if not 1 <= staged_line <= self._count:
            raise IndexError(f"the staged file has lines 1 to {self._count}, not {staged_line}")
        run = bisect_right(self._staged, staged_line) - 1
        return self._source[run] + staged_line - self._staged[run]

    def to_bytes(self) -> bytes:
        """Text of one line a run, `staged source`, below the count: small, and readable by people."""
        runs = (
            f"{staged} {source}\n"
            for staged, source in zip(self._staged, self._source, strict=True)
        )
        return "".join(itertools.chain([f"{self._count}\n"], runs)).encode("ascii")

    @classmethod
    def from_bytes(cls, data: bytes) -> "LineMap":
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: It is not a line map.
        """
        count, *runs = data.decode("ascii").split("\n")
        line_map = cls()
        line_map._count = int(count)
        for run in filter(None, runs):
            staged, source = run.split(" ")
            line_map._staged.append(int(staged))
            line_map._source.append(int(source))
        return line_map
