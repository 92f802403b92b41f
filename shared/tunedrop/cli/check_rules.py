"""What one dataset is held to: options, the base model's limits once the format is known, and the forecast.

Knows recipes and the catalog; reads no file and prints nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from msgspec.structs import replace

from tunedrop.catalog import Catalog, Route
from tunedrop.domain.checks import (
    CheckOptions,
    CheckResult,
    Limits,
    Spread,
    check_dataset,
    one_by_one,
)
from tunedrop.domain.formats import Format, always_fits_as_text
from tunedrop.errors import RecipeError
from tunedrop.handlers.limits import evaluation_limits, training_limits
from tunedrop.planning import route_recipe
from tunedrop.planning.forecast import blocked, forecast
from tunedrop.recipes import Recipe, recipe_from_mapping

_Way = tuple[Recipe, Route]


class Rules:
    """What a file is held to, and whatever takes its place: a mended file, an older version.

    Args:
        catalog: Base models.
        recipe: The recipe that speaks for the file, if one does.
        defaults: Base models by format, for a file that no recipe speaks for.
        options: How strict to be.
        is_evaluation: Whether the file is never trained on.
        evaluation_count: Usable rows of the evaluation file, where there is one.

    Raises:
        RecipeError: The recipe's base model cannot be tuned.
    """

    def __init__(
        self,
        catalog: Catalog,
        recipe: Recipe | None,
        defaults: Mapping[str, str],
        options: CheckOptions,
        *,
        is_evaluation: bool,
        evaluation_count: int | None = None,
    ) -> None:
        self.options = options
        self.notes: list[str] = []
        self._catalog = catalog
        self._defaults = defaults
        self._is_evaluation = is_evaluation
        self._evaluation_count = evaluation_count
        self._refusals: dict[str, str] = {}
        self._own = (recipe, self._route(recipe)) if recipe else None
        self._by_format: dict[Format, _Way | None] = {}

    def check(self, chunks: Iterable[bytes], spread: Spread = one_by_one) -> CheckResult:
        """Check a file's bytes, and say what would become of it; *spread* accounts for its blocks."""
        result = check_dataset(
            chunks, limits_for=self.limits_for, options=self.options, spread=spread
        )
        recognised = result.dataset_format
        way = self._way(recognised) if recognised else self._own
        recipe, route = way or (None, None)
        misfit = _misfit(route, result) if route else ""
        if misfit:
            return replace(result, verdict="rejected", next=misfit)
        if self._is_evaluation:
            return forecast(result, recipe=None, route=None)
        result = forecast(
            result, recipe=recipe, route=route, evaluation_count=self._evaluation_count
        )
        refusal = self._refusals.get(route.entry.name) if route else None
        return blocked(result, refusal) if refusal and result.verdict == "accepted" else result

    def limits_for(self, recognised: Format) -> Limits:
        """The limits of the recipe's base model, or of the one that a deployment takes for the format."""
        way = self._way(recognised)
        if way is None:
            return Limits()
        limits_of = evaluation_limits if self._is_evaluation else training_limits
        return limits_of(way[1].entry)

    def _way(self, recognised: Format) -> _Way | None:
        if self._own:
            return self._own
        if recognised not in self._by_format:
            self._by_format[recognised] = self._default_way(recognised)
        return self._by_format[recognised]

    def _default_way(self, recognised: Format) -> _Way | None:
        name = self._defaults.get(recognised)
        if not name:
            return None
        recipe = recipe_from_mapping({"base_model": name}, source="default")
        return recipe, self._route(recipe)

    def _route(self, recipe: Recipe) -> Route:
        """The way to what would be tuned; the limits of a retired base model hold all the same."""
        try:
            route = route_recipe(recipe, self._catalog, today=datetime.now(UTC).date())
        except RecipeError as error:
            if error.code != "base_model_retired":
                raise
            entry = self._catalog.find(recipe.base_model or "")
            self._refusals[entry.name] = str(error)
            self.notes.append(
                f"{entry.name} retired on {entry.retirement.on}: the check goes by its limits, and a "
                "deployment refuses it unless the recipe's on_retired says otherwise"
            )
            return Route(entry, entry)
        self.notes.extend(note.text for note in route.notes)
        return route


def _misfit(route: Route, result: CheckResult) -> str:
    """Why rows that are good in themselves cannot be trained on; empty where they can."""
    recognised, target = result.dataset_format, Format(route.entry.interface.dataset_format)
    if (
        recognised is None
        or result.verdict == "rejected"
        or always_fits_as_text(recognised, target)
    ):
        return ""
    return (
        f"{route.entry.name} is tuned on {target} rows, and {recognised} rows cannot be written so; "
        "name a base model that takes this format, or convert the file"
    )
