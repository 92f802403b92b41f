"""Our own check, in the ways that it is called: structural, whole, and with single checks off or on.

Knows the checker's public face and nothing behind it.
"""

import io
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from pathlib import Path

from tunedrop.cli.workers import jobs_for, spread_over
from tunedrop.domain.checks import CheckOptions, Limits, Spread, check_dataset, one_by_one
from tunedrop.domain.findings import Code, Severity
from tunedrop_bench.outcome import Outcome, Run

CHUNK_BYTES = 1024 * 1024


def _without(*codes: Code) -> CheckOptions:
    return CheckOptions(with_content_hashes=False, severities=dict.fromkeys(codes, Severity.OFF))


OPTIONS = {
    "structural": CheckOptions(with_contents=False, with_content_hashes=False),
    "full": CheckOptions(with_content_hashes=False),
    "without-secrets": _without(Code.SECRET_IN_TEXT),
    "without-parsing": _without(Code.CODE_DOES_NOT_PARSE),
    "without-fences": _without(Code.UNCLOSED_FENCE, Code.CODE_DOES_NOT_PARSE),
    "without-repetitions": _without(Code.EXACT_DUPLICATE, Code.CONFLICTING_ANSWERS),
    "without-likeness": _without(
        Code.ANSWER_EQUALS_PROMPT, Code.ALL_ANSWERS_ALIKE, Code.INSTRUCTION_MISSING
    ),
    "with-personal-data": CheckOptions(
        with_content_hashes=False, severities={Code.PERSONAL_DATA: Severity.WARNING}
    ),
    "with-split-hashes": CheckOptions(with_content_hashes=True),
}
"""By the name of the variant; `full` is what `tunedrop check` does."""


def check(chunks: Iterable[bytes], variant: str, spread: Spread = one_by_one) -> Outcome:
    """Check a file's bytes, as a variant says."""
    result = check_dataset(
        chunks, limits_for=lambda _: Limits(), options=OPTIONS[variant], spread=spread
    )
    lines = result.lines
    return Outcome(lines.physical, lines.rejected, result.statistics.get("duplicates"))


def file_check(variant: str) -> Run:
    """Check a file in this process alone."""
    return lambda path: check(chunks_of(Path(path)), variant)


def spread_check(variant: str) -> Run:
    """Check a file in as many processes as `tunedrop check` would."""

    def run(path: str) -> Outcome:
        with spread_over(jobs_for(path)) as spread_for:
            return check(chunks_of(Path(path)), variant, spread_for(path))

    return run


def command_line(_row_format: str) -> Run:
    """Do what `tunedrop check FILE --json` does, in this process; what it prints is thrown away."""
    from tunedrop.cli.main import cli

    def run(path: str) -> Outcome:
        with redirect_stdout(io.StringIO()):
            cli.main(["check", path, "--json"], standalone_mode=False)
        return Outcome()

    return run


def chunks_of(path: Path) -> Iterator[bytes]:
    """Read a file past every buffer."""
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
