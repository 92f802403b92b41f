"""Comes to a judgement about a dataset: checked, held against its recipe, planned and staged.

Writes staged bytes and no record; what is recorded and said is `check_dataset`'s business.
"""

from dataclasses import dataclass

from tunedrop.catalog import Route
from tunedrop.domain.checks import CheckOptions, CheckResult, Limits, check_dataset, split_lines
from tunedrop.domain.cost import tokens_of
from tunedrop.domain.formats import Format, always_fits
from tunedrop.domain.split import Holdout, choose_holdout
from tunedrop.errors import Problem, RecipeError
from tunedrop.handlers.find_recipe import Chosen
from tunedrop.handlers.limits import evaluation_limits, place_of, training_limits
from tunedrop.handlers.stage_dataset import Source, Staged, stage
from tunedrop.planning import (
    DatasetFacts,
    RunPlan,
    context_for_conversion,
    plan_run,
    route_recipe,
)
from tunedrop.ports import ObjectInfo
from tunedrop.recipes import Recipe
from tunedrop.services import Services


@dataclass(frozen=True, slots=True)
class Accepted:
    """A dataset that may be tuned on, and everything a launch needs."""

    result: CheckResult
    recipe: Recipe
    plan: RunPlan
    training: Staged
    evaluation: Staged | None
    holdout: Holdout | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A dataset that will not be tuned on, with everything that was found out about it."""

    code: str
    result: CheckResult | None = None
    problems: tuple[Problem, ...] = ()
    evaluation_result: CheckResult | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A dataset before the judge."""

    drop_id: str
    info: ObjectInfo
    chosen: Chosen
    evaluation: ObjectInfo | None


def judge(services: Services, case: Case) -> Accepted | Rejected:
    """Check, plan and stage.

    Raises:
        NotFoundError: The generation is not there any more.
    """
    result: CheckResult | None = None
    try:
        route = _route(services, case.chosen, None) if case.chosen.recipe else None
        _check_size(services, case, route)
        result = _check(services, case, route)
        if result.verdict == "rejected" or result.dataset_format is None:
            return Rejected(_first_code(result), result)
        route = route or _route(services, case.chosen, result.dataset_format)
        return _planned(services, case, route, result, result.dataset_format)
    except RecipeError as error:
        return Rejected(error.problems[0].code, result, error.problems)


def _route(services: Services, chosen: Chosen, recognised: Format | None) -> Route:
    recipe = chosen.recipe or _default_recipe(services, chosen, recognised)
    return route_recipe(recipe, services.catalog, today=services.today(), source=chosen.source)


def _default_recipe(services: Services, chosen: Chosen, recognised: Format | None) -> Recipe:
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


def _check(services: Services, case: Case, route: Route | None) -> CheckResult:
    def limits_for(recognised: Format) -> Limits:
        """A default recipe without a base model for the format is refused after the check."""
        if route:
            return training_limits(route.entry)
        known = services.settings.default_base_models.get(recognised)
        return (
            training_limits(_route(services, case.chosen, recognised).entry) if known else Limits()
        )

    options = _options(services, case.chosen.recipe)
    with services.store.stream(
        case.info.bucket, case.info.name, generation=case.info.generation
    ) as chunks:
        return check_dataset(
            split_lines(chunks, options.max_line_bytes), limits_for=limits_for, options=options
        )


def _check_size(services: Services, case: Case, route: Route | None) -> None:
    """Refuse by size alone what would be read for nothing."""
    own = route.entry.dataset.max_bytes if route else None
    most = min(own or services.settings.max_dataset_bytes, services.settings.max_dataset_bytes)
    if case.info.size_bytes > most:
        found, remedy = f"{case.info.size_bytes:,} bytes", "split the dataset, or drop examples"
        raise RecipeError(
            [Problem("dataset", f"at most {most:,} bytes", found, remedy, "too_large")]
        )


def _options(services: Services, recipe: Recipe | None) -> CheckOptions:
    return CheckOptions(
        tolerate=recipe.tolerate if recipe else 0.0,
        allowed_buckets=services.settings.dataset_buckets,
        with_content_hashes=recipe is not None and recipe.evaluation.holdout is not None,
    )


