"""The AI service's jobs: they run for a while and end in every way that is documented, and in some that are not."""

from dataclasses import dataclass, field
from datetime import timedelta

from support.memory import START
from tunedrop.ai_ports import Job, JobError
from tunedrop.domain.job_states import job_state
from tunedrop.errors import (
    AlreadyExistsError,
    InvalidRequestError,
    NotFoundError,
    QuotaExhaustedError,
)

PROJECT = "test-project"
ENDINGS = (
    *["succeeded"] * 9,
    *["succeeded_without_endpoint"] * 3,
    "succeeded_without_model",
    "partially_succeeded",
    *["failed"] * 3,
    "failed_with_model",
    "cancelled",
    "expired",
    "deleted",
    "paused",
    "unknown",
)
"""How jobs end, each as often as it stands here."""
_RAW = {
    "succeeded": "SUCCEEDED",
    "succeeded_without_endpoint": "SUCCEEDED",
    "succeeded_without_model": "SUCCEEDED",
    "partially_succeeded": "PARTIALLY_SUCCEEDED",
    "failed": "FAILED",
    "failed_with_model": "FAILED",
    "cancelled": "CANCELLED",
    "expired": "EXPIRED",
    "paused": "PAUSED",
    "unknown": "77",
}
_ENDLESS = frozenset({"paused", "unknown"})
_WITH_MODEL = frozenset(
    {"succeeded", "succeeded_without_endpoint", "partially_succeeded", "failed_with_model"}
)


@dataclass
class Tuning:
    """One job as the service knows it; its state is a function of the time."""

    name: str
    labels: dict
    body: dict
    created: float
    visible: float
    runs: float
    ends: float
    ending: str
    by: str
    late: bool
    """Created by a process that was frozen after its last look."""
    ours: bool = True
    cancel_asked: float | None = None
    cancelled: float | None = None
    ask_by: str = ""

    def raw(self, now):
        """The state's name without its prefix; empty once the job is gone."""
        if self.cancelled is not None and now >= self.cancelled and self.cancelled < self.over:
            return "CANCELLED"
        if now >= self.ends:
            return "" if self.ending == "deleted" else _RAW[self.ending]
        if self.cancel_asked is not None:
            return "CANCELLING"
        return "RUNNING" if now >= self.runs else "PENDING"

    @property
    def over(self):
        """When it ends by itself; never, for some."""
        return float("inf") if self.ending in _ENDLESS else self.ends

    @property
    def live_until(self):
        """When it stops taking up a place."""
        return min(self.over, float("inf") if self.cancelled is None else self.cancelled)


@dataclass
class Tunings:
    """`JobService` of one backend."""

    scheduler: object
    draws: object
    takes_ids: bool
    quota: int
    list_lag: float
    longest: float
    squatters: float = 0.0
    endings: dict = field(default_factory=dict)
    """Ending by attempt's number, in place of drawing; from a scenario."""
    jobs: dict = field(default_factory=dict)
    calls: list = field(default_factory=list)
    """(seconds, method, labels or name, what came of it, delivery)."""
    acting: str = ""
    late: bool = False
    on_end: object = None

    def create(self, *, region, job_id, body):
        labels = dict(body["labels"])
        kind = "pipelineJobs" if self.takes_ids else "tuningJobs"
        key = f"job:{labels['tunedrop-run']}:{labels['tunedrop-attempt']}"
        number = len(self.jobs) + 1
        last = job_id if self.takes_ids else str(7000 + number)
        name = f"projects/{PROJECT}/locations/{region}/{kind}/{last}"
        if (
            self.takes_ids
            and name not in self.jobs
            and self.draws.share(f"{key}/squat") < self.squatters
        ):
            self._add(name, {}, {}, key, ours=False)
        if name in self.jobs:
            self._called("create", labels, "already_exists")
            raise AlreadyExistsError(name)
        live = [
            job for job in self.jobs.values() if job.created <= self.scheduler.now < job.live_until
        ]
        if len(live) >= self.quota:
            self._called("create", labels, "quota_exhausted")
            raise QuotaExhaustedError("concurrent jobs")
        self._add(name, labels, dict(body), key)
        self._called("create", labels, "created")
        return self.seen(self.jobs[name])

    def _add(self, name, labels, body, key, *, ours=True):
        now, draws = self.scheduler.now, self.draws
        attempt = labels.get("tunedrop-attempt", "")
        ending = self.endings.get(attempt) or ENDINGS[draws.bits(f"{key}/ending") % len(ENDINGS)]
        runs = now + draws.between(f"{key}/runs", 1, 400)
        job = self.jobs[name] = Tuning(
            name=name,
            labels=labels,
            body=body,
            created=now,
            visible=now + draws.between(f"{key}/lag/{len(self.jobs)}", 0, self.list_lag),
            runs=runs,
            ends=runs + draws.between(f"{key}/lasts", 30, self.longest),
            ending=ending,
            by=self.acting,
            late=self.late,
            ours=ours,
        )
        if self.on_end and ours and ending not in _ENDLESS:
            self.scheduler.at(job.ends, lambda: self.on_end(job))

    def get(self, name):
        job = self.jobs.get(name)
        if job is None or not job.raw(self.scheduler.now):
            raise NotFoundError(name)
        return self.seen(job)

    def find(self, *, region, labels):
        now = self.scheduler.now
        found = [
            self.seen(job)
            for job in self.jobs.values()
            if job.visible <= now
            and f"/locations/{region}/" in job.name
            and job.raw(now)
            and labels.items() <= job.labels.items()
        ]
        self._called("find", dict(labels), str(len(found)))
        return found[::-1]

    def recent(self, *, region, labels, since):
        return iter(
            [job for job in self.find(region=region, labels=labels) if job.created_at > since]
        )

    def cancel(self, name):
        job, now = self.jobs.get(name), self.scheduler.now
        raw = job.raw(now) if job else ""
        if not raw:
            raise NotFoundError(name)
        if job.live_until <= now:
            raise InvalidRequestError("the job has ended")
        self._called("cancel", name, raw)
        if job.cancel_asked is None:
            job.cancel_asked, job.ask_by = now, self.acting
            job.cancelled = now + self.draws.between(f"cancel:{name}", 2, 300)

    def _called(self, method, about, answer):
        self.calls.append((self.scheduler.now, method, about, answer, self.acting))

    def seen(self, job):
        now = self.scheduler.now
        raw = job.raw(now)
        state = raw if raw.isdigit() else f"JOB_STATE_{raw}"
        ended = now >= job.ends and raw == _RAW.get(job.ending)
        last = job.name.rsplit("/", 1)[-1]
        place = job.name.rsplit("/", 2)[0]
        with_model = ended and job.ending in _WITH_MODEL
        with_endpoint = with_model and job.ending in {"succeeded", "partially_succeeded"}
        return Job(
            name=job.name,
            state=job_state(state),
            raw_state=state,
            labels=job.labels,
            created_at=START + timedelta(seconds=job.created),
            error=JobError(3, "the training failed", "tuning") if raw == "FAILED" else None,
            tuned_model=f"{place}/models/{last}@1" if with_model else "",
            endpoint=f"{place}/endpoints/{last}" if with_endpoint else "",
        )
