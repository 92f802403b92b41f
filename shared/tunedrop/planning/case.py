"""One recipe in one place on one dataset, with every default filled in and nothing judged.

Kept from knowing the rules that the case is held to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunedrop.catalog import Route
from tunedrop.catalog_entries import Accelerator, CatalogEntry
from tunedrop.domain.hosts import location_in
from tunedrop.domain.tuning import epoch_count, step_count
from tunedrop.recipes import Recipe
from tunedrop.recipes.forms import texts_in

MOST_EPOCHS = 100  # a recipe's own bound on `epochs`, kept when steps are converted to them


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What the check found out about a dataset, as far as planning needs it."""

    example_count: int
    """Examples that will be trained on; held-out ones are not among them."""
    author_count: int
    """`author` fields over all messages of all examples; 0 for formats without them."""
    evaluation_count: int | None
    """Held-out rows, or rows of the evaluation file; None without an evaluation set."""
    token_estimate: int
    """Tokens of the training examples, once through."""


@dataclass(frozen=True, slots=True)
class Place:
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


@dataclass(frozen=True, slots=True)
class Case:
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
    accelerator_type: str | None
    encryption_key: str | None
    service_account: str | None
    tensorboard: str | None
    sends_evaluation: bool
    epochs: float | None
    train_steps: int | None

    @property
    def entry(self) -> CatalogEntry:
        """The base model that is tuned."""
        return self.route.entry

    @property
    def accelerator(self) -> Accelerator | None:
        """The hardware, where the recipe can choose it and has chosen one that exists."""
        return _accelerator(self.entry, self.accelerator_type)


def resolve(recipe: Recipe, route: Route, facts: DatasetFacts, place: Place) -> Case:
    """Fill in what the recipe leaves to the base model or to the place."""
    entry = route.entry
    asked = recipe.tuning.model_dump(exclude_none=True)
    applicable = entry.interface.parameters
    given = {f: v for f, v in asked.items() if f in applicable or not route.rerouted}
    region = given.get("region") or place.region
    accelerator_type = given.get("accelerator_type")
    if accelerator_type is None and entry.compute is not None:
        accelerator_type = entry.compute.default_accelerator
    epochs, train_steps = _length(asked, route, facts, accelerator_type)
    return Case(
        recipe=recipe,
        route=route,
        facts=facts,
        place=place,
        given=given,
        ignored=tuple(f for f in asked if f not in given and f not in _CARRIED_OVER),
        region=region,
        upload_region=given.get("upload_region") or region,
        accelerator_type=accelerator_type,
        encryption_key=given.get("encryption_key") or place.encryption_key or None,
        service_account=given.get("service_account") or place.service_account or None,
        tensorboard=given.get("tensorboard") or _own_tensorboard(entry, place, region),
        sends_evaluation=_sends_evaluation(recipe, entry, facts),
        epochs=epochs,
        train_steps=train_steps,
    )


# A rerouted run converts the first, and the converter writes the second into the rows.
_CARRIED_OVER = frozenset({"train_steps", "default_context"})


def _sends_evaluation(recipe: Recipe, entry: CatalogEntry, facts: DatasetFacts) -> bool:
    own = recipe.pipeline
    asked_for = own is None or any("{evaluation_uri}" in t for t in texts_in(own.parameters))
    return entry.evaluation.accepted and facts.evaluation_count is not None and asked_for


def _length(
    asked: Mapping[str, Any], route: Route, facts: DatasetFacts, accelerator_type: str | None
) -> tuple[float | None, int | None]:
    """Return epochs and steps, the one that was not asked for converted from the other."""
    examples = max(1, facts.example_count)
    epochs, train_steps = asked.get("epochs"), asked.get("train_steps")
    accelerator = _accelerator(route.entry, accelerator_type)
    if accelerator is not None:
        if train_steps is None and epochs is not None:
            train_steps = step_count(epochs, examples, accelerator.batch_size)
        steps = train_steps or route.entry.defaults.train_steps
        return (epoch_count(steps, examples, accelerator.batch_size) if steps else epochs), steps
    if route.rerouted:
        epochs = _whole_epochs(epochs, train_steps, examples, _requested_accelerator(asked, route))
    return epochs or route.entry.defaults.epochs, None


def _whole_epochs(
    epochs: float | None,
    train_steps: int | None,
    examples: int,
    accelerator: Accelerator | None,
) -> int | None:
    """Return what a length in steps, or in parts of an epoch, comes to in whole epochs."""
    if train_steps is not None and accelerator is not None:
        epochs = epoch_count(train_steps, examples, accelerator.batch_size)
    return None if epochs is None else min(MOST_EPOCHS, max(1, round(epochs)))


def _requested_accelerator(asked: Mapping[str, Any], route: Route) -> Accelerator | None:
    compute = route.requested.compute
    if compute is None:
        return None
    return compute.accelerators.get(asked.get("accelerator_type") or compute.default_accelerator)


def _accelerator(entry: CatalogEntry, accelerator_type: str | None) -> Accelerator | None:
    if entry.compute is None or accelerator_type is None:
        return None
    return entry.compute.accelerators.get(accelerator_type)


def _own_tensorboard(entry: CatalogEntry, place: Place, region: str) -> str | None:
    """Return the place's TensorBoard where the base model and the region can use it."""
    usable = "tensorboard" in entry.interface.parameters and place.tensorboard
    return place.tensorboard if usable and location_in(place.tensorboard or "") == region else None
