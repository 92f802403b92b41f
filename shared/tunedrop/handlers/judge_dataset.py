"""Comes to a judgement about a dataset: checked, held against its recipe, planned and staged.

Writes staged bytes and no record; what is recorded and said is `check_dataset`'s business.
"""

from msgspec import Struct

from tunedrop.catalog import Route
from tunedrop.domain.checks import CheckResult
from tunedrop.domain.formats import Format, always_fits_as_text
from tunedrop.domain.split import Holdout
from tunedrop.errors import Problem, RecipeError
from tunedrop.handlers.check_files import (
    check_evaluation_file,
    check_training_file,
    expect_readable,
    recipe_for,
    route_for,
)
from tunedrop.handlers.find_recipe import Chosen
from tunedrop.handlers.limits import check_options, evaluation_limits, place_of, training_limits
from tunedrop.handlers.stage_dataset import HeldOut, Source, Staged, keep_hashes, stage
from tunedrop.planning import (
    RunPlan,
    blocked,
    context_for_conversion,
    facts_of,
    forecast,
    holdout_of,
    plan_run,
)
from tunedrop.ports import ObjectInfo
from tunedrop.recipes import Recipe
from tunedrop.services import Services

_EVALUATION_REJECTED = (
    "Its evaluation file is rejected: correct that file and upload it, then upload this one again."
)


class Accepted(Struct, frozen=True):
    """A dataset that may be tuned on, and everything a launch needs."""

    result: CheckResult
    recipe: Recipe
    plan: RunPlan
    training: Staged
    evaluation: Staged | None
    holdout: Holdout | None
    held_out: HeldOut | None
    """The hashes of the rows that measure the tuned model, wherever they come from."""
    evaluation_result: CheckResult | None


class Rejected(Struct, frozen=True):
    """A dataset that will not be tuned on, with everything that was found out about it."""

    code: str
    result: CheckResult | None = None
    problems: tuple[Problem, ...] = ()
    evaluation_result: CheckResult | None = None


class Case(Struct, frozen=True):
    """A dataset before the judge."""

    drop_id: str
    info: ObjectInfo
    chosen: Chosen
    evaluation: ObjectInfo | None


class _Found(Struct):
    """What the checks have found so far; a problem at any point leaves it for the report."""

    result: CheckResult | None = None
    evaluation: CheckResult | None = None

    def rejected(self, code: str, reason: str, problems: tuple[Problem, ...] = ()) -> Rejected:
        """Reject a dataset that may be good in itself."""
        result = blocked(self.result, reason) if self.result else None
        return Rejected(code, result, problems, self.evaluation)


def judge(services: Services, case: Case) -> Accepted | Rejected:
    """Check, plan and stage.

    Raises:
        NotFoundError: The generation is not there any more.
    """
    found = _Found()
    try:
        return _judge(services, case, found)
    except RecipeError as error:
        first = error.problems[0]
        return found.rejected(first.code, f"{first}.", error.problems)


def _judge(services: Services, case: Case, found: _Found) -> Accepted | Rejected:
    chosen = case.chosen
    route = route_for(services, chosen, None) if chosen.recipe else None
    expect_readable(services, case.info, route, "dataset")
    # First, so that the dataset can be held against its prompts.
    evaluation = found.evaluation = _check_evaluation(services, case, route)
    result = check_training_file(services, case.info, chosen, route, evaluation)
    if result.verdict == "rejected" or result.dataset_format is None:
        result = forecast(result, recipe=None, route=None)
        return Rejected(_first_code(result), result, evaluation_result=evaluation)
    found.result = result
    recipe = recipe_for(services, chosen, result.dataset_format)
    route = route or route_for(services, chosen, result.dataset_format)
    count = evaluation.lines.kept if evaluation else None
    found.result = forecast(result, recipe=recipe, route=route, evaluation_count=count)
    if evaluation and evaluation.verdict == "rejected":
        return found.rejected("evaluation_rejected", _EVALUATION_REJECTED)
    return _planned(services, case, found.result, evaluation, recipe, route)


