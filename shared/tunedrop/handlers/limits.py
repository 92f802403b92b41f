"""What the catalog and the deployment allow, as the bounds that a check and a plan are held to.

Knows catalog entries and settings; checks and plans nothing.
"""

from tunedrop.catalog_entries import CatalogEntry
from tunedrop.config import Settings
from tunedrop.domain.checks import Limits
from tunedrop.domain.formats import Format
from tunedrop.planning import Place


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
    )


def evaluation_limits(entry: CatalogEntry) -> Limits:
    """Bounds of an evaluation file."""
    return Limits(
        min_examples=entry.evaluation.min_examples,
        max_examples=entry.evaluation.max_examples,
        max_tokens_per_example=entry.dataset.tokens_per_example,
        base_model=entry.name,
        target_format=Format(entry.interface.dataset_format),
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
