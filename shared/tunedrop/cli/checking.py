"""A check without a deployment: which base model's limits hold for a file, and the same check as ever.

Knows recipes, the catalog and files; prints nothing and starts nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tunedrop.catalog import Catalog, load_catalog
from tunedrop.catalog_entries import CatalogEntry
from tunedrop.cli.files import chunks_of, read_recipe_file, recipe_upwards
from tunedrop.config import Settings
from tunedrop.domain import naming
from tunedrop.domain.checks import (
    CheckOptions,
    CheckResult,
    Limits,
    LimitsFor,
    check_dataset,
    split_lines,
)
from tunedrop.domain.formats import Format, always_fits
from tunedrop.errors import RecipeError, UsageError
from tunedrop.handlers.limits import evaluation_limits, training_limits
from tunedrop.planning import route_recipe
from tunedrop.recipes import Recipe, apply_overrides, recipe_from_mapping

DEFAULT_BASE_MODELS: dict[str, str] = {
    Format.CODE_GENERATION: "code-bison@002",
    Format.CODE_CHAT: "codechat-bison@002",
    Format.GEMINI: "gemini-3.5-flash",
    Format.OPENAI: "gemini-3.5-flash",
    Format.PROMPT_COMPLETION: "gemini-3.5-flash",
    Format.ALPACA: "gemini-3.5-flash",
}
"""Whose limits hold for a file that no recipe speaks for; only limits, since nothing is tuned."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file is to be held against."""

    recipe: Path | None = None
    """Instead of the nearest one upwards of the file."""
    base_model: str | None = None
    """Instead of the recipe's."""
    buckets: tuple[str, ...] = ()
    """Buckets that file parts may point into, besides the deployment's."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A result, and what else is worth knowing."""

    result: CheckResult
    notes: tuple[str, ...]


class Checker:
    """Checks files as the deployment would, or as a deployment with nothing but defaults would.

    Raises:
        UsageError: The base model wanted is not in the catalog.
    """

    def __init__(self, settings: Settings | None, wanted: Wanted) -> None:
        self._wanted = wanted
        self._catalog = _catalog(settings)
        if wanted.base_model is not None:
            _expect_known(self._catalog, wanted.base_model)
        self._defaults = dict(settings.default_base_models) if settings else DEFAULT_BASE_MODELS
        self._buckets = frozenset(wanted.buckets) | (
            settings.dataset_buckets if settings else frozenset()
        )

    def check(self, path: str) -> Checked:
        """Check a file, or standard input for `-`, in memory that does not grow with its bytes.

        Raises:
            RecipeError: The recipe cannot be used.
        """
        recipe = self._recipe(path)
        rules = _Rules(
            self._catalog, recipe, self._defaults, is_evaluation=_is_evaluation(path, recipe)
        )
        options = CheckOptions(
            tolerate=recipe.tolerate if recipe else 0.0,
            allowed_buckets=self._buckets,
            with_content_hashes=False,  # only a split needs them
        )
        lines = split_lines(chunks_of(path), options.max_line_bytes)
        result = check_dataset(lines, limits_for=rules.limits_for, options=options)
        return Checked(rules.held_to_target(result), tuple(rules.notes))

    def _recipe(self, path: str) -> Recipe | None:
        file = self._wanted.recipe or recipe_upwards(path)
        recipe = read_recipe_file(file) if file else None
        if self._wanted.base_model is None:
            return recipe
        named = {"base_model": self._wanted.base_model}
        if recipe is None:
            return recipe_from_mapping(named, source="--for")
        return apply_overrides(recipe, named, locked=frozenset(), source="--for")


class _Rules:
    """Limits of one file, found once its format is known."""

    def __init__(
        self,
        catalog: Catalog,
        recipe: Recipe | None,
        defaults: Mapping[str, str],
        *,
        is_evaluation: bool,
    ) -> None:
        self._catalog = catalog
        self._defaults = defaults
        self._limits_of = evaluation_limits if is_evaluation else training_limits
        self.notes: list[str] = []
        self._entry = self._route(recipe) if recipe else None

    @property
    def limits_for(self) -> LimitsFor:
        return self._limits

    def held_to_target(self, result: CheckResult) -> CheckResult:
        """Reject what is good in itself and cannot be written in the base model's format."""
        entry, recognised = self._entry, result.dataset_format
        if entry is None or recognised is None or result.verdict == "rejected":
            return result
        target = Format(entry.interface.dataset_format)
        if always_fits(recognised, target):
            return result
        words = (
            f"{entry.name} is tuned on {target} rows, and {recognised} rows cannot be written so; "
            "name a base model that takes this format, or convert the file"
        )
        return replace(result, verdict="rejected", next=words)

    def _limits(self, recognised: Format) -> Limits:
        if self._entry is None and (name := self._defaults.get(recognised)):
            self._entry = self._route(recipe_from_mapping({"base_model": name}, source="default"))
        return self._limits_of(self._entry) if self._entry else Limits()

    def _route(self, recipe: Recipe) -> CatalogEntry:
        """The base model that would be tuned; a retired one is noted, and its limits hold all the same."""
        try:
            route = route_recipe(recipe, self._catalog, today=datetime.now(UTC).date())
        except RecipeError as error:
            if error.code != "base_model_retired":
                raise
            entry = self._catalog.find(recipe.base_model or "")
            self.notes.append(
                f"{entry.name} retired on {entry.retirement.on}: the check goes by its limits, and a "
                "deployment refuses it unless the recipe's on_retired says otherwise"
            )
            return entry
        self.notes.extend(note.text for note in route.notes)
        return route.entry


def _catalog(settings: Settings | None) -> Catalog:
    return load_catalog(Path(settings.catalog_file) if settings and settings.catalog_file else None)


def _expect_known(catalog: Catalog, base_model: str) -> None:
    try:
        catalog.find(base_model, where="--for")
    except RecipeError as error:
        raise UsageError(str(error)) from None


def _is_evaluation(path: str, recipe: Recipe | None) -> bool:
    """Whether a file is one that is never trained on, by its own name or by the recipe's."""
    if naming.object_role(Path(path).name) is naming.ObjectRole.EVALUATION:
        return True
    named = recipe.evaluation.dataset if recipe else None
    return named is not None and Path(path).as_posix().endswith(named)
