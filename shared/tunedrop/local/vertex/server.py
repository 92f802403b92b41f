"""A whole stand-in: one state, two faces and the thread that moves jobs when nobody asks.

Knows how the parts start and stop.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any, Self

from tunedrop.local.vertex import api
from tunedrop.local.vertex.clock import Clock
from tunedrop.local.vertex.faults import Faults
from tunedrop.local.vertex.grpc_face import GrpcFace
from tunedrop.local.vertex.objects import Objects, StorageObjects
from tunedrop.local.vertex.rest_face import RestFace
from tunedrop.local.vertex.script import Rule
from tunedrop.local.vertex.settings import Settings

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.05


class VertexServer:
    """Vertex AI on loopback, with all state under one directory.

    Args:
        settings: Its choices.
        objects: Where training files are; None reads `STORAGE_EMULATOR_HOST`.
        clock: None runs with the machine's.
        on_job_event: Called with each LogEntry of a pipeline job, from one thread; an entry
            counts as delivered when the call returns and is offered again when it raises.
            None leaves entries to `pending_events`.
        grpc_port: 0 takes a free one.
        rest_port: 0 takes a free one.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        objects: Objects | None = None,
        clock: Clock | None = None,
        on_job_event: Callable[[dict[str, Any]], None] | None = None,
        grpc_port: int = 0,
        rest_port: int = 0,
    ) -> None:
        self.clock = clock or Clock()
        self._core = api.build_core(settings, objects or StorageObjects(), self.clock)
        self._on_job_event = on_job_event
        self._grpc = GrpcFace(self._core, grpc_port)
        self._rest = RestFace(self._core, rest_port)
        self._ticker = threading.Thread(target=self._move, name="vertex-ticker", daemon=True)

    @property
    def grpc_port(self) -> int:
        """The port of the gRPC face."""
        return self._grpc.port

    @property
    def rest_port(self) -> int:
        """The port of the REST face."""
        return self._rest.port

    @property
    def faults(self) -> Faults:
        """What befalls calls that no scripted rule is for."""
        return self._core.faults

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Open both ports; returns when they answer."""
        self._grpc.start()
        self._rest.start()
        self._ticker.start()

    def stop(self) -> None:
        """Close both ports and the files; the directory can be started on again."""
        self._core.stopping.set()
        self._grpc.stop()
        self._rest.stop()
        self._ticker.join()
        self._core.close()

    def script(self, *rules: Rule) -> None:
        """Replace the scripted rules."""
        with self._core.transaction():
            self._core.script.set(rules)

    def requests(self) -> list[dict[str, Any]]:
        """Return every create call that was received, oldest first, refused ones too."""
        with self._core.transaction():
            return [line for _, line in self._core.journal.lines("requests")]

    def pending_events(self) -> list[tuple[int, dict[str, Any]]]:
        """Return log entries that are not delivered, numbered, oldest first."""
        self._core.tick()
        with self._core.transaction():
            return self._core.journal.lines("outbox")

    def mark_delivered(self, number: int) -> None:
        """Forget an entry that has arrived."""
        with self._core.transaction():
            self._core.journal.remove("outbox", number)

    def _move(self) -> None:
        while not self._core.stopping.wait(_TICK_SECONDS):
            try:
                self._core.tick()
                self._deliver()
            except Exception:
                log.exception("a step of the stand-in failed and is tried again")

    def _deliver(self) -> None:
        if self._on_job_event is None:
            return
        for number, entry in self.pending_events():
            self._on_job_event(entry)
            self.mark_delivered(number)
