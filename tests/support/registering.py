"""Runs of a priced base model taken as far as a registered model, and a catalog with other dates; judges nothing."""

from unittest import mock

from msgspec.structs import replace

from support.launching import drop, gemini_rows, launch, lose_messages
from support.memory import START
from tunedrop.catalog import Catalog
from tunedrop.domain import naming
from tunedrop.domain.serving import DeployedModel, Endpoint
from tunedrop.errors import InvalidRequestError
from tunedrop.handlers import champions, follow_run
from tunedrop.handlers.crowning import candidate

BASE = "gemini-3.5-flash"
LOCATION = "projects/test-project/locations/us"


def model(words):
    return f"{LOCATION}/models/{words}@1"


def endpoint(words):
    return f"{LOCATION}/endpoints/{words}"


def launched(world, words, *, recipe="bot", more=""):
    """Have a dataset of a recipe accepted and its job created; the run's id."""
    world.drop(f"{recipe}/recipe.toml", f'base_model = "{BASE}"\n{more}')
    run_id = drop(world, words, data=gemini_rows(words), folder=f"{recipe}/")
    launch(world, run_id)
    return run_id


def look(world):
    """Look after every run, but decide about none that is registered."""
    with mock.patch.object(follow_run, "_concluded", lambda services, vertex, run: run):
        world.tick()
    lose_messages(world)


def finished(world, words, **job):
    """Let every job end with a served model."""
    served = {"tuned_model": model(words), "endpoint": endpoint(words)}
    world.tunings.end("JOB_STATE_SUCCEEDED", **{**served, **job})
    look(world)


def registered(world, words, *, recipe="bot", more="", **job):
    """Take a dataset as far as a registered model, about which nothing is decided; the run."""
    run_id = launched(world, words, recipe=recipe, more=more)
    finished(world, words, **job)
    assert "registered" == world.run(run_id).state.value
    return world.run(run_id)


def crown(world, run, code="always"):
    """Record a run's model as its recipe's champion, and nothing else."""
    present = champions.newest(world.services, run.accepted["recipe"]["name"])
    champion = candidate(world.services, run, after=present, code=code)
    assert champions.append(world.services, champion)
    return champion


def retire(world, on, *, name=BASE, replacement="gemini-3.1-flash-lite", **price):
    """Lay a retirement date, and a price of the replacement, over the deployment's catalog."""
    entries = dict(world.services.catalog.entries)
    entry = entries[name]
    ending = replace(entry.retirement, on=on, not_before=None, replacement=replacement)
    entries[name] = replace(entry, retirement=ending)
    if replacement and price:
        successor = entries[replacement]
        entries[replacement] = replace(successor, price=replace(successor.price, **price))
    return replace(world.services, catalog=Catalog(entries))


def serving(world, run, words, *, machines=True, name=None):
    """Have an endpoint of a run list a model, or nothing without words."""
    labels = naming.labels_of(
        deployment=world.settings.deployment, run=run.run_id, attempt=run.attempt
    )
    deployed = DeployedModel("42", model(words), machines, START) if words else None
    world.models.served.append(
        Endpoint(name or endpoint(words), labels, START, (deployed,) if deployed else ())
    )


def load_failed(world):
    """Take a run to the end whose model refuses to be called; the run."""
    world.predictor.answer = InvalidRequestError("blocked")
    run_id = launched(world, "one")
    world.tunings.end(
        "JOB_STATE_SUCCEEDED", tuned_model=model("one"), endpoint=f"{LOCATION}/endpoints/made"
    )
    look(world)
    world.predictor.answer = "an answer"
    return world.run(run_id)