def _check_evaluation(services: Services, case: Case, route: Route | None) -> CheckResult | None:
    recipe = case.chosen.recipe
    if case.evaluation is None or recipe is None or route is None:
        return None
    expect_readable(services, case.evaluation, route, "evaluation")
    result = check_evaluation_file(services, case.evaluation, recipe, route)
    return forecast(result, recipe=None, route=None)


def _planned(
    services: Services,
    case: Case,
    result: CheckResult,
    evaluation_result: CheckResult | None,
    recipe: Recipe,
    route: Route,
) -> Accepted:
    holdout = holdout_of(recipe, route, result)
    if isinstance(holdout, Problem):
        raise RecipeError([holdout])
    source = _source(services, case, result, recipe, route, holdout=holdout)
    evaluation = (
        _source(services, case, evaluation_result, recipe, route, evaluation=case.evaluation)
        if evaluation_result
        else None
    )
    count = evaluation_result.lines.kept if evaluation_result else None
    facts, place = facts_of(result, holdout, count), place_of(services.settings)
    plan = plan_run(recipe, route, facts, place, source=case.chosen.source)
    return Accepted(
        result=result,
        recipe=recipe,
        plan=plan,
        training=stage(services, source, "training", role="training"),
        evaluation=_stage_evaluation(services, source, evaluation),
        holdout=holdout,
        held_out=_keep_hashes(services, source, evaluation),
        evaluation_result=evaluation_result,
    )


def _source(
    services: Services,
    case: Case,
    result: CheckResult,
    recipe: Recipe,
    route: Route,
    *,
    holdout: Holdout | None = None,
    evaluation: ObjectInfo | None = None,
) -> Source:
    """The dataset, or the evaluation file, as it is to be written."""
    target = Format(route.entry.interface.dataset_format)
    recognised = result.dataset_format or target
    if not always_fits_as_text(recognised, target):
        where = "evaluation" if evaluation else "dataset"
        raise RecipeError([_format_problem(route, recognised, target, where)])
    return Source(
        drop_id=case.drop_id,
        info=evaluation or case.info,
        result=result,
        source_format=recognised,
        target_format=target,
        limits=(evaluation_limits if evaluation else training_limits)(route.entry),
        options=check_options(
            recipe,
            allowed_buckets=services.settings.dataset_buckets,
            is_evaluation=evaluation is not None,
        ),
        default_context=context_for_conversion(recipe, route),
        holdout=holdout,
    )


def _stage_evaluation(
    services: Services, source: Source, evaluation: Source | None
) -> Staged | None:
    if evaluation:
        return stage(services, evaluation, "training", role="evaluation")
    return stage(services, source, "holdout", role="evaluation") if source.holdout else None


def _keep_hashes(services: Services, source: Source, evaluation: Source | None) -> HeldOut | None:
    if evaluation:
        return keep_hashes(
            services, source.drop_id, _not_trained_on(evaluation.result, source.result)
        )
    if source.holdout is None:
        return None
    return keep_hashes(
        services, source.drop_id, filter(source.holdout.holds, source.result.content_hashes)
    )


def _not_trained_on(evaluation: CheckResult, training: CheckResult) -> list[int]:
    """The content hashes of the evaluation rows whose content and whose prompt the training file lacks."""
    # Sets of the smaller file alone: a training file may have millions of rows.
    contents = set(evaluation.content_hashes).intersection(training.content_hashes)
    prompts = set(evaluation.prompt_hashes).intersection(training.prompt_hashes)
    rows = zip(evaluation.content_hashes, evaluation.prompt_hashes, strict=True)
    return [
        content for content, prompt in rows if content not in contents and prompt not in prompts
    ]


def _format_problem(route: Route, recognised: Format, target: Format, where: str) -> Problem:
    return Problem(
        where=where,
        expected=f"rows that {route.entry.name} can be tuned on: {target}",
        found=f"{recognised} rows, which cannot be written as {target}",
        remedy="name a base model that takes this format, or convert the file",
        code="format_does_not_fit",
    )


def _first_code(result: CheckResult) -> str:
    return result.first_error.code.value if result.first_error else "rejected"
