"""Nineteen ways to spoil a line, each one that a checker has to reject.

Knows rows and their JSON; knows nothing of any checker.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from tunedrop_bench.rows import Row

Fault = Callable[[Row], bytes]
_DEPTH = 200


def _line(row: object) -> bytes:
    return json.dumps(row).encode()


def _with_text(row: Row, change: Callable[[str], Any]) -> Row:
    """The row with its first question changed; *row* itself is changed, too."""
    if "input_text" in row:
        row["input_text"] = change(row["input_text"])
    elif "messages" in row:
        row["messages"][0]["content"] = change(row["messages"][0]["content"])
    else:
        part = row["contents"][0]["parts"][0]
        part["text"] = change(part["text"])
    return row


def _last_key(row: Row) -> str:
    return list(row)[-1]


def _truncated(row: Row) -> bytes:
    return (line := _line(row))[: len(line) // 2]


def _latin_1(row: Row) -> bytes:
    marked = _with_text(row, lambda text: f"caf\udce9 {text}")
    return json.dumps(marked, ensure_ascii=False).encode("utf-8", "surrogateescape")


def _two_values(row: Row) -> bytes:
    return _line(row) + b" " + _line(row)


def _missing_key(row: Row) -> bytes:
    del row[_last_key(row)]
    return _line(row)


def _duplicate_key(row: Row) -> bytes:
    key = _last_key(row)
    return _line(row)[:-1] + f", {json.dumps(key)}: {json.dumps(row[key])}}}".encode()


def _wrong_role(row: Row) -> bytes:
    """A role that no format knows; rows without roles get a key in another case instead."""
    if "input_text" in row:
        row["Input_Text"] = row.pop("input_text")
    elif "messages" in row:
        row["messages"][0]["author"] = "bot"
    else:
        row["contents"][0]["role"] = "bot"
    return _line(row)


def _deep(row: Row) -> bytes:
    del row
    return b'{"x": ' + b"[" * _DEPTH + b"]" * _DEPTH + b"}"


def _bare_control_character(row: Row) -> bytes:
    return _line(_with_text(row, "MARK {}".format)).replace(b"MARK", b"\x01", 1)


def _changed(row: Row, *, text: Callable[[str], Any]) -> bytes:
    return _line(_with_text(row, text))


FAULTS: dict[str, Fault] = {
    "truncated": _truncated,
    "latin-1": _latin_1,
    "trailing comma": lambda row: _line(row)[:-1] + b",}",
    "two values": _two_values,
    "NaN": partial(_changed, text=lambda _: float("nan")),
    "missing key": _missing_key,
    "extra key": lambda row: _line({**row, "id": 7}),
    "wrong type": partial(_changed, text=len),
    "wrong role": _wrong_role,
    "empty text": partial(_changed, text=lambda _: ""),
    "duplicate key": _duplicate_key,
    "lone surrogate": partial(_changed, text="\ud800 {}".format),
    "NUL": partial(_changed, text="{}\0".format),
    "null": lambda _: b"null",
    "array": lambda row: b"[" + _line(row) + b"]",
    "number": lambda _: b"42",
    "deep": _deep,
    "single quotes": lambda row: repr(row).encode(),
    "bare control character": _bare_control_character,
}
"""By name; a fault may change the row that it is given."""
FAULTS_IN_TEXT = frozenset({"NUL"})
"""Those that lie in what a text says."""
