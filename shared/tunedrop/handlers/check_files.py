"""Checks the files of a drop, each in the generation that was found, against the base model's limits.

Reads bytes and writes nothing; what follows from a result is `judge_dataset`'s business.
"""

from tunedrop.catalog import Route
from tunedrop.domain.checks import CheckOptions, CheckResult, Limits, LimitsFor, check_dataset
from tunedrop.domain.formats import Format
from tunedrop.errors import Problem, RecipeError
from tunedrop.handlers.find_recipe import Chosen
from tunedrop.handlers.limits import check_options, evaluation_limits, training_limits
from tunedrop.planning import route_recipe
from tunedrop.ports import ObjectInfo
from tunedrop.recipes import Recipe
from tunedrop.services import Services

_UNDECIDED = "undecided"
"""Stands for the base model where nothing depends on it."""


def recipe_for(services: Services, chosen: Chosen, recognised: Format | None) -> Recipe:
    """The effective recipe; a default one takes the base model that the deployment names for the format.

    Raises:
        RecipeError: The deployment names none, or the overrides do not fit it.
    """
    if chosen.recipe:
        return chosen.recipe
    base_model = services.settings.default_base_models.get(recognised or "")
    if not base_model:
        problem = Problem(
            where=chosen.source,
            expected=f"a default base model for {recognised}",
            found="none",
            remedy="put a recipe.toml beside the dataset, or set TUNEDROP_DEFAULT_BASE_MODELS",
            code="no_default_base_model",
        )
        raise RecipeError([problem])
    return chosen.for_base_model(base_model)


def route_for(services: Services, chosen: Chosen, recognised: Format | None) -> Route:
    """What the effective recipe tunes.

    Raises:
        RecipeError: It cannot be tuned.
    """
    recipe = recipe_for(services, chosen, recognised)
    return route_recipe(recipe, services.catalog, today=services.today(), source=chosen.source)


def recipe_of_check(chosen: Chosen) -> Recipe:
    """The effective recipe as far as it tells the check what to do, before the format is known."""
    return chosen.recipe or chosen.for_base_model(_UNDECIDED)


def check_training_file(
    services: Services,
    info: ObjectInfo,
    chosen: Chosen,
    route: Route | None,
    evaluation: CheckResult | None,
) -> CheckResult:
    """Check the dataset itself.

    Args:
        services: The deployment.
        info: The generation to read.
        chosen: Its recipe.
        route: What is tuned; None while the format has to decide.
        evaluation: The check of the evaluation file, whose prompts should not be trained on.

    Raises:
        NotFoundError: The generation is not there any more.
    """

    def limits_for(recognised: Format) -> Limits:
        """A default recipe without a base model for the format is refused after the check."""
        if route:
            return training_limits(route.entry)
        known = services.settings.default_base_models.get(recognised)
        return training_limits(route_for(services, chosen, recognised).entry) if known else Limits()

    usable = evaluation is not None and evaluation.verdict == "accepted"
    options = check_options(
        recipe_of_check(chosen),
        allowed_buckets=services.settings.dataset_buckets,
        evaluation_prompts=frozenset(evaluation.prompt_hashes if evaluation and usable else ()),
    )
    return _check(services, info, limits_for, options)


def check_evaluation_file(
    services: Services, info: ObjectInfo, recipe: Recipe, route: Route
) -> CheckResult:
    """Check the file of rows that are never trained on.

    Raises:
        NotFoundError: The generation is not there any more.
    """
    limits = evaluation_limits(route.entry)
    options = check_options(
        recipe, allowed_buckets=services.settings.dataset_buckets, is_evaluation=True
    )
    return _check(services, info, lambda _: limits, options)


def expect_readable(services: Services, info: ObjectInfo, route: Route | None, where: str) -> None:
    """Refuse by size alone what would be read for nothing.

    Raises:
        RecipeError: The file is larger than the base model or the deployment takes.
    """
    own = route.entry.dataset.max_bytes if route else None
    most = min(own or services.settings.max_dataset_bytes, services.settings.max_dataset_bytes)
    if info.size_bytes > most:
        found, remedy = f"{info.size_bytes:,} bytes", "split the dataset, or drop examples"
        raise RecipeError([Problem(where, f"at most {most:,} bytes", found, remedy, "too_large")])


def _check(
    services: Services, info: ObjectInfo, limits_for: LimitsFor, options: CheckOptions
) -> CheckResult:
    with services.store.stream(info.bucket, info.name, generation=info.generation) as chunks:
        return check_dataset(chunks, limits_for=limits_for, options=options)
