"""The storage server: a directory, a socket on loopback, and their beginning and end.

Knows threads and shutting down; what is served is decided elsewhere.
"""

import contextlib
import logging
import socket
import socketserver
import sys
import threading
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tunedrop.local.storage.app import App
from tunedrop.local.storage.faults import Faults
from tunedrop.local.storage.handler import ApiServer, Handler
from tunedrop.local.storage.outbox import OnEvent
from tunedrop.local.storage.store import Store

HOST = "127.0.0.1"
_GRACE_SECONDS = 5

log = logging.getLogger(__name__)


class _TrackingServer(ApiServer):
    """A server that knows its open connections, so that stopping it ends them."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__((HOST, port), Handler)

    def server_bind(self) -> None:
        """Bind without the base class's look-up of the host's name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 — as the base class has it
        """Remember the connection and serve it in a thread of its own."""
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 — as the base class has it
        """Close a connection and forget it."""
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 — as the base class has it
        """Log what ended a connection instead of printing it."""
        log.debug("the connection from %s failed: %s", client_address, sys.exception())

    def end_connections(self) -> None:
        """Let answers under way finish, then close every connection."""
        for how in (socket.SHUT_RD, socket.SHUT_RDWR):
            with self._changed:
                for connection in self._open:
                    with contextlib.suppress(OSError):  # closed by the client already
                        connection.shutdown(how)
                self._changed.wait_for(lambda: not self._open, _GRACE_SECONDS)


class StorageServer:
    """A Cloud Storage server for unmodified clients; usable as a context manager."""

    def __init__(
        self,
        directory: Path,
        port: int = 0,
        *,
        create_only: Collection[str] = (),
        on_event: OnEvent | None = None,
    ) -> None:
        """Open the directory and bind the port; `start` begins to serve.

        Args:
            directory: Holds all state; a later server on it goes on where this one stopped.
            port: On 127.0.0.1; 0 picks a free one.
            create_only: Buckets in which nothing is ever overwritten, changed or deleted.
            on_event: Called with an event type and an object resource after each commit.

        Raises:
            DirectoryInUseError: another server holds the directory.
            OSError: the port is taken.
        """
        self._http = _TrackingServer(port)
        self._thread: threading.Thread | None = None
        self.port: int = self._http.server_port
        self.url = f"http://{HOST}:{self.port}"
        self.faults = Faults()
        try:
            self.store = Store(
                Path(directory), base_url=self.url, create_only=create_only, on_event=on_event
            )
        except BaseException:
            self._http.server_close()
            raise
        self._http.faults = self.faults
        self._http.app = self._app = App(self.store, self.url)

    def start(self) -> Self:
        """Serve in a thread of its own; connections made since the construction are answered."""
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening, end open connections, close the directory; harmless if repeated."""
        if self._thread:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.server_close()
        self._http.end_connections()
        self._app.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
