"""Histograms of lengths as geometry: bars, marks and labels for an inline SVG, and rows for a table.

Counts in, numbers and short labels out; draws nothing and knows no dataset.
"""

from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 360, 190
"""Of the drawing, in its own units: about the pixels of a phone, so that its letters stay readable."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 10, 14, 24, 28
_GAP = 0.14
_MAX_PITCH = 52
_KIBI = 1024
_LEAST_HEIGHT = 2
"""So that one example among a million can be seen."""
_WHOLE_FROM = 10
_MAX_MARKS = 7
_MAX_LABELLED_BARS = 12
_TITLES = (("input", "Input"), ("output", "Output"))

Bucket = Mapping[str, int]


def histograms(by_side: Mapping[str, Sequence[Bucket]]) -> list[dict[str, Any]]:
    """Charts on one scale, so that they can be compared: input and output, or both together if that is all there is.

    Each has a title, a description for who cannot see it, bars, marks under them, and table rows.
    """
    sides = [(title, by_side.get(side) or ()) for side, title in _TITLES]
    if not all(buckets for _, buckets in sides):
        sides = [("Input and output together", by_side.get("total") or ())]
    shown = [(title, {b["from"]: b["examples"] for b in buckets}) for title, buckets in sides]
    starts = _starts([start for _, counts in shown for start in counts])
    if not starts:
        return []
    tallest = max(count for _, counts in shown for count in counts.values())
    return [_chart(title, counts, starts, tallest) for title, counts in shown]


def short(count: int) -> str:
    """A count in at most four characters or so: `950`, `1.2k`, `64k`, `3.1M`."""
    for size, unit in ((1_000_000, "M"), (1000, "k")):
        if count >= size:
            digits = 0 if count >= _WHOLE_FROM * size else 1
            return f"{count / size:.{digits}f}".removesuffix(".0") + unit
    return str(count)


def power(start: int) -> str:
    """A power of two in at most four characters, with k for 1,024: `512`, `4k`, `1M`."""
    for exponent, unit in ((2, "M"), (1, "k")):
        if start >= _KIBI**exponent:
            return f"{start // _KIBI**exponent}{unit}"
    return str(start)


def _starts(found: Sequence[int]) -> list[int]:
    """Where buckets begin, from the shortest to the longest without a gap."""
    if not found:
        return []
    powers = [start.bit_length() for start in found]
    return [1 << power - 1 if power else 0 for power in range(min(powers), max(powers) + 1)]


def _chart(
    title: str, counts: Mapping[int, int], starts: Sequence[int], tallest: int
) -> dict[str, Any]:
    pitch = min((WIDTH - _LEFT - _RIGHT) / len(starts), _MAX_PITCH)
    every = -(-(len(starts) + 1) // _MAX_MARKS)
    # One more than the bars, where the last one ends.
    edges = [
        (_LEFT + place * pitch, start)
        for place, start in enumerate([*starts, max(1, 2 * starts[-1])])
    ]
    labelled = len(starts) <= _MAX_LABELLED_BARS
    return {
        "title": title,
        "description": _description(title, counts),
        "bars": [
            _bar(counts[start], left, pitch, tallest, labelled=labelled)
            for left, start in edges
            if counts.get(start)
        ],
        "marks": [{"x": round(left, 1), "label": power(start)} for left, start in edges[::every]],
        "rows": [
            {"lengths": _lengths(start), "examples": counts.get(start, 0)} for start in starts
        ],
    }


def _bar(count: int, left: float, pitch: float, tallest: int, *, labelled: bool) -> dict[str, Any]:
    room = HEIGHT - _TOP - _BOTTOM
    height = max(room * count / tallest, _LEAST_HEIGHT)
    return {
        "x": round(left + pitch * _GAP / 2, 1),
        "y": round(HEIGHT - _BOTTOM - height, 1),
        "width": round(pitch * (1 - _GAP), 1),
        "height": round(height, 1),
        "middle": round(left + pitch / 2, 1),
        "label": short(count) if labelled or count == tallest else "",
    }


def _lengths(start: int) -> str:
    return str(start) if start <= 1 else f"{start:,} to {2 * start - 1:,}"


def _description(title: str, counts: Mapping[int, int]) -> str:
    """The shape in a sentence: where most examples lie, and how far they reach."""
    most = max(counts, key=lambda start: (counts[start], start))
    return (
        f"{title}: {counts[most]:,} of {sum(counts.values()):,} examples have {_lengths(most)}"
        f" characters; the shortest have {_lengths(min(counts))}, the longest {_lengths(max(counts))}"
    )
