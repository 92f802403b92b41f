"""The directory of one local cloud: where everything lies, what is written for others, and its lock.

Knows files; knows no server and no function.
"""

import fcntl
import json
import os
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tunedrop.errors import UsageError

_LOCK_PATIENCE_SECONDS = 0.5
"""Longer than anybody holds the lock who only asks whether it is free."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths under the directory of one local cloud."""

    directory: Path

    @property
    def storage(self) -> Path:
        """Buckets, objects and undelivered finalize events."""
        return self.directory / "storage"

    @property
    def pubsub(self) -> Path:
        """Topics, subscriptions and unacknowledged messages."""
        return self.directory / "pubsub"

    @property
    def vertex(self) -> Path:
        """Jobs, models and endpoints."""
        return self.directory / "vertex"

    @property
    def logs(self) -> Path:
        """One file for each function process."""
        return self.directory / "logs"

    @property
    def catalog_file(self) -> Path:
        """What the cloud lays over the built-in catalog."""
        return self.directory / "catalog.toml"

    @property
    def shell_file(self) -> Path:
        """The variables as `export` lines, to be sourced."""
        return self.directory / "local.env"

    @property
    def description_file(self) -> Path:
        """The variables and the ports as JSON."""
        return self.directory / "local.json"

    @property
    def lock_file(self) -> Path:
        """Locked as long as a cloud runs; holds its process id."""
        return self.directory / "lock"

    def describe(self, environment: Mapping[str, str], ports: Mapping[str, int]) -> None:
        """Write `local.env` and `local.json`, each whole or not at all."""
        exports = (f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
        _replace(self.shell_file, "".join(exports))
        description = {"pid": os.getpid(), "environment": environment, "ports": ports}
        _replace(self.description_file, json.dumps(description, indent=2) + "\n")

    def remembered_ports(self) -> dict[str, int]:
        """Return the ports of the last start; nothing when there was none."""
        try:
            ports = json.loads(self.description_file.read_text())["ports"]
            return {str(name): int(port) for name, port in ports.items()}
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return {}


@contextmanager
def locked(layout: Layout) -> Iterator[None]:
    """Hold the directory; the system lets go of it when the process dies, however it dies.

    Raises:
        UsageError: Another cloud holds it.
    """
    layout.directory.mkdir(parents=True, exist_ok=True)
    with layout.lock_file.open("a+", encoding="ascii") as file:
        deadline = time.monotonic() + _LOCK_PATIENCE_SECONDS
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                file.seek(0)
                raise UsageError(
                    f"{layout.directory}: expected no other local cloud on this directory, found "
                    f"process {file.read().strip() or 'unknown'}; stop it or choose another directory"
                )
            time.sleep(0.02)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
        file.truncate(0)


def running_environment(directory: Path) -> dict[str, str]:
    """Return the variables that reach the cloud that runs on *directory*.

    Raises:
        UsageError: None runs there.
    """
    layout = Layout(directory)
    try:
        with layout.lock_file.open("a+", encoding="ascii") as file:
            if not _try_lock(file.fileno()):
                content = json.loads(layout.description_file.read_text())
                return dict(content["environment"])
    except OSError:
        pass
    raise UsageError(
        f"{directory}: expected a running local cloud, found none; start one with `tunedrop local up`"
    )


def _try_lock(file_number: int) -> bool:
    try:
        fcntl.flock(file_number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _replace(path: Path, text: str) -> None:
    beside = path.with_suffix(path.suffix + ".part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
