"""Runs whose tuned model is registered and has held-out rows, over a `World`, and what their models answer.

Drives the real handlers; judges nothing.
"""

import json
import re
from datetime import date

from msgspec.structs import replace

from tunedrop.domain import places
from tunedrop.handlers import champions
from tunedrop.handlers.champions import Champion

RECIPE = """base_model = "gemini-3.5-flash"
[tuning]
epochs = 2
[evaluation]
holdout = 0.5
"""
MODEL = "projects/test-project/locations/us/models/7@1"
ENDPOINT = "projects/test-project/locations/us/endpoints/8"
BASE = "projects/test-project/locations/us/publishers/google/models/gemini-3.5-flash"
CHAMPION = "projects/test-project/locations/us/endpoints/9"
WORK = "test-work"


def row(number, *, context=""):
    """A Gemini row whose expected answer follows from its question."""
    instruction = {"systemInstruction": {"parts": [{"text": context}]}} if context else {}
    turns = [
        {"role": "user", "parts": [{"text": f"What does function number {number} of tide do?"}]},
        {"role": "model", "parts": [{"text": expected(number)}]},
    ]
    return json.dumps({**instruction, "contents": turns})


def expected(number):
    """What the dataset says to a number."""
    return f"Function number {number} returns the height of tide {number * 7} at the harbour."


def rows(numbers, **options):
    return "".join(f"{row(number, **options)}\n" for number in numbers)


def question_number(text):
    """Which row a question, or an instance that asks it, is about."""
    if not isinstance(text, str):
        text = text["contents"][-1]["parts"][0]["text"]
    return int(re.search(r"number (\d+)", text)[1])


def knows(**answers):
    """A predictor's answer: by model (`tuned`, `base`, `champion`) a function of the row's number."""
    by_target = {ENDPOINT: "tuned", BASE: "base", CHAMPION: "champion"}
    return lambda target, instance: answers[by_target[target]](question_number(instance))


def tuned(world, *, data=None, recipe=RECIPE, folder="bot"):
    """Drop a dataset and have its job end well, nobody having looked at it since; the run's id."""
    world.drop(f"{folder}/recipe.toml", recipe)
    outcome = world.drop(f"{folder}/train.jsonl", data or rows(range(40)))
    run_id = outcome.run_id
    world.deliver()
    jobs = world.tunings if world.tunings.jobs else world.pipelines
    state = "JOB_STATE" if jobs is world.tunings else "PIPELINE_STATE"
    jobs.end(f"{state}_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)
    return run_id


def look(world):
    """One sweep, when runs that nobody looked after are due again; what it publishes is left undelivered."""
    world.tick(seconds=600)
    return world


def retire(world, name):
    """Have a base model gone since the beginning of the month."""
    entries = world.services.catalog.entries
    gone = replace(entries[name].retirement, on=date(2026, 11, 1))
    entries[name] = replace(entries[name], retirement=gone)


def evaluated(world, **options):
    """A run taken to its end; its id."""
    run_id = tuned(world, **options)
    look(world).deliver()
    return run_id


def crown(world, *, hashes=None, recipe="bot", **changes):
    """Make a model of another run the champion, with these content hashes held out for it."""
    run_id = "earlier-0123456789abcdef"
    if hashes is not None:
        world.store.put(WORK, "holdout/earlier.hashes", hashes)
    world.services.runbook.start(
        run_id,
        "key",
        {
            "holdout_hashes": None
            if hashes is None
            else {"path": "holdout/earlier.hashes", "count": 1},
            "recipe": {"name": recipe},
        },
    )
    fields = {
        "sequence": 1,
        "at": world.clock.now(),
        "recipe": recipe,
        "version": 4,
        "run_id": run_id,
        "attempt": 1,
        "tuned_model": MODEL,
        "endpoint": CHAMPION,
        "base_model": "gemini-3.5-flash",
        "dataset_format": "gemini",
        "action": "promoted",
        "code": "always",
    }
    assert champions.append(world.services, Champion(**{**fields, **changes}))
    return run_id


def detail(world, run_id, state):
    """What the newest step into a state says."""
    step = world.run(run_id).newest(state)
    return step.detail if step else None


def comparison_files(world, run_id, sequence=0):
    """The files of a comparison, by their names."""
    prefix = places.comparison_prefix(run_id, 1, sequence)
    return [name.removeprefix(prefix) for name in world.store.names(WORK, prefix)]
