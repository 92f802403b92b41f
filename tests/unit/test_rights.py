"""What each function does in a deployment's life is what the tables let it do, and the tables let it do no more."""

import inspect
import itertools

import pytest

from support.datasets import good_lines
from support.world import World
from tunedrop.contracts import LaunchRequested
from tunedrop.domain.formats import Format
from tunedrop.errors import PermanentError, QuotaExhaustedError
from tunedrop.handlers import decide, launch_run, receive, track_runs
from tunedrop.topology import BUCKETS, TOPICS

GEMINI = b'base_model = "gemini-3.5-flash"\n'
NEWEST = GEMINI + b'datasets = "newest"\n'
EARNED = GEMINI + b'[evaluation]\nholdout = 0.5\n[promotion]\npolicy = "always"\n'
DEAR = GEMINI + b"[budget]\nmax_usd_per_run = 0.000001\n"
MODEL = {
    "tuned_model": "projects/test-project/locations/us/models/1@1",
    "endpoint": "projects/test-project/locations/us/endpoints/7",
}
HANDLERS = {
    "validator": ((receive, "receive_object"), (receive, "receive_request")),
    "launcher": ((launch_run, "receive_launch"),),
    "status": ((track_runs, "receive_job_event"), (decide, "receive_control")),
}
READS = frozenset({"stat", "read", "stream", "list"})
PUBLISHES = "publishes"


class Watched(World):
    """A deployment that notes which party did what where."""

    def __init__(self, monkeypatch, **settings):
        super().__init__(**settings)
        self.noted, self._party = set(), None
        for party, handlers in HANDLERS.items():
            for module, name in handlers:
                monkeypatch.setattr(module, name, self._as(party, getattr(module, name)))
        for method in (*READS, "write", "upload", "copy", "delete"):
            monkeypatch.setattr(self.store, method, self._noting(method))
        publish = self.publisher.publish
        monkeypatch.setattr(self.publisher, "publish", self._publishing(publish))
        self._seeds = itertools.count(0, 100)

    def _as(self, party, handle):
        def handled(*arguments):
            self._party = party
            try:
                return handle(*arguments)
            except PermanentError as error:
                return self.services.refusal(party, f"message-{len(self.noted)}", error)
            finally:
                self._party = None

        return handled

    def _noting(self, method):
        call = getattr(self.store, method)
        parameters = inspect.signature(call)

        def noted(*arguments, **named):
            given = parameters.bind(*arguments, **named).arguments
            name = given.get("name", given.get("prefix", ""))
            does = "creates" if given.get("if_generation", 1) == 0 else "replaces"
            self._note("reads" if method in READS else does, given["bucket"], name)
            if method == "copy":
                self._note("reads", given["source"].bucket, given["source"].name)
            return call(*arguments, **named)

        return noted

    def _publishing(self, publish):
        def published(topic, data, attributes):
            self._note(PUBLISHES, topic.partition("/topics/tunedrop-")[2], "")
            return publish(topic, data, attributes)

        return published

    def _note(self, does, where, name):
        if self._party:
            folder = name.partition("/")[0] + "/" * ("/" in name)
            self.noted.add((self._party, does, where.removeprefix("test-"), folder))

    def tuned(self, folder, recipe=GEMINI, **request):
        """Drop a dataset of its own with its recipe, by an event or by a request; the run's id."""
        self.drop(f"{folder}/recipe.toml", recipe)
        data = b"".join(good_lines(Format.GEMINI, 40, start=next(self._seeds)))
        info = self.store.put("test-intake", f"{folder}/{next(self._seeds)}.jsonl", data)
        outcome = self.request(dataset_uri=info.uri, **request) if request else self.finalize(info)
        self.deliver()
        return outcome.run_id

    def end_job(self, state, **fields):
        self.tunings.end(state, **fields)
        self.tick(60)
        self.deliver()


@pytest.fixture
def noted(monkeypatch):
    """What a day of everything comes to."""
    world = Watched(monkeypatch, max_concurrent_jobs=1, max_usd_per_day=1000.0)
    world.drop("late/a.jsonl", b"".join(good_lines(Format.GEMINI, 20)))
    world.drop("late/recipe.toml", GEMINI)
    first = world.tuned("tide")
    world.tuned("harbour", priority=0)
    world.tuned("news", NEWEST)
    world.tuned("news", NEWEST)
    held = world.tuned("dear", DEAR)
    refused = world.tuned("dear", DEAR)
    world.tuned("tunedrop-selftest/a")
    world.drop("tide/bad.jsonl", b"{\n" * 20)
    world.request(dataset_uri="gs://elsewhere/a.jsonl")
    forged = LaunchRequested(drop_id="ab" * 16, run_id=first)
    world.services.post.send(forged, event_id="forged")
    world.control(action="approve", run_id=held)
    world.control(action="refuse", run_id=refused)
    world.control(action="pause")
    world.end_job("JOB_STATE_FAILED")
    world.control(action="retry", run_id=first)
    world.control(action="resume")
    world.tunings.refusals = [QuotaExhaustedError("429")]
    for _ in range(3):
        world.deliver()
        world.clock.skip(600)
        world.tick()
    world.deliver()
    world.control(action="cancel", run_id=open_with_job(world))
    world.end_job("JOB_STATE_SUCCEEDED", **MODEL)
    earned = world.tuned("earned", EARNED, priority=0)
    while not world.run(earned).ended:
        world.models.labels.clear()  # each job makes a model of its own
        world.end_job("JOB_STATE_SUCCEEDED", **MODEL)
    world.store.put("test-intake", "lost/a.jsonl", b"x")
    world.tick(600)
    world.deliver()
    assert world.run(first).attempt == 2
    return world.noted


def open_with_job(world):
    return next(mark.run_id for mark in world.services.runbook.marks.all() if mark.job)


def allowed(noted):
    """Whether the tables allow what was noted."""
    party, does, where, folder = noted
    if does == PUBLISHES:
        return party in next(topic for topic in TOPICS if topic.role == where).publishes
    bucket = next(bucket for bucket in BUCKETS if bucket.role == where)
    if does == "reads":
        return party in bucket.reads
    granted = [bucket.replaces.get(party)]
    granted += [bucket.creates.get(party)] if does == "creates" else []
    return any(folders == () or folder in (folders or ()) for folders in granted)


def test_no_function_does_what_the_tables_do_not_let_it_do(noted):
    assert [] == sorted(each for each in noted if not allowed(each))


def test_no_function_has_a_right_that_nothing_needs(noted):
    ledger = next(bucket for bucket in BUCKETS if bucket.role == "ledger")
    folders = {
        (party, "creates", "ledger", folder)
        for party, folders in ledger.creates.items()
        for folder in folders
    }
    topics = {
        (party, PUBLISHES, topic.role, "")
        for topic in TOPICS
        for party in topic.publishes
        if party in HANDLERS
    }

    assert set() == (folders | topics) - noted
