"""What is left of a history, as plain values: what the invariants judge, wherever it was gathered.

Made from a simulated world by `gathering`; a test over the local cloud can fill it from its own servers. What
cannot be known there may be left empty: an invariant then has less to judge.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple


class Violation(NamedTuple):
    """One broken promise."""

    invariant: str
    text: str


@dataclass(frozen=True)
class Kept:
    """One record of LEDGER."""

    path: str
    record: Mapping[str, Any]
    created_at: datetime
    """The storage service's clock."""
    generation: int = 0


@dataclass(frozen=True)
class SeenJob:
    """One job as the service knows it."""

    name: str
    backend: str
    labels: Mapping[str, str]
    dataset_uri: str
    state: str
    created_at: datetime
    ended_at: datetime | None
    """None while it may still cost something."""
    tuned_model: str = ""
    cancel_asked_at: datetime | None = None
    late: bool = False
    """Created by a process that was frozen between its last check and the call."""


@dataclass(frozen=True)
class Delivered:
    """A message and what became of it."""

    key: str
    role: str
    record_path: str
    """Where a refusal, or a decision, of this message would be recorded."""
    about: Mapping[str, str]
    """What its body names: a drop's receipt path, a run."""
    settled: str
    acknowledged_at: datetime | None
    ends: Sequence[tuple[datetime, str]]
    """Each end of a delivery: when, and the code of a refused acknowledgement or ""."""
    most_attempts: int = 30


class Published(NamedTuple):
    """A message that a function published."""

    at: datetime
    role: str
    event_id: str
    body: bytes


@dataclass
class Evidence:
    """Everything."""

    records: Mapping[str, Kept]
    state: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Names in STATE to their metadata."""
    jobs: Sequence[SeenJob] = ()
    uploads: Sequence[tuple[str, str, int]] = ()
    """(bucket, name, generation) of every object that people uploaded."""
    staged: Mapping[str, str] = field(default_factory=dict)
    """Paths under `staged/` to the SHA-256 of their bytes."""
    messages: Sequence[Delivered] = ()
    published: Sequence["Published"] = ()
    """Everything that the functions published."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """Runs to the state that their page's data shows."""
    logs: Sequence[str] = ()
    outside: Sequence[str] = ()
    """Calls that no allow-list covers."""
    overwritten: Sequence[str] = ()
    """Records that somebody tried to change or take away."""
    secrets: Sequence[str] = ()
    """Texts of the datasets that may stand nowhere but in WORK and REPORTS."""
    creates: Sequence[tuple[datetime, str, str, str]] = ()
    """(when, run, attempt, answer) of each create call."""
    calls_of_delivery: Mapping[str, int] = field(default_factory=dict)
    deployment: str = "tunedrop"
    cap: int = 1
    usd_per_day: float | None = None
    calm_since: datetime | None = None
    """When faults stopped."""
    at_rest: bool = False
    """Faults have stopped and everything was given its time: liveness may be judged."""

    @cached_property
    def transitions(self):
        """The transitions of each run, in order of their numbers."""
        runs = defaultdict(list)
        for path in sorted(self.records):
            if path.startswith("runs/") and not path.endswith(".said.json"):
                runs[path.split("/")[1]].append(self.records[path])
        return dict(runs)

    @cached_property
    def verdicts(self):
        """The verdicts by drop."""
        return {
            path.removeprefix("verdicts/").removesuffix(".json"): kept.record
            for path, kept in self.records.items()
            if path.startswith("verdicts/")
        }

    @cached_property
    def jobs_of(self):
        """The jobs of each (run, attempt), oldest first."""
        jobs = defaultdict(list)
        for job in sorted(self.jobs, key=lambda job: job.created_at):
            run, attempt = job.labels.get("tunedrop-run"), job.labels.get("tunedrop-attempt")
            if run and attempt:
                jobs[run, int(attempt)].append(job)
        return dict(jobs)

    @cached_property
    def recorded(self):
        """The job names that each (run, attempt) has recorded."""
        names = defaultdict(list)
        for run, steps in self.transitions.items():
            for step in steps:
                if step.record["state"] == "launched":
                    names[run, step.record["attempt"]].append(step.record["detail"]["job_name"])
        return dict(names)

    def state_of(self, run):
        """Where a run stands."""
        return self.transitions[run][-1].record["state"]

    def newest_at(self, run, instant):
        """The newest transition that stood at an instant, or None."""
        standing = [step for step in self.transitions.get(run, ()) if step.created_at <= instant]
        return standing[-1] if standing else None

    def final(self):
        """What a history comes to: how each run and each drop ended, whatever happened on the way."""
        runs = {run: (self.state_of(run), self.attempt_of(run)) for run in self.transitions}
        drops = {
            path: kept.record["outcome"]
            for path, kept in self.records.items()
            if path.startswith("drops/") and ".waiting_for_" not in path
        }
        return runs, drops

    def attempt_of(self, run):
        return self.transitions[run][-1].record["attempt"]
