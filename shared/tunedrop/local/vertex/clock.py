"""The stand-in's clock: the machine's, or a still one, either of which can be told to skip ahead.

Knows nothing of jobs; who must act after a skip listens.
"""

import time
from collections.abc import Callable


class Clock:
    """Seconds since 1970, never running backwards by itself.

    Args:
        still_at: Where a still clock stands until it is skipped; None runs with the machine's.
    """

    def __init__(self, still_at: float | None = None) -> None:
        self._still_at = still_at
        self.offset_seconds = 0.0
        """How far all skips together have moved the clock."""
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> float:
        """Return the instant, skips included."""
        base = time.time() if self._still_at is None else self._still_at
        return base + self.offset_seconds

    def skip(self, seconds: float) -> None:
        """Move ahead and let every listener catch up before returning.

        Raises:
            ValueError: The clock would go backwards.
        """
        if not seconds >= 0:
            raise ValueError(f"a clock skips ahead by 0 seconds or more, not by {seconds}")
        self.offset_seconds += seconds
        for listener in self._listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call *listener* after every skip."""
        self._listeners.append(listener)
