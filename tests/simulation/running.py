"""Runs many seeds on several processes and adds up what they came to."""

import gc
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from simulation.judging import differs_when_repeated, judge
from simulation.scenarios import BY_NAME, play_all
from simulation.setups import setup_for

TWICE = 50
"""Every so many seeds one is told twice, with the real pages, and has to be the same."""
REPEATED = 10
"""Every so many seeds one has all its messages delivered once more at the end."""
CHUNK = 25


@dataclass
class Summary:
    """What seeds came to."""

    seeds: int = 0
    failing: dict = field(default_factory=dict)
    """Seed, or single fault, to its violations."""
    reached: Counter = field(default_factory=Counter)

    @property
    def broken(self):
        """How many violations there are."""
        return sum(map(len, self.failing.values()))

    def add(self, other):
        self.seeds += other.seeds
        self.failing |= other.failing
        self.reached += other.reached


def run_seeds(seeds):
    """One after another, in this process."""
    summary = Summary()
    with _garbage_later():
        for seed in seeds:
            summary.add(run_seed(seed))
    return summary


@contextmanager
def _garbage_later():
    """A world is one big cycle: looking for garbage while it lives finds none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()


def run_seed(seed):
    """One seed as `make simulate` runs it."""
    setup = replace(setup_for(seed), real_pages=seed % TWICE == 0)
    judgement = judge(setup, repeats=seed % REPEATED == 0)
    found = [tuple(broken) for broken in judgement.violations]
    if seed % TWICE == 0 and differs_when_repeated(setup):
        found.append(("seed", "the second time it went otherwise"))
    return Summary(1, {seed: found} if found else {}, judgement.reached)


def run_scenario(name):
    """One scenario with each single fault."""
    summary = Summary()
    for fault, judgement in play_all(BY_NAME[name]):
        found = [tuple(broken) for broken in judgement.violations]
        summary.add(Summary(1, {f"{name}, {fault}": found} if found else {}, judgement.reached))
    return summary


def run_scenarios(*, processes=None):
    """Every scenario on all cores."""
    summary = Summary()
    with ProcessPoolExecutor(processes or os.cpu_count()) as pool:
        for done in pool.map(run_scenario, BY_NAME):
            summary.add(done)
    return summary


def run_many(first, count, *, processes=None, progress=None, most_failing=20):
    """On all cores; stops early once so many seeds have failed."""
    chunks = [
        range(start, min(start + CHUNK, first + count))
        for start in range(first, first + count, CHUNK)
    ]
    summary, begun = Summary(), time.monotonic()
    with ProcessPoolExecutor(processes or os.cpu_count()) as pool:
        for done in pool.map(run_seeds, chunks):
            summary.add(done)
            if progress:
                progress(summary, time.monotonic() - begun)
            if len(summary.failing) >= most_failing:
                pool.shutdown(cancel_futures=True)
                break
    return summary
