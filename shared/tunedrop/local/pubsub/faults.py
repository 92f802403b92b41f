"""Faults on request: what the real service does rarely, made to happen when a test asks.

Reaches the broker through the hub alone; what a push meets, it is told by the dispatcher's question.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tunedrop.local.pubsub.hub import Hub
from tunedrop.local.pubsub.model import Delivery, Subscription


@dataclass(frozen=True, slots=True)
class Mishap:
    """What befalls one push."""

    delay_seconds: float = 0.0
    """How long it waits while its loan runs; shorter than the ack deadline."""
    copies: int = 0
    """How many more posts of the same delivery go out beside it, whose answers count for nothing."""


NONE = Mishap()
Source = Callable[[Subscription, Delivery], Mishap]
"""Asked before each push, in the thread that makes it."""


class RandomMishaps:
    """A source of mishaps at a rate, drawn from a seed.

    Args:
        seed: Equal seeds give equal draws; which push meets which is up to the threads.
        duplicating: Share of the pushes that go out twice at once, from 0 to 1.
        delaying: Share of those that wait, up to *longest_delay_seconds*.
        longest_delay_seconds: See *delaying*.
    """

    def __init__(
        self, seed: int, *, duplicating: float, delaying: float, longest_delay_seconds: float
    ) -> None:
        self._draw = random.Random(seed).random  # noqa: S311 — must be repeatable
        self._duplicating = duplicating
        self._delaying = delaying
        self._longest = longest_delay_seconds

    def __call__(self, _subscription: Subscription, _delivery: Delivery) -> Mishap:
        """Draw for one push."""
        copies = int(self._draw() < self._duplicating)
        delay = self._longest * self._draw() if self._draw() < self._delaying else 0.0
        return Mishap(delay, copies)


class Faults:
    """The faults of one running server."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._source: Source | None = None

    def duplicate_next(self, subscription: str, copies: int = 2) -> None:
        """Deliver the next message of *subscription* *copies* times in all.

        The copies carry acknowledgement identifiers of their own; refusing one does not bring
        the message back.

        Raises:
            ResourceMissingError: There is no such subscription.
        """
        with self._hub.change() as broker:
            broker.duplicate_next(subscription, copies)

    def draw_from(self, source: Source | None) -> None:
        """Let each push meet what *source* says; None lets it meet nothing any more."""
        self._source = source

    def mishap(self, subscription: Subscription, delivery: Delivery) -> Mishap:
        """Return what befalls a push that is about to be made."""
        source = self._source
        return source(subscription, delivery) if source else NONE
