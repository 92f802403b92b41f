"""SIGTERM and SIGINT as something to wait for.

Through a pipe and no `threading.Event`: a handler runs in the very thread that waits, and would wait for ever for
the event's lock if the signal came while that thread had it.
"""

import os
import signal


class StopSignals:
    """Installed by the main thread, once a process."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: os.write(self._writer, b"."))

    def wait(self) -> None:
        """Return once a signal has come, be it before this call."""
        os.read(self._reader, 1)
