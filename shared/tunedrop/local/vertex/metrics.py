"""What a training leaves of its progress: six metrics over the steps, made up but the same for the same rows.

The loss falls and flattens; on an evaluation set it rises again where a training goes on for too long.
Numbers only; knows no resource.
"""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Curve = list[tuple[int, float]]
"""Steps and values."""

_MOST_POINTS = 100
_SLOWEST_FALL = 60
"""Steps in which the loss falls to about a third, at most; short trainings fall faster."""
_OVERFITS_FROM = 2 * _SLOWEST_FALL
_OVERFITS_BY = 0.3
_LOOKED_AT_BYTES = 65_536


@dataclass(frozen=True)
class Training:
    """What the curves are made of."""

    rows: Path
    """The copy of the rows that were trained on."""
    steps: int
    evaluated_every: int = 0
    """Steps between two evaluations; 0 without an evaluation set."""


def curves(training: Training) -> dict[str, Curve]:
    """Return the metrics by their names; the evaluation's only where there was one."""
    found = _side("train", training, every=max(1, training.steps // _MOST_POINTS))
    if training.evaluated_every:
        every = max(training.evaluated_every, training.steps // _MOST_POINTS)
        found |= _side("eval", training, every=every)
    return found


def _side(side: str, training: Training, *, every: int) -> dict[str, Curve]:
    start, floor, phase = _character(training.rows)
    fall = max(1.0, min(_SLOWEST_FALL, training.steps / 4))
    losses: Curve = []
    for step in _steps(training.steps, every):
        loss = floor + (start - floor) * math.exp(-step / fall)
        if side == "train":
            loss *= 1 + 0.04 * math.sin(1.7 * step + phase)
        else:
            loss += 0.12 + _OVERFITS_BY * max(0, step - _OVERFITS_FROM) / training.steps
        losses.append((step, round(loss, 6)))
    predictions = float(100 + int(100 * phase))
    return {
        f"/{side}_total_loss": losses,
        f"/{side}_fraction_of_correct_next_step_preds": [
            (step, round(math.exp(-loss / 2), 6)) for step, loss in losses
        ],
        f"/{side}_num_predictions": [(step, predictions) for step, _ in losses],
    }


def _steps(last: int, every: int) -> Iterator[int]:
    yield from range(every, last, every)
    yield max(1, last)


def _character(rows: Path) -> tuple[float, float, float]:
    """Loss at the start, the loss that it falls towards, and a shift of its wobble, by the rows' bytes."""
    with rows.open("rb") as file:
        seed = hashlib.sha256(file.read(_LOOKED_AT_BYTES)).digest()
    return 1.8 + seed[0] / 255, 0.25 + seed[1] / 1020, 6.28 * seed[2] / 255
