"""The server as a whole: journal, broker, gRPC services and push, started and stopped together.

Binds 127.0.0.1 only and reads no environment variable.
"""

from concurrent import futures
from pathlib import Path
from types import TracebackType
from typing import Self

import grpc
from google.pubsub_v1 import types

from tunedrop.local.pubsub import inspector, publisher, streaming, subscriber, wire
from tunedrop.local.pubsub.broker import Broker
from tunedrop.local.pubsub.errors import ServerError
from tunedrop.local.pubsub.faults import Faults
from tunedrop.local.pubsub.hub import Hub
from tunedrop.local.pubsub.journal import Journal
from tunedrop.local.pubsub.model import Counts
from tunedrop.local.pubsub.push import PushDispatcher

_SERVICES = (publisher, subscriber, streaming, inspector)
_MAX_RECEIVE_BYTES = 32 << 20
_MAX_CALLS = 128
"""Each open pull and stream occupies one."""
_STOP_SECONDS = 2.0


class PubSubServer:
    """A Pub/Sub server in this process; clients find it by PUBSUB_EMULATOR_HOST=`address`.

    Args:
        directory: Where topics, subscriptions and unacknowledged messages are kept; made if
            absent. One server at a time.
        port: 0 takes a free one at the first start and keeps it over a restart.
        push_in_flight: How many deliveries of one push subscription are under way at once.
    """

    host = "127.0.0.1"

    def __init__(self, directory: Path, port: int = 0, *, push_in_flight: int = 8) -> None:
        self.port = port
        self._directory = directory
        self._push_in_flight = push_in_flight
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """`host:port`, the value for PUBSUB_EMULATOR_HOST."""
        return f"{self.host}:{self.port}"

    @property
    def faults(self) -> Faults:
        """What can be made to go wrong."""
        return self._started().faults

    def backlog(self, subscription: str) -> Counts:
        """Count what a subscription holds.

        Raises:
            ResourceMissingError: There is no such subscription.
        """
        return inspector.count(self._started().hub, subscription)

    def start(self) -> Self:
        """Serve; returns once clients can connect.

        Raises:
            ServerError: The directory or the port is taken.
        """
        journal = Journal(self._directory)
        try:
            self._running = _Running(journal, self.address, self._push_in_flight)
        except BaseException:
            journal.close()
            raise
        self.port = self._running.port
        return self

    def stop(self) -> None:
        """Answer what is under way, then let go of port and directory; idempotent."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    def _started(self) -> "_Running":
        if self._running is None:
            raise ServerError("expected a started Pub/Sub server, found a stopped one; start it")
        return self._running


class _Running:
    def __init__(self, journal: Journal, address: str, push_in_flight: int) -> None:
        self._journal = journal
        self.hub = Hub(_restored(journal))
        self.faults = Faults(self.hub)
        self._push = PushDispatcher(self.hub, in_flight_limit=push_in_flight, faults=self.faults)
        self._grpc = grpc.server(
            futures.ThreadPoolExecutor(_MAX_CALLS, thread_name_prefix="pubsub"),
            handlers=[module.serve(self.hub) for module in _SERVICES],
            options=[
                ("grpc.max_receive_message_length", _MAX_RECEIVE_BYTES),
                ("grpc.max_send_message_length", -1),
                # Two servers on one port would each get half of the calls.
                ("grpc.so_reuseport", 0),
            ],
        )
        try:
            self.port = self._grpc.add_insecure_port(address)
        except RuntimeError as exc:
            raise ServerError(
                f"{address}: expected a free port, found it taken; pass another or 0"
            ) from exc
        self._grpc.start()
        self._push.start()

    def stop(self) -> None:
        self._push.stop(_STOP_SECONDS)
        # The door is shut before streams are ended: their clients reconnect at once, and a call
        # that slips in at the end is answered CANCELLED, after which they never try again.
        stopped = self._grpc.stop(_STOP_SECONDS)
        self.hub.close()
        stopped.wait()
        self._journal.close()


def _restored(journal: Journal) -> Broker:
    broker = Broker(journal)
    topics = [types.Topic.deserialize(each) for each in journal.resources("topic")]
    subscriptions = [
        types.Subscription.deserialize(each) for each in journal.resources("subscription")
    ]
    broker.restore(map(wire.topic, topics), map(wire.subscription, subscriptions))
    return broker
