"""The context that a model was tuned under, so that it is asked under the same.

Pure; knows what a run was accepted with, and no rows.
"""

from tunedrop.domain.formats import Format
from tunedrop.domain.runs import Run


def context_of(run: Run) -> str | None:
    """The recipe's `tuning.default_context`, where the run's rows were tuned under it; None where they were not.

    Gemini rows without one of their own have it as their system instruction; a chat model's job takes it as a
    parameter. A model of plain prompts has no place for it.
    """
    plan, recipe = run.accepted.get("plan") or {}, run.accepted.get("recipe") or {}
    dataset_format = plan.get("dataset_format")
    is_parameter = "default_context" in (plan.get("parameters") or {})
    if dataset_format != Format.GEMINI and not (
        dataset_format == Format.CODE_CHAT and is_parameter
    ):
        return None
    tuning = (recipe.get("effective") or {}).get("tuning") or {}
    return str(tuning["default_context"]) if tuning.get("default_context") else None
