"""A whole deployment in one thread: the real handlers over simulated storage, broker, Vertex and clocks.

Runs in two parts: while people and faults are about, and afterwards, with sweeps alone, until nothing is open.
Two things are not the product's own here: pages are written from a small summary of their view (the write
itself stays), except in every fiftieth world; and the result of checking a file is remembered by its bytes and
the check's options, as it is the real check's result.
"""

from contextlib import contextmanager

from simulation import people
from simulation.broker import Broker
from simulation.decisions import Draws, Faults
from simulation.quick import catalog, settings_for
from simulation.scheduling import Scheduler, WorldClock
from simulation.serving import Answers, Curves, Serving
from simulation.storage import Storage
from simulation.vertex import Tunings
from simulation.workers import work
from support.memory import MemoryNotices
from support.world import BUCKETS
from tunedrop.domain import places
from tunedrop.domain.runs import ENDED

TICK_SECONDS = 300
_RESTS = (300, 300, 600, 1800, 3600, 3600, *[2 * 3600] * 24, *[12 * 3600] * 40)
"""How long each sweep after the faults waits for the last: whatever is still due is due by then."""


class World:
    """One history, from a setup."""

    def __init__(self, setup, faults=None):
        self.setup = setup
        self.draws = Draws(setup.seed)
        self.faults = Faults(self.draws, setup.fault_rate, frozenset(setup.kinds), faults)
        self.scheduler = Scheduler()
        self.settings = settings_for(setup)
        self.catalog = catalog()
        clock = WorldClock(self.scheduler)
        self.storage = Storage(
            *BUCKETS.values(), clock=clock, scheduler=self.scheduler, create_only=["test-ledger"]
        )
        self.broker = Broker(
            self.scheduler,
            self.draws,
            self.faults,
            start=lambda message, attempt: self.scheduler.start(
                lambda: work(self, message, attempt)
            ),
            most_attempts=setup.most_attempts,
            ack_deadline=self.settings.timings.ack_deadline_seconds,
        )
        self.notices = MemoryNotices()
        self.pipelines = self._jobs(takes_ids=True)
        self.tunings = self._jobs(takes_ids=False)
        self.serving = Serving(self.scheduler, self.draws)
        self.answers = Answers(self.draws, setup.silent)
        self.curves = Curves()
        self.uploads = []
        self.denials = []
        """(what, until when in seconds, the error that it answers with)."""
        self.trace, self.deliveries, self.outside = [], [], []
        self.lines = []
        self.frozen = []
        """(seconds, delivery, call, for how long)."""
        self.still = True
        """Whether everything came to its end in the second part."""

    def _jobs(self, *, takes_ids):
        return Tunings(
            scheduler=self.scheduler,
            draws=self.draws,
            takes_ids=takes_ids,
            quota=self.setup.quota,
            list_lag=self.setup.list_lag,
            longest=self.setup.longest_job,
            squatters=self.setup.squatters,
            endings=dict(self.setup.endings),
            on_end=(lambda job: people.tell_of_end(self, job)) if takes_ids else None,
        )

    def live(self):
        """Let everything happen, then let everything end."""
        for event in self.setup.events:
            self.scheduler.at(event["at"], lambda event=event: people.happen(self, event))
        ticks = int(self.setup.busy_seconds // TICK_SECONDS)
        for number in range(1, ticks + 1):
            self.scheduler.at(
                number * TICK_SECONDS, lambda number=number: people.tick(self, number)
            )
        last = max((event["at"] for event in self.setup.events), default=0)
        self.scheduler.run_until(max(self.setup.busy_seconds, last + 1))
        self.faults.active = False
        self.denials.clear()
        self.come_to_rest(ticks)
        return self

    def come_to_rest(self, ticks):
        """Sweep until nothing is open, and once more; then when drops without an answer are asked about next."""
        at_rest, waits = 0, True
        self._resume()
        for number, seconds in enumerate(_RESTS, start=ticks + 1):
            people.tick(self, number)
            self.scheduler.run_until(self.scheduler.now + seconds)
            at_rest = at_rest + 1 if self._nothing_open() else 0
            if at_rest > 1:
                if not waits or self._all_answered():
                    return
                at_rest, waits = 0, False
                self.scheduler.run_until(2 * self.scheduler.now)
        self.still = False

    def _all_answered(self):
        ledger = self.storage.objects["test-ledger"]
        return all(
            places.receipt_path(info.bucket, info.name, info.generation) in ledger
            for info in self.storage.list(people.INTAKE, prefix="")
        )

    def _resume(self):
        if "paused" in self.storage.objects["test-state"]:
            event = {"id": "resume", "do": "control", "action": "resume"}
            people.happen(self, event)

    def _nothing_open(self):
        if any(not message.settled for message in self.broker.messages):
            return False
        if any(name.startswith(("open/", "queue/")) for name in self.storage.objects["test-state"]):
            return False
        now = self.scheduler.now
        jobs = (*self.pipelines.jobs.values(), *self.tunings.jobs.values())
        return all(now >= job.live_until or not job.ours for job in jobs) and all(
            self.state_of(run) in ENDED for run in self.run_ids()
        )

    # What deliveries tell.

    def began(self, caller):
        self.deliveries.append([self.scheduler.now, caller, None, None])
        caller.entry = self.deliveries[-1]

    def ended(self, caller, code):
        caller.entry[2:] = [self.scheduler.now, code]

    def note(self, caller, what, args, kwargs, fault):
        """One call, for the story; and whether it was one that is not allowed."""
        self.trace.append((self.scheduler.now, caller.key, what, args, kwargs, fault))
        if what.startswith("store."):
            self._expect_own_bucket(caller, what, args)
        elif what.endswith(".create") and kwargs["region"] not in self.settings.allowed_regions:
            self.outside.append(f"{caller.key}: {what} in {kwargs['region']}")
        elif what == "publisher.publish" and not args[0].startswith(
            "projects/test-project/topics/"
        ):
            self.outside.append(f"{caller.key}: {what} on {args[0]}")

    def _expect_own_bucket(self, caller, what, args):
        bucket = args[1] if what == "store.copy" else args[0]
        writes = what in {"store.write", "store.copy", "store.delete", "store.upload"}
        if bucket not in self.storage.objects or (writes and bucket == people.INTAKE):
            self.outside.append(f"{caller.key}: {what} in {bucket}")

    def freeze(self, caller, seconds):
        """The process stands still; in some worlds its connection breaks and the message comes again at once."""
        self.frozen.append((self.scheduler.now, caller.key, self.trace[-1][2], seconds))
        if self.draws.bits(f"{caller.key}/broken") & 1:
            self.broker.hurry(caller.message, 10)
        self.scheduler.pause(seconds)

    @contextmanager
    def late(self, what):
        self.pipelines.late = self.tunings.late = what.endswith(".create")
        try:
            yield
        finally:
            self.pipelines.late = self.tunings.late = False

    # What there is.

    def run_ids(self):
        names = self.storage.list("test-ledger", prefix="runs/")
        return sorted({info.name.split("/")[1] for info in names})

    def state_of(self, run_id):
        """By the newest transition's metadata."""
        *_, newest = self.storage.list("test-ledger", prefix=f"runs/{run_id}/")
        return newest.metadata["state"]

    def verdict_ids(self):
        names = self.storage.list("test-ledger", prefix="verdicts/")
        return [info.name.split("/")[1].removesuffix(".json") for info in names]
