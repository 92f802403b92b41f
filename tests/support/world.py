"""A whole deployment over in-memory ports: drop a file, deliver what was published, let jobs end."""

import itertools
import json
from pathlib import Path

from support.memory import (
    FixedClock,
    MemoryCurves,
    MemoryModels,
    MemoryNotices,
    MemoryPublisher,
    MemoryStore,
    ScriptedJobs,
    ScriptedPredictor,
)
from tunedrop.catalog import load_catalog
from tunedrop.config import Settings
from tunedrop.events import ObjectFinalized, PubsubDelivery
from tunedrop.handlers import decide, launch_run, receive, track_runs
from tunedrop.services import Services, Vertex
from tunedrop.timings import Timings

EXAMPLES = Path(__file__).parents[2] / "examples"
BUCKETS = {
    f"{role}_bucket": f"test-{role}" for role in ("intake", "work", "ledger", "state", "reports")
}
BASE_MODELS = ("code-bison@002", "codechat-bison@002", "gemini-3.5-flash")
NO_RETIREMENT = Path(__file__).with_name("no_retirement.toml")


def settings(**changes):
    values = {
        "project": "test-project",
        "allowed_base_models": BASE_MODELS,
        "allowed_regions": ("us-central1", "europe-west4"),
        "default_base_models": {"gemini": "gemini-3.5-flash", "code-generation": "code-bison@002"},
        "allow_unpriced": True,
        "timings": Timings(),
    }
    return Settings(**{**BUCKETS, **values, **changes})


class World:
    """The real handlers over doubles."""

    def __init__(self, *, notices=None, **changes):
        self.clock = FixedClock()
        self.settings = settings(**changes)
        self.store = MemoryStore(*BUCKETS.values(), clock=self.clock, create_only=["test-ledger"])
        self.publisher = MemoryPublisher()
        self.notices = notices or MemoryNotices()
        nonces = (f"nonce-{number}" for number in itertools.count())
        self.services = Services.assemble(
            settings=self.settings,
            catalog=load_catalog(NO_RETIREMENT),
            store=self.store,
            publisher=self.publisher,
            clock=self.clock,
            nonces=lambda: next(nonces),
            notices=self.notices,
        )
        self.pipelines = ScriptedJobs(self.clock, takes_ids=True)
        self.tunings = ScriptedJobs(self.clock, takes_ids=False)
        self.models = MemoryModels(self.clock)
        self.predictor = ScriptedPredictor()
        self.curves = MemoryCurves()
        self.vertex = Vertex.assemble(
            jobs={"pipeline_job": self.pipelines, "tuning_job": self.tunings},
            models=self.models,
            predictor=self.predictor,
            curves=self.curves,
            clock=self.clock,
        )
        self._delivered = 0
        self._messages = itertools.count(1)

    def drop(self, name, data, **metadata):
        """Upload an object and deliver its event; the outcome of the validator."""
        info = self.store.put("test-intake", name, data, **metadata)
        return self.finalize(info)

    def finalize(self, info, bucket=None):
        event = ObjectFinalized("e1", bucket or info.bucket, info.name, info.generation)
        return receive.receive_object(self.services, event)

    def drop_example(self, folder):
        """Upload an example folder, recipe first; the dataset's outcome."""
        outcome = None
        for path in sorted(
            (EXAMPLES / folder).iterdir(), key=lambda path: (path.name == "train.jsonl", path.name)
        ):
            outcome = self.drop(f"{folder}/{path.name}", path.read_bytes())
        return outcome

    def message(self, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return PubsubDelivery(message_id=f"m{next(self._messages)}", data=data, attributes={})

    def request(self, **fields):
        return receive.receive_request(self.services, self.message(fields))

    def control(self, **fields):
        return decide.receive_control(self.services, self.vertex, self.message(fields))

    def deliver(self):
        """Deliver what was published to whom it is for; the outcomes. What raises is delivered again next time."""
        outcomes = []
        while self._delivered < len(self.publisher.sent):
            topic, data, attributes = self.publisher.sent[self._delivered]
            delivery = PubsubDelivery(f"p{self._delivered}", data, attributes)
            if topic == "launches":
                outcomes.append(launch_run.receive_launch(self.services, self.vertex, delivery))
            elif topic == "requests":
                outcomes.append(receive.receive_request(self.services, delivery))
            elif topic == "job-events":
                outcomes.append(track_runs.receive_job_event(self.services, self.vertex, delivery))
            self._delivered += 1
        return outcomes

    def tick(self, seconds=0):
        self.clock.skip(seconds)
        return track_runs.receive_job_event(
            self.services, self.vertex, self.message({"kind": "sweep"})
        )

    def record(self, path):
        return json.loads(self.store.read("test-ledger", path, max_bytes=10**7))

    def open_runs(self):
        """Run ids that are marked as not ended."""
        return [mark.run_id for mark in self.services.runbook.marks.all()]

    def run(self, run_id):
        return self.services.runbook.load(run_id)

    def runs(self):
        """Run ids that have transitions."""
        return sorted({name.split("/")[1] for name in self.store.names("test-ledger", "runs/")})
