"""Champions whose base model stops before long, with the command that tunes its replacement and what that costs.

Reads the champion's record in the registry; tunes nothing. A tuning does not carry over to another base model.
"""

import shlex
from collections.abc import Iterable
from datetime import date, timedelta

from msgspec import Struct

from tunedrop import registry
from tunedrop.catalog import Catalog, Route
from tunedrop.catalog_entries import CatalogEntry
from tunedrop.domain.cost import Estimate
from tunedrop.domain.registered import Registered
from tunedrop.errors import RecipeError
from tunedrop.ledger import Record
from tunedrop.planning.length import cost_of, length_of
from tunedrop.recipes import recipe_from_mapping
from tunedrop.services import Services

WARNED_FOR = timedelta(days=60)
_NO_ESTIMATE = "the dataset's tokens are not known"


class Retiring(Struct, frozen=True):
    """A champion whose base model retires within `WARNED_FOR`, or has."""

    recipe: str
    version: int
    base_model: str
    on: date
    """First day on which the base model cannot be used."""
    replacement: str | None
    """What lives on that day, by the catalog; None where it names nothing."""
    command: str
    """Asks for the same dataset to be tuned on the replacement; empty without one."""
    estimated_usd: float | None
    """None where the replacement's price is not known, which is not zero."""
    basis: str


def retiring(services: Services, champions: Iterable[Registered]) -> list[Retiring]:
    """Those of the champions that have to be tuned anew, the most urgent first; one read for each."""
    found = []
    for champion in champions:
        entry = services.catalog.entries.get(champion.base_model)
        day = entry.retirement.on if entry else None
        if entry is not None and day is not None and day - services.today() <= WARNED_FOR:
            found.append(_retiring(services, champion, entry, day))
    return sorted(found, key=lambda each: (each.on, each.recipe))


def _retiring(services: Services, champion: Registered, entry: CatalogEntry, day: date) -> Retiring:
    living = _replacement(services.catalog, entry, max(day, services.today()))
    record = registry.read(services, champion)
    estimate = _estimate(record, living) if living else None
    return Retiring(
        recipe=champion.recipe,
        version=champion.version,
        base_model=champion.base_model,
        on=day,
        replacement=living.name if living else None,
        command=_command(record, living.name) if living else "",
        estimated_usd=estimate.usd if estimate else None,
        basis=estimate.basis if estimate else _NO_ESTIMATE,
    )


def _replacement(catalog: Catalog, entry: CatalogEntry, day: date) -> CatalogEntry | None:
    try:
        return catalog.route(entry.name, "reroute", day).entry
    except RecipeError:
        return None


def _estimate(record: Record, entry: CatalogEntry) -> Estimate | None:
    """What the same rows cost on another base model, by the settings of the recipe that it takes."""
    dataset, settings = record["dataset"], record["settings"]
    if dataset["token_estimate"] is None:
        return None
    effective = {**settings["effective"], "base_model": entry.name}
    try:
        recipe = recipe_from_mapping(effective, source="registry")
    except RecipeError:
        return None
    length = length_of(recipe, Route(entry, entry), dataset["rows"])
    return cost_of(entry, length, dataset["token_estimate"])


def _command(record: Record, base_model: str) -> str:
    """As `tunedrop request` takes it; a recipe that a message brought along is given as a file again."""
    words = ["tunedrop", "request", str(record["dataset"]["uri"])]
    source = str(record["settings"]["source"])
    if source == "inline_recipe":
        words += ["--inline", "RECIPE_FILE"]
    elif source.startswith("gs://") and record["recipe"] != "root":
        words += ["--recipe", str(record["recipe"])]
    return shlex.join([*words, "--set", f"base_model={base_model}"])
