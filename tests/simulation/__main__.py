"""`python -m simulation SEEDS=100000 [FIRST=0]`: many seeds on all cores, and what they came to."""

import sys

from simulation.histories import keep
from simulation.judging import judge
from simulation.running import run_many, run_scenarios
from simulation.setups import setup_for
from simulation.shrinking import shrink
from simulation.story import told

_EVERY = 1000
_SHOWN = 3


def main(arguments):
    """Run, print the counters, tell the failing seeds, and end with one line."""
    options = dict(argument.split("=", 1) for argument in arguments)
    count, first = int(options.get("SEEDS", 1000)), int(options.get("FIRST", 0))
    single = run_scenarios()
    _list(single)
    _say(f"{single.seeds} single faults, {single.broken} violations")
    summary = run_many(first, count, progress=_progress)
    for name, times in sorted(summary.reached.items()):
        _say(f"{times:>10,}  {name}")
    for seed in sorted(summary.failing)[:_SHOWN]:
        _tell(seed)
    _list(summary)
    _say(f"{summary.seeds} seeds, {summary.broken} violations")
    return 1 if single.failing or summary.failing else 0


def _list(summary):
    for where, broken in sorted(summary.failing.items()):
        _say(f"{where}: {broken[0][0]}: {broken[0][1]}")


def _say(line):
    sys.stdout.write(f"{line}\n")


def _progress(summary, seconds):
    if summary.seeds % _EVERY == 0:
        rate = summary.seeds / max(seconds, 0.001)
        failing = len(summary.failing)
        sys.stderr.write(f"{summary.seeds} seeds, {rate:.0f} a second, {failing} failing\n")


def _tell(seed):
    """The smallest history that a failing seed could be made into."""
    judgement = judge(setup_for(seed), repeats=True)
    if not judgement.violations:
        return
    small = shrink(judgement, repeats=True)
    _say("\n".join(told(small)))
    _say(f"kept as {keep(small)}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
