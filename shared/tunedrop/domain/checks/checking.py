"""The check of a whole dataset in one pass: every physical line accounted for, every fault named.

Reads lines and nothing else; where they come from and what follows is the caller's business.
"""

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Iterable

from tunedrop.domain.checks.explaining import Explainer
from tunedrop.domain.checks.judging import BLANK, Judge, Judged, Outcome, mend, overlong
from tunedrop.domain.checks.lines import OverlongPiece, PhysicalLine
from tunedrop.domain.checks.opening import SAMPLE_BYTES, SAMPLE_LINES, file_fault, file_format
from tunedrop.domain.checks.options import CheckOptions, Limits
from tunedrop.domain.checks.result import CheckResult, Lines, Verdict
from tunedrop.domain.checks.tally import Tally
from tunedrop.domain.findings import Code, FindingLog, LineFinding
from tunedrop.domain.formats import Format

LimitsFor = Callable[[Format], Limits]


def check_dataset(
    lines: Iterable[PhysicalLine], *, limits_for: LimitsFor, options: CheckOptions | None = None
) -> CheckResult:
    """Check a tuning dataset in one pass, in memory that does not grow with its bytes.

    Args:
        lines: Physical lines in file order as `split_lines` makes them: each with its LF, the last one
            perhaps without.
        limits_for: Gives the base model's limits once the format is known.
        options: How strict to be.

    Returns:
        The result; a bad dataset is a result and never an exception.
    """
    check = _Check(limits_for, options or CheckOptions())
    for line in lines:
        check.read(line)
    return check.finish()


