"""The words for a published result: its account, its statistics and its findings, a line each.

Pure; takes what records of any version hold, and leaves out what they do not say.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tunedrop.reports.check_view import check_view
from tunedrop.reports.words import counted, line_ranges, usd

Part = Mapping[str, Any]
_ACCOUNT = (
    "{physical:,} = {used:,} used + {fixed:,} fixed + {rejected:,} rejected + {blank:,} blank"
)
_RANGES_SHOWN = 5
_LINES_KEPT = 100
"""Lines that a published finding names at most; a smaller number is all of them."""


def head_words(result: Part) -> dict[str, str]:
    """What is said above the findings, by its name; what is not known is empty."""
    view = check_view(result) or {}
    return {
        "lines": account_words(result["lines"]),
        "format": view["format"] or "not recognised",
        "base model": view["base_model"] or "",
        "digest": view["digest"],
        "examples": _examples(view["statistics"]),
        "tokens": _tokens(view["statistics"]),
        "length": _length(view["statistics"]),
        "split": _split(view["split"]),
        "cost": _cost(view["cost"]),
    }


def account_words(lines: Part) -> str:
    """Where every physical line went."""
    return _ACCOUNT.format(**lines)


def lines_words(finding: Part) -> str:
    """The first lines of a finding, neighbours joined, and how many more there are."""
    lines: Sequence[int] = finding["lines"]
    if not lines:
        return "the file as a whole"
    ranges = line_ranges(lines).split(", ")
    shown = ranges[:_RANGES_SHOWN]
    known = sum(_length_of(each) for each in shown)
    total = max(len(lines), finding["count"]) if len(lines) >= _LINES_KEPT else len(lines)
    rest = f" + {total - known:,} more" if total > known else ""
    return ", ".join(shown) + rest


def place_words(first: Part) -> str:
    """Where the first occurrence stands; empty for the file as a whole."""
    if first["line"] is None:
        return ""
    column = f", column {first['column']}" if first["column"] else ""
    return f"line {first['line']}{column}: "


def _length_of(line_range: str) -> int:
    first, _, last = line_range.partition("-")
    return int(last or first) - int(first) + 1


def _examples(statistics: Part | None) -> str:
    if statistics is None:
        return ""
    words = f"{statistics['examples']:,}"
    if statistics["turns"]:
        words += f" in {counted(statistics['turns'], 'turn', 'turns')}"
    if statistics["duplicates"]:
        words += f", {counted(statistics['duplicates'], 'duplicate', 'duplicates')}"
    if statistics["code"]:
        blocks = (
            f"{each['language']} {each['blocks']:,}" for each in statistics["code"]["languages"]
        )
        words += f"; fenced code: {', '.join(blocks)}"
    return words


def _tokens(statistics: Part | None) -> str:
    tokens = statistics["tokens"] if statistics else {}
    total = tokens and tokens["sums"]["total"]
    if not total:
        return ""
    band = f" ({tokens['low']:,} to {tokens['high']:,})" if tokens["low"] is not None else ""
    words = f"about {total:,}{band}"
    if tokens["max"]["total"] is not None:
        each = (f"{name} {tokens[name]['total']:,}" for name in ("p50", "p95", "max"))
        words += f"; an example: {', '.join(each)}"
    return words


def _length(statistics: Part | None) -> str:
    if statistics is None or not statistics["epochs"]:
        return ""
    epochs, steps = statistics["epochs"], statistics["train_steps"]
    words = f"{epochs:.3g} epoch{'' if epochs == 1 else 's'}"
    return f"{words} = {counted(steps, 'step', 'steps')}" if steps else words


def _split(split: Part | None) -> str:
    if split is None:
        return ""
    rows = ("training_rows", "to train on"), ("held_out_rows", "held out"), ("evaluation_rows", "in the evaluation file")  # fmt: skip
    return ", ".join(f"{split[name]:,} {words}" for name, words in rows if split[name])


def _cost(cost: Part | None) -> str:
    if cost is None:
        return ""
    words = f"{usd(cost['usd'])}"
    if cost["usd_low"] is not None:
        words += f" ({usd(cost['usd_low'])} to {usd(cost['usd_high'])})"
    return f"{words}: {cost['basis']}; {cost['source']}, {cost['as_of']}"
