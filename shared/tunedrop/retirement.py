"""Champions whose base model stops before long, with the command that tunes its replacement and what that costs.

Reads the champion's record in the registry; tunes nothing. A tuning does not carry over to another base model.
"""

import json
import shlex
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from msgspec import Struct

from tunedrop import registry
from tunedrop.catalog import Catalog, Route
from tunedrop.catalog_entries import CatalogEntry
from tunedrop.domain import places
from tunedrop.domain.cost import Estimate
from tunedrop.domain.registered import Registered
from tunedrop.errors import CorruptRecordError, RecipeError
from tunedrop.handlers.find_recipe import INLINE_NAME
from tunedrop.ledger import Record
from tunedrop.listed import noting
from tunedrop.planning.length import cost_of, length_of
from tunedrop.recipes import apply_overrides, parse_overrides, recipe_from_mapping
from tunedrop.services import Services

WARNED_FOR = timedelta(days=60)
_NO_ESTIMATE = "the dataset's tokens are not known"
_EPOCHS, _STEPS, _TUNED_ON_FROM = "tuning.epochs", "tuning.train_steps", "tuning.pre_tuned_model"


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
    """Asks for the same rows to be tuned on the replacement, by the champion's own settings; empty without one."""
    not_taken: tuple[str, ...]
    """Settings that the replacement does not take, and no override takes out of a recipe."""
    estimated_usd: float | None
    """Of what the command asks for; None where the replacement's price is not known, which is not zero."""
    basis: str


def retiring(
    services: Services, champions: Iterable[Registered], *, broken: list[str] | None = None
) -> list[Retiring]:
    """Those of the champions that have to be tuned anew, the most urgent first; one read for each.

    Args:
        services: Whose registry and catalog it is.
        champions: Versions that are in use.
        broken: Takes a line for each record that cannot be read, whose champion is then left out.

    Raises:
        CorruptRecordError: There is one, and no list to note it in.
    """
    found: list[Retiring] = []
    for champion in champions:
        entry = services.catalog.entries.get(champion.base_model)
        day = entry.retirement.on if entry else None
        if entry is not None and day is not None and day - services.today() <= WARNED_FOR:
            with noting(broken):
                found.append(_retiring(services, champion, entry, day))
    return sorted(found, key=lambda each: (each.on, each.recipe))


def _retiring(services: Services, champion: Registered, entry: CatalogEntry, day: date) -> Retiring:
    living = _replacement(services.catalog, entry, max(day, services.today()))
    record = registry.read(services, champion)
    fields: dict[str, Any] = {}
    not_taken: tuple[str, ...] = ()
    estimate = None
    try:
        if living is not None:
            fields, not_taken = _settings(record, Route(living, entry))
            estimate = _estimate(record, living, fields)
        command = _command(services, record, fields) if living else ""
    except (KeyError, TypeError, AttributeError, RecipeError):
        path = places.registry_path(champion.recipe, champion.version)
        msg = f"{path}: expected the dataset and the settings of a tuned model; look at the object by hand"
        raise CorruptRecordError(msg) from None
    return Retiring(
        recipe=champion.recipe,
        version=champion.version,
        base_model=champion.base_model,
        on=day,
        replacement=living.name if living else None,
        command=command,
        not_taken=not_taken,
        estimated_usd=estimate.usd if estimate else None,
        basis=estimate.basis if estimate else _NO_ESTIMATE,
    )


def _replacement(catalog: Catalog, entry: CatalogEntry, day: date) -> CatalogEntry | None:
    try:
        return catalog.route(entry.name, "reroute", day).entry
    except RecipeError:
        return None


def _settings(record: Record, route: Route) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the champion's settings by dotted field as the replacement takes them, and those that it does not.

    Raises:
        RecipeError: They are none of a recipe.
    """
    effective = record["settings"]["effective"]
    taken: dict[str, Any] = {"base_model": route.entry.name}
    not_taken = []
    for name, value in parse_overrides(effective, source="registry").items():
        section, _, leaf = name.rpartition(".")
        if section == "tuning" and (
            leaf not in route.entry.interface.parameters or name == _TUNED_ON_FROM
        ):
            not_taken.append(name)
        elif name != "base_model" and value is not None:
            taken[name] = value
    if "train_steps" not in route.entry.interface.parameters:
        recipe = recipe_from_mapping(effective, source="registry")
        length = length_of(recipe, route, record["dataset"]["rows"])
        taken[_EPOCHS] = length.whole_epochs  # which takes the place of steps
        not_taken = [name for name in not_taken if name != _STEPS]
    return taken, tuple(not_taken)


def _estimate(record: Record, entry: CatalogEntry, fields: Mapping[str, Any]) -> Estimate | None:
    """What the same rows cost on another base model by these settings.

    Raises:
        RecipeError: They do not make a recipe.
    """
    dataset = record["dataset"]
    if dataset.get("token_estimate") is None:
        return None
    bare = recipe_from_mapping({"base_model": entry.name}, source="registry")
    recipe = apply_overrides(bare, fields, locked=frozenset(), source="registry")
    length = length_of(recipe, Route(entry, entry), dataset["rows"])
    return cost_of(entry, length, dataset["token_estimate"])


def _command(services: Services, record: Record, fields: Mapping[str, Any]) -> str:
    """As `tunedrop request` takes it; a recipe that a message brought along is given as a file again.

    Locked fields can only have come from the recipe, and are left out; a locked base model has it refused.
    """
    dataset, recipe = record["dataset"], str(record["recipe"])
    words = ["tunedrop", "request", str(dataset["uri"]), "--generation", str(dataset["generation"])]
    source = str(record["settings"]["source"])
    is_inline = source == "inline_recipe"
    if is_inline:
        words += ["--inline", "RECIPE_FILE"]
    if (is_inline and recipe != INLINE_NAME) or (source.startswith("gs://") and recipe != "root"):
        words += ["--recipe", recipe]
    locked = services.settings.locked_fields
    for name, value in fields.items():
        if name == "base_model" or not {name, name.partition(".")[0]} & set(locked):
            words += ["--set", f"{name}={_as_text(value)}"]
    return shlex.join(words)


def _as_text(value: object) -> str:
    """A value as `--set` reads it: a text as it stands, unless it would be taken for a quoted one or has line breaks."""
    if isinstance(value, str) and value.isprintable() and value.strip()[:1] not in {"'", '"'}:
        return value
    return json.dumps(value, ensure_ascii=False)
