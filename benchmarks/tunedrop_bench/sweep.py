"""The part of a run that counts the calls of a sweep: over more open runs, and over runs that ended long ago.

Counts and measures no time; which calls there are is the counting ports' business.
"""

import io
from collections import Counter
from contextlib import redirect_stdout

from tunedrop.handlers.sweep import sweep
from tunedrop_bench.open_runs import Deployment
from tunedrop_bench.part import Part, Settings
from tunedrop_bench.tables import Table

OPEN = (1_000, 10_000)
ENDED = 10_000
_APART = "INTAKE listed"
_KINDS = ("listed", "read", "written", "published", "jobs listed", "jobs read", "jobs cancelled")
_IDLE = frozenset({"published", "jobs read", "jobs cancelled"})
"""What a sweep does only where something is due."""
_NOTE = (
    "Calls of one sweep in the steady state, the second in a row, over records in memory that the project's own code "
    "wrote: pages of 1,000 objects and of 100 jobs, one call a page. Of the open runs 5 % are held, 1 % launching, 1 % "
    "launched, 5 % running, half of these on each backend, and the rest wait; they take every slot, and were dropped "
    "three days ago. For drops of the last two days come up to 400 calls more, whatever their number. Ended runs ended "
    "ten days ago. The listing of INTAKE is counted apart: it grows with what lies there."
)

Counts = Counter[str]


def run(settings: Settings) -> Part:
    """Count the calls of a sweep over each number of open runs, without ended runs and with them."""
    found = {}
    for open_runs in OPEN:
        settings.say(f"sweep: {open_runs:,} open runs")
        found[open_runs] = count(open_runs, ENDED)
    few, many = (total(alone) for alone, _ in found.values())
    added = {
        f"{runs:,} open": float(total(beside) - total(alone))
        for runs, (alone, beside) in found.items()
    }
    rows = [
        _row(open_runs, ended_runs, counts)
        for open_runs, both in found.items()
        for ended_runs, counts in zip((0, ENDED), both, strict=True)
    ]
    columns = ("open runs", "ended runs", "calls", *_KINDS, _APART)
    return Part(
        tables=[Table("A sweep's calls", columns, rows, _NOTE)],
        measured={"sweep-open": {"": many / few}, "sweep-ended": added},
        faults=[fault for runs, both in found.items() for fault in _faults(runs, both)],
    )


def count(open_runs: int, ended_runs: int) -> tuple[Counts, Counts]:
    """Count the calls of a sweep over so many open runs: alone, and beside so many that have ended."""
    with redirect_stdout(io.StringIO()):  # the log
        deployment = Deployment(open_runs)
        deployment.fill()
        alone = _second_sweep(deployment)
        deployment.end(ended_runs)
        return alone, _second_sweep(deployment)


def total(counts: Counts) -> int:
    """All calls but those that list INTAKE."""
    return counts.total() - counts[_APART]


def _second_sweep(deployment: Deployment) -> Counts:
    for _ in range(2):
        deployment.calls.by_kind.clear()
        sweep(deployment.services, deployment.vertex)
    return Counter(deployment.calls.by_kind)


def _faults(open_runs: int, both: tuple[Counts, Counts]) -> list[str]:
    """What says that the sweep was not in its steady state after all."""
    told = f"sweep over {open_runs:,} open runs: expected nothing to be due"
    return [
        f"{told}, found {counts[kind]} x {kind}"
        for counts in both
        for kind in sorted(_IDLE)
        if counts[kind]
    ]


def _row(open_runs: int, ended_runs: int, counts: Counts) -> tuple[str, ...]:
    numbers = (open_runs, ended_runs, total(counts), *(counts[kind] for kind in (*_KINDS, _APART)))
    return tuple(f"{number:,}" for number in numbers)
