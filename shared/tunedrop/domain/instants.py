"""Instants as texts: what hints and metadata hold, which anybody may have written.

Pure; an instant without a zone is none, since it cannot be compared.
"""

from datetime import datetime


def instant_of(text: str) -> datetime | None:
    """Read an ISO instant with its zone; None for anything else."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None
