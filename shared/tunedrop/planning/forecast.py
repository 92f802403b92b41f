"""What would become of a checked dataset: its split, its length of training, its cost, and what to do next.

The same for the functions and the command line; kept from knowing places, and from any text of a dataset.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tunedrop.catalog import Route
from tunedrop.domain.cost import Estimate, tokens_of
from tunedrop.domain.findings import RULES, Scope, Severity
from tunedrop.domain.split import Holdout
from tunedrop.errors import Problem
from tunedrop.planning.case import DatasetFacts
from tunedrop.planning.holding_out import evaluation_bounds, holdout_of
from tunedrop.planning.length import Length, cost_of, length_of
from tunedrop.recipes import Recipe

if TYPE_CHECKING:  # the launcher plans nothing, and need not load the checks
    from tunedrop.domain.checks import CheckResult

_CENT = 0.01
_ONLY_STRUCTURE = (
    "Only the structure was checked; a full check says what would be tuned, and what it would cost."
)


def forecast(
    result: "CheckResult",
    *,
    recipe: Recipe | None,
    route: Route | None,
    evaluation_count: int | None = None,
) -> "CheckResult":
    """Fill in what follows from a check: `split`, `cost`, `next`, and the length of training.

    Args:
        result: Of the training file; a rejected one only gets its `next`.
        recipe: The effective recipe; None where nobody knows what would be tuned.
        route: What it tunes; None as the recipe.
        evaluation_count: Usable rows of the evaluation file, where there is one.

    Returns:
        The result with `epochs` and `train_steps` among its statistics. A split that cannot be had
        leaves them and the cost out, and says why in `next`.
    """
    if result.verdict == "rejected":
        return replace(result, next=_what_to_mend(result))
    if recipe is None or route is None:
        return result
    if "characters" not in result.statistics:
        return replace(result, next=_ONLY_STRUCTURE)
    holdout = holdout_of(recipe, route, result)
    split = _split(result, recipe, route, holdout, evaluation_count)
    if isinstance(holdout, Problem):
        return blocked(replace(result, split=split), str(holdout))
    facts = facts_of(result, holdout, evaluation_count)
    length = length_of(recipe, route, facts.example_count)
    cost = cost_of(route.entry, length, facts.token_estimate)
    lengths = {"epochs": length.epochs, "train_steps": length.train_steps}
    return replace(
        result,
        statistics={**result.statistics, **lengths},
        split=split,
        cost=_cost(cost),
        next=_what_happens(recipe, route, facts, length, cost),
    )


def blocked(result: "CheckResult", reason: str) -> "CheckResult":
    """Say of a dataset that was checked why nothing will be tuned on it all the same."""
    return replace(result, next=f"Nothing will be tuned on it. {reason}")


def facts_of(
    result: "CheckResult", holdout: Holdout | None, evaluation_count: int | None
) -> DatasetFacts:
    """Count for the plan; held-out rows are taken off in proportion where only totals are known."""
    kept = result.lines.kept
    training = kept - (holdout.count if holdout else 0)
    characters = result.statistics["characters"]["total"] * training // max(kept, 1)
    held_out = holdout.count if holdout else None
    return DatasetFacts(
        example_count=training,
        author_count=result.statistics["turns"] * training // max(kept, 1),
        evaluation_count=held_out if evaluation_count is None else evaluation_count,
        token_estimate=tokens_of(characters),
    )


def _split(
    result: "CheckResult",
    recipe: Recipe,
    route: Route,
    holdout: Holdout | Problem | None,
    evaluation_count: int | None,
) -> Mapping[str, Any]:
    kept = result.lines.kept
    if holdout is None:
        if evaluation_count is None:
            return {}
        return {"evaluation_rows": evaluation_count, "training_rows": kept}
    held_out = holdout.count if isinstance(holdout, Holdout) else None
    return {
        "holdout": recipe.evaluation.holdout,
        "held_out_rows": held_out,
        "training_rows": None if held_out is None else kept - held_out,
        "bounds": list(evaluation_bounds(route.entry, kept)),
    }


def _cost(estimate: Estimate) -> dict[str, Any]:
    return {
        "usd": estimate.usd,
        "usd_low": estimate.usd_low,
        "usd_high": estimate.usd_high,
        "basis": estimate.basis,
        "source": estimate.source,
        "as_of": estimate.as_of.isoformat(),
    }


def _what_to_mend(result: "CheckResult") -> str:
    errors = [finding for finding in result.findings if finding.severity is Severity.ERROR]
    lines = result.lines
    if errors and lines.kept and all(RULES[e.code].scope is Scope.LINE for e in errors):
        stand = "line stands" if lines.rejected == 1 else "lines stand"
        return (
            f"{lines.rejected:,} {stand} in the way. Correct what is listed, or leave those lines out: "
            "tunedrop check --fix fixed.jsonl FILE"
        )
    first = next((e for e in errors if RULES[e.code].scope is not Scope.LINE), result.first_error)
    remedy = first.first.remedy if first else "Correct what is listed."
    return f"{remedy} Then check the file before you upload it: tunedrop check FILE"


def _what_happens(
    recipe: Recipe, route: Route, facts: DatasetFacts, length: Length, cost: Estimate
) -> str:
    what = "your own template" if recipe.pipeline else route.entry.name
    rows = _counted(facts.example_count, "row")
    return (
        f"Uploading the file starts a tuning of {what} on {rows}{_for_how_long(length)}. "
        f"{_at_what_price(cost)}"
    )


def _at_what_price(cost: Estimate) -> str:
    if cost.usd is None:
        return "What it costs is not known."
    usd = f"about {cost.usd:,.2f}" if cost.usd >= _CENT else f"less than {_CENT}"
    return f"It costs {usd} USD."


def _for_how_long(length: Length) -> str:
    steps = "" if length.train_steps is None else _counted(length.train_steps, "step")
    if length.epochs is None:
        return f" for {steps}" if steps else ""
    epochs = f" for {round(length.epochs, 2):g} {'epoch' if length.epochs == 1 else 'epochs'}"
    return f"{epochs} ({steps})" if steps else epochs


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
