"""Says whether one version of a dataset is better than another, by what the same check found in both.

Pure; which of two results is better is data: `LEVELS` in order, and `CONCLUSIONS` of the first that differs.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tunedrop.domain.checks import RESULT_SCHEMA, CheckResult
from tunedrop.domain.findings import RULES

DIFF_SCHEMA_VERSION = 1
_Faults = Mapping[str, int]


def _verdict(result: CheckResult) -> _Faults:
    return {"rejected": int(result.verdict == "rejected")}


def _counts(severity: str) -> Callable[[CheckResult], _Faults]:
    return lambda result: {f.code: f.count for f in result.findings if f.severity == severity}


LEVELS: tuple[Callable[[CheckResult], _Faults], ...] = (
    _verdict,
    _counts("error"),
    _counts("warning"),
)
"""What counts, the gravest first; a lower level counts only where those above are equal. Notes never do."""
CONCLUSIONS = {
    (True, False): "better",
    (False, True): "worse",
    (True, True): "mixed",
}
"""By whether something got less, and something else more; where no level differs it is `SAME`."""
SAME = "same"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two results under the same rules."""

    old: CheckResult
    new: CheckResult

    @property
    def conclusion(self) -> str:
        """One word about the new version."""
        for level in LEVELS:
            old, new = level(self.old), level(self.new)
            deltas = [new.get(fault, 0) - old.get(fault, 0) for fault in {*old, *new}]
            sides = any(delta < 0 for delta in deltas), any(delta > 0 for delta in deltas)
            if any(sides):
                return CONCLUSIONS[sides]
        return SAME

    def to_json(self) -> dict[str, Any]:
        """The published shape; `DIFF_SCHEMA` describes it."""
        return {
            "schema_version": DIFF_SCHEMA_VERSION,
            "conclusion": self.conclusion,
            "old": self.old.to_json(),
            "new": self.new.to_json(),
            "changes": self.changes(),
        }

    def changes(self) -> dict[str, Any]:
        """What differs, in numbers."""
        old, new = self.old, self.new
        shared = shared_count(old.content_hashes, new.content_hashes)
        before, after = old.lines.to_json(), new.lines.to_json()
        return {
            "verdict": {"old": old.verdict, "new": new.verdict},
            "lines": {name: _change(before[name], after[name]) for name in after},
            "examples": _change(old.lines.kept, new.lines.kept)
            | {
                "added": len(new.content_hashes) - shared,
                "removed": len(old.content_hashes) - shared,
            },
            "duplicates": _change(_duplicates(old), _duplicates(new)),
            "tokens": _change(_tokens(old), _tokens(new)),
            "findings": self._findings(),
        }

    def _findings(self) -> list[dict[str, Any]]:
        """Every code that was found in either, errors first as both results have them."""
        old, new = ({f.code: f for f in result.findings} for result in (self.old, self.new))
        before, after = (Counter({c: f.count for c, f in each.items()}) for each in (old, new))
        severity = {code: finding.severity for code, finding in {**old, **new}.items()}
        place = {code: number for number, code in enumerate(RULES)}
        rank = {"error": 0, "warning": 1, "note": 2}
        codes = sorted(severity, key=lambda code: (rank[severity[code]], place[code]))
        return [
            {
                "code": code.value,
                "severity": severity[code].value,
                **_change(before[code], after[code]),
                "change": _word(before[code], after[code]),
            }
            for code in codes
        ]


def shared_count(old: "array[int]", new: "array[int]") -> int:
    """How many hashes two multisets have in common, in memory of a few bytes a hash."""
    left, right = array("Q", sorted(old)), array("Q", sorted(new))
    shared = i = j = 0
    while i < len(left) and j < len(right):
        if left[i] == right[j]:
            shared, i, j = shared + 1, i + 1, j + 1
        elif left[i] < right[j]:
            i += 1
        else:
            j += 1
    return shared


def _change(old: int, new: int) -> dict[str, int]:
    return {"old": old, "new": new, "delta": new - old}


def _word(old: int, new: int) -> str:
    """What became of a code, by how often it was found."""
    if old == new:
        return SAME
    if not old or not new:
        return "gone" if old else "new"
    return "more" if new > old else "fewer"


def _duplicates(result: CheckResult) -> int:
    return int(result.statistics.get("duplicates") or 0)


def _tokens(result: CheckResult) -> int:
    return int((result.statistics.get("tokens") or {}).get("total") or 0)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_COUNT = {"type": "integer", "minimum": 0}
_NUMBERS = {"old": _COUNT, "new": _COUNT, "delta": {"type": "integer"}}
_RESULT = {key: value for key, value in RESULT_SCHEMA.items() if not key.startswith("$")}
_FOUND = RESULT_SCHEMA["properties"]["findings"]["items"]["properties"]
DIFF_SCHEMA: dict[str, Any] = {
    "$schema": RESULT_SCHEMA["$schema"],
    "title": "Comparison of two versions of a dataset",
    **_object(
        {
            "schema_version": {"const": DIFF_SCHEMA_VERSION},
            "conclusion": {"enum": [*CONCLUSIONS.values(), SAME]},
            "old": _RESULT,
            "new": _RESULT,
            "changes": _object(
                {
                    "verdict": _object(
                        dict.fromkeys(("old", "new"), RESULT_SCHEMA["properties"]["verdict"])
                    ),
                    "lines": _object(
                        dict.fromkeys(
                            RESULT_SCHEMA["properties"]["lines"]["properties"], _object(_NUMBERS)
                        )
                    ),
                    "examples": _object(_NUMBERS | {"added": _COUNT, "removed": _COUNT}),
                    "duplicates": _object(_NUMBERS),
                    "tokens": _object(_NUMBERS),
                    "findings": {
                        "type": "array",
                        "items": _object(
                            {
                                "code": _FOUND["code"],
                                "severity": _FOUND["severity"],
                                **_NUMBERS,
                                "change": {"enum": ["new", "gone", "more", "fewer", SAME]},
                            }
                        ),
                    },
                }
            ),
        }
    ),
}
"""Draft 2020-12."""
