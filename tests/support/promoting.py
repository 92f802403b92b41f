"""Runs whose model is registered, and what became of their recipe's champion; judges nothing."""

from unittest import mock

from support.launching import drop, launch, lose_messages
from tunedrop.domain.runs import RunState
from tunedrop.handlers import champions, evaluate_run, follow_run, promote_run
from tunedrop.handlers.steps import advance

RECIPE = "bot"
LOCATION = "projects/test-project/locations/us-central1"


def model(words):
    return f"{LOCATION}/models/{words}@1"


def endpoint(words):
    return f"{LOCATION}/endpoints/{words}"


def registered(world, words, policy="manual"):
    """Take a dataset as far as a registered model of the recipe, about which nothing is decided; the run."""
    world.drop(
        f"{RECIPE}/recipe.toml",
        f'base_model = "code-bison@002"\n[promotion]\npolicy = "{policy}"\n',
    )
    run_id = drop(world, words, folder=f"{RECIPE}/")
    launch(world, run_id)
    with mock.patch.object(follow_run, "_concluded", lambda services, vertex, run: run):
        world.pipelines.end(
            "PIPELINE_STATE_SUCCEEDED", tuned_model=model(words), endpoint=endpoint(words)
        )
        world.tick()
    lose_messages(world)
    assert RunState.REGISTERED is world.run(run_id).state
    return world.run(run_id)


def evaluated(world, run, rival, outcome="better", *, against=0):
    """The run once its model was held against a rival."""
    run = advance(world.services, run, RunState.EVALUATING)
    return advance(
        world.services, run, RunState.EVALUATED, evaluation(rival, outcome, against=against)
    )


def evaluation(rival, outcome="better", *, against=0):
    """The detail of an EVALUATED step that holds one comparison."""
    comparison = {
        "rival": rival,
        "metric": "chrf",
        "difference": 9.0,
        "low": 8.0,
        "high": 10.0,
        "noise_floor": 2.0,
        "rows": 20,
        "outcome": outcome,
        "worse_in": [],
    }
    return {
        "rows": 20,
        "means": {"tuned": {"chrf": 90.0}, rival: {"chrf": 81.0}},
        "comparisons": [comparison],
        "skipped": {},
        "champion_sequence": against,
        "champion_version": None,
        "evidence": "evidence/somewhere.json",
        "evidence_sha256": "ab" * 32,
        "calls": 40,
        "estimated_usd": 0.01,
    }


def settle(world, run):
    return promote_run.settle(world.services, world.vertex, run)


def settled(world, words, policy="always"):
    """The run of a model that its policy promoted, or kept, without an evaluation."""
    with mock.patch.object(evaluate_run, "begin", lambda services, vertex, run: run):
        return settle(world, registered(world, words, policy))


def chain(world):
    """The versions of the champions so far."""
    return [each.version for each in champions.history(world.services, RECIPE)]


def aliased(world):
    return [name for name, aliases in world.models.aliases.items() if "champion" in aliases]
