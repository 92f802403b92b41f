"""Accounts for the lines of one block: where each of them went, what was found in it, and what it holds.

Line numbers count from the block's first line; `checking` adds the blocks up.
"""

import io
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct, field

from tunedrop.domain.checks.contents import Seen
from tunedrop.domain.checks.judging import BLANK, Judge, Judged, Outcome, mend, overlong
from tunedrop.domain.checks.lines import LF, Block, Overlong, PhysicalLine, lines_of
from tunedrop.domain.checks.options import CheckOptions, Limits
from tunedrop.domain.checks.tally import Tally
from tunedrop.domain.findings import Code, Finding, FindingLog, LineFinding
from tunedrop.domain.formats import Format
from tunedrop.domain.rejects import RejectLog

if TYPE_CHECKING:
    from tunedrop.domain.checks.explaining import Explainer


class Opening(Struct, frozen=True):
    """What the beginning of a file says of all its lines."""

    dataset_format: Format | None = None
    limits: Limits = field(default_factory=Limits)
    fault: LineFinding | None = None
    """What is wrong with the file as a whole."""
    is_text: bool = True
    """False: its lines cannot even be looked at."""


class Account(Struct):
    """What became of the lines of one block."""

    findings: tuple[Finding, ...]
    rejects: RejectLog
    tally: Tally
    seen: Seen
    outcomes: Counter[Outcome]
    lines: int


class _Entries(Struct):
    """The account of a block while it is written."""

    log: FindingLog
    rejects: RejectLog
    tally: Tally
    seen: Seen = field(default_factory=Seen)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    lines: int = 0


class Accountant:
    """Accounts for blocks of one file, in any order; keeps nothing of one block for the next."""

    def __init__(self, opening: Opening, options: CheckOptions) -> None:
        self._opening = opening
        self._options = options
        self._severities = {code: options.severity_of(code) for code in Code}
        self._judge: Judge | None = None
        self._judge_line: Callable[[bytes], Judged] = _reject_unread
        if opening.dataset_format is not None:
            self._judge = Judge(opening.dataset_format, opening.limits, options)
            self._judge_line = self._judge.judge
        elif opening.is_text:
            from tunedrop.domain.checks.explaining import Explainer  # noqa: PLC0415 — as in `Judge`

            explain = Explainer(None, opening.limits, options)
            self._judge_line = partial(_reject_unrecognised, explain)

    def account(self, block: Block, *, is_first: bool) -> Account:
        """Account for every line of a block; of the first one more is looked at."""
        options, judge = self._options, self._judge
        entries = _Entries(
            FindingLog(
                kept_lines_per_code=options.kept_lines_per_code, severities=self._severities
            ),
            RejectLog(options.thresholds.kept_rejects),
            Tally(options),
        )
        if judge and judge.contents:
            judge.contents.begin(entries.seen, is_first=is_first)
        if judge is None or isinstance(block, Overlong) or len(block) > options.max_line_bytes:
            for line in lines_of(block, options.max_line_bytes):
                entries.lines += 1
                self._read_slowly(entries, entries.lines, line)
        elif options.with_contents:
            self._read_texts(entries, judge, block)
        else:
            self._read_structure(entries, judge, block)
        return Account(
            findings=entries.log.ordered(),
            rejects=entries.rejects,
            tally=entries.tally,
            seen=entries.seen,
            outcomes=entries.outcomes,
            lines=entries.lines,
        )

    def _read_texts(self, entries: _Entries, judge: Judge, block: bytes) -> None:
        """The hot loop: a good line costs few calls."""
        read, beyond_shape, add = judge.fast.read, judge.beyond_shape, entries.tally.add
        used = number = 0
        for number, line in enumerate(io.BytesIO(block), 1):
            conversation = read(line)
            if conversation is None:
                self._read_slowly(entries, number, line)
            elif found := beyond_shape(line, conversation):
                self._enter(entries, number, judge.keep(line, conversation, found))
            else:
                used += 1
                add(number, conversation)
        entries.lines = number
        entries.outcomes[Outcome.USED] += used

    def _read_structure(self, entries: _Entries, judge: Judge, block: bytes) -> None:
        """The same where nobody asks what the texts say; turns are counted where the base model counts them."""
        is_well_shaped = judge.fast.is_well_shaped
        counts_turns = self._opening.limits.count_authors
        used = turns = number = 0
        for number, line in enumerate(io.BytesIO(block), 1):
            if not is_well_shaped(line):
                self._read_slowly(entries, number, line)
                continue
            used += 1
            if counts_turns:
                turns += judge.fast.count_turns(line)
        entries.lines = number
        entries.outcomes[Outcome.USED] += used
        entries.tally.add_unread(used, turns)

    def _read_slowly(self, entries: _Entries, number: int, line: PhysicalLine) -> None:
        if isinstance(line, Overlong):
            judged = overlong(self._options.max_line_bytes)
        else:
            judged = self._judge_line(line)
        self._enter(entries, number, judged)

    def _enter(self, entries: _Entries, number: int, judged: Judged) -> None:
        entries.outcomes[judged.outcome] += 1
        for finding in judged.findings:
            entries.log.add(finding, line=number)
        if judged.outcome is Outcome.REJECTED:
            reason = self._options.first_error(judged.findings) or self._opening.fault
            if reason is not None:
                entries.rejects.add(number, reason.code, reason.column)
        elif judged.conversation is not None and self._options.with_contents:
            entries.tally.add(number, judged.conversation)
        elif judged.conversation is not None:
            entries.tally.add_unread(1, len(judged.conversation.texts))


def _reject_unread(line: bytes) -> Judged:
    return Judged(Outcome.REJECTED) if mend(line)[0].strip() else BLANK


def _reject_unrecognised(explain: "Explainer", line: bytes) -> Judged:
    body, _ = mend(line)
    if not body.strip():
        return BLANK
    found = explain(body, may_be_cut=not line.endswith(LF))
    return Judged(Outcome.REJECTED, findings=found)
