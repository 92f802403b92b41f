"""The standard library's `json` and checks by hand, line by line, without pydantic and without tunedrop.

Knows three formats; counts the lines, and keeps a line number and a message for each that is wrong.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tunedrop_bench.outcome import Outcome, Run


class WrongLineError(ValueError):
    """A line breaks a rule."""


def _expect(holds: object, message: str) -> None:
    if not holds:
        raise WrongLineError(message)


def _object(
    value: object, required: set[str], optional: frozenset[str] = frozenset()
) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongLineError("expected an object")
    keys = value.keys()
    _expect(required <= keys, "a key is missing")
    _expect(keys <= required | optional, "a key is unknown")
    return value


def _text(value: object) -> None:
    _expect(isinstance(value, str) and value, "expected a text that is not empty")


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise WrongLineError("expected a list that is not empty")
    return value


def _code_generation(row: object) -> None:
    fields = _object(row, {"input_text", "output_text"})
    _text(fields["input_text"])
    _text(fields["output_text"])


def _code_chat(row: object) -> None:
    fields = _object(row, {"messages"}, frozenset({"context"}))
    for message in _list(fields["messages"]):
        members = _object(message, {"author", "content"})
        _expect(members["author"] in ("user", "assistant"), "unknown author")
        _text(members["content"])


def _parts(value: object) -> None:
    for part in _list(value):
        _text(_object(part, {"text"})["text"])


def _gemini(row: object) -> None:
    fields = _object(row, {"contents"}, frozenset({"systemInstruction"}))
    if "systemInstruction" in fields:
        _parts(_object(fields["systemInstruction"], {"parts"})["parts"])
    for content in _list(fields["contents"]):
        members = _object(content, {"role", "parts"})
        _expect(members["role"] in ("user", "model"), "unknown role")
        _parts(members["parts"])


_CHECKS: dict[str, Callable[[object], None]] = {
    "code-generation": _code_generation,
    "code-chat": _code_chat,
    "gemini": _gemini,
}


def file_check(row_format: str) -> Run:
    """Check a file."""
    check = _CHECKS[row_format]

    def run(path: str) -> Outcome:
        number, wrong = 0, list[tuple[int, str]]()
        with Path(path).open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    check(json.loads(line))
                except (ValueError, RecursionError) as error:
                    wrong.append((number, str(error)))
        return Outcome(number, len(wrong))

    return run
