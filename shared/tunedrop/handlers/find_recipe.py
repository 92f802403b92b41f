"""Finds what a drop is to be tuned by: its request's recipe, its folder's, or the deployment's default.

Reads recipes and metadata; checks no dataset and plans nothing.
"""

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from tunedrop.domain import naming
from tunedrop.domain.naming import GsUri
from tunedrop.errors import InvalidRequestError, NotFoundError, Problem, RecipeError
from tunedrop.handlers.drops import Drop
from tunedrop.ports import ObjectInfo
from tunedrop.recipes import (
    MAX_RECIPE_BYTES,
    Recipe,
    apply_overrides,
    metadata_overrides,
    parse_recipe,
    recipe_from_mapping,
)
from tunedrop.services import Services

DEFAULT_NAME = "default"
INLINE_NAME = "inline"


class Chosen(Struct, frozen=True):
    """The recipe of a drop."""

    name: str
    source: str
    """What to call it in problems: its address, `inline_recipe`, or the deployment's default."""
    recipe: Recipe | None
    """None: the deployment's default, whose base model the recognised format decides."""
    file: GsUri | None = None
    """The recipe's file; None for inline and default recipes."""
    overrides: Mapping[str, object] = field(default_factory=dict)
    """What is still to be laid on a default recipe."""
    locked: frozenset[str] = frozenset()

    def basis(self, evaluation: ObjectInfo | None) -> str:
        """Changes with whatever the recipe says, overrides included, and with the evaluation file."""
        said = (
            self.recipe.model_dump(mode="json", exclude_unset=True)
            if self.recipe
            else dict(self.overrides)
        )
        measured_by = f"{evaluation.uri}#{evaluation.generation}" if evaluation else ""
        return naming.digest(self.name, naming.canonical_json(said).decode(), measured_by)[:16]

    def for_base_model(self, base_model: str) -> Recipe:
        """The default recipe for a base model.

        Raises:
            RecipeError: The overrides do not fit it.
        """
        recipe = recipe_from_mapping({"base_model": base_model}, source=self.source)
        if not self.overrides:
            return recipe
        return apply_overrides(recipe, self.overrides, locked=self.locked, source="overrides")


class NoRecipe(Struct, frozen=True):
    """There is no usable recipe yet; the drop waits for one."""

    problems: tuple[Problem, ...] = ()
    """What is wrong with the recipe that lies there, if one does."""


def find_recipe(services: Services, drop: Drop, info: ObjectInfo) -> Chosen | NoRecipe:
    """Choose by the request, else the nearest folder upwards, else the default; then lay overrides on it.

    Raises:
        RecipeError: The request or the metadata names what cannot be used; more files will not help.
    """
    chosen = _named(services, drop) if drop.asked.question() else None
    if chosen is None:
        found = _nearest(services, drop)
        if isinstance(found, NoRecipe):
            return found
        chosen = found
    return _with_overrides(services, drop, info, chosen)


def _named(services: Services, drop: Drop) -> Chosen | None:
    asked = drop.asked
    if asked.inline_recipe is not None:
        name = asked.recipe or INLINE_NAME
        return Chosen(
            name,
            "inline_recipe",
            recipe_from_mapping(dict(asked.inline_recipe), source="inline_recipe"),
        )
    if asked.recipe is None:
        return None
    folder = asked.recipe.strip("/")
    found = _in_folder(services, services.settings.intake_bucket, folder)
    if found is None:
        problem = Problem(
            where="recipe",
            expected="the folder of an uploaded recipe.toml",
            found="none under that name",
            remedy=f"upload gs://{services.settings.intake_bucket}/<recipe>/{naming.RECIPE_FILE}, or send an inline_recipe",
            code="recipe_not_found",
        )
        raise RecipeError([problem], code="recipe_not_found")
    return found


def _nearest(services: Services, drop: Drop) -> Chosen | NoRecipe:
    for_rehearsal = naming.is_rehearsal(naming.folder_of(drop.name))
    for folder in naming.folders_upwards(drop.name):
        if for_rehearsal and not naming.is_rehearsal(folder):
            # A recipe from outside would make a paid job of a rehearsal whose own is not there.
            return NoRecipe()
        try:
            found = _in_folder(services, drop.bucket, folder)
        except RecipeError as error:
            return NoRecipe(error.problems)
        if found is not None:
            return found
    if naming.folder_of(drop.name) in {"", *services.settings.default_recipe_folders}:
        return Chosen(DEFAULT_NAME, "the deployment's default recipe", None)
    return NoRecipe()


def read_recipe(
    services: Services, bucket: str, name: str, *, generation: int | None = None
) -> Recipe:
    """Read a recipe's file.

    Raises:
        NotFoundError: There is no such file, or not in that generation any more.
        RecipeError: It cannot be used.
    """
    source = f"gs://{bucket}/{name}"
    try:
        data = services.store.read(bucket, name, max_bytes=MAX_RECIPE_BYTES, generation=generation)
    except InvalidRequestError:
        problem = Problem(
            where=source,
            expected=f"at most {MAX_RECIPE_BYTES} bytes",
            found="a longer file",
            remedy="keep only the recipe in it",
            code="recipe_too_long",
        )
        raise RecipeError([problem]) from None
    return parse_recipe(data, source=source)


def _in_folder(services: Services, bucket: str, folder: str) -> Chosen | None:
    name = naming.in_folder(folder, naming.RECIPE_FILE)
    try:
        recipe = read_recipe(services, bucket, name)
    except NotFoundError:
        return None
    file = GsUri(bucket, name)
    return Chosen(folder or "root", str(file), recipe, file)


def _with_overrides(services: Services, drop: Drop, info: ObjectInfo, chosen: Chosen) -> Chosen:
    overrides = {
        **metadata_overrides(info.metadata, source=f"metadata of {drop.uri}"),
        **drop.asked.overrides,
    }
    if not overrides:
        return chosen
    locked = frozenset(services.settings.locked_fields)
    if chosen.recipe is None and "base_model" not in overrides:
        return replace(
            chosen, overrides=overrides, locked=locked
        )  # until the format decides the base model
    base = chosen.recipe or recipe_from_mapping(
        {"base_model": overrides["base_model"]}, source="overrides"
    )
    return replace(
        chosen, recipe=apply_overrides(base, overrides, locked=locked, source="overrides")
    )
