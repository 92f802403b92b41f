"""The function processes together: started at once, watched, restarted after a rest, ended.

Knows when a process must live; how one is started and ended is the process's own business.
"""

import logging
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tunedrop.errors import UsageError
from tunedrop.local.processes import FunctionProcess

_WATCH_SECONDS = 0.05
_TERMINATE_SECONDS = 1.0
"""Workers with gRPC clients were seen to take seven seconds to end by themselves; what is cut off is delivered again."""

log = logging.getLogger(__name__)


class Supervisor:
    """Keeps processes running until it is stopped."""

    def __init__(self, processes: Sequence[FunctionProcess]) -> None:
        self.processes = tuple(processes)
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._paused = 0
        self._watcher = threading.Thread(target=self._watch, name="functions", daemon=True)

    def start(self) -> None:
        """Start all processes; returns before they answer."""
        for process in self.processes:
            process.start()

    def wait_ready(self, patience_seconds: float) -> None:
        """Return once all of them answer; from then on a dead one is started again.

        Raises:
            FunctionStartError: One of them did not come up.
        """
        deadline = time.monotonic() + patience_seconds
        for process in self.processes:
            process.wait_ready(deadline)
        self._watcher.start()

    def stop(self) -> None:
        """End all processes, by force where asking does not help; harmless if repeated."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        deadline = time.monotonic() + _TERMINATE_SECONDS
        with self._lock:
            for process in self.processes:
                if process.is_running():
                    process.signal(signal.SIGTERM)
            for process in self.processes:
                process.end(deadline)

    def named(self, name: str) -> list[FunctionProcess]:
        """Return the process of that name, or all processes of the function of that name.

        Raises:
            UsageError: There is none.
        """
        found = [p for p in self.processes if name in {p.name, p.launch.entry_point.function}]
        if not found:
            known = ", ".join(process.name for process in self.processes)
            raise UsageError(f"{name[:80]!r}: expected the name of a function, one of {known}")
        return found

    def kill(self, name: str) -> None:
        """End a function as a crash of its machine would: SIGKILL for every process of it."""
        with self._lock:
            for process in self.named(name):
                process.signal(signal.SIGKILL)
                process.end(deadline=0.0)

    def restart(self, name: str, patience_seconds: float) -> None:
        """Start a function afresh and return once it answers, also while restarts are paused.

        Raises:
            FunctionStartError: It did not come up.
        """
        found = self.named(name)
        with self._lock:
            for process in found:
                process.restart()
        deadline = time.monotonic() + patience_seconds
        for process in found:
            process.wait_ready(deadline)

    @contextmanager
    def restarts_paused(self) -> Iterator[None]:
        """Leave dead processes dead inside the block."""
        with self._lock:
            self._paused += 1
        try:
            yield
        finally:
            with self._lock:
                self._paused -= 1

    def _watch(self) -> None:
        while not self._stopping.wait(_WATCH_SECONDS):
            with self._lock:
                for process in self.processes:
                    if not (self._paused or process.is_running()) and process.is_rested():
                        log.warning("%s died and is started again", process.name)
                        self._revive(process)

    def _revive(self, process: FunctionProcess) -> None:
        try:
            process.restart()
        except OSError:
            log.exception("%s could not be started and is tried again", process.name)
