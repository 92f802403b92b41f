"""Draws the loss of a training with characters: finely in a terminal, in plain ASCII everywhere else.

Reads the data of the run's page, since operators may read REPORTS and not WORK; asks no AI service.
"""

import sys
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

import click
import msgspec
from msgspec import Struct

from tunedrop.cli.output import console
from tunedrop.domain.curves import Point, Series, best_evaluation, points_of
from tunedrop.domain.places import run_report_prefix
from tunedrop.errors import ServiceAnswerError
from tunedrop.reports.addresses import DATA
from tunedrop.reports.curve import value_label
from tunedrop.services import Services

_ROWS = 9
_WIDEST, _NARROWEST = 76, 30
_DOTS_ACROSS, _DOTS_DOWN = 2, 4
_BRAILLE = 0x2800
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Of a braille character's dots, from the top, left and right (Unicode, block "Braille Patterns")."""


_MAX_REPORT_BYTES = 16 * 1024 * 1024


class _Curves(Struct, frozen=True):
    series: tuple[Series, ...]


class _Report(Struct, frozen=True):
    """As much of a `report.json` as is needed here."""

    curves: _Curves | None = None


def shown_curves(deployment: Services, run_id: str) -> tuple[Series, ...]:
    """The metrics that the run's page shows; none where it shows none, or none that can be read."""
    bucket, name = deployment.settings.reports_bucket, run_report_prefix(run_id) + DATA
    try:
        data = deployment.store.read(bucket, name, max_bytes=_MAX_REPORT_BYTES)
        curves = msgspec.json.decode(data, type=_Report).curves
    except (ServiceAnswerError, msgspec.DecodeError):
        return ()
    return curves.series if curves else ()


class Pen(Struct, frozen=True):
    """The characters of a drawing."""

    training: str
    evaluation: str
    best: str
    upright: str
    corner: str
    level: str
    is_fine: bool
    """Whether the training's line is drawn in dots, eight to a character."""


FINE = Pen("\u28c0", "\u25cb", "\u25cf", "\u2502", "\u2514", "\u2500", is_fine=True)
PLAIN = Pen(".", "o", "@", "|", "+", "-", is_fine=False)


def print_curves(series: Sequence[Series]) -> None:
    """Print the loss over the training's steps, and the last numbers; nothing where there are none."""
    is_fine = sys.stdout.isatty() and "utf" in (sys.stdout.encoding or "").lower()
    for line in drawing(series, width=console().width, pen=FINE if is_fine else PLAIN):
        click.echo(line)


def drawing(series: Sequence[Series], *, width: int, pen: Pen) -> list[str]:
    """The lines to print: a chart where a loss has more than one point, then the last numbers in words."""
    if not series:
        return []
    lines = {side: points_of(series, f"/{side}_total_loss") for side in ("train", "eval")}
    is_drawn = any(len(points) > 1 for points in lines.values())
    best = best_evaluation(series) if len(lines["eval"]) > 1 else None
    chart = _chart(lines["train"], lines["eval"], best, width, pen) if is_drawn else []
    return ["", *chart, *_words(series, best)]


def _words(series: Sequence[Series], best: Point | None) -> list[str]:
    said = [
        f"{name}: {value_label(points[-1].value)} at step {points[-1].step}"
        for metric, name in (
            ("/train_total_loss", "loss in training"),
            ("/eval_total_loss", "loss in evaluation"),
            ("/train_fraction_of_correct_next_step_preds", "right predictions in training"),
            ("/eval_fraction_of_correct_next_step_preds", "right predictions in evaluation"),
        )
        if (points := points_of(series, metric))
    ]
    if best:
        said.insert(0, f"best evaluation: step {best.step}, loss {value_label(best.value)}")
    return said


