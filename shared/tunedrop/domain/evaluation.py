"""Whether a tuned model is better than a rival on the same rows, by a paired bootstrap with a noise floor.

Pure: scores in, a verdict out, and the same bytes for the same scores; knows no model and no metric's meaning.
"""

import hashlib
import struct
from collections.abc import Mapping, Sequence
from math import fsum
from typing import Literal

from msgspec import Struct
from msgspec.structs import asdict

from tunedrop.domain import naming
from tunedrop.domain.scoring import CHRF, DIGITS, METRICS, Scores

TUNED, BASE, CHAMPION = MODELS = ("tuned", "base", "champion")
"""In the order in which they are asked and shown."""
FEWEST_ROWS = 20
"""Of fewer rows nothing is concluded; our own choice, by the simulation in decision 21."""
LEAST_DIFFERENCE = 0.5
"""Points of 100 that a difference has to exceed however narrow its interval is; our own choice."""
IMAGINED_POINTS = 50.0
"""How far off the mean two imagined rows lie, one above and one below, that are resampled with the others.

They stand for what few rows have not shown, such as the answer in ten that is broken; our own choice.
"""
RESAMPLES = 2_000
_BEYOND = RESAMPLES // 40
"""How many resamples lie below the interval, and as many above: 2.5 % each, and 95 % within."""

Outcome = Literal["better", "worse", "alike", "too_few_rows"]
Row = Mapping[str, Scores]
"""The scores of each model's answer to one question, by model."""


class Difference(Struct, frozen=True):
    """Tuned less rival in the mean of one metric, in points of 100."""

    difference: float
    low: float
    """Lower end of the 95 % interval."""
    high: float
    noise_floor: float
    """What the difference has to exceed, either way, to count."""

    @property
    def outcome(self) -> Outcome:
        """What it says of the tuned model."""
        if self.difference > self.noise_floor and self.low > 0:
            return "better"
        if self.difference < -self.noise_floor and self.high < 0:
            return "worse"
        return "alike"


class Bootstrap:
    """Draws the rows of every resample, the same for each metric and each rival.

    The numbers come from SHAKE-256 over the seed, a published standard: Python's own generator would be another
    thing to trust over the years.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._draws: dict[int, list[tuple[int, ...]]] = {}

    def difference(self, differences: Sequence[float]) -> Difference:
        """The mean of a difference a row, with its interval and its noise floor; of one row at least."""
        mean = fsum(differences) / len(differences)
        imagined = (mean - IMAGINED_POINTS, mean + IMAGINED_POINTS)
        # Either way round, so that exchanging the models turns the sign of everything and no more.
        pools = ([*differences, *imagined], [*differences, *reversed(imagined)])
        count = len(differences) + len(imagined)
        resampled = sorted(
            fsum(map(pool.__getitem__, draw)) / count
            for pool in pools
            for draw in self._drawn(count)
        )
        low, high = _rounded(resampled[_BEYOND]), _rounded(resampled[-1 - _BEYOND])
        return Difference(
            difference=_rounded(mean),
            low=low,
            high=high,
            noise_floor=max(_rounded((high - low) / 2), LEAST_DIFFERENCE),
        )

    def _drawn(self, count: int) -> list[tuple[int, ...]]:
        if count not in self._draws:
            wanted = RESAMPLES // 2 * count
            stream = hashlib.shake_256(self._seed.encode()).digest(4 * wanted)
            # A number of 32 bits as a share of the rows: no row is likelier by more than a ten-millionth.
            rows = [(number * count) >> 32 for number in struct.unpack(f">{wanted}I", stream)]
            starts = range(0, wanted, count)
            self._draws[count] = [tuple(rows[start : start + count]) for start in starts]
        return self._draws[count]


def seed_of(run_id: str, hashes: Sequence[str]) -> str:
    """The seed of a run's comparisons: its id and the content hashes of the rows, in their order."""
    return naming.digest("evaluation", run_id, *hashes)


def verdict_of(rows: Sequence[Row], *, seed: str) -> dict[str, object]:
    """What the scores come to, as plain JSON.

    Args:
        rows: The same models in each; none where nobody answered in time.
        seed: See `seed_of`.

    Returns:
        `rows`: how many; `means`: by model and metric, None where no row has the metric; `comparisons`: of the
        tuned model with each rival, by chrF, with the other metrics that got worse beyond their own noise.
    """
    bootstrap = Bootstrap(seed)
    models = [model for model in MODELS if rows and model in rows[0]]
    return {
        "rows": len(rows),
        "means": {model: {name: _mean(rows, model, name) for name in METRICS} for model in models},
        "comparisons": [_comparison(bootstrap, rows, rival) for rival in models if rival != TUNED],
    }


def _comparison(bootstrap: Bootstrap, rows: Sequence[Row], rival: str) -> dict[str, object]:
    found = bootstrap.difference(_differences(rows, rival, CHRF))
    outcome: Outcome = found.outcome if len(rows) >= FEWEST_ROWS else "too_few_rows"
    others = (name for name in METRICS if name != CHRF)
    return {
        "rival": rival,
        "metric": CHRF,
        **asdict(found),
        "rows": len(rows),
        "outcome": outcome,
        "worse_in": [name for name in others if _is_worse(bootstrap, rows, rival, name)],
    }


def _is_worse(bootstrap: Bootstrap, rows: Sequence[Row], rival: str, metric: str) -> bool:
    differences = _differences(rows, rival, metric)
    if len(differences) < FEWEST_ROWS:
        return False
    return bootstrap.difference(differences).outcome == "worse"


def _differences(rows: Sequence[Row], rival: str, metric: str) -> list[float]:
    pairs = ((row[TUNED][metric], row[rival][metric]) for row in rows)
    return [ours - theirs for ours, theirs in pairs if ours is not None and theirs is not None]


def _mean(rows: Sequence[Row], model: str, metric: str) -> float | None:
    values = [value for row in rows if (value := row[model][metric]) is not None]
    return _rounded(fsum(values) / len(values)) if values else None


def _rounded(value: float) -> float:
    return round(value, DIGITS) + 0.0  # no minus zero
