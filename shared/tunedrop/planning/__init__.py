"""Holds a recipe against its base model, its dataset and the place, and says exactly what to launch.

Kept from services, clocks and stores: the same inputs always give the same plan.
"""

from tunedrop.planning.case import DatasetFacts, Place
from tunedrop.planning.plan import RunPlan, plan_run
from tunedrop.planning.routing import OWN_PIPELINE, context_for_conversion, route_recipe

__all__ = [
    "OWN_PIPELINE",
    "DatasetFacts",
    "Place",
    "RunPlan",
    "context_for_conversion",
    "plan_run",
    "route_recipe",
]
