"""How values are written for people: times, durations, money, line numbers, and hostile text.

Template filters; each turns one value into plain text, which the template escapes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_KIBI = 1024
_MAX_VALUE = 300
_BAR_PARTS = ("used", "fixed", "rejected", "blank")
_SEVERITIES = (
    ("error", "Errors", "bad"),
    ("warning", "Warnings", "wait"),
    ("note", "Notes", "plain"),
)
_MAX_OPEN_FINDINGS = 24
_LEAST_WIDTH = 0.8
"""Percent of the bar, so that one bad line of a million can be seen."""

# Control, bidirectional-override, invisible and tag characters, line separators and lone surrogates.
_INERT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)


def inert(value: object) -> object:
    """Show what a browser would hide or obey as its code point; markup of our own stays as it is."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return _INERT.sub(lambda match: f"[U+{ord(match[0]):04X}]", value)


def ticked(text: str) -> Markup:
    """A message of ours, in which backticks stand around what is code."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape(inert(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(inert(piece)) if place % 2 else escape(inert(piece))
        for place, piece in enumerate(pieces)
    )


def moment(iso: str) -> str:
    """A point in time, in UTC."""
    at = datetime.fromisoformat(iso).astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M:%S} UTC"


def duration(seconds: float) -> str:
    """A length of time in its two largest units."""
    if seconds < _MINUTE:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    for size, unit, below, below_unit in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {unit}" + (f" {rest} {below_unit}" if rest else "")
    return f"{whole} s"


def number(value: float) -> str:
    """A number with its thousands set apart, and without needless decimals."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def size(count: int) -> str:
    """A size in bytes, and in a larger unit where there is one."""
    scaled, unit = float(count), "bytes"
    for larger in ("KiB", "MiB", "GiB"):
        if scaled < _KIBI:
            break
        scaled, unit = scaled / _KIBI, larger
    return f"{count:,} bytes" if unit == "bytes" else f"{scaled:.1f} {unit} ({count:,} bytes)"


def usd(amount: float | None) -> str:
    """An amount of money; small ones keep the digits that matter."""
    if amount is None:
        return "not known"
    return f"${amount:,.2f}" if amount >= 1 or amount == 0 else f"${amount:.2g}"


def counted(count: int, one: str, many: str) -> str:
    """A number with what it counts."""
    return f"{number(count)} {one if count == 1 else many}"


def line_ranges(lines: Sequence[int]) -> str:
    """Line numbers, neighbours joined: `3, 7-12, 40`."""
    ranges: list[list[int]] = []
    for line in lines:
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in ranges)


def plain(value: object) -> str:
    """A value of a recipe or a request, as JSON unless it is a text, and cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}… ({len(text):,} characters)"


def pretty(value: object) -> str:
    """A JSON value over several lines."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Nested settings as dotted names and values, in their own order."""
    pairs: list[tuple[str, Any]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            pairs += flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value))
    return pairs


def bar(lines: Mapping[str, int]) -> list[dict[str, Any]]:
    """The line account as pieces of a bar: kind, start and width in percent."""
    present = [(kind, lines.get(kind, 0)) for kind in _BAR_PARTS if lines.get(kind, 0)]
    total = sum(count for _, count in present)
    wide = [max(100 * count / total, _LEAST_WIDTH) for _, count in present]
    scale = 100 / sum(wide) if wide else 0
    pieces, start = [], 0.0
    for (kind, _), width in zip(present, wide, strict=True):
        pieces.append({"kind": kind, "start": round(start, 3), "width": round(width * scale, 3)})
        start += width * scale
    return pieces


def by_severity(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Findings in groups, errors first; a group that is not errors is folded where the list is long."""
    groups = []
    for severity, title, tone in _SEVERITIES:
        found = [finding for finding in findings if finding["severity"] == severity]
        if found:
            groups.append(
                {
                    "title": title,
                    "tone": tone,
                    "times": sum(finding["count"] for finding in found),
                    "is_open": severity == "error" or len(findings) <= _MAX_OPEN_FINDINGS,
                    "findings": found,
                }
            )
    return groups


FILTERS = {
    "moment": moment,
    "duration": duration,
    "number": number,
    "size": size,
    "usd": usd,
    "line_ranges": line_ranges,
    "plain": plain,
    "ticked": ticked,
    "pretty": pretty,
    "flat": flat,
    "bar": bar,
    "counted": counted,
    "by_severity": by_severity,
}
