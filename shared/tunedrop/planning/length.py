"""How long a tuning trains, in epochs and in steps, on what, and what that costs.

Kept from knowing places and rules; the one conversion between epochs and steps, and the one estimate.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tunedrop.catalog import Route
from tunedrop.catalog_entries import Accelerator, CatalogEntry
from tunedrop.domain.cost import Estimate, estimate_by_hardware, estimate_by_tokens
from tunedrop.domain.tuning import epoch_count, step_count
from tunedrop.recipes import Recipe

MOST_EPOCHS = 100  # a recipe's own bound on `epochs`, kept when steps are converted to them


class Length(Struct, frozen=True):
    """How long to train, and on what."""

    epochs: float | None
    """None where nobody but a template's author knows."""
    train_steps: int | None
    """None for base models that count in epochs alone."""
    accelerator_type: str | None
    accelerator: Accelerator | None
    """The hardware, where the recipe can choose it and has chosen one that exists."""

    @property
    def whole_epochs(self) -> int:
        """Epochs as tuning jobs count them."""
        return int(self.epochs or 1)  # the catalog holds every tuning job to a default


def given_fields(recipe: Recipe, route: Route) -> dict[str, Any]:
    """Return the fields of `[tuning]` that the recipe sets and that count.

    A rerouted run leaves out what was meant for the base model before.
    """
    asked = recipe.tuning.model_dump(exclude_none=True)
    applicable = route.entry.interface.parameters
    return {f: v for f, v in asked.items() if f in applicable or not route.rerouted}


def length_of(recipe: Recipe, route: Route, example_count: int) -> Length:
    """Return epochs and steps, the one that was not asked for converted from the other."""
    entry, asked = route.entry, recipe.tuning.model_dump(exclude_none=True)
    accelerator_type = given_fields(recipe, route).get("accelerator_type")
    if accelerator_type is None and entry.compute is not None:
        accelerator_type = entry.compute.default_accelerator
    accelerator = _accelerator(entry, accelerator_type)
    epochs, train_steps = _epochs_and_steps(asked, route, max(1, example_count), accelerator)
    return Length(epochs, train_steps, accelerator_type, accelerator)


def cost_of(entry: CatalogEntry, length: Length, token_estimate: int) -> Estimate:
    """Estimate what a tuning of that length costs.

    Args:
        entry: The base model that is tuned.
        length: How long it is tuned, and on what.
        token_estimate: Tokens of the training examples, once through.
    """
    price = entry.price
    if entry.interface.backend == "pipeline_job":
        return estimate_by_hardware(
            hardware=length.accelerator.hardware if length.accelerator else None,
            usd_per_run=price.usd_per_run,
            source=price.source,
            as_of=price.as_of,
        )
    return estimate_by_tokens(
        tokens=token_estimate,
        epochs=length.whole_epochs,
        usd_per_million=price.usd_per_million_training_tokens,
        source=price.source,
        as_of=price.as_of,
    )


def _epochs_and_steps(
    asked: Mapping[str, Any], route: Route, examples: int, accelerator: Accelerator | None
) -> tuple[float | None, int | None]:
    epochs, train_steps = asked.get("epochs"), asked.get("train_steps")
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
