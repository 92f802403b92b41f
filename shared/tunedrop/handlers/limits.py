"""What the catalog says of a base model, as the bounds that a check is held to.

Knows the catalog and the checker's options; checks nothing.
"""

from tunedrop.catalog_entries import CatalogEntry
from tunedrop.domain.checks import Limits
from tunedrop.domain.formats import Format


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
