"""How one field of the configuration is declared and checked: what is expected, and what to do if it is not.

Knows values; knows no field by name.
"""

import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field
from typing import Any

Check = Callable[[object], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What the configuration file may hold at one place."""

    path: str
    """Dotted, as `caps.max_usd_per_run`."""
    expected: str
    """Completes the sentence "expected …"."""
    remedy: str
    check: Check


def setting(
    path: str,
    check: Check,
    *,
    expected: str,
    remedy: str,
    default: Any = MISSING,  # noqa: ANN401 — the field's own type
) -> Any:  # noqa: ANN401 — typed as the field that it is assigned to, like dataclasses.field
    """Declare a dataclass field that is read from `path`; without a default it is required."""
    metadata = {"rule": Rule(path=path, expected=expected, remedy=remedy, check=check)}
    if default is MISSING:
        return field(metadata=metadata)
    if isinstance(default, dict):
        return field(metadata=metadata, default_factory=lambda: dict(default))
    return field(metadata=metadata, default=default)


def text(pattern: str) -> Check:
    """Accept text that the pattern describes as a whole."""
    return lambda value: (
        isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is not None
    )


def number(low: float, high: float) -> Check:
    """Accept a number in a range."""
    return lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    )


def whole(low: int, high: int) -> Check:
    """Accept a whole number in a range."""
    return lambda value: (
        isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    )


def choice(*values: object) -> Check:
    """Accept one of these values."""
    return lambda value: (
        any(value is known or (value == known) for known in values)
        and (isinstance(value, bool) == isinstance(values[0], bool))
    )


def texts(pattern: str) -> Check:
    """Accept an array of texts, each of which the pattern describes."""
    accepts = text(pattern)
    return lambda value: isinstance(value, list) and all(accepts(item) for item in value)


def pairs(key: str, value: str) -> Check:
    """Accept a table of texts."""
    accepts_key, accepts_value = text(key), text(value)
    return lambda found: (
        isinstance(found, dict)
        and all(accepts_key(k) and accepts_value(v) for k, v in found.items())
    )
