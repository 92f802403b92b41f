"""What is shown of a dataset's contents: counts, lengths, estimated tokens, languages of its code.

Published statistics in, one shape out, with None for what an earlier version did not count.
"""

from collections import Counter
from typing import Any

from tunedrop.domain.code_languages import LANGUAGES, UNNAMED
from tunedrop.reports.views import Part

_COUNTS = ("examples", "turns", "duplicates", "conflicts", "with_instruction")
_SIDES = ("input", "output", "total")
_PERCENTILES = ("p50", "p95", "max")
_MAX_LANGUAGES = 8
_WORDS = {**dict(zip(LANGUAGES, LANGUAGES, strict=True)), UNNAMED: "no language named"}
_OTHERS = "others"


def statistics_view(statistics: Part) -> dict[str, Any] | None:
    """The statistics of a check; None where it counted nothing."""
    if not statistics.get("examples"):
        return None
    characters = statistics.get("characters") or {}
    return {
        **{name: statistics.get(name) for name in _COUNTS},
        "epochs": statistics.get("epochs"),
        "train_steps": statistics.get("train_steps"),
        "characters": {side: characters.get(side) for side in _SIDES},
        "tokens": _tokens(statistics.get("tokens") or {}, characters.get("total")),
        "histograms": {
            "input": _buckets(statistics, "input_characters_histogram"),
            "output": _buckets(statistics, "output_characters_histogram"),
            "total": _buckets(statistics, "characters_histogram"),
        },
        "code": _code(statistics),
    }


def _tokens(tokens: Part, characters: int | None) -> dict[str, Any]:
    """The estimates, and between which totals the estimator's error band puts the truth."""
    low, high = tokens.get("band_per_character") or (None, None)
    return {
        "estimator": tokens.get("estimator", ""),
        "low_per_character": low,
        "high_per_character": high,
        "low": _estimate(characters, low),
        "high": _estimate(characters, high),
        "sums": {side: tokens.get(side) for side in _SIDES},
        **{
            percentile: {
                "input": (tokens.get("input_per_example") or {}).get(percentile),
                "output": (tokens.get("output_per_example") or {}).get(percentile),
                "total": (tokens.get("per_example") or {}).get(percentile),
            }
            for percentile in _PERCENTILES
        },
    }


def _estimate(characters: int | None, tokens_per_character: float | None) -> int | None:
    if characters is None or tokens_per_character is None:
        return None
    return round(characters * tokens_per_character)


def _buckets(statistics: Part, key: str) -> list[dict[str, int]]:
    """Examples by length: each bucket from a power of two to below the next one."""
    return [
        {"from": bucket["from"], "examples": bucket["examples"]}
        for bucket in statistics.get(key) or ()
    ]


def _code(statistics: Part) -> dict[str, Any] | None:
    """Fenced blocks by language, the most frequent first and only names of ours; None without any."""
    named: Counter[str] = Counter()
    for word, count in (statistics.get("fences") or {}).items():
        named[_WORDS.get(word, _OTHERS)] += count
    if not named:
        return None
    ranked = sorted(named.items(), key=lambda pair: (pair[0] == _OTHERS, -pair[1], pair[0]))
    if len(ranked) > _MAX_LANGUAGES:
        rest = sum(count for _, count in ranked[_MAX_LANGUAGES - 1 :])
        ranked = [*ranked[: _MAX_LANGUAGES - 1], (_OTHERS, rest)]
    return {
        "languages": [{"language": name, "blocks": count} for name, count in ranked],
        "parsed": statistics.get("parsed_blocks"),
        "unparsable": statistics.get("unparsable_blocks"),
    }
