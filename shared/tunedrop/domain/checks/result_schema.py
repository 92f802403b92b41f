"""The JSON Schema of a check's result, as data to publish.

Says what `CheckResult.to_json` gives; a test holds the two together.
"""

from typing import Any

from tunedrop.domain.checks.result import SCHEMA_VERSION, Lines
from tunedrop.domain.findings import Code
from tunedrop.domain.formats import Format

_COUNT = {"type": "integer", "minimum": 0}
_LINE_NUMBER = {"type": "integer", "minimum": 1}
_MAYBE_LINE_NUMBER = {"type": ["integer", "null"], "minimum": 1}
_TEXT = {"type": "string"}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_FIRST = _object(
    {"line": _MAYBE_LINE_NUMBER, "column": _MAYBE_LINE_NUMBER, "message": _TEXT, "remedy": _TEXT}
)
_FINDING = _object(
    {
        "code": {"enum": [code.value for code in Code]},
        "severity": {"enum": ["error", "warning", "note"]},
        "count": _LINE_NUMBER,
        "lines": {"type": "array", "items": _LINE_NUMBER},
        "first": _FIRST,
    }
)

RESULT_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Result of a dataset check",
    **_object(
        {
            "schema_version": {"const": SCHEMA_VERSION},
            "verdict": {"enum": ["accepted", "rejected"]},
            "format": {"enum": [*(dataset_format.value for dataset_format in Format), None]},
            "base_model": {"type": ["string", "null"]},
            "dataset_digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "lines": _object(dict.fromkeys(Lines().to_json(), _COUNT)),
            "findings": {"type": "array", "items": _FINDING},
            "statistics": {"type": "object"},
            "split": {"type": "object"},
            "cost": {"type": "object"},
            "next": _TEXT,
        }
    ),
}
"""Draft 2020-12; statistics, split and cost are open objects, so that they can grow."""
