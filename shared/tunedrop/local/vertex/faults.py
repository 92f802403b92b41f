"""Failures at a rate, for tests: what the service answers now and then, whatever is asked.

A rule of the script is for one call that somebody chose; these are for any.
"""

import random
from collections.abc import Callable

from tunedrop.local.vertex.script import Rule, Subject

Source = Callable[[Subject], Rule | None]
"""Asked for each call that no rule of the script is for; its rules are of `CALL_ACTS`."""
_QUOTA = Rule("refuse", code="RESOURCE_EXHAUSTED", message="Quota exceeded for requests.")
_UNAVAILABLE = Rule("refuse", code="UNAVAILABLE", message="The service is currently unavailable.")
_LOST = Rule("lose_response")


class RandomFaults:
    """A source of failures at a rate, drawn from a seed.

    Args:
        seed: Equal seeds give equal draws; which call meets which is up to the callers.
        over_quota: Share of the calls that are answered RESOURCE_EXHAUSTED, 429, from 0 to 1.
        unavailable: Share of those that are answered UNAVAILABLE, 503, and not carried out.
        losing: Share of those that are carried out and not answered.
    """

    def __init__(self, seed: int, *, over_quota: float, unavailable: float, losing: float) -> None:
        self._draw = random.Random(seed).random  # noqa: S311 — must be repeatable
        self._shares = ((over_quota, _QUOTA), (unavailable, _UNAVAILABLE), (losing, _LOST))

    def __call__(self, _subject: Subject) -> Rule | None:
        """Draw for one call."""
        drawn = self._draw()
        for share, rule in self._shares:
            if drawn < share:
                return rule
            drawn -= share
        return None


class Faults:
    """The failures of one stand-in; none until a source is given."""

    def __init__(self) -> None:
        self._source: Source | None = None

    def draw_from(self, source: Source | None) -> None:
        """Let each call meet what *source* says; None lets it meet nothing any more."""
        self._source = source

    def draw(self, subject: Subject) -> Rule | None:
        """Return what befalls a call."""
        source = self._source
        return source(subject) if source else None
