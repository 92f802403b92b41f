"""What the catalog and the deployment allow, as the bounds that a check and a plan are held to.

Knows catalog entries and settings; checks and plans nothing.
"""

from tunedrop.catalog_entries import CatalogEntry
from tunedrop.config import Settings
from tunedrop.domain.checks import CheckOptions, Limits
from tunedrop.domain.formats import Format
from tunedrop.planning import MOST_EVALUATION_ROWS, Place
from tunedrop.recipes import Recipe


def training_limits(entry: CatalogEntry) -> Limits:
    """Bounds of a training file."""
    dataset = entry.dataset
    return Limits(
        min_examples=dataset.min_examples,
        recommended_examples=dataset.recommended_examples,
        max_examples=dataset.max_examples,
        count_authors=dataset.counted == "authors",
        max_tokens_per_example=dataset.tokens_per_example,
        base_model=entry.name,
        target_format=Format(entry.interface.dataset_format),
        unsupported_parts=entry.parts.unsupported if entry.parts else frozenset(),
    )


def evaluation_limits(entry: CatalogEntry) -> Limits:
    """Bounds of an evaluation file."""
    return Limits(
        min_examples=entry.evaluation.min_examples,
        max_examples=entry.evaluation.max_examples or MOST_EVALUATION_ROWS,
        max_tokens_per_example=entry.dataset.tokens_per_example,
        base_model=entry.name,
        target_format=Format(entry.interface.dataset_format),
        unsupported_parts=entry.parts.unsupported if entry.parts else frozenset(),
    )


def check_options(
    recipe: Recipe | None,
    *,
    allowed_buckets: frozenset[str],
    evaluation_prompts: frozenset[int] = frozenset(),
    is_evaluation: bool = False,
) -> CheckOptions:
    """How strict the check of a file is, and which hashes it keeps for what follows.

    Args:
        recipe: The effective recipe; None for a file that no recipe speaks for.
        allowed_buckets: Where file parts may point.
        evaluation_prompts: Prompt hashes of the evaluation file, for a training file; what that
            holds of them is told again by its own hashes.
        is_evaluation: Whether the file is one that is never trained on.
    """
    has_holdout = recipe is not None and recipe.evaluation.holdout is not None
    has_evaluation = is_evaluation or bool(evaluation_prompts)
    return CheckOptions(
        tolerate=recipe.tolerate if recipe else 0.0,
        severities=recipe.severities.chosen() if recipe else {},
        is_strict=recipe.strict if recipe else False,
        allowed_buckets=allowed_buckets,
        with_content_hashes=has_evaluation or has_holdout,
        with_prompt_hashes=has_evaluation,
        evaluation_prompts=evaluation_prompts,
    )


def place_of(settings: Settings) -> Place:
    """Where the deployment tunes, and what it lets recipes name."""
    return Place(
        project=settings.project,
        region=settings.region,
        project_number=settings.project_number or None,
        tensorboard=settings.tensorboard or None,
        service_account=settings.service_account or None,
        encryption_key=settings.encryption_key or None,
        allowed_base_models=frozenset(settings.allowed_base_models),
        allowed_regions=frozenset(settings.allowed_regions),
        allowed_service_accounts=frozenset(settings.allowed_service_accounts),
        allowed_encryption_keys=frozenset(settings.allowed_encryption_keys),
        allowed_templates=frozenset(settings.allowed_templates),
    )
