"""A deployment in memory with as many runs as one likes, at every point where a run may stand.

Writes records with the project's own code, so that they are what a sweep meets; measures nothing.
"""

from datetime import timedelta
from itertools import count
from typing import Any, cast

from tunedrop.ai_ports import Curves, Models, Predictor
from tunedrop.catalog import load_catalog
from tunedrop.config import Settings
from tunedrop.domain import naming, places
from tunedrop.domain.runs import HOLDING, Run, RunState
from tunedrop.handlers import slots, waiting
from tunedrop.ports import ObjectStore
from tunedrop.services import Services, Vertex
from tunedrop_bench.counting import (
    Calls,
    CountingJobs,
    CountingPublisher,
    CountingStore,
    StillClock,
)

SHARES = {
    RunState.HELD: 0.05,
    RunState.LAUNCHING: 0.01,
    RunState.LAUNCHED: 0.01,
    RunState.RUNNING: 0.05,
}
"""Of the open runs; the rest wait in the queue."""
_RECIPES = 20
_OLD = timedelta(days=10)
_DROPPED = timedelta(days=3)
_LAUNCHED = timedelta(hours=1)
_JOB_DAYS = 1
_REGION = "us-central1"
_BACKENDS = ("pipeline_job", "tuning_job")
_WAYS = {
    RunState.HELD: (RunState.HELD,),
    RunState.QUEUED: (RunState.QUEUED,),
    RunState.LAUNCHING: (RunState.LAUNCHING,),
    RunState.LAUNCHED: (RunState.LAUNCHING, RunState.LAUNCHED),
    RunState.RUNNING: (RunState.LAUNCHING, RunState.LAUNCHED, RunState.RUNNING),
    RunState.FAILED: (RunState.LAUNCHING, RunState.LAUNCHED, RunState.FAILED),
}
_JOB_STATES = {
    RunState.LAUNCHED: "PENDING",
    RunState.RUNNING: "RUNNING",
    RunState.FAILED: "FAILED",
}


class Deployment:
    """The real services over ports that count."""

    def __init__(self, open_runs: int) -> None:
        self._states = _mix(open_runs)
        self.calls = Calls()
        self._clock = StillClock()
        self._now = self._clock.now()
        self._numbers = count()
        settings = _settings(sum(state in HOLDING for state in self._states))
        store = CountingStore(self.calls, self._clock, apart=settings.intake_bucket)
        nonces = count()
        self.services = Services.assemble(
            settings=settings,
            catalog=load_catalog(),
            store=cast("ObjectStore", store),  # a sweep moves no dataset
            publisher=CountingPublisher(self.calls),
            clock=self._clock,
            nonces=lambda: str(next(nonces)),
        )
        self._jobs = {
            "pipeline_job": CountingJobs(self.calls, self._clock, filters=True),
            "tuning_job": CountingJobs(self.calls, self._clock, filters=False),
        }
        self.vertex = Vertex.assemble(
            jobs=self._jobs,
            models=cast("Models", None),  # no run of these has got that far
            predictor=cast("Predictor", None),
            curves=cast("Curves", None),
            clock=self._clock,
        )

    def fill(self) -> None:
        """Have the open runs be there, dropped three days ago and launched within the hour."""
        for state in self._states:
            self._clock.go(_DROPPED, since=self._now)
            run = self._begin(next(self._numbers))
            if state in HOLDING:
                ago = timedelta() if state is RunState.LAUNCHING else _LAUNCHED
                self._clock.go(ago, since=self._now)
            self._take(run, state)
        self._clock.at = self._now

    def end(self, ended_runs: int) -> None:
        """Have so many runs be there that ended ten days ago."""
        self._clock.go(_OLD, since=self._now)
        for _ in range(ended_runs):
            run = self._take(self._begin(next(self._numbers)), RunState.FAILED)
            self.services.runbook.close(run)
        self._clock.at = self._now

    def _begin(self, number: int) -> Run:
        """Drop a dataset and take its run's first step, with all records that this leaves."""
        services, recipe = self.services, f"recipe-{number % _RECIPES}"
        name, key = f"{recipe}/{number:06d}.jsonl", naming.digest("run", str(number))
        info = services.store.write(services.settings.intake_bucket, name, b"", if_generation=None)
        run_id, drop_id = (
            naming.run_id(recipe, key),
            naming.drop_id(info.bucket, name, info.generation),
        )
        told = {"outcome": "accepted", "run_id": run_id}
        ledger = services.ledger
        ledger.create(places.receipt_path(info.bucket, name, info.generation), {"kind": "receipt"})
        ledger.create(places.verdict_path(drop_id), {"kind": "verdict"}, metadata=told)
        ledger.create(places.asker_path(run_id, drop_id), {"kind": "asker"})
        run = services.runbook.start(run_id, key, _accepted(number, recipe, drop_id))
        services.runbook.announce(run)
        return run

    def _take(self, run: Run, state: RunState) -> Run:
        services, plan = self.services, run.accepted["plan"]
        name = f"projects/p/locations/{plan['region']}/jobs/{run.run_id}"
        for each in _WAYS[state]:
            run = services.runbook.step(run, each, self._detail(each, name))
            if each is RunState.LAUNCHING and state in HOLDING:
                slots.take(services, run)
        if run.launched:
            labels = naming.labels_of(
                deployment=services.settings.deployment, run=run.run_id, attempt=1
            )
            self._jobs[plan["backend"]].put(name, labels, _JOB_STATES[state])
        if state is RunState.QUEUED:
            waiting.enter(services, run, not_before=None)
        return run

    def _detail(self, state: RunState, job_name: str) -> dict[str, Any]:
        lease = timedelta(seconds=self.services.settings.timings.lease_seconds)
        details: dict[RunState, dict[str, Any]] = {
            RunState.LAUNCHING: {"lease_expires_at": (self._clock.now() + lease).isoformat()},
            RunState.LAUNCHED: {"job_name": job_name},
            RunState.HELD: {"code": "burst"},
            RunState.QUEUED: {"code": "no_slot"},
            RunState.FAILED: {"code": "job_failed"},
        }
        return details.get(state, {})


def _mix(open_runs: int) -> list[RunState]:
    """So many states, in the shares given, of each at least one."""
    states = [
        state for state, share in SHARES.items() for _ in range(max(1, round(share * open_runs)))
    ]
    return states + [RunState.QUEUED] * (open_runs - len(states))


def _settings(cap: int) -> Settings:
    buckets = {f"{role}_bucket": role for role in ("intake", "work", "ledger", "state", "reports")}
    return Settings.model_validate(
        {"project": "bench-project", "region": _REGION, "max_concurrent_jobs": cap, **buckets}
    )


def _accepted(number: int, recipe: str, drop_id: str) -> dict[str, Any]:
    """What a run's first step tells a sweep."""
    return {
        "drop_id": drop_id,
        "recipe": {"name": recipe, "effective": {}},
        "asked": {"priority": 5, "correlation_id": ""},
        "plan": {
            "backend": _BACKENDS[number % len(_BACKENDS)],
            "base_model": "code-bison@002",
            "region": _REGION,
            "cost": {"usd": 1.0},
            "deadline_seconds": timedelta(days=_JOB_DAYS).total_seconds(),
        },
    }
