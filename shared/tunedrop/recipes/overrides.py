"""Single fields laid over a recipe, from a request message or from an object's metadata.

Kept from knowing which fields a deployment locks; the caller passes them.
"""

import json
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from tunedrop.errors import Problem, RecipeError
from tunedrop.recipes.model import (
    EXCLUSIVE,
    SECTIONS,
    Recipe,
    has_field,
    leaf_fields,
    takes_only_text,
)
from tunedrop.recipes.parse import MAX_PROBLEMS, at_most, deep_problems, recipe_from_mapping
from tunedrop.suggest import did_you_mean, shown

METADATA_PREFIX = "tunedrop-"


def parse_overrides(mapping: Mapping[str, object], *, source: str) -> dict[str, object]:
    """Read overrides as dotted names, from dotted names or nested tables or both.

    Args:
        mapping: Such as `{"tuning.epochs": 3}` or `{"tuning": {"epochs": 3}}`, typed values.
        source: What to call the message in problems.

    Raises:
        RecipeError: every unknown or repeated name, with the nearest known one.
    """
    too_deep = deep_problems(mapping, source)
    if too_deep:
        raise RecipeError(too_deep)
    known = leaf_fields()
    overrides: dict[str, object] = {}
    problems: list[Problem] = []
    for name, value in _flat(mapping):
        if len(problems) > MAX_PROBLEMS:
            break
        if name not in known:
            problems.append(_unknown(name, known, source))
        elif name in overrides:
            where = f"{source}: {name}"
            problems.append(Problem(where, "one value", "two", "remove one of the two"))
        else:
            overrides[name] = value
    if problems:
        raise RecipeError(at_most(problems))
    return overrides


def metadata_key(field: str) -> str:
    """Return the object metadata key that overrides a dotted field.

    The prefix, then the dotted name with dots and underscores as hyphens:
    `tuning.learning_rate_multiplier` is `tunedrop-tuning-learning-rate-multiplier`.
    """
    return METADATA_PREFIX + field.replace(".", "-").replace("_", "-")


def metadata_overrides(
    metadata: Mapping[str, str], *, source: str = "object metadata"
) -> dict[str, object]:
    """Read overrides from an object's metadata.

    Keys without the prefix `tunedrop-` belong to others and are passed over; case makes no
    difference. A value is a TOML value (`3`, `true`, `"text"`); what is none is a text as it
    stands, and a field that takes text needs no quotes.

    Raises:
        RecipeError: every key with the prefix that names no field, with the nearest known one.
    """
    known = leaf_fields()
    fields = {metadata_key(name): name for name in known}
    overrides: dict[str, object] = {}
    problems: list[Problem] = []
    for key, text in metadata.items():
        folded = key.casefold()
        if not folded.startswith(METADATA_PREFIX) or len(problems) > MAX_PROBLEMS:
            continue
        field = fields.get(folded)
        if field is None:
            problems.append(_unknown(key, fields, source))
        else:
            overrides[field] = _value(text, text_wanted=takes_only_text(known[field]))
    if problems:
        raise RecipeError(at_most(problems))
    return overrides


def apply_overrides(
    recipe: Recipe, overrides: Mapping[str, object], *, locked: frozenset[str], source: str
) -> Recipe:
    """Return a recipe with some fields replaced.

    An override takes the place of the field that excludes it: `tuning.epochs` removes the recipe's
    `tuning.train_steps`, unless that is locked.

    Args:
        recipe: The recipe of the folder.
        overrides: Values by dotted field name, as `parse_overrides` returns them.
        locked: Fields that the deployment keeps to itself: dotted names, or sections whole.
        source: What to call the overrides in problems.

    Raises:
        RecipeError: `field_locked`, or every problem of the resulting recipe.
    """
    dotted = parse_overrides(overrides, source=source)
    displaced = _displaced(recipe, dotted)
    problems = [
        _locked_problem(name, source)
        for name in [*dotted, *displaced]
        if name in locked or name.partition(".")[0] in locked
    ]
    if problems:
        raise RecipeError(problems, code="field_locked")
    mapping = recipe.model_dump(exclude_unset=True)
    for name in displaced:
        _remove(mapping, name)
    for name, value in dotted.items():
        section, _, leaf = name.rpartition(".")
        inside = mapping.setdefault(section, {}) if section else mapping
        inside[leaf] = deepcopy(value)
    return recipe_from_mapping(mapping, source=source)


def _flat(mapping: Mapping[str, object]) -> list[tuple[str, object]]:
    flat: list[tuple[str, object]] = []
    for name, value in mapping.items():
        if name in SECTIONS and isinstance(value, Mapping):
            flat.extend((f"{name}.{leaf}", inner) for leaf, inner in value.items())
        else:
            flat.append((str(name), value))
    return flat


def _displaced(recipe: Recipe, overrides: Mapping[str, object]) -> list[str]:
    """Return the recipe's fields that an override excludes without naming them."""
    given = recipe.model_dump(exclude_none=True)
    sections = {name.partition(".")[0] for name in overrides}
    named = {*overrides, *sections}
    pairs = [*EXCLUSIVE, *((other, one) for one, other in EXCLUSIVE)]
    return [
        loser
        for winner, loser in pairs
        if winner in named and loser not in named and has_field(given, loser)
    ]


def _remove(mapping: dict[str, Any], dotted: str) -> None:
    section, _, leaf = dotted.rpartition(".")
    (mapping[section] if section else mapping).pop(leaf, None)


def _value(text: str, *, text_wanted: bool) -> object:
    try:
        value = text if "\n" in text else tomllib.loads(f"value = {text}")["value"]
        # TOML knows dates, infinities and hexadecimal numbers of any length; records do not.
        json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return text
    return value if isinstance(value, str) or not text_wanted else text


def _unknown(name: str, known: Mapping[str, object], source: str) -> Problem:
    remedy = did_you_mean(name, known)
    return Problem(
        f"{source}: {shown(name)}", "a known field", shown(name), remedy, "unknown_field"
    )


def _locked_problem(name: str, source: str) -> Problem:
    return Problem(
        where=f"{source}: {name}",
        expected="a field that may be overridden",
        found="one that this deployment has locked",
        remedy="remove it, or ask who runs the deployment",
        code="field_locked",
    )
