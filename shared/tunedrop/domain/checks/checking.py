"""The check of a whole dataset in one pass: every physical line accounted for, every fault named.

Reads bytes and nothing else; where they come from and what follows is the caller's business.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from tunedrop.domain.checks.account import Account, Accountant, Opening
from tunedrop.domain.checks.contents import Seen
from tunedrop.domain.checks.judging import Outcome, mend
from tunedrop.domain.checks.lines import Block, Digest, PhysicalLine, lines_of, split_blocks
from tunedrop.domain.checks.opening import (
    SAMPLE_BYTES,
    SAMPLE_LINES,
    file_fault,
    format_fault,
    recognise_file,
)
from tunedrop.domain.checks.options import CheckOptions, Limits
from tunedrop.domain.checks.result import CheckResult, Lines, Verdict
from tunedrop.domain.checks.rows import Earliest
from tunedrop.domain.checks.statistics import Statistics
from tunedrop.domain.checks.whole import report_counts, report_rows
from tunedrop.domain.findings import Code, FindingLog
from tunedrop.domain.formats import Format
from tunedrop.domain.rejects import RejectLog

LimitsFor = Callable[[Format], Limits]


class Spread(Protocol):
    """Accounts for all blocks of a file, here or in other processes."""

    def __call__(
        self, opening: Opening, options: CheckOptions, blocks: Iterable[Block], /
    ) -> Iterator[Account]:
        """Give the accounts in the order of *blocks*, of which few are held at once."""
        ...


def one_by_one(
    opening: Opening, options: CheckOptions, blocks: Iterable[Block], /
) -> Iterator[Account]:
    """Account for the blocks in this process."""
    accountant = Accountant(opening, options)
    for number, block in enumerate(blocks):
        yield accountant.account(block, is_first=not number)


def check_dataset(
    chunks: Iterable[bytes],
    *,
    limits_for: LimitsFor,
    options: CheckOptions | None = None,
    spread: Spread = one_by_one,
) -> CheckResult:
    """Check a tuning dataset in one pass, in memory that does not grow with its bytes.

    Args:
        chunks: The file's bytes in pieces of any size.
        limits_for: Gives the base model's limits once the format is known.
        options: How strict to be.
        spread: Who accounts for the blocks; the result is the same.

    Returns:
        The result; a bad dataset is a result and never an exception.
    """
    options = options or CheckOptions()
    digest = Digest()
    blocks = split_blocks(digest.through(chunks), options.max_line_bytes)
    beginning, opening = _open(blocks, limits_for, options.max_line_bytes)
    whole = _Whole(opening, options)
    for account in spread(opening, options, itertools.chain(beginning, blocks)):
        whole.add(account)
    return whole.result(digest)


def _open(
    blocks: Iterator[Block], limits_for: LimitsFor, max_line_bytes: int
) -> tuple[list[Block], Opening]:
    """Read the first lines, as many as the sample has room for, and tell from them what the file is."""
    beginning: list[Block] = []
    sample: list[PhysicalLine] = []
    readable: list[bytes] = []
    size_bytes = 0
    for block in blocks:
        beginning.append(block)
        size_bytes += len(block)
        written = (line for line in lines_of(block, max_line_bytes) if not _is_blank(line))
        sample += itertools.islice(written, SAMPLE_LINES)
        readable = [line for line in sample if isinstance(line, bytes)][:SAMPLE_LINES]
        if len(readable) == SAMPLE_LINES or size_bytes >= SAMPLE_BYTES:
            break
    if sample and (fault := file_fault([_shown(line) for line in sample[:SAMPLE_LINES]])):
        return beginning, Opening(fault=fault, is_text=False)
    return beginning, _opening(readable, limits_for) if readable else Opening()


def _is_blank(line: PhysicalLine) -> bool:
    return isinstance(line, bytes) and not mend(line)[0].strip()


def _shown(line: PhysicalLine) -> bytes:
    return line if isinstance(line, bytes) else line.beginning


def _opening(sample: list[bytes], limits_for: LimitsFor) -> Opening:
    recognised = recognise_file(sample)
    fault = format_fault(recognised)
    if recognised.format is None:
        return Opening(fault=fault)
    return Opening(recognised.format, limits_for(recognised.format), fault)


class _Whole:
    """The blocks of one file, added up."""

    def __init__(self, opening: Opening, options: CheckOptions) -> None:
        self._opening = opening
        self._options = options
        self._log = FindingLog(
            kept_lines_per_code=options.kept_lines_per_code,
            severities={code: options.severity_of(code) for code in Code},
        )
        self._rejects = RejectLog(options.thresholds.kept_rejects)
        self._statistics = Statistics(options)
        self._seen = Seen()
        self._outcomes: Counter[Outcome] = Counter()
        self._lines = 0
        if opening.fault is not None:
            self._log.add(opening.fault)

    def add(self, account: Account) -> None:
        """Add the next block."""
        self._log.merge(account.findings, self._lines)
        self._rejects.merge(account.rejects, self._lines)
        self._statistics.merge(account.tally, self._lines)
        self._seen.merge(account.seen)
        self._outcomes += account.outcomes
        self._lines += account.lines

    def result(self, digest: Digest) -> CheckResult:
        """Close the account and come to the verdict."""
        opening, statistics = self._opening, self._statistics
        lines = Lines(**{outcome.value: self._outcomes[outcome] for outcome in Outcome})
        compared = statistics.compared()
        report_rows(self._log, statistics, compared, self._options)
        report_counts(
            self._log, lines, statistics, opening.limits if opening.dataset_format else None
        )
        return CheckResult(
            verdict=self._verdict(lines),
            dataset_format=opening.dataset_format,
            base_model=opening.limits.base_model,
            dataset_digest=digest.hexdigest(),
            size_bytes=digest.size_bytes,
            ends_with_lf=digest.ends_with_lf,
            lines=lines,
            findings=self._log.ordered(),
            statistics=self._published(compared),
            content_hashes=statistics.content_hashes,
            prompt_hashes=statistics.prompt_hashes,
            rejects=self._rejects,
        )

    def _published(self, compared: dict[Code, Earliest]) -> dict[str, Any]:
        published = self._statistics.to_json(compared)
        return published | self._seen.to_json() if self._options.with_contents else published

    def _verdict(self, lines: Lines) -> Verdict:
        if (
            self._log.has_file_error()
            or not lines.kept
            or lines.rejected > self._options.tolerate * (lines.rejected + lines.kept)
        ):
            return "rejected"
        return "accepted"
