"""Runs measurements as child processes, interleaved in rounds, and compares them round by round.

Knows processes, times and medians; knows no engine.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from tunedrop_bench.outcome import Outcome

_HERE = Path(__file__).parents[1]
_PATIENCE_SECONDS = 600
_GLANCE_SECONDS = 0.05
_SMALL = 0.1
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to measure: what to call, on what, in which interpreter."""

    name: str
    call: str
    argument: str
    subject: str
    size_bytes: int
    rows: int
    python: str = sys.executable
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement of one task."""

    wall_seconds: float
    cpu_seconds: float
    """Of all threads of the process, and of processes that it starts."""
    peak_mib: float
    """Of the process, or of all of them together where it starts others."""
    outcome: Outcome


@dataclass(slots=True)
class Series:
    """All measurements of one task, one a round."""

    task: Task
    samples: list[Sample] = field(default_factory=list)
    left_out: str = ""
    """Why there are none."""

    def median_of(self, value: Callable[[Sample], float]) -> float:
        """The median over the rounds."""
        return median(value(sample) for sample in self.samples)

    @property
    def megabytes_per_second(self) -> float:
        """By the clock on the wall."""
        return self.task.size_bytes / 1e6 / self.median_of(lambda sample: sample.wall_seconds)


def measure(tasks: Sequence[Task], rounds: int, say: Callable[[str], None]) -> dict[str, Series]:
    """Measure every task once a round; each round begins with another task, so that none is favoured."""
    every = {task.name: Series(task) for task in tasks}
    for number in range(rounds):
        start = number % len(tasks)
        for task in (*tasks[start:], *tasks[:start]):
            series = every[task.name]
            if not series.left_out:
                _measure_once(series)
        say(f"round {number + 1} of {rounds}")
    return every


def failures(every: Mapping[str, Series]) -> list[str]:
    """What could not be measured, and why."""
    return [f"{name}: {series.left_out}" for name, series in every.items() if series.left_out]


def times(base: Series, other: Series, value: Callable[[Sample], float]) -> float:
    """How many times less *other* spends a byte than *base*: the median of the rounds' ratios."""
    scale = other.task.size_bytes / base.task.size_bytes
    pairs = zip(base.samples, other.samples, strict=True)
    return median(scale * value(left) / value(right) for left, right in pairs)


def shown(ratio: float) -> str:
    """A ratio as the tables show it."""
    return f"{ratio:.2f}" if ratio >= _SMALL else f"{ratio:.2g}"


def wall(sample: Sample) -> float:
    """Seconds by the clock on the wall."""
    return sample.wall_seconds


def cpu(sample: Sample) -> float:
    """Seconds of all threads."""
    return sample.cpu_seconds


def _measure_once(series: Series) -> None:
    task = series.task
    asked = {"call": task.call, "argument": task.argument, "subject": task.subject}
    child = subprocess.Popen(
        [task.python, "-m", "tunedrop_bench.child", json.dumps(asked)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **task.environment, "PYTHONPATH": str(_HERE)},
    )
    said, complained, family_mib = _watched(child)
    if child.returncode:
        last = (complained.strip().splitlines() or ["no message"])[-1]
        series.left_out = f"ended with an error: {last}"
        return
    answer: dict[str, Any] = json.loads(said.splitlines()[-1])
    if "left_out" in answer:
        series.left_out = answer["left_out"]
        return
    answer["peak_mib"] = max(answer["peak_mib"], family_mib)
    outcome = Outcome(**answer.pop("outcome"))
    series.samples.append(Sample(**answer, outcome=outcome))


def _watched(child: "subprocess.Popen[str]") -> tuple[str, str, float]:
    """Wait for a child; what it wrote, and the most memory that it and its own children held together."""
    peak = 0.0
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            said, complained = child.communicate(timeout=_GLANCE_SECONDS)
        except subprocess.TimeoutExpired:
            peak = max(peak, _family_mib(child.pid))
            if time.monotonic() > deadline:
                child.kill()
                raise
            continue
        return said, complained, peak


def _family_mib(pid: int) -> float:
    """Proportional set sizes, which count a shared page once; 0 for a process without children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if not children:
            return 0.0
        texts = [Path(f"/proc/{each}/smaps_rollup").read_text() for each in (pid, *children)]
    except OSError:
        return 0.0
    return sum(int(size) for text in texts for size in _PSS.findall(text)) / 1024
