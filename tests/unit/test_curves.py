"""Metrics of a tuning as values: names, order, the best step, and what is left of many points."""

import math

import pytest

from tunedrop.domain.curves import (
    METRICS,
    MOST_POINTS,
    Point,
    Series,
    best_evaluation,
    gathered,
    metric_of,
    thinned,
)


def points(*values):
    return tuple(Point(step, value) for step, value in enumerate(values, start=1))


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("/train_total_loss", "/train_total_loss"),
        ("train_total_loss", "/train_total_loss"),
        ("run-0/eval_total_loss/", "/eval_total_loss"),
        ("/learning_rate", None),
        ("", None),
        ("/", None),
    ],
)
def test_a_metric_is_known_by_its_last_word(name, metric):
    assert metric == metric_of(name)


def test_what_is_gathered_is_in_the_documented_order_and_by_step():
    found = gathered(
        [
            ("eval_total_loss", [Point(2, 0.5), Point(1, 0.7)]),
            ("else", [Point(1, 1.0)]),
            ("/train_total_loss", [Point(1, 0.9)]),
            ("run-1/eval_total_loss", [Point(2, 0.4), Point(3, 0.6)]),
        ]
    )

    assert (
        Series("/train_total_loss", (Point(1, 0.9),)),
        Series("/eval_total_loss", (Point(1, 0.7), Point(2, 0.4), Point(3, 0.6))),
    ) == found


def test_values_that_are_no_numbers_are_left_out():
    runaway = [Point(1, 0.9), Point(2, math.nan), Point(3, math.inf)]

    (kept,) = gathered([("/train_total_loss", runaway), ("/eval_total_loss", runaway[1:])])

    assert ("/train_total_loss", points(0.9)) == (kept.metric, kept.points)


def test_the_best_evaluation_is_the_first_of_the_lowest_losses():
    series = [
        Series("/train_total_loss", points(0.1, 0.1)),
        Series("/eval_total_loss", points(0.9, 0.4, 0.7, 0.4)),
    ]

    assert Point(2, 0.4) == best_evaluation(series)
    assert best_evaluation(series[:1]) is None


def test_few_points_stay_as_they_are():
    assert points(3.0, 1.0, 2.0) == thinned(points(3.0, 1.0, 2.0), 3)


def test_thinned_points_keep_both_ends_the_extremes_and_what_was_asked_for():
    wave = points(*(math.sin(step / 9) for step in range(5000)))
    spikes = {777: 40.0, 3210: -40.0}
    many = [Point(p.step, spikes.get(p.step, p.value)) for p in wave]

    kept = thinned(many, 100, keep={1234})

    steps = [point.step for point in kept]
    assert len(kept) <= 100
    assert sorted(set(steps)) == steps
    assert {1, 5000, 777, 3210, 1234} <= set(steps)


def test_what_is_gathered_is_bounded():
    (kept,) = gathered([(METRICS[0], points(*map(float, range(10 * MOST_POINTS))))])

    assert MOST_POINTS >= len(kept.points) > MOST_POINTS // 2
