"""Metrics of a tuning as geometry: lines, marks and labels for an inline SVG, and rows for a table.

Series in, numbers and short labels out; draws nothing, and knows no run.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, to_builtins

from tunedrop.domain.curves import Point, Series, best_evaluation, points_of, thinned
from tunedrop.reports.histogram import short

WIDTH, HEIGHT = 360, 220
"""Of a drawing, in its own units: about the pixels of a phone, so that its letters stay readable."""
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 22, 44
_MOST_DRAWN = 160
_MOST_DOTS = 30
"""A line of more points is drawn without a dot on each."""
_MOST_ROWS = 14
_MOST_MARKS = 5
_ALIKE = 1e-9

Lines = Mapping[str, Sequence[Point]]

_KINDS = (("training", "/train_"), ("evaluation", "/eval_"))
_LOSS, _CORRECT = "total_loss", "fraction_of_correct_next_step_preds"
_WORDS = (
    (_LOSS, "Loss"),
    (_CORRECT, "Predictions that were right"),
    ("num_predictions", "Predictions at a step"),
)
_CHARTS = _WORDS[:2]


def curves_view(series: Sequence[Series]) -> dict[str, Any] | None:
    """What is shown of a tuning's metrics, for its page and its `report.json`; None where there are none.

    `best` is the evaluation with the lowest loss, beside the last one; None without several evaluations.
    """
    if not series:
        return None
    best = _best(series)
    keep = {best["step"]} if best else set()
    return {
        "best": best,
        "last": [row for name, title in _WORDS if (row := _last(series, name, title))],
        "series": [
            {
                "metric": each.metric,
                "points": to_builtins(thinned(each.points, _MOST_DRAWN, keep=keep)),
            }
            for each in series
        ],
    }


def curve_charts(view: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The charts of what `curves_view` gave: the loss, and how much was predicted right.

    Each has a title, a description for who cannot see it, its lines as points of a polyline, marks on both
    axes, the best evaluation, and table rows. A metric of one point is no line.
    """
    best = view["best"]["step"] if view["best"] else None
    by_metric = {each["metric"]: each["points"] for each in view["series"]}
    charts = []
    for name, title in _CHARTS:
        found = {kind: by_metric.get(prefix + name, ()) for kind, prefix in _KINDS}
        lines = {kind: [Point(*pair) for pair in pairs] for kind, pairs in found.items() if pairs}
        if any(len(points) > 1 for points in lines.values()):
            charts.append(_chart(title, lines, best))
    return charts


def value_label(value: float) -> str:
    """A metric's value in few characters: `0.4127`, `12.35`, `1.2e-05`."""
    return f"{value:.4g}"


def _best(series: Sequence[Series]) -> dict[str, Any] | None:
    losses = points_of(series, "/eval_total_loss")
    best = best_evaluation(series)
    if best is None or len(losses) < len(("one", "another")):
        return None
    last = losses[-1]
    return {
        "step": best.step,
        "loss": best.value,
        "last_step": last.step,
        "last_loss": last.value,
    }


def _last(series: Sequence[Series], name: str, title: str) -> dict[str, Any] | None:
    ends = {kind: points_of(series, prefix + name)[-1:] for kind, prefix in _KINDS}
    if not any(ends.values()):
        return None
    return {"name": title, **{kind: end[0].value if end else None for kind, end in ends.items()}}


class _Frame(Struct, frozen=True):
    """Where steps and values lie in the drawing."""

    steps: tuple[float, float]
    values: tuple[float, float]

    def x(self, step: float) -> float:
        first, last = self.steps
        share = (step - first) / (last - first) if last > first else 0.5
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        low, high = self.values
        return round(HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)


def _chart(title: str, lines: Lines, best: int | None) -> dict[str, Any]:
    steps = [point.step for points in lines.values() for point in points]
    values = [point.value for points in lines.values() for point in points]
    heights = ticks(min(values), max(values))
    frame = _Frame((min(steps), max(steps)), (heights[0], heights[-1]))
    widths = [step for step in ticks(*frame.steps) if frame.steps[0] <= step <= frame.steps[1]]
    return {
        "title": title,
        "description": _description(title, lines),
        "lines": [_line(kind, points, frame) for kind, points in lines.items()],
        "y_marks": [{"y": frame.y(value), "label": value_label(value)} for value in heights],
        "x_marks": [
            {"x": frame.x(step), "label": short(int(step))} for step in widths if step == int(step)
        ],
        "best": None if best is None else _mark(best, frame),
        "rows": list(_rows(lines, best)),
    }


def _line(kind: str, points: Sequence[Point], frame: _Frame) -> dict[str, Any]:
    places = [(frame.x(point.step), frame.y(point.value)) for point in points]
    return {
        "kind": kind,
        "points": " ".join(f"{x},{y}" for x, y in places),
        "dots": [{"x": x, "y": y} for x, y in places] if len(places) <= _MOST_DOTS else [],
    }


def _mark(best: int, frame: _Frame) -> dict[str, Any]:
    """Where the best evaluation stands; its words keep away from the edges."""
    x = frame.x(best)
    third = (WIDTH - LEFT - RIGHT) / 3
    anchor = "start" if x < LEFT + third else "end" if x > WIDTH - RIGHT - third else "middle"
    return {"x": x, "anchor": anchor, "label": f"best evaluation: step {best:,}"}


def _rows(lines: Lines, best: int | None) -> Iterable[dict[str, Any]]:
    """A few steps with the newest value of each line up to there, where it has one."""
    coarsest = min((points for points in lines.values() if len(points) > 1), key=len)
    keep = () if best is None else (best,)
    for point in thinned(coarsest, _MOST_ROWS, keep=keep):
        yield {
            "step": point.step,
            "is_best": point.step == best,
            **{kind: _value_at(lines.get(kind, ()), point.step) for kind, _ in _KINDS},
        }


def _value_at(points: Sequence[Point], step: int) -> str:
    place = bisect_right([point.step for point in points], step)
    return value_label(points[place - 1].value) if place else ""


def _description(title: str, lines: Lines) -> str:
    """The lines in a sentence: from where to where each one goes."""
    said = [
        f"{kind} from {value_label(points[0].value)} at step {points[0].step:,}"
        f" to {value_label(points[-1].value)} at step {points[-1].step:,}"
        for kind, points in lines.items()
    ]
    return f"{title}: {'; '.join(said)}"


def ticks(low: float, high: float) -> list[float]:
    """Round numbers at even distances from at most *low* to at least *high*, at least two."""
    if high - low <= _ALIKE * max(abs(low), abs(high), 1.0):
        pad = max(abs(high), 1.0) / 10
        low, high = low - pad, high + pad
    raw = (high - low) / (_MOST_MARKS - 1)
    magnitude = 10.0 ** math.floor(math.log10(raw))
    distance = next(times * magnitude for times in (1, 2, 5, 10) if times * magnitude >= raw)
    places = range(math.floor(low / distance), math.ceil(high / distance) + 1)
    return [round(place * distance, 12) for place in places]