class _Check:
    """One check under way."""

    def __init__(self, limits_for: LimitsFor, options: CheckOptions) -> None:
        self._limits_for = limits_for
        self._options = options
        self._limits = Limits()
        self._log = FindingLog(
            kept_lines_per_code=options.kept_lines_per_code, severities=options.severities
        )
        self._tally = Tally(with_content_hashes=options.with_content_hashes)
        self._digest = hashlib.sha256()
        self._size = 0
        self._last = b""
        self._number = 0
        self._outcomes: Counter[Outcome] = Counter()
        self._sample: list[tuple[int, bytes]] | None = []
        self._sample_bytes = 0
        self._format: Format | None = None
        self._explain_json = Explainer(None, self._limits, options)
        self._judge: Callable[[bytes], Judged] = self._reject_unread

    def read(self, line: PhysicalLine) -> None:
        """Take in one physical line, or a piece of an overlong one."""
        if isinstance(line, OverlongPiece):
            self._read_piece(line)
            return
        self._digest.update(line)
        self._size += len(line)
        self._number += 1
        self._last = line
        if line.isspace():
            self._outcomes[Outcome.BLANK] += 1
        elif self._sample is None:
            self._account(self._number, self._judge(line))
        else:
            self._collect(self._sample, line)

    def finish(self) -> CheckResult:
        """Close the account and come to the verdict."""
        self._open()
        repetitions = self._log_repetitions()
        self._judge_counts()
        statistics = self._tally.to_json(repetitions=repetitions)
        return CheckResult(
            verdict=self._verdict(),
            dataset_format=self._format,
            base_model=self._limits.base_model,
            dataset_digest=self._digest.hexdigest(),
            size_bytes=self._size,
            ends_with_lf=self._last.endswith(b"\n"),
            lines=self._lines(),
            findings=self._log.ordered(),
            statistics=statistics,
            content_hashes=self._tally.content_hashes,
        )

    def _read_piece(self, piece: OverlongPiece) -> None:
        self._digest.update(piece.data)
        if not self._size and self._refuse(piece.data):
            self._sample = None
        self._size += len(piece.data)
        self._last = piece.data
        if piece.is_last:
            self._number += 1
            self._account(self._number, overlong(self._options.max_line_bytes))

    def _collect(self, sample: list[tuple[int, bytes]], line: bytes) -> None:
        """Hold back the first lines until the format can be told."""
        sample.append((self._number, line))
        self._sample_bytes += len(line)
        if len(sample) >= SAMPLE_LINES or self._sample_bytes >= SAMPLE_BYTES:
            self._open()

    def _open(self) -> None:
        """Recognise the file and judge the lines held back."""
        sample = self._sample or []
        written = [line for _, line in sample if mend(line)[0].strip()]
        if written:
            self._recognise(written)
        self._sample = None if written else []
        for number, line in sample:
            self._account(number, self._judge(line))

    def _recognise(self, written: list[bytes]) -> None:
        if self._refuse(written[0]):
            return
        self._format = file_format(written)
        if self._format is None:
            known = ", ".join(Format)
            self._log.add(
                LineFinding(Code.UNRECOGNISED_FORMAT, f"no line looks like one of {known}")
            )
            self._judge = self._reject_unrecognised
            return
        self._limits = self._limits_for(self._format)
        self._judge = Judge(self._format, self._limits, self._options).judge

    def _refuse(self, beginning: bytes) -> bool:
        """Whether the file's beginning rules out all that follows; the lines are then counted unread."""
        fault = file_fault(beginning)
        if fault is not None:
            self._log.add(fault)
        return fault is not None

    def _account(self, number: int, judged: Judged) -> None:
        self._outcomes[judged.outcome] += 1
        for finding in judged.findings:
            self._log.add(finding, line=number)
        if judged.read is not None and judged.measure is not None:
            self._tally.add(number, judged.read, judged.measure)

    def _reject_unread(self, line: bytes) -> Judged:
        return Judged(Outcome.REJECTED if mend(line)[0].strip() else Outcome.BLANK)

    def _reject_unrecognised(self, line: bytes) -> Judged:
        body, _ = mend(line)
        if not body.strip():
            return BLANK
        return Judged(
            Outcome.REJECTED, findings=self._explain_json(body, may_be_cut=not line.endswith(b"\n"))
        )

    def _log_repetitions(self) -> int:
        """Report lines that equal an earlier one; only as many as are kept are ever held at once."""
        repetitions = self._tally.repetitions
        first = heapq.nsmallest(self._options.kept_lines_per_code, repetitions.found())
        for line, earlier in first:
            self._log.add(
                LineFinding(Code.EXACT_DUPLICATE, f"the example equals the one on line {earlier}"),
                line=line,
            )
        if repetitions.count > len(first):
            self._log.count(Code.EXACT_DUPLICATE, repetitions.count - len(first))
        return repetitions.count

    def _judge_counts(self) -> None:
        limits, kept = self._limits, self._lines().kept
        if not kept and not self._outcomes[Outcome.REJECTED]:
            self._log.add(
                LineFinding(
                    Code.EMPTY_FILE, f"there is no example in the file; its lines: {self._number}"
                )
            )
        if self._format is None:
            return
        if kept < limits.min_examples:
            self._log.add(
                LineFinding(
                    Code.TOO_FEW_EXAMPLES,
                    f"{kept} usable examples, at least {limits.min_examples} are needed",
                )
            )
        elif limits.recommended_examples is not None and kept < limits.recommended_examples:
            message = (
                f"{kept} usable examples, {limits.recommended_examples} or more are recommended"
            )
            self._log.add(LineFinding(Code.BELOW_RECOMMENDED, message))
        counted, unit = (
            (self._tally.turns, "messages") if limits.count_authors else (kept, "examples")
        )
        if limits.max_examples is not None and counted > limits.max_examples:
            message = f"{counted:,} {unit}, at most {limits.max_examples:,} are taken"
            self._log.add(LineFinding(Code.TOO_MANY_EXAMPLES, message))

    def _verdict(self) -> Verdict:
        rejected, kept = self._outcomes[Outcome.REJECTED], self._lines().kept
        if (
            self._log.has_file_error()
            or not kept
            or rejected > self._options.tolerate * (rejected + kept)
        ):
            return "rejected"
        return "accepted"

    def _lines(self) -> Lines:
        return Lines(**{outcome.value: self._outcomes[outcome] for outcome in Outcome})
