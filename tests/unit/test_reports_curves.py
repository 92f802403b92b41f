"""Curves on a run's page: what is shown, within the drawing, and readable without seeing it."""

import math
import re

import pytest
from jinja2 import FileSystemLoader

from tunedrop.domain.curves import METRICS, Point, Series
from tunedrop.reports.curve import HEIGHT, WIDTH, curve_charts, curves_view, ticks
from tunedrop.reports.rendering import TEMPLATES, environment_over


def series(metric, values, every=1):
    return Series(metric, tuple(Point(every * place, v) for place, v in enumerate(values, start=1)))


LOSS = series(METRICS[0], [2.0, 1.4, 1.1, 0.9, 0.8, 0.7], every=10)
EVALUATION = series(METRICS[3], [1.5, 1.0, 1.2], every=20)
CORRECT = series(METRICS[1], [0.3, 0.5, 0.55, 0.6, 0.7, 0.8], every=10)


def page(view):
    """The section about the curves, as a page includes it."""
    text = '{% import "curve_parts.html.j2" as curve %}{{ curve.curves(view) }}'
    template = environment_over(FileSystemLoader(TEMPLATES)).from_string(text)
    return template.render(view=view)


def test_a_run_without_metrics_shows_nothing():
    assert curves_view(()) is None
    assert "" == page(None).strip()


def test_the_best_evaluation_is_named_beside_the_last_one():
    view = curves_view((LOSS, EVALUATION))

    assert {"step": 40, "loss": 1.0, "last_step": 60, "last_loss": 1.2} == view["best"]
    assert {"name": "Loss", "training": 0.7, "evaluation": 1.2} == view["last"][0]


def test_loss_and_right_predictions_have_a_chart_each_with_the_best_step_in_both():
    loss, correct = curve_charts(curves_view((LOSS, CORRECT, EVALUATION)))

    assert ["training", "evaluation"] == [line["kind"] for line in loss["lines"]]
    assert ["training"] == [line["kind"] for line in correct["lines"]]
    assert loss["best"] == correct["best"]
    assert "best evaluation: step 40" == loss["best"]["label"]


def test_a_chart_says_in_words_and_rows_what_it_draws():
    (chart,) = curve_charts(curves_view((LOSS, EVALUATION)))

    assert (
        "Loss: training from 2 at step 10 to 0.7 at step 60; "
        "evaluation from 1.5 at step 20 to 1.2 at step 60"
    ) == chart["description"]
    assert [
        (20, "1.4", "1.5", False),
        (40, "0.9", "1", True),
        (60, "0.7", "1.2", False),
    ] == [(r["step"], r["training"], r["evaluation"], r["is_best"]) for r in chart["rows"]]


def test_metrics_of_one_point_are_numbers_and_no_chart():
    view = curves_view(
        (Series(METRICS[0], (Point(50, 0.5),)), Series(METRICS[3], (Point(50, 0.9),)))
    )

    assert ([], None) == (curve_charts(view), view["best"])
    assert "0.5" in page(view)


@pytest.mark.parametrize(
    "values",
    [
        [1.0] * 5,
        [0.0, 0.0],
        [1e14, -1e14],
        [1e-12, 2e-12],
        [math.sin(step) for step in range(5000)],
        [1.0, 1.0 + 1e-15],
    ],
    ids=["level", "nothing", "huge", "tiny", "many", "almost level"],
)
def test_everything_stays_within_the_drawing(values):
    (chart,) = curve_charts(curves_view((series(METRICS[0], values),)))

    places = [tuple(map(float, place.split(","))) for place in chart["lines"][0]["points"].split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    assert 2 <= len(chart["y_marks"]) <= 7
    assert len(places) <= 160


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.31, 2.4, [0, 1, 2, 3]),
        (1, 300, [0, 100, 200, 300]),
        (0.4, 0.8, [0.4, 0.5, 0.6, 0.7, 0.8]),
    ],
)
def test_marks_are_round_numbers_around_the_values(low, high, expected):
    assert expected == ticks(low, high)


def test_the_section_has_a_title_a_text_for_each_chart_and_a_table():
    text = page(curves_view((LOSS, CORRECT, EVALUATION)))

    assert 2 == len(
        re.findall(r'<svg class="chart curve"[^>]* role="img" aria-label="[^"]+"', text)
    )
    assert "best at step <strong>40</strong>" in text
    assert "fewer steps may be enough" in text
    assert 3 == text.count("<table>")
