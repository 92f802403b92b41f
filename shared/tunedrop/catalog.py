"""The catalog of base models: a built-in file, a deployment's own laid over it, and the way by name.

Kept from knowing recipes, datasets and services; the facts stand in `catalog.toml`.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, ValidationError

from tunedrop.catalog_entries import CatalogEntry, read_as
from tunedrop.catalog_faults import faults_of
from tunedrop.domain.tuning import Note
from tunedrop.errors import ConfigError, Problem, RecipeError
from tunedrop.suggest import did_you_mean, shown

BUILT_IN = Path(__file__).with_name("catalog.toml")
RETIREMENT_WARNING = timedelta(days=90)
_Document = dict[str, dict[str, dict[str, Any]]]  # base_models or families -> name -> groups
OnRetired = Literal["refuse", "reroute", "try"]


class Route(Struct, frozen=True):
    """The way from the base model that was asked for to the one that is tuned."""

    entry: CatalogEntry
    """What is tuned."""
    requested: CatalogEntry
    """What the recipe named; the same as `entry` unless the run was rerouted."""
    notes: tuple[Note, ...] = ()

    @property
    def rerouted(self) -> bool:
        """Whether another base model than the requested one is tuned."""
        return self.entry.name != self.requested.name


class Catalog:
    """Base models by name."""

    def __init__(self, entries: Mapping[str, CatalogEntry]) -> None:
        self.entries = dict(entries)

    def names(self) -> frozenset[str]:
        """Return the names of all entries, retired ones included."""
        return frozenset(self.entries)

    def find(self, name: str, *, where: str = "base_model") -> CatalogEntry:
        """Return the entry of a base model.

        Raises:
            RecipeError: `unknown_base_model`, with the nearest known name.
        """
        entry = self.entries.get(name)
        if entry is None:
            problem = Problem(
                where=where,
                expected="a base model of the catalog",
                found=shown(name),
                remedy=did_you_mean(name, self.entries),
                code="unknown_base_model",
            )
            raise RecipeError([problem], code="unknown_base_model")
        return entry

    def route(
        self, name: str, on_retired: OnRetired, today: date, *, where: str = "base_model"
    ) -> Route:
        """Find what to tune when a recipe names *name*.

        Args:
            name: The base model, as the recipe writes it.
            on_retired: What to do past the retirement date: `refuse`, `reroute` to the first
                replacement that still lives, or `try` all the same.
            today: The day to compare retirement dates with.
            where: The recipe and field, for the error.

        Raises:
            RecipeError: `unknown_base_model`, or `base_model_retired` with the replacement and
                the two other policies in its remedy.
        """
        requested = self.find(name, where=where)
        if not requested.is_retired(today):
            return Route(requested, requested, _retirement_warnings(requested, today))
        if on_retired == "try":
            return Route(requested, requested, (_tried_note(requested),))
        replacement = self._living_replacement(requested, today)
        if on_retired == "refuse" or replacement is None:
            raise RecipeError(
                [_retired_problem(requested, replacement, where)], code="base_model_retired"
            )
        notes = (
            _rerouted_note(requested, replacement),
            *_retirement_warnings(replacement, today),
        )
        return Route(replacement, requested, notes)

    def _living_replacement(self, entry: CatalogEntry, today: date) -> CatalogEntry | None:
        seen: set[str] = set()
        candidate: CatalogEntry | None = entry
        while candidate is not None and candidate.is_retired(today):
            if candidate.name in seen:
                return None
            seen.add(candidate.name)
            candidate = self.entries.get(candidate.retirement.replacement or "")
        return candidate


def load_catalog(override: Path | None = None) -> Catalog:
    """Read the built-in catalog and lay *override* over it, field by field.

    A table of the override file that changes a fact gives its own `source` and `as_of`; an empty
    string clears the built-in value.

    Raises:
        ConfigError: every fault of the files, each with file, entry and field.
    """
    built_in = _read(BUILT_IN)
    if override is None:
        return _build(built_in, BUILT_IN)
    changes = _read(override)
    faults = _unsourced(changes, override)
    if faults:
        raise ConfigError("\n".join(faults))
    return _build(_merged(built_in, changes), override)


def _read(path: Path) -> _Document:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: expected a readable TOML file: {error}") from error
    for key, tables in document.items():
        if key not in {"base_models", "families"}:
            raise ConfigError(f"{path}: {key}: expected only base_models and families")
        if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
            raise ConfigError(f"{path}: {key}: expected a table of tables")
    return document


def _build(document: _Document, path: Path) -> Catalog:
    families = document.get("families", {})
    entries: dict[str, CatalogEntry] = {}
    faults: list[str] = []
    for name, body in document.get("base_models", {}).items():
        try:
            groups = {**_expand(body, families), "name": name}
        except KeyError as error:
            faults.append(f"{path}: {name}: families: {error} is not a family")
            continue
        try:
            entries[name] = read_as(CatalogEntry, groups)
        except ValidationError:
            faults.extend(f"{path}: {name}: {fault}" for fault in faults_of(groups))
    faults.extend(
        f"{path}: {entry.name}: retirement.replacement: {entry.retirement.replacement!r}"
        " is not in the catalog"
        for entry in entries.values()
        if entry.retirement.replacement and not faults
        if entry.retirement.replacement not in entries
    )
    if faults:
        raise ConfigError("\n".join(faults))
    return Catalog(entries)


def _expand(
    body: Mapping[str, object], families: Mapping[str, dict[str, object]]
) -> dict[str, object]:
    groups: dict[str, Any] = {}
    named = body.get("families", [])
    for family in named if isinstance(named, list) else [named]:
        groups = _merged(groups, families[str(family)])
    return _merged(groups, {key: value for key, value in body.items() if key != "families"})


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        lower = merged.get(key)
        if value == "":
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(lower, dict):
            merged[key] = _merged(lower, value) | _origin(lower, value)
        else:
            merged[key] = value
    return merged


def _origin(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """Return the source and date of a table of which *above* changes only some of the facts."""
    sources = [table.get("source") for table in (above, below)]
    if None in sources or sources[0] == sources[1] or below.keys() <= above.keys():
        return {}
    dates = [day for table in (above, below) if isinstance(day := table.get("as_of"), date)]
    return {
        "source": f"{sources[0]}; otherwise {sources[1]}",
        **({"as_of": min(dates)} if dates else {}),
    }


def _unsourced(changes: _Document, path: Path) -> list[str]:
    """Return a fault for each table whose facts would wear the source of the facts they replace."""
    return [
        f"{path}: {name}: {group}: expected source and as_of beside the changed facts"
        for tables in changes.values()
        for name, body in tables.items()
        for group, facts in body.items()
        if isinstance(facts, dict) and not {"source", "as_of"} <= facts.keys()
    ]


def _retirement_warnings(entry: CatalogEntry, today: date) -> tuple[Note, ...]:
    day = entry.retirement.on or entry.retirement.not_before
    if day is None or day - today > RETIREMENT_WARNING:
        return ()
    kind = "retires on" if entry.retirement.on else "may retire from"
    return (Note("base_model_retires_soon", f"{entry.name} {kind} {day.isoformat()}"),)


def _tried_note(entry: CatalogEntry) -> Note:
    return Note(
        "retired_base_model_tried",
        f"{entry.name} is past its retirement ({entry.retirement.on}); the recipe says to try it",
    )


def _rerouted_note(requested: CatalogEntry, entry: CatalogEntry) -> Note:
    return Note(
        "rerouted",
        f"{requested.name} retired on {requested.retirement.on}; {entry.name} is tuned instead",
    )


def _retired_problem(entry: CatalogEntry, replacement: CatalogEntry | None, where: str) -> Problem:
    if replacement is None:
        remedy = 'name another base model, or set on_retired = "try" to send it all the same'
    else:
        remedy = (
            f'name {replacement.name}, or set on_retired = "reroute" to tune {replacement.name} on '
            'the converted dataset, or on_retired = "try" to send it all the same'
        )
    return Problem(
        where=where,
        expected="a base model before its retirement",
        found=f"{entry.name}, retired on {entry.retirement.on}",
        remedy=remedy,
        code="base_model_retired",
    )
