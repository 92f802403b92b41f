"""From a recipe to what it tunes: a base model of the catalog, or a template of its own.

Kept from knowing datasets and places.
"""

from datetime import date

from tunedrop.catalog import Catalog, Route
from tunedrop.catalog_entries import CatalogEntry, read_as
from tunedrop.recipes import OwnPipeline, Recipe

OWN_PIPELINE = "own-pipeline"
"""Stands for the base model of a run whose recipe brings its own template."""


def route_recipe(recipe: Recipe, catalog: Catalog, *, today: date, source: str = "recipe") -> Route:
    """Find what a recipe tunes.

    Raises:
        RecipeError: as `Catalog.route` does.
    """
    if recipe.pipeline is not None:
        entry = _own_entry(recipe.pipeline, today)
        return Route(entry, entry)
    where = f"{source}: base_model"
    return catalog.route(recipe.base_model or "", recipe.on_retired, today, where=where)


def context_for_conversion(recipe: Recipe, route: Route) -> str | None:
    """Return the context that the converter writes into rows that have none of their own.

    None when the base model takes `default_context` as a parameter of the request.
    """
    taken = "default_context" in route.entry.interface.parameters
    return None if taken else recipe.tuning.default_context


def _own_entry(pipeline: OwnPipeline, today: date) -> CatalogEntry:
    """Return a catalog entry that knows no rule, since only the template's author knows them."""
    origin = {"source": "the recipe's own [pipeline]", "as_of": today}
    parameters = (
        "region",
        "upload_region",
        "encryption_key",
        "service_account",
        "tuned_model_display_name",
    )
    return read_as(
        CatalogEntry,
        {
            "name": OWN_PIPELINE,
            "interface": {
                "backend": "pipeline_job",
                "dataset_format": pipeline.dataset_format,
                "template_uri": pipeline.template_uri,
                "parameters": parameters,
                **origin,
            },
            "dataset": {"min_examples": 1, "recommended_examples": 1, **origin},
            "evaluation": {"accepted": True, **origin},
            "regions": {"tuning": (), "serving": "upload_region", **origin},
            "encryption": {"supported": True, **origin},
            "defaults": origin,
            "price": origin,
            "timing": {"setup_minutes": 240.0, "deadline_factor": 6.0, **origin},
            "retirement": origin,
        },
    )
