"""Helpers for raw protobuf messages: instants, JSON and the short name of their type.

Knows nothing of what a message means.
"""

from datetime import UTC, datetime
from typing import Any, TypeAlias

from google.protobuf import json_format, struct_pb2

Pb: TypeAlias = Any
"""A raw protobuf message; the generated classes carry no types that a checker could use."""


def stamp(field: Pb, at: float) -> None:
    """Write an instant, in seconds since 1970, into a Timestamp field."""
    field.FromMicroseconds(round(at * 1_000_000))


def instant(field: Pb) -> float:
    """Read a Timestamp field as seconds since 1970."""
    return float(field.ToMicroseconds()) / 1_000_000


def rfc3339(at: float) -> str:
    """Write an instant the way Google's JSON does, in UTC with a `Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def enum_name(message: Pb, field: str) -> str:
    """Return the name of an enum field's value, or its number where it has no name."""
    number = getattr(message, field)
    known = message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number.get(number)
    return str(known.name if known else number)


def to_json(message: Pb) -> dict[str, Any]:
    """Turn a message into Google's JSON: camelCase, enum names, int64 as strings."""
    answer: dict[str, Any] = json_format.MessageToDict(message)
    return answer


def plain(value: struct_pb2.Value) -> Any:  # noqa: ANN401 — a Value holds any JSON
    """Turn a protobuf Value into the JSON value it stands for."""
    return json_format.MessageToDict(value)


def to_value(content: dict[str, Any]) -> struct_pb2.Value:
    """Turn a JSON value into a protobuf Value."""
    return json_format.ParseDict(content, struct_pb2.Value())


def parse_rfc3339(text: str) -> float | None:
    """Read an instant; None when the text is not one or lacks its zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.timestamp() if at.tzinfo else None
