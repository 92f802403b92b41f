"""JSON files with placeholders: filled in for one deployment, and compared with what a service gives back.

Knows JSON; knows no deployment and no service.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_PLACE = re.compile(r"<([a-z_]+)>")
_NOTHING: tuple[object, ...] = (None, 0, "", False, [], {})


def filled_file(path: Path, values: Mapping[str, str]) -> dict[str, Any]:
    """Read a JSON object and put `values` in place of each `<name>` in its texts.

    Raises:
        KeyError: A text has a placeholder that no value is known for.
    """
    document: dict[str, Any] = _filled(json.loads(path.read_text(encoding="utf-8")), values)
    return document


def _filled(value: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 — JSON of any shape
    match value:
        case str():
            return _PLACE.sub(lambda match: values[match[1]], value)
        case dict():
            return {key: _filled(item, values) for key, item in value.items()}
        case list():
            return [_filled(item, values) for item in value]
        case _:
            return value


def file_text(document: Mapping[str, Any]) -> str:
    """The JSON object as a file's content."""
    return json.dumps(document, indent=2) + "\n"


def unlike(expected: Any, found: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 — JSON
    """Yield dotted places where something expected is missing or different, each with a sentence about it.

    What is there beyond what is expected does not count, nor does a default that the service leaves out.
    """
    match expected:
        case dict() if isinstance(found, dict):
            for key, item in expected.items():
                yield from unlike(item, found.get(key), f"{path}.{key}".lstrip("."))
        case list() if isinstance(found, list) and len(found) == len(expected):
            for number, (item, other) in enumerate(zip(expected, found, strict=True)):
                yield from unlike(item, other, f"{path}[{number}]")
        case _ if expected != found and not (expected in _NOTHING and found in _NOTHING):
            yield path, f"expected {path} to be {expected!r}, found {found!r}"
