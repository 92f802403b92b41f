"""The metrics of a tuning, step by step.

Pure values; knows no service and draws nothing.
"""

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
