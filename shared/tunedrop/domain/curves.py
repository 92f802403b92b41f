"""The metrics of a tuning, step by step.

Pure values and rules; knows no service and draws nothing.
"""

from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

METRICS = (
    "/train_total_loss",
    "/train_fraction_of_correct_next_step_preds",
    "/train_num_predictions",
    "/eval_total_loss",
    "/eval_fraction_of_correct_next_step_preds",
    "/eval_num_predictions",
)
"""Names of the service's metrics, as Google's "Tune code models" lists them; read 2026-11-23."""
EVALUATION_LOSS = "/eval_total_loss"
MOST_POINTS = 1000
"""Kept of a metric, which is what the service gives of one (BatchReadTensorboardTimeSeriesData)."""
_LARGEST = 1e15
"""A number beyond it is no loss, no fraction and no count."""


class Point(Struct, frozen=True, array_like=True):
    """One value of a metric."""

    step: int
    value: float


class Series(Struct, frozen=True):
    """One metric over the training steps."""

    metric: str
    """One of `METRICS`."""
    points: tuple[Point, ...]
    """In order of their steps; a backend that leaves only the last value has one."""


def metric_of(name: str) -> str | None:
    """Which metric a backend means, whether or not it writes a slash or a folder before the name."""
    metric = "/" + name.rstrip("/").rpartition("/")[2]
    return metric if metric in METRICS else None


def gathered(found: Iterable[tuple[str, Iterable[Point]]]) -> tuple[Series, ...]:
    """Put together what a backend left under names of its own, in the order of `METRICS`.

    What is none of the metrics is left out, and so is a value that has run away or is no number. Of two
    values of one step the later one counts.
    """
    values: dict[str, dict[int, float]] = {}
    for name, points in found:
        metric = metric_of(name)
        if metric is not None:
            good = {point.step: point.value for point in points if abs(point.value) < _LARGEST}
            values.setdefault(metric, {}).update(good)
    return tuple(
        Series(metric, thinned([Point(*pair) for pair in sorted(values[metric].items())]))
        for metric in METRICS
        if values.get(metric)
    )


def points_of(series: Iterable[Series], metric: str) -> tuple[Point, ...]:
    """The points of one metric; none where it was not left."""
    return next((each.points for each in series if each.metric == metric), ())


def best_evaluation(series: Iterable[Series]) -> Point | None:
    """The step at which the loss on the evaluation set was lowest, the first of equal ones."""
    points = points_of(series, EVALUATION_LOSS)
    return min(points, key=lambda point: (point.value, point.step), default=None)


def thinned(
    points: Sequence[Point], most: int = MOST_POINTS, *, keep: Collection[int] = ()
) -> tuple[Point, ...]:
    """At most *most* of the points: both ends, those of the steps in *keep*, and the extremes in between.

    *most* has to leave room for a lowest and a highest one besides those that are kept in any case.
    """
    if len(points) <= most:
        return tuple(points)
    places = range(len(points))
    kept = {0, len(points) - 1, *(place for place in places if points[place].step in keep)}
    stretches = (most - len(kept)) // 2
    for stretch in range(stretches):
        ends = (number * len(points) // stretches for number in (stretch, stretch + 1))
        inside = range(*ends)
        kept.add(min(inside, key=lambda place: points[place].value))
        kept.add(max(inside, key=lambda place: points[place].value))
    return tuple(points[place] for place in sorted(kept))
