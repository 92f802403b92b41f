"""Makes a failing history small: first fewer events, then fewer faults, as long as the same promise is broken."""

from dataclasses import replace

from simulation.judging import judge

_MOST_RUNS = 400


def shrink(judgement, *, repeats=False, most_runs=_MOST_RUNS):
    """A judgement about a smaller history that breaks one of the same invariants."""
    return _Shrinking(judgement, most_runs, repeats).done()


class _Shrinking:
    def __init__(self, judgement, most_runs, repeats):
        self._repeats = repeats
        self._best = judgement
        self._wanted = judgement.names
        self._left = most_runs
        self._setup = judgement.world.setup
        self._faults = dict(judgement.world.faults.met)

    def done(self):
        events = self._fewer(list(self._setup.events), self._with_events)
        self._setup = replace(self._setup, events=tuple(events))
        keys = self._fewer(list(self._faults), self._with_faults)
        self._faults = {key: self._faults[key] for key in keys}
        self._fails(self._setup, self._faults)
        return self._best

    def _fewer(self, items, fails):
        """Take away ever smaller parts of a list."""
        size = len(items)
        while size >= 1 and self._left > 0:
            start = 0
            while start < len(items):
                fewer = items[:start] + items[start + size :]
                if self._left > 0 and fails(fewer):
                    items = fewer
                else:
                    start += size
            size //= 2
        return items

    def _with_events(self, events):
        return self._fails(replace(self._setup, events=tuple(events)), self._faults)

    def _with_faults(self, keys):
        return self._fails(self._setup, {key: self._faults[key] for key in keys})

    def _fails(self, setup, faults):
        self._left -= 1
        found = judge(setup, faults, repeats=self._repeats)
        if not found.names & self._wanted:
            return False
        self._best = found
        return True
