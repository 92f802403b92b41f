"""One broker shared by threads: a lock around it, a clock beside it, a bell when it changes.

Knows nothing of who waits: pulls, streams and the push dispatcher are alike here.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tunedrop.local.pubsub.broker import Broker
from tunedrop.local.pubsub.errors import ServerClosedError

T = TypeVar("T")

_LONGEST_WAIT_SECONDS = 5.0


class Hub:
    """The only way to a server's broker."""

    def __init__(self, broker: Broker, clock: Callable[[], float] = time.monotonic) -> None:
        self._broker = broker
        self._bell = threading.Condition()
        self._closed = False
        self.clock = clock

    @contextmanager
    def change(self) -> Iterator[Broker]:
        """Hold the broker alone and wake everybody afterwards.

        Raises:
            ServerClosedError: The hub was closed.
        """
        with self.read() as broker:
            yield broker
            self._bell.notify_all()

    @contextmanager
    def read(self) -> Iterator[Broker]:
        """Hold the broker alone, changing nothing that others wait for.

        Raises:
            ServerClosedError: The hub was closed.
        """
        with self._bell:
            if self._closed:
                raise ServerClosedError
            yield self._broker

    def wait_for(
        self,
        attempt: Callable[[Broker, float], T],
        *,
        until: float = float("inf"),
        wanted: Callable[[], bool] = lambda: True,
    ) -> T:
        """Repeat *attempt*, with the broker held, at every change until its result is true.

        Args:
            attempt: Gets the broker and the time.
            until: When to stop waiting; the last result is returned, true or not.
            wanted: Asked after each attempt; False stops the waiting as well. Whoever turns it
                False must `ring`.

        Raises:
            ServerClosedError: The hub was closed, before or during the wait.
        """
        with self._bell:
            while not self._closed:
                now = self.clock()
                result = attempt(self._broker, now)
                if result or now >= until or not wanted():
                    return result
                wake = min(until, self._broker.next_event(now), now + _LONGEST_WAIT_SECONDS)
                self._bell.wait(wake - now)
        raise ServerClosedError

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._bell:
            self._bell.notify_all()

    def close(self) -> None:
        """Turn away everybody, those who wait included."""
        with self._bell:
            self._closed = True
            self._bell.notify_all()
