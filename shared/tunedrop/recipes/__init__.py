"""Recipes: what to tune and how, in the words of the person who drops a dataset.

Kept from knowing base models, places and services; `tunedrop.planning` holds a recipe against those.
"""

from tunedrop.recipes.model import (
    Budget,
    Evaluation,
    OwnPipeline,
    Promotion,
    Recipe,
    Tuning,
    leaf_fields,
)
from tunedrop.recipes.overrides import (
    METADATA_PREFIX,
    apply_overrides,
    metadata_key,
    metadata_overrides,
    parse_overrides,
)
from tunedrop.recipes.parse import (
    MAX_RECIPE_BYTES,
    parse_recipe,
    recipe_from_mapping,
)

__all__ = [
    "MAX_RECIPE_BYTES",
    "METADATA_PREFIX",
    "Budget",
    "Evaluation",
    "OwnPipeline",
    "Promotion",
    "Recipe",
    "Tuning",
    "apply_overrides",
    "leaf_fields",
    "metadata_key",
    "metadata_overrides",
    "parse_overrides",
    "parse_recipe",
    "recipe_from_mapping",
]
