"""How many rows may be held out for a base model's evaluation, and which ones a recipe's wish comes to.

Kept from knowing why a base model has its bounds; the catalog says so.
"""

from typing import TYPE_CHECKING

from tunedrop.catalog import Route
from tunedrop.catalog_entries import CatalogEntry
from tunedrop.domain.split import Holdout, choose_holdout
from tunedrop.errors import Problem
from tunedrop.recipes import Recipe

if TYPE_CHECKING:  # the launcher plans nothing, and need not load the checks
    from tunedrop.domain.checks import CheckResult

MOST_EVALUATION_ROWS = 100_000
"""Where the service names no bound of its own: our own choice, since a hash of every row is kept."""


def evaluation_bounds(entry: CatalogEntry, rows: int) -> tuple[int, int]:
    """Return the fewest and the most of *rows* that may be held out.

    Where the service bounds the evaluation set by the training set, the rows that are held out are
    missing there.
    """
    limits = entry.evaluation
    most = limits.max_examples or MOST_EVALUATION_ROWS
    if limits.max_share_of_training is not None:
        by_share = _most_by_share(rows, limits.max_share_of_training)
        most = min(most, max(limits.share_applies_above, by_share))
    return limits.min_examples, most


def holdout_of(recipe: Recipe, route: Route, result: "CheckResult") -> Holdout | Problem | None:
    """Choose what a checked dataset holds out; None without the wish, a problem where it cannot be met."""
    wished = recipe.evaluation.holdout
    if wished is None:
        return None
    hashes = result.content_hashes
    minimum, maximum = evaluation_bounds(route.entry, len(hashes))
    return choose_holdout(hashes, wished, minimum=minimum, maximum=maximum)


def _most_by_share(rows: int, share: float) -> int:
    """Return the most that can be held out so that it is at most *share* of what is left."""
    most = int(rows * share / (1 + share)) + 1  # float arithmetic can be off by one
    while most > (rows - most) * share:
        most -= 1
    return most