class _Grid(Struct, frozen=True):
    """Where steps and values lie, in fractions of the chart's width and height."""

    steps: tuple[int, int]
    values: tuple[float, float]
    columns: int

    def column(self, step: int, parts: int = 1) -> int:
        first, last = self.steps
        return round((step - first) / max(last - first, 1) * (self.columns * parts - 1))

    def row(self, value: float, parts: int = 1) -> int:
        low, high = self.values
        return round((high - value) / ((high - low) or 1.0) * (_ROWS * parts - 1))

    def step(self, column: int, parts: int = 1) -> float:
        first, last = self.steps
        return first + (last - first) * column / max(self.columns * parts - 1, 1)


def _chart(
    training: Sequence[Point],
    evaluation: Sequence[Point],
    best: Point | None,
    width: int,
    pen: Pen,
) -> list[str]:
    every = [*training, *evaluation]
    low, high = min(point.value for point in every), max(point.value for point in every)
    labels = {0: value_label(high), _ROWS - 1: value_label(low)}
    gutter = max(map(len, labels.values()))
    columns = max(min(width, _WIDEST), _NARROWEST) - gutter - 3
    steps = [point.step for point in every]
    grid = _Grid((min(steps), max(steps)), (low, high), columns)
    cells = [[" "] * columns for _ in range(_ROWS)]
    if pen.is_fine:
        _draw_finely(cells, training, grid)
    else:
        _draw(cells, training, grid, pen.training)
    for point in [*evaluation, *([best] if best else [])]:
        mark = pen.best if point == best else pen.evaluation
        cells[grid.row(point.value)][grid.column(point.step)] = mark
    body = [
        f"{labels.get(row, ''):>{gutter}} {pen.upright}{''.join(line).rstrip()}"
        for row, line in enumerate(cells)
    ]
    return [
        *_legend(training, evaluation, best, pen),
        *body,
        f"{'':{gutter}} {pen.corner}{pen.level * columns}",
        f"{'':{gutter}}  {_axis(grid)}",
    ]


def _legend(
    training: Sequence[Point], evaluation: Sequence[Point], best: Point | None, pen: Pen
) -> list[str]:
    parts = [f"{pen.training} training"] if training else []
    parts += [f"{pen.evaluation} evaluation"] if evaluation else []
    parts += [f"{pen.best} best evaluation"] if best else []
    return ["loss   " + "   ".join(parts)]


def _axis(grid: _Grid) -> str:
    first, last = (str(step) for step in grid.steps)
    return f"{first} {'step':^{max(grid.columns - len(first) - len(last) - 2, 4)}} {last}"


def _draw(cells: list[list[str]], points: Sequence[Point], grid: _Grid, mark: str) -> None:
    for column in range(grid.columns):
        value = _value_at(points, grid.step(column))
        if value is not None:
            cells[grid.row(value)][column] = mark


def _draw_finely(cells: list[list[str]], points: Sequence[Point], grid: _Grid) -> None:
    """Set a dot for each column of dots, and those between it and the one before."""
    values = [
        _value_at(points, grid.step(column, _DOTS_ACROSS))
        for column in range(grid.columns * _DOTS_ACROSS)
    ]
    rows = [None if value is None else grid.row(value, _DOTS_DOWN) for value in values]
    dots: dict[tuple[int, int], int] = {}
    for column, (before, row) in enumerate(pairwise([None, *rows])):
        if row is None:
            continue
        start = row if before is None else before
        for between in range(min(start, row), max(start, row) + 1):
            place = between // _DOTS_DOWN, column // _DOTS_ACROSS
            bit = _BITS[between % _DOTS_DOWN][column % _DOTS_ACROSS]
            dots[place] = dots.get(place, 0) | bit
    for (row, column), bits in dots.items():
        cells[row][column] = chr(_BRAILLE + bits)


def _value_at(points: Sequence[Point], step: float) -> float | None:
    """The value at a step, between two points in proportion; None outside of them."""
    place = bisect_right([point.step for point in points], step)
    if place == 0 or (place == len(points) and step > points[-1].step):
        return None
    before, after = points[place - 1], points[min(place, len(points) - 1)]
    share = (step - before.step) / (after.step - before.step) if after.step > before.step else 0.0
    return before.value + share * (after.value - before.value)
