"""What is shown of a check: its line account, its findings, and what the file holds.

A published result in, plain JSON values out; a result of an earlier version, which says less, is
shown as far as it goes. Holds no dataset text and no markup.
"""

from typing import Any

from tunedrop.domain.finding_rules import RULES, Code
from tunedrop.reports.statistics_view import statistics_view
from tunedrop.reports.views import Part
from tunedrop.reports.words import counted

_MEANINGS = {code.value: rule.meaning for code, rule in RULES.items()}
"""A code that a later version adds is shown without one."""
_COST_FIELDS = ("usd", "usd_low", "usd_high", "basis", "source", "as_of")


def check_view(result: Part | None) -> dict[str, Any] | None:
    """What a check read and found; None where nothing was checked."""
    if not result:
        return None
    return {
        "format": result.get("format"),
        "base_model": result.get("base_model"),
        "digest": result.get("dataset_digest", ""),
        "lines": dict(result.get("lines", {})),
        "findings": [_finding(finding) for finding in result.get("findings", [])],
        "statistics": statistics_view(result.get("statistics") or {}),
        "split": _split(result.get("split") or {}),
        "cost": _cost(result.get("cost") or {}),
    }


def rejection_of(result: Part, code: str | None = None) -> str:
    """Why a file is rejected, by its first error or its first finding of *code*, and how much of it is."""
    lines = result.get("lines", {})
    rejected, verb = lines.get("rejected", 0), "is" if lines.get("rejected") == 1 else "are"
    physical = counted(lines.get("physical", 0), "line", "lines")
    share = f"{rejected:,} of {physical} {verb} rejected." if rejected else ""
    return " ".join(words for words in (share, _first_fault(result, code)) if words)


def rejects_lines_only(result: Part) -> bool:
    """Whether a file is good but for lines that can be left out: no error is about more than a line."""
    errors = [found["code"] for found in result.get("findings", []) if found["severity"] == "error"]
    lines = result.get("lines", {})
    kept = lines.get("used", 0) + lines.get("fixed", 0)
    return bool(errors and kept) and all(_speaks_of_a_line(code) for code in errors)


def _speaks_of_a_line(code: str) -> bool:
    return code in _MEANINGS and RULES[Code(code)].scope == "line"


def _first_fault(result: Part, code: str | None) -> str:
    for finding in result.get("findings", []):
        wanted = finding["severity"] == "error" if code is None else finding["code"] == code
        if wanted and (meaning := _MEANINGS.get(finding["code"])):
            line = finding["first"]["line"]
            return meaning if line is None else f"Line {line:,}: {meaning}"
    return ""


def _finding(finding: Part) -> dict[str, Any]:
    """All occurrences of a code, with the first one in words."""
    first = finding.get("first", {})
    return {
        "code": finding["code"],
        "severity": finding["severity"],
        "count": finding["count"],
        "lines": list(finding["lines"]),
        "first_line": first.get("line"),
        "column": first.get("column"),
        "meaning": _MEANINGS.get(finding["code"], ""),
        "message": first.get("message", ""),
        "remedy": first.get("remedy", ""),
    }


def _split(split: Part) -> dict[str, Any] | None:
    """How many rows are trained on, and how many measure the outcome; None where nothing was split."""
    training = split.get("training_rows")
    held_out, evaluation = split.get("held_out_rows"), split.get("evaluation_rows")
    if not training or not (held_out or evaluation):
        return None
    fewest, most = split.get("bounds") or (None, None)
    return {
        "asked_share": split.get("holdout"),
        "training_rows": training,
        "held_out_rows": held_out,
        "evaluation_rows": evaluation,
        "fewest": fewest,
        "most": most,
    }


def _cost(cost: Part) -> dict[str, Any] | None:
    """An estimate with its source and date; None where nobody estimated."""
    if not cost:
        return None
    return {field: cost.get(field) for field in _COST_FIELDS}
