"""What is said of a file as a whole once all its lines are read: its rows beside each other, and their numbers.

Reads counts and writes findings; sees no line.
"""

from tunedrop.domain.checks.options import CheckOptions, Limits
from tunedrop.domain.checks.result import Lines
from tunedrop.domain.checks.rows import Earliest
from tunedrop.domain.checks.statistics import Statistics
from tunedrop.domain.findings import Code, FindingLog, LineFinding

_COMPARED = {
    Code.EXACT_DUPLICATE: "the example equals the one on line {earlier}",
    Code.CONFLICTING_ANSWERS: "the prompt has another answer on line {earlier}",
    Code.OVERLAP_WITH_EVALUATION: "the prompt stands in the evaluation file, too",
}
_WITHOUT_INSTRUCTION = (
    "{with_instruction:,} of {examples:,} examples carry an instruction, this one carries none"
)


def report_rows(
    log: FindingLog, statistics: Statistics, compared: dict[Code, Earliest], options: CheckOptions
) -> None:
    """Report what rows are beside each other; only as many lines as are kept are ever held at once."""
    for code, message in _COMPARED.items():
        _report(log, code, message, compared[code])
    thresholds = options.thresholds
    without = statistics.without_instruction()
    if (
        without.count
        and statistics.with_instruction > thresholds.instruction_share * statistics.examples
    ):
        message = _WITHOUT_INSTRUCTION.format(
            with_instruction=statistics.with_instruction, examples=statistics.examples
        )
        _report(log, Code.INSTRUCTION_MISSING, message, without)
    alike = statistics.rows.most_common_answers()
    rows = len(statistics.rows)
    if rows >= thresholds.alike_examples and alike >= thresholds.alike_share * rows:
        message = f"{alike:,} of {rows:,} answers are the same"
        log.add(LineFinding(Code.ALL_ANSWERS_ALIKE, message))


def report_counts(
    log: FindingLog, lines: Lines, statistics: Statistics, limits: Limits | None
) -> None:
    """Report how many examples there are, as far as somebody bounds them; None where no format was found."""
    if not lines.kept and not lines.rejected:
        message = f"there is no example in the file; its lines: {lines.physical}"
        log.add(LineFinding(Code.EMPTY_FILE, message))
    if limits is None:
        return
    kept = lines.kept
    if kept < limits.min_examples:
        message = f"{kept} usable examples, at least {limits.min_examples} are needed"
        log.add(LineFinding(Code.TOO_FEW_EXAMPLES, message))
    elif limits.recommended_examples is not None and kept < limits.recommended_examples:
        message = f"{kept} usable examples, {limits.recommended_examples} or more are recommended"
        log.add(LineFinding(Code.BELOW_RECOMMENDED, message))
    counted, unit = (statistics.turns, "messages") if limits.count_authors else (kept, "examples")
    if limits.max_examples is not None and counted > limits.max_examples:
        message = f"{counted:,} {unit}, at most {limits.max_examples:,} are taken"
        log.add(LineFinding(Code.TOO_MANY_EXAMPLES, message))


def _report(log: FindingLog, code: Code, message: str, found: Earliest) -> None:
    lines = found.lines()
    for line, earlier in lines:
        log.add(LineFinding(code, message.format(earlier=earlier)), line=line)
    log.count(code, found.count - len(lines))
