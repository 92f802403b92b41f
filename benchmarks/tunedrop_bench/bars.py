"""Floors and goals as data, and whether a run reached them.

The numbers are the project's own targets; nothing here measures.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One target."""

    key: str
    name: str
    floor: float
    """Beyond it the run fails."""
    goal: float
    """Reported only."""
    unit: str
    is_most: bool = False
    """Whether the numbers are upper bounds."""

    def reaches(self, bound: float, value: float) -> bool:
        """Whether a value is on the right side of a bound."""
        return value <= bound if self.is_most else value >= bound


BARS = (
    Bar(
        "structural", "structural check of Gemini and chat rows / pydantic per line", 2.5, 5.0, "x"
    ),
    Bar("full", "the full default check / pydantic per line", 1.0, 2.5, "x"),
    Bar(
        "download",
        "download + structural check / `download_as_text` + pydantic, CPU of the client",
        3.0,
        4.4,
        "x",
    ),
    Bar(
        "memory",
        "peak memory of `tunedrop check` at 1,000,000 rows and 1 GB",
        128.0,
        64.0,
        " MB",
        is_most=True,
    ),
    Bar(
        "validator",
        "validator cold start / naive `import aiplatform` function",
        0.30,
        0.20,
        " of naive",
        is_most=True,
    ),
    Bar("launcher", "launcher cold start / the same", 0.60, 0.20, " of naive", is_most=True),
    Bar(
        "sweep-open",
        "calls of a sweep at 10,000 open runs / at 1,000",
        11.0,
        10.0,
        "x",
        is_most=True,
    ),
    Bar(
        "sweep-ended",
        "calls that 10,000 ended runs add to a sweep",
        2.0,
        0.0,
        " calls",
        is_most=True,
    ),
)

Measured = dict[str, dict[str, float]]
"""By a bar's key: values by what they were measured on, such as a format."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a run stands to one bar."""

    bar: Bar
    values: Mapping[str, float]

    @property
    def worst(self) -> float | None:
        """The value that counts; None where nothing was measured."""
        if not self.values:
            return None
        return max(self.values.values()) if self.bar.is_most else min(self.values.values())

    @property
    def is_below_floor(self) -> bool:
        """Whether the run fails by it."""
        return self.worst is not None and not self.bar.reaches(self.bar.floor, self.worst)

    @property
    def word(self) -> str:
        """The judgement in words."""
        if self.worst is None:
            return "not measured"
        if self.is_below_floor:
            return "BELOW THE FLOOR"
        return (
            "goal met" if self.bar.reaches(self.bar.goal, self.worst) else "floor met, goal missed"
        )


def judge(measured: Measured) -> list[Judgement]:
    """Hold what was measured against every bar."""
    return [Judgement(bar, measured.get(bar.key, {})) for bar in BARS]
