"""The codes that evaluations, promotions and champions carry, in words.

Tables and nothing else; a code without a row is shown as it is.
"""

from collections.abc import Mapping

from tunedrop.domain.runs import Run, RunState, Transition
from tunedrop.reports.views import Part

PROMOTED: Mapping[str, str] = {
    "always": "Its recipe promotes every model that can be called.",
    "better_than_champion": "It is better than the champion before it, by more than the noise.",
    "better_than_base": "It is better than its base model, by more than the noise.",
    "by_hand": "Somebody promoted it by hand.",
}
"""Why a model became its recipe's champion."""

KEPT: Mapping[str, str] = {
    "manual": "Its recipe leaves it to a person who becomes champion.",
    "no_baseline": "What it had to be held against could not be asked, and nothing is promoted without that.",
    "not_better": "It is not better than what it was held against, by more than the noise.",
    "worse": "It is worse than what it was held against, by more than the noise.",
    "too_few_rows": "Too few held-out rows to conclude anything from.",
    "not_evaluated": "It was not held against anything: no rows were held out, or none could be asked.",
    "newer_champion": "The champion is of a later version than this one.",
    "champion_changed": "Other models became champion while it was being evaluated, time and again.",
    "evaluation_timeout": "Its evaluation did not come to an end in time.",
}
"""Why a model did not become its recipe's champion by itself."""

SKIPPED: Mapping[str, str] = {
    "base_retired": "it is past its retirement and answers no more",
    "base_unknown": "a pipeline of one's own: which base model it tunes is not known here",
    "base_not_served": "it is not served where the tuned model is",
    "no_champion": "the recipe has no other champion",
    "champion_not_served": "it answers no call any more",
    "too_few_shared_rows": "too few rows were held out for all models concerned",
    "ancestor_unknown": "what the models that it was tuned on from were trained on is not known here",
    "other_question_format": "it does not take these questions in their form",
}
"""Why a rival was not asked."""

NOTES: Mapping[str, str] = {
    "aliases_unsupported": "The service keeps no aliases of versions in this location; tunedrop's own records say who is champion.",
    "alias_pending": "The service did not answer when its alias was to be moved; the sweep moves it.",
    "not_annotated": "The service's registry would not take the labels of the model; tunedrop's own records hold them.",
}
"""What the service's own registry would not take."""

METRICS: Mapping[str, str] = {
    "exact_match": "Exact match",
    "chrf": "chrF",
    "edit_similarity": "Edit similarity",
    "code_parses": "Code that parses",
}

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "better": ("better", "good"),
    "worse": ("worse", "bad"),
    "alike": ("no different beyond the noise", "plain"),
    "too_few_rows": ("too few rows to conclude anything", "plain"),
}
"""What a comparison came to, and the tone of it."""

MODELS: Mapping[str, str] = {
    "tuned": "Tuned model",
    "base": "Base model",
    "champion": "Champion then",
}
"""In the order in which they are shown; whoever is champion now stands elsewhere."""


def recipe_of(run: Run) -> str:
    """The recipe's name; empty of a record that lacks it."""
    return str((run.accepted.get("recipe") or {}).get("name", ""))


def is_champion(run: Run, champion: Part | None) -> bool:
    """Whether the run's model is its recipe's champion now."""
    if champion is None:
        return False
    return (champion["run_id"], champion["attempt"]) == (run.run_id, run.attempt)


def why_of(step: Transition) -> str:
    """Why a run's model was promoted or kept, as the step into that state says."""
    code = str(step.detail.get("code", ""))
    words = PROMOTED if step.state is RunState.PROMOTED else KEPT
    return words.get(code, f"The reason given is {code}." if code else "")


def comparison_line(run: Run) -> str:
    """The evaluation in a line, as `chrF 61.2 against 48.0 of the champion on 40 rows`; empty without one."""
    step = run.newest(RunState.EVALUATED)
    if step is None or step.attempt != run.attempt:
        return ""
    means, lines = step.detail["means"], []
    for each in step.detail["comparisons"]:
        metric, rival = each["metric"], each["rival"]
        ours, theirs = means["tuned"][metric], means[rival][metric]
        whose = "base model" if rival == "base" else "champion"
        if ours is not None and theirs is not None:
            lines.append(f"{theirs:.1f} of the {whose}")
    if not lines:
        return ""
    metric = step.detail["comparisons"][0]["metric"]
    score = f"{METRICS.get(metric, metric)} {means['tuned'][metric]:.1f}"
    return f"{score} against {' and '.join(lines)} on {step.detail['rows']:,} rows"
