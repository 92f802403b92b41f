"""Options that several commands share, and the reading of `--set FIELD=VALUE`.

Knows click and recipes' field names; knows no command.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tunedrop.cli.environment import person

if TYPE_CHECKING:
    from tunedrop.recipes import Recipe

F = TypeVar("F", bound=Callable[..., Any])
_STAND_IN = "any-base-model"


def json_option(command: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def set_option(command: F) -> F:
    """`--set FIELD=VALUE`, any number of times."""
    return click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="FIELD=VALUE",
        help="Override a field of the recipe, such as tuning.epochs=3. May be repeated.",
    )(command)


def by_option(command: F) -> F:
    """`--by NAME`."""
    return click.option(
        "--by", default=person, show_default="you", help="Who asks, for the record."
    )(command)


def read_assignments(assignments: Sequence[str]) -> dict[str, str]:
    """Read `field=value` texts.

    Raises:
        UsageError: One has no `=`, or a field is named twice.
    """
    texts: dict[str, str] = {}
    for assignment in assignments:
        field, equals, value = assignment.partition("=")
        if not equals or not field:
            raise click.UsageError(
                f"--set {assignment}: expected FIELD=VALUE, such as tuning.epochs=3"
            )
        if field in texts:
            raise click.UsageError(f"--set {field}: expected one value, found two; remove one")
        texts[field] = value
    return texts


def overrides_of(
    texts: Mapping[str, str], *, recipe: "Recipe | None" = None, locked: Sequence[str] = ()
) -> dict[str, object]:
    """Return the typed values of overrides, read by the rule for object metadata.

    Args:
        texts: Values by dotted field.
        recipe: What they will be laid over, where it is known.
        locked: Fields that the deployment keeps to itself.

    Raises:
        UsageError: Every field that is unknown, locked, or takes another kind of value.
    """
    from tunedrop.errors import RecipeError
    from tunedrop.recipes import (
        apply_overrides,
        metadata_key,
        metadata_overrides,
        parse_overrides,
        recipe_from_mapping,
    )

    if not texts:
        return {}
    try:
        parse_overrides(texts, source="--set")
        values = metadata_overrides({metadata_key(field): text for field, text in texts.items()})
        if recipe is not None or not any(field.startswith("pipeline.") for field in values):
            base = recipe or recipe_from_mapping({"base_model": _STAND_IN}, source="--set")
            apply_overrides(base, values, locked=frozenset(locked), source="--set")
    except RecipeError as error:
        raise click.UsageError(str(error)) from None
    return values
