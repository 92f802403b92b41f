"""One entry point as a functions-framework process: started, asked whether it answers, ended.

Knows processes and signals; knows nothing of what is sent to it.
"""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tunedrop.errors import TunedropError
from tunedrop.local.addresses import HOST
from tunedrop.local.entry_points import EntryPoint

_POLL_SECONDS = 0.02
_ASK_SECONDS = 5.0
_STEADY_SECONDS = 10.0
"""A process that lived this long starts again without a rest."""
_FIRST_REST_SECONDS = 0.1
_LONGEST_REST_SECONDS = 5.0
_TAIL_LINES = 12


class FunctionStartError(TunedropError):
    """A function's process ended, or stayed silent, before it answered its first request."""

    code = "function_start_failed"


@dataclass(frozen=True, slots=True)
class Launch:
    """How a process is started, the same way each time."""

    entry_point: EntryPoint
    source: Path
    """Its `main.py`."""
    port: int
    environment: Mapping[str, str]
    log_path: Path

    def command(self) -> list[str]:
        """The command line; functions-framework would listen on every interface by itself."""
        options = {
            "target": self.entry_point.target,
            "source": str(self.source),
            "signature-type": "cloudevent",
            "host": HOST,
            "port": str(self.port),
        }
        flags = [word for name, value in options.items() for word in (f"--{name}", value)]
        return [sys.executable, "-m", "tunedrop.local.tether", *flags]


class FunctionProcess:
    """One entry point's process group: functions-framework's master and its worker."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.name = launch.entry_point.name
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._quick_deaths = 0

    @property
    def group(self) -> int | None:
        """The id of the process group; None before a start and after an end."""
        return self._process.pid if self._process else None

    def is_running(self) -> bool:
        """Tell whether the master lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it in a session of its own, so that a Ctrl-C in the terminal is ours to handle."""
        self.launch.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.launch.log_path.open("ab") as output:
            self._process = subprocess.Popen(
                self.launch.command(),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(self.launch.environment),
                start_new_session=True,
            )
        self._started_at = time.monotonic()

    def signal(self, number: int) -> None:
        """Send a signal to the whole group: without its master, a worker would live on."""
        if self.group is not None:
            with suppress(ProcessLookupError, PermissionError):  # macOS says EPERM for zombies
                os.killpg(self.group, number)

    def end(self, deadline: float) -> None:
        """Wait until *deadline*, a monotonic time, for an end that was asked for; then force it."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        self.signal(signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        # A group's id may be given to others once its processes are gone.
        self._process = None

    def restart(self) -> None:
        """Start it again after whatever the last one left is gone."""
        self.end(deadline=0.0)
        lived = time.monotonic() - self._started_at
        self._quick_deaths = 0 if lived > _STEADY_SECONDS else self._quick_deaths + 1
        self.start()

    def is_rested(self) -> bool:
        """Tell whether a dead process may start again; each quick death doubles the rest."""
        rest = min(_LONGEST_REST_SECONDS, _FIRST_REST_SECONDS * 2.0 ** min(self._quick_deaths, 16))
        return bool(time.monotonic() - self._started_at >= rest)

    def answers(self) -> bool:
        """Ask for anything; every HTTP answer, an error too, means that it is up."""
        connection = http.client.HTTPConnection(HOST, self.launch.port, timeout=_ASK_SECONDS)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    def wait_ready(self, deadline: float) -> None:
        """Return once it answers.

        Raises:
            FunctionStartError: It ended first, or *deadline*, a monotonic time, passed.
        """
        while not self.answers():
            silent = time.monotonic() > deadline
            if silent or not self.is_running():
                found = "silence" if silent else "the end of its process"
                raise FunctionStartError(
                    f"{self.name}: expected an answer on port {self.launch.port}, found {found}; "
                    f"see {self.launch.log_path}, which ends with:\n{_tail(self.launch.log_path)}"
                )
            time.sleep(_POLL_SECONDS)


def _tail(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_TAIL_LINES:]) or "(nothing)"
