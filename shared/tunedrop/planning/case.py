"""One recipe in one place on one dataset, with every default filled in and nothing judged.

Kept from knowing the rules that the case is held to.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tunedrop.catalog import Route
from tunedrop.catalog_entries import CatalogEntry
from tunedrop.domain.hosts import location_in
from tunedrop.planning.length import Length, given_fields, length_of
from tunedrop.recipes import Recipe
from tunedrop.recipes.forms import texts_in


class DatasetFacts(Struct, frozen=True):
    """What the check found out about a dataset, as far as planning needs it."""

    example_count: int
    """Examples that will be trained on; held-out ones are not among them."""
    author_count: int
    """`author` fields over all messages of all examples; 0 for formats without them."""
    evaluation_count: int | None
    """Held-out rows, or rows of the evaluation file; None without an evaluation set."""
    token_estimate: int
    """Tokens of the training examples, once through."""


class Place(Struct, frozen=True):
    """Where a deployment tunes, and what it lets a recipe name; what is not listed is refused.

    The deployment's own region, service account and key need no listing; an empty one is unset.
    """

    project: str
    region: str
    """Region of jobs whose recipe names none."""
    project_number: str | None = None
    """The other name of `project`, as services write it into resource names."""
    service_account: str | None = None
    encryption_key: str | None = None
    tensorboard: str | None = None
    allowed_base_models: frozenset[str] = frozenset()
    allowed_regions: frozenset[str] = frozenset()
    allowed_service_accounts: frozenset[str] = frozenset()
    allowed_encryption_keys: frozenset[str] = frozenset()
    allowed_templates: frozenset[str] = frozenset()


class Case(Struct, frozen=True):
    """What would be launched, before anything is known to be allowed."""

    recipe: Recipe
    route: Route
    facts: DatasetFacts
    place: Place
    given: Mapping[str, Any]
    """The fields of `[tuning]` that the recipe sets and that count."""
    ignored: tuple[str, ...]
    """Those that were meant for the base model before it was rerouted."""
    region: str
    upload_region: str
    encryption_key: str | None
    service_account: str | None
    tensorboard: str | None
    sends_evaluation: bool
    length: Length

    @property
    def entry(self) -> CatalogEntry:
        """The base model that is tuned."""
        return self.route.entry


def resolve(recipe: Recipe, route: Route, facts: DatasetFacts, place: Place) -> Case:
    """Fill in what the recipe leaves to the base model or to the place."""
    entry = route.entry
    asked = recipe.tuning.model_dump(exclude_none=True)
    given = given_fields(recipe, route)
    region = given.get("region") or place.region
    return Case(
        recipe=recipe,
        route=route,
        facts=facts,
        place=place,
        given=given,
        ignored=tuple(f for f in asked if f not in given and f not in _CARRIED_OVER),
        region=region,
        upload_region=given.get("upload_region") or region,
        encryption_key=given.get("encryption_key") or place.encryption_key or None,
        service_account=given.get("service_account") or place.service_account or None,
        tensorboard=given.get("tensorboard") or _own_tensorboard(entry, place, region),
        sends_evaluation=_sends_evaluation(recipe, entry, facts),
        length=length_of(recipe, route, facts.example_count),
    )


# A rerouted run converts the first, and the converter writes the second into the rows.
_CARRIED_OVER = frozenset({"train_steps", "default_context"})


def _sends_evaluation(recipe: Recipe, entry: CatalogEntry, facts: DatasetFacts) -> bool:
    own = recipe.pipeline
    asked_for = own is None or any("{evaluation_uri}" in t for t in texts_in(own.parameters))
    return entry.evaluation.accepted and facts.evaluation_count is not None and asked_for


def _own_tensorboard(entry: CatalogEntry, place: Place, region: str) -> str | None:
    """Return the place's TensorBoard where the base model and the region can use it."""
    usable = "tensorboard" in entry.interface.parameters and place.tensorboard
    return place.tensorboard if usable and location_in(place.tensorboard or "") == region else None
