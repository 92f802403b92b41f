"""A crash before or after any one side effect, then redelivery: the end is the same as without it.

One drop, or two of the same bytes, that wait for their recipe; one job, one tuned model, or no job at all
where the recipe is for rehearsals. Every write, copy, publication and call of the real handlers is crashed at
in turn.
"""

import json

import pytest

from support.world import World
from tunedrop.domain import naming
from tunedrop.domain.runs import RunState
from tunedrop.errors import FencedError, TunedropError
from tunedrop.handlers import receive, track_runs
from tunedrop.handlers.drops import Drop, read_receipt

LOCATION = "projects/test-project/locations/us-central1"
ENDING = {"tuned_model": f"{LOCATION}/models/7@1", "endpoint": f"{LOCATION}/endpoints/8"}
CODE = "".join(
    json.dumps({"input_text": f"q {n}", "output_text": f"a {n}"}) + "\n" for n in range(20)
)
GEMINI = "".join(
    json.dumps(
        {
            "contents": [
                {"role": "user", "parts": [{"text": f"q {n}"}]},
                {"role": "model", "parts": [{"text": f"a {n}"}]},
            ]
        }
    )
    + "\n"
    for n in range(20)
)
CASES = {"code-bison@002": CODE, "gemini-3.5-flash": GEMINI}
ONE, TWO = ("bot/x.jsonl",), ("bot/x.jsonl", "bot/y.jsonl")
REHEARSED = ("tunedrop-selftest/7f3a/x.jsonl", "tunedrop-selftest/7f3a/y.jsonl")
MOST_REDELIVERIES = 8
SWEEPS = 12


class Crash(BaseException):
    """The end of a process: no handler catches it."""


class Faulty:
    """Counts side effects and crashes at one of them, before or after it takes effect."""

    def __init__(self, world, crash_at, *, applied):
        self.crash_at, self.applied, self.count = crash_at, applied, 0
        effects = [
            *((world.store, name) for name in ("write", "upload", "copy", "delete")),
            (world.publisher, "publish"),
            (world.notices, "tell"),
            *(
                (jobs, name)
                for jobs in (world.pipelines, world.tunings)
                for name in ("create", "find")
            ),
            (world.models, "label"),
            (world.predictor, "ask"),
        ]
        for owner, name in effects:
            setattr(owner, name, self._crashing(getattr(owner, name)))

    def _crashing(self, effect):
        def call(*args, **kwargs):
            self.count += 1
            if self.count != self.crash_at:
                return effect(*args, **kwargs)
            if self.applied:
                effect(*args, **kwargs)
            raise Crash

        return call


def settled(world, handle):
    """Deliver again until it is acknowledged, as the broker does."""
    for _ in range(MOST_REDELIVERIES):
        try:
            return handle()
        except FencedError:
            return None
        except (Crash, TunedropError):
            world.clock.skip(1000)
    return pytest.fail(f"not acknowledged after {MOST_REDELIVERIES} deliveries")


def play(base_model, names, crash_at=0, *, applied=False):
    """The whole story with one crash; the world at its end, and how many side effects it had."""
    world = World()
    rows = CASES[base_model].encode()
    uploads = [world.store.put("test-intake", name, rows) for name in names]
    recipe = naming.in_folder(naming.folder_of(names[0]), naming.RECIPE_FILE)
    uploads.append(world.store.put("test-intake", recipe, f'base_model = "{base_model}"\n'))
    recipe_arrives_last = world.store.objects["test-intake"].pop(recipe)
    faulty = Faulty(world, crash_at, applied=applied)
    for info in uploads:
        if info.name == recipe:
            world.store.objects["test-intake"][info.name] = recipe_arrives_last
        settled(world, lambda info=info: receive.receive_object(world.services, finalized(info)))
    for sweep in range(SWEEPS):
        settled(world, world.deliver)
        world.clock.skip(300)
        if sweep == SWEEPS // 2:
            for jobs in (world.pipelines, world.tunings):
                jobs.end("JOB_STATE_SUCCEEDED", **ENDING)
        settled(world, lambda: track_runs.sweep(world.services, world.vertex))
    return world, uploads, faulty.count


def finalized(info):
    return receive.ObjectFinalized("e", info.bucket, info.name, info.generation)


def test_the_story_has_side_effects_to_crash_at():
    for base_model in CASES:
        assert 30 < play(base_model, ONE)[2] < play(base_model, TWO)[2]


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("names", [ONE, TWO], ids=["one-drop", "two-drops"])
@pytest.mark.parametrize("base_model", CASES)
def test_a_crash_at_any_side_effect_loses_and_doubles_nothing(base_model, names, applied):
    _, _, effects = play(base_model, names)

    for crash_at in range(1, effects + 1):
        world, uploads, _ = play(base_model, names, crash_at, applied=applied)
        said = f"crash {'after' if applied else 'before'} side effect {crash_at}"
        (run_id,) = world.runs()
        created = world.pipelines.created + world.tunings.created

        assert RunState.REGISTERED is world.run(run_id).state, said
        assert 1 == len(created) == len(world.store.names("test-ledger", "registry/")), said
        assert {"dataset-accepted", "run-launched", "run-succeeded", "model-registered"} <= set(
            world.publisher.kinds()
        ), said
        assert {run_id} == {card.run_id for card in world.notices.told}, said
        assert [] == world.open_runs(), said
        receipts = [
            read_receipt(world.services, Drop(i.bucket, i.name, i.generation)) for i in uploads
        ]
        assert [*["accepted"] * len(names), "recipe_accepted"] == [
            receipt["outcome"] for receipt in receipts
        ], said
        report = world.store.read("test-reports", f"runs/{run_id}/report.json", max_bytes=10**6)
        assert "registered" == json.loads(report)["state"], said


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("base_model", CASES)
def test_a_crash_at_any_side_effect_rehearses_once_and_creates_nothing(base_model, applied):
    _, _, effects = play(base_model, REHEARSED)

    for crash_at in range(1, effects + 1):
        world, uploads, _ = play(base_model, REHEARSED, crash_at, applied=applied)
        said = f"crash {'after' if applied else 'before'} side effect {crash_at}"
        (run_id,) = world.runs()
        states = [step.state for step in world.run(run_id).transitions]

        assert [RunState.ACCEPTED, RunState.REHEARSED] == states, said
        assert [] == world.pipelines.created + world.tunings.created, said
        assert {"dataset-accepted", "run-rehearsed"} == run_kinds(world), said
        assert {run_id} == {card.run_id for card in world.notices.told}, said
        assert [] == world.open_runs(), said
        receipts = [
            read_receipt(world.services, Drop(i.bucket, i.name, i.generation)) for i in uploads
        ]
        assert ["accepted", "accepted", "recipe_accepted"] == [
            receipt["outcome"] for receipt in receipts
        ], said
        report = world.store.read("test-reports", f"runs/{run_id}/report.json", max_bytes=10**6)
        assert "rehearsed" == json.loads(report)["state"], said


def run_kinds(world):
    """The facts that were published, each kind once."""
    return {
        kind for kind in world.publisher.kinds() if kind.startswith(("dataset-", "run-", "model-"))
    }
