"""Decides, by its recipe's policy, whether a tuned model becomes the recipe's champion.

Reads what the evaluation came to; asks no model.
"""

from tunedrop.contracts import ModelKept
from tunedrop.domain.runs import Run, RunState
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import advance
from tunedrop.services import Services, Vertex

MANUAL = "manual"


def settle(services: Services, vertex: Vertex, run: Run) -> Run:
    """Promote or keep."""
    registered = run.newest(RunState.REGISTERED)
    version = registered.detail["version"] if registered else 0
    recipe = str(run.accepted["recipe"]["name"])
    said = fact(services, run, ModelKept, recipe=recipe, version=version, code=MANUAL)
    return advance(services, run, RunState.KEPT, {"code": MANUAL}, facts=[said])
