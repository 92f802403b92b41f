"""Ports on loopback: the given, the remembered or free ones, kept from others as long as possible.

Knows sockets; knows nothing of who will listen.
"""

import socket
import sys
from collections.abc import Mapping

from tunedrop.errors import UsageError

HOST = "127.0.0.1"


class Addresses:
    """The ports of one cloud, by name of the server or process.

    Args:
        given: Must be free.
        remembered: Preferred where they are free, so that clients of an earlier start go on.
    """

    def __init__(self, given: Mapping[str, int], remembered: Mapping[str, int]) -> None:
        self._given = given
        self._remembered = remembered
        self._kept: list[socket.socket] = []
        self.ports: dict[str, int] = {}

    def take(self, name: str) -> int:
        """Choose the port for *name* and keep it from programs that look for a free one.

        Raises:
            UsageError: The given port is taken.
        """
        port = self._given.get(name, 0)
        try:
            kept = _bind(port) if port else self._bind_remembered(name)
        except OSError as error:
            raise UsageError(
                f"port {port} for {name}: expected a free port of {HOST}, found it in use; "
                "stop the program that listens there or choose another port"
            ) from error
        self.ports[name] = int(kept.getsockname()[1])
        if sys.platform == "linux":
            # A bound socket that does not listen keeps the port out of the free ones, also while a
            # killed process is away, and Linux lets a listener that reuses addresses in beside it.
            self._kept.append(kept)
        else:
            kept.close()
        return self.ports[name]

    def close(self) -> None:
        """Let go of all ports."""
        for kept in self._kept:
            kept.close()
        self._kept.clear()

    def _bind_remembered(self, name: str) -> socket.socket:
        try:
            return _bind(self._remembered.get(name, 0))
        except OSError:
            return _bind(0)


def _bind(port: int) -> socket.socket:
    kept = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind((HOST, port))
    except BaseException:
        kept.close()
        raise
    return kept
