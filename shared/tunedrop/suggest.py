"""Did-you-mean: the known name nearest to a mistyped one.

Kept from knowing what the names are for; callers put the sentence into their own error.
"""

import difflib
from collections.abc import Iterable

_LONGEST_NAME = 100  # difflib takes quadratic time, and the name may come from a stranger


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like *name*, or None when none is near enough to be meant."""
    candidates = {candidate.casefold(): candidate for candidate in sorted(known)}
    matches = difflib.get_close_matches(name[:_LONGEST_NAME].casefold(), candidates, n=1)
    return candidates[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return an instruction: the nearest name, or all of them when none is near."""
    names = sorted(known)
    nearest = closest(name, names)
    if nearest is not None:
        return f"did you mean {nearest!r}?"
    return f"use one of {', '.join(names)}" if names else "leave it out"


def shown(text: str, *, limit: int = 40) -> str:
    """Return *text* quoted, with control characters escaped and cut to *limit* characters."""
    return ascii(text if len(text) <= limit else text[: limit - 1] + "…")
