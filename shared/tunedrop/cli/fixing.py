"""Writes the lines of a checked file that would be trained on, and beside it what was left out and why.

Judges by the check's own code and writes no line anew; what is printed about it is the command's business.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tunedrop.cli.checking import Checked
from tunedrop.cli.files import Read, chunks_of, replacing
from tunedrop.domain.checks import CheckResult, PhysicalLine, split_lines
from tunedrop.domain.formats import Format
from tunedrop.domain.staging import LineMap, stage_lines
from tunedrop.errors import RetryableError


@dataclass(frozen=True, slots=True)
class Outputs:
    """The files that mending writes."""

    dataset: Path

    @property
    def rejects(self) -> Path:
        """One JSON object for each rejected line, as `RejectLog` writes them."""
        return self.dataset.with_name(f"{self.dataset.name}.rejects.jsonl")

    @property
    def line_map(self) -> Path:
        """Which line of the source each line of the dataset was; `LineMap` says how it is written."""
        return self.dataset.with_name(f"{self.dataset.name}.lines")

    @property
    def paths(self) -> tuple[Path, ...]:
        """All of them."""
        return self.dataset, self.rejects, self.line_map


def write_fixed(
    checked: Checked, outputs: Outputs, *, read: Read, source: str, with_rows: bool
) -> CheckResult | None:
    """Write the kept lines of a file, in its own format, and check what was written.

    Args:
        checked: The check of the file.
        outputs: Where to write; files that are there are replaced once everything is written.
        read: Reads *source*.
        source: Path of the bytes that were checked.
        with_rows: Whether rejected rows are written out, as text.

    Returns:
        The result for what was written; None where nothing is kept, and nothing written.

    Raises:
        RetryableError: The file changed since it was checked.
    """
    recognised, lines = checked.result.dataset_format, checked.result.lines
    if recognised is None or not lines.kept:
        return None

    def read_lines() -> Iterator[PhysicalLine]:
        return split_lines(read(source), checked.rules.options.max_line_bytes)

    with ExitStack() as files:
        dataset, rejects, line_map = (
            files.enter_context(replacing(path)) for path in outputs.paths
        )
        kept = _write_kept(dataset, read_lines(), checked, recognised)
        if len(kept) != lines.kept:
            raise RetryableError(
                f"{source}: changed while it was read; nothing was written, try again"
            )
        line_map.write(kept.to_bytes())
        rejects.writelines(checked.result.rejects.to_jsonl(read_lines() if with_rows else None))
    return checked.rules.check(chunks_of(str(outputs.dataset)))


def kept_words(result: CheckResult, outputs: Outputs) -> str:
    """What was done."""
    lines = result.lines
    words = f"{lines.kept:,} of {lines.physical:,} lines kept, {lines.rejected:,} rejected"
    if lines.blank:
        words += f", {lines.blank:,} blank"
    return f"{words}: see {outputs.rejects}" if lines.rejected else words


def _write_kept(
    dataset: BinaryIO, lines: Iterator[PhysicalLine], checked: Checked, recognised: Format
) -> LineMap:
    kept = LineMap()
    staged = stage_lines(
        lines,
        source_format=recognised,
        target_format=recognised,
        limits=checked.rules.limits_for(recognised),
        options=checked.rules.options,
    )
    for line in staged:
        if line.part == "training":
            dataset.write(line.data)
            kept.append(line.source_line)
    return kept
