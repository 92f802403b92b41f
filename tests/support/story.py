"""A plan that the tool's own engine applies with the real gcloud, and the project after each step's first and last change.

Knows the engine and the recorder; judges nothing.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from support.recorder.given import give, give_secret
from tunedrop_deploy_lib.applying import apply
from tunedrop_deploy_lib.errors import RefusedError
from tunedrop_deploy_lib.gcloud import Gcloud


@dataclass
class Told:
    """What an apply from nothing left."""

    project: bytes
    """The recorder, packed."""
    said: list[str]
    waits: list[float]
    ran: set[tuple[str, ...]]
    """Every command."""
    moments: dict[int, tuple[Any, Any]]
    """The project right after a step's first and after its last change, by the step's place."""


class Story:
    """A bench, and the tool's engine on it."""

    def __init__(self, bench):
        self.bench, self.steps = bench, bench.deployment.steps
        self.said = []

    def gcloud(self, execute=None):
        bench = self.bench
        return Gcloud(
            bench.deployment.facts,
            execute=execute or bench.run,
            sleep=bench.waits.append,
            say=self.said.append,
        )

    def apply(self, execute=None):
        return apply(
            self.bench.deployment,
            self.gcloud(execute),
            say=self.said.append,
            sleep=self.bench.waits.append,
        )

    def tell(self):
        """Apply from nothing; where a value is a person's to give, stop there as the tool does, and give it."""
        bench = self.bench
        told = Told(b"", self.said, bench.waits, set(), {})
        give(bench.recorder, bench.deployment.config)
        with pytest.raises(RefusedError, match="gcloud secrets versions add"):
            self.apply(self.remembering(told))
        give_secret(bench.recorder, bench.names.webhook_secret)
        self.apply(self.remembering(told))
        told.project = bench.recorder.packed()
        return told

    def remembering(self, told):
        """Run commands, and keep the project as it is after those that change it."""
        recorder = self.bench.recorder

        def run(arguments):
            before = len(recorder.changes)
            answer = self.bench.run(arguments)
            told.ran.add(tuple(arguments))
            if len(recorder.changes) > before:
                place, now = self.place(), recorder.snapshot()
                first, _ = told.moments.get(place, (now, now))
                told.moments[place] = (first, now)
            return answer

        return run

    def place(self):
        """The step that is being brought about, by what the tool said last."""
        said = [line for line in self.said if line.startswith(("    making ", "    correcting "))]
        makes = said[-1].split(" ", 5)[5]
        return next(n for n, step in enumerate(self.steps) if step.makes == makes)

    def begin(self, told):
        """Go on from where a telling ended."""
        self.bench.deployment.stage()
        self.bench.recorder.unpack(told.project)
        self.bench.waits[:], self.said[:] = told.waits, told.said
        self.ran, self.moments = told.ran, told.moments
        self.end = self.bench.recorder.snapshot()

    def put_back(self):
        """Let the project be as it was at the end of the telling."""
        self.bench.recorder.restore(self.end)
        self.bench.recorder.heal()
