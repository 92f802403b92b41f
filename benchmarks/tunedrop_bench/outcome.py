"""What every engine is and hands back, so that their counts can be held against each other.

Imports nothing that an engine's memory would be charged with.
"""

from collections.abc import Callable
from typing import NamedTuple


class Outcome(NamedTuple):
    """Counts of one run; None where an engine does not count."""

    lines: int | None = None
    rejected: int | None = None
    duplicates: int | None = None


Run = Callable[[str], Outcome]
"""Does an engine's work on a path, or on an object's `gs://` address."""
