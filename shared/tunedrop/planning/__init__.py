"""Holds a recipe against its base model, its dataset and the place, and says exactly what to launch.

Kept from services, clocks and stores: the same inputs always give the same plan.
"""

from tunedrop.planning.case import DatasetFacts, Place
from tunedrop.planning.forecast import blocked, facts_of, forecast
from tunedrop.planning.holding_out import MOST_EVALUATION_ROWS, evaluation_bounds, holdout_of
from tunedrop.planning.plan import RunPlan, plan_run
from tunedrop.planning.routing import OWN_PIPELINE, context_for_conversion, route_recipe

__all__ = [
    "MOST_EVALUATION_ROWS",
    "OWN_PIPELINE",
    "DatasetFacts",
    "Place",
    "RunPlan",
    "blocked",
    "context_for_conversion",
    "evaluation_bounds",
    "facts_of",
    "forecast",
    "holdout_of",
    "plan_run",
    "route_recipe",
]
