"""A check without a deployment: which recipe speaks for a file, what else it needs, and the same check as ever.

Knows recipes, the catalog and files; prints nothing and starts nothing.
"""

from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from tunedrop.catalog import Catalog, load_catalog
from tunedrop.cli.check_rules import Rules
from tunedrop.cli.files import STANDARD_INPUT, Read, chunks_of, read_recipe_file, recipe_upwards
from tunedrop.cli.workers import SpreadFor, alone
from tunedrop.config import Settings
from tunedrop.domain import naming
from tunedrop.domain.checks import CheckResult
from tunedrop.domain.formats import Format
from tunedrop.errors import RecipeError, UsageError
from tunedrop.handlers.limits import check_options
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
    """What a file is to be held against, and how closely."""

    recipe: Path | None = None
    """Instead of the nearest one upwards of the file."""
    base_model: str | None = None
    """Instead of the recipe's."""
    buckets: tuple[str, ...] = ()
    """Buckets that file parts may point into, besides the deployment's."""
    structure_only: bool = False
    """True leaves out what the texts say."""
    for_comparison: bool = False
    """True keeps a hash of each example."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A result, what it was come by, and what else is worth knowing."""

    path: str
    result: CheckResult
    rules: Rules
    evaluation: "Checked | None" = None
    """The recipe's evaluation file, where it is at hand."""
    notes: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether a deployment would go on with the file, and with its evaluation file."""
        own = self.result.verdict == "accepted"
        return own and (self.evaluation is None or self.evaluation.accepted)


class Checker:
    """Checks files as the deployment would, or as a deployment with nothing but defaults would.

    Raises:
        UsageError: The base model wanted is not in the catalog.
    """

    def __init__(
        self,
        settings: Settings | None,
        wanted: Wanted,
        read: Read = chunks_of,
        spread_for: SpreadFor = alone,
    ) -> None:
        self._wanted = wanted
        self._spread_for = spread_for
        self.read = read
        self._catalog = _catalog(settings)
        if wanted.base_model is not None:
            _expect_known(self._catalog, wanted.base_model)
        self._defaults = dict(settings.default_base_models) if settings else DEFAULT_BASE_MODELS
        self._buckets = frozenset(wanted.buckets) | (
            settings.dataset_buckets if settings else frozenset()
        )
        self._evaluations: dict[Path, Checked] = {}

    def check(self, path: str, *, source: str | None = None) -> Checked:
        """Check a file in memory that does not grow with its bytes, its evaluation file first.

        Args:
            path: Says which recipe speaks for the file.
            source: Where its bytes are, if elsewhere.

        Raises:
            RecipeError: The recipe cannot be used.
        """
        file = self._wanted.recipe or recipe_upwards(path)
        recipe = self._held_to_base_model(read_recipe_file(file) if file else None)
        if _is_evaluation(path, recipe):
            return self._as_evaluation(path, recipe, source)
        evaluation, notes = self._evaluation(path, file, recipe)
        rules = self._rules(recipe, held_against=evaluation)
        result = self.run(rules, source or path)
        return Checked(path, result, rules, evaluation, (*notes, *rules.notes))

    def run(self, rules: Rules, path: str) -> CheckResult:
        """Check a file by given rules."""
        return rules.check(self.read(path), self._spread_for(path))

    def _held_to_base_model(self, recipe: Recipe | None) -> Recipe | None:
        if self._wanted.base_model is None:
            return recipe
        named = {"base_model": self._wanted.base_model}
        if recipe is None:
            return recipe_from_mapping(named, source="--for")
        return apply_overrides(recipe, named, locked=frozenset(), source="--for")

    def _evaluation(
        self, path: str, file: Path | None, recipe: Recipe | None
    ) -> tuple[Checked | None, tuple[str, ...]]:
        """The evaluation file that the recipe names, checked once however many datasets it is for."""
        named = recipe.evaluation.dataset if recipe else None
        if recipe is None or named is None:
            return None, ()
        found = next((each for each in _beside(path, file, named) if each.is_file()), None)
        if found is None:
            note = f"{named}, the recipe's evaluation file, is not at hand: nothing was held against it"
            return None, (note,)
        if found not in self._evaluations:
            self._evaluations[found] = self._as_evaluation(str(found), recipe)
        return self._evaluations[found], ()

    def _as_evaluation(
        self, path: str, recipe: Recipe | None, source: str | None = None
    ) -> Checked:
        rules = self._rules(recipe, is_evaluation=True)
        result = self.run(rules, source or path)
        return Checked(path, result, rules, notes=tuple(rules.notes))

    def _rules(
        self,
        recipe: Recipe | None,
        *,
        is_evaluation: bool = False,
        held_against: Checked | None = None,
    ) -> Rules:
        other = held_against.result if held_against else None
        options = check_options(
            recipe,
            allowed_buckets=self._buckets,
            evaluation_prompts=frozenset(other.prompt_hashes) if other else frozenset(),
            is_evaluation=is_evaluation,
        )
        options = replace(
            options,
            with_contents=not self._wanted.structure_only,
            with_content_hashes=options.with_content_hashes or self._wanted.for_comparison,
        )
        return Rules(
            self._catalog,
            recipe,
            self._defaults,
            options,
            is_evaluation=is_evaluation,
            evaluation_count=other.lines.kept if other else None,
        )


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


def _beside(path: str, recipe_file: Path | None, named: str) -> list[Path]:
    """Where an evaluation file may lie: by the recipe, as in a bucket, or by the dataset."""
    folders = [recipe_file.parent] if recipe_file else []
    if path != STANDARD_INPUT:
        folders.append(Path(path).parent)
    return [_short(folder / named) for folder in folders]


def _short(path: Path) -> Path:
    """A path as a person here would write it."""
    whole, here = path.resolve(), Path.cwd()
    return whole.relative_to(here) if whole.is_relative_to(here) else whole