def _planned(
    services: Services, case: Case, route: Route, result: CheckResult, recognised: Format
) -> Accepted | Rejected:
    recipe = case.chosen.recipe or _default_recipe(services, case.chosen, recognised)
    source = _source(services, case, recipe, route, result, recognised)
    evaluation = _evaluation_source(services, case, route, recipe) if case.evaluation else None
    if evaluation and evaluation.result.verdict == "rejected":
        return Rejected("evaluation_rejected", result, evaluation_result=evaluation.result)
    plan = plan_run(
        recipe,
        route,
        _facts(source, evaluation),
        place_of(services.settings),
        source=case.chosen.source,
    )
    return Accepted(
        result=result,
        recipe=recipe,
        plan=plan,
        training=stage(services, source, "training", role="training"),
        evaluation=_stage_evaluation(services, source, evaluation),
        holdout=source.holdout,
    )


def _stage_evaluation(
    services: Services, source: Source, evaluation: Source | None
) -> Staged | None:
    if evaluation:
        return stage(services, evaluation, "training", role="evaluation")
    return stage(services, source, "holdout", role="evaluation") if source.holdout else None


def _source(
    services: Services,
    case: Case,
    recipe: Recipe,
    route: Route,
    result: CheckResult,
    recognised: Format,
) -> Source:
    target = Format(route.entry.interface.dataset_format)
    if not always_fits(recognised, target):
        raise RecipeError([_format_problem(route, recognised, target)])
    return Source(
        drop_id=case.drop_id,
        info=case.info,
        result=result,
        source_format=recognised,
        target_format=target,
        limits=training_limits(route.entry),
        options=_options(services, recipe),
        default_context=context_for_conversion(recipe, route),
        holdout=_holdout(recipe, route, result),
    )


def _evaluation_source(
    services: Services, case: Case, route: Route, recipe: Recipe
) -> Source | None:
    info = case.evaluation
    if info is None:
        return None
    limits, options = evaluation_limits(route.entry), _options(services, recipe)
    with services.store.stream(info.bucket, info.name, generation=info.generation) as chunks:
        lines = split_lines(chunks, options.max_line_bytes)
        result = check_dataset(lines, limits_for=lambda _: limits, options=options)
    target = Format(route.entry.interface.dataset_format)
    recognised = result.dataset_format or target
    if result.verdict == "accepted" and not always_fits(recognised, target):
        raise RecipeError([_format_problem(route, recognised, target)])
    return Source(
        drop_id=case.drop_id,
        info=info,
        result=result,
        source_format=recognised,
        target_format=target,
        limits=limits,
        options=options,
        default_context=context_for_conversion(recipe, route),
    )


def _holdout(recipe: Recipe, route: Route, result: CheckResult) -> Holdout | None:
    if recipe.evaluation.holdout is None:
        return None
    bounds = route.entry.evaluation
    chosen = choose_holdout(
        result.content_hashes,
        recipe.evaluation.holdout,
        minimum=bounds.min_examples,
        maximum=bounds.max_examples or len(result.content_hashes),
    )
    if isinstance(chosen, Problem):
        raise RecipeError([chosen])
    return chosen


def _facts(source: Source, evaluation: Source | None) -> DatasetFacts:
    """Counts for the plan; held-out rows are taken off in proportion where only totals are known."""
    kept = source.result.lines.kept
    held_out = source.holdout.count if source.holdout else None
    training = kept - (held_out or 0)
    statistics = source.result.statistics
    characters = statistics["characters"]["total"] * training // max(kept, 1)
    return DatasetFacts(
        example_count=training,
        author_count=statistics["turns"] * training // max(kept, 1),
        evaluation_count=evaluation.result.lines.kept if evaluation else held_out,
        token_estimate=tokens_of(characters),
    )


def _format_problem(route: Route, recognised: Format, target: Format) -> Problem:
    return Problem(
        where="dataset",
        expected=f"rows that {route.entry.name} can be tuned on: {target}",
        found=f"{recognised} rows, which cannot be written as {target}",
        remedy="name a base model that takes this format, or convert the file",
        code="format_does_not_fit",
    )


def _first_code(result: CheckResult) -> str:
    return result.first_error.code.value if result.first_error else "rejected"
