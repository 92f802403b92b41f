"""How near an answer comes to the expected one, by four metrics in points of 100.

Pure computation on two texts, through libraries that are loaded at the first score; knows no model and no row.
"""

import platform
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from tunedrop.domain.checks.code_parsing import CodeSample, fault_of
from tunedrop.domain.checks.fences import fenced_blocks
from tunedrop.domain.checks.options import Thresholds

EXACT_MATCH, CHRF, EDIT_SIMILARITY, CODE_PARSES = METRICS = (
    "exact_match",
    "chrf",
    "edit_similarity",
    "code_parses",
)
"""In the order in which they are shown."""
MEASURED_CHARACTERS = 8_000
"""How much of a text counts; what comes behind is cut off expected answers and answers alike."""
DIGITS = 4
"""Decimal places that are kept, so that a verdict is the same bytes on every machine."""

Scores = Mapping[str, float | None]

_FULL = 100.0
_TAKES = CodeSample(Thresholds(), takes_all=True).takes


def measured(text: str) -> str:
    """What of a text is kept and measured."""
    return text[:MEASURED_CHARACTERS]


def normalised(text: str) -> str:
    """The text in Unicode's form NFC, lines ended by LF, without white space at the ends of lines and of the text."""
    composed = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.rstrip() for line in composed.split("\n")).rstrip()


def scores_of(expected: str, answer: str) -> dict[str, float | None]:
    """Score one answer.

    Returns:
        By metric: points from 0 to 100. `code_parses` is None unless the expected answer has fenced code in
        a language that can be parsed, and all of it parses; then an answer without such code has 0.
    """
    wanted, found = normalised(expected), normalised(answer)
    return {
        EXACT_MATCH: _FULL if wanted == found else 0.0,
        CHRF: round(_chrf()(found, [wanted]).score, DIGITS),
        EDIT_SIMILARITY: round(_FULL * _edit_similarity()(wanted, found), DIGITS),
        CODE_PARSES: (_FULL if _parses(found) else 0.0) if _parses(wanted) else None,
    }


def libraries() -> dict[str, str]:
    """The versions that the scores stand on; code is parsed by Python itself."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python, **{name: version(name) for name in ("rapidfuzz", "sacrebleu")}}


def _parses(text: str) -> bool:
    """Whether the text has fenced code that a parser of ours takes, and no such block has a fault."""
    blocks = [block for block in fenced_blocks(text) if _TAKES(block.language, len(block.source))]
    return bool(blocks) and not any(fault_of(block.language, block.source) for block in blocks)


@cache
def _chrf() -> Any:  # noqa: ANN401 — the library types its scores loosely
    # The first evaluation pays for it, not the start of every function.
    from sacrebleu.metrics import chrf  # noqa: PLC0415

    return chrf.CHRF().sentence_score


@cache
def _edit_similarity() -> Any:  # noqa: ANN401 — a compiled function
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415

    return Levenshtein.normalized_similarity
