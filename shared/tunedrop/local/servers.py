"""The three servers in this process, what the deployment needs in them, and the relays between them.

Kept apart from the cloud because its imports take a second, in which the functions can already start.
"""

import threading
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from tunedrop.bootstrap import SystemClock
from tunedrop.config import Settings
from tunedrop.local.deployment import BUCKET_ROLES, Options
from tunedrop.local.entry_points import ON_FINALIZED, SUBSCRIBED
from tunedrop.local.finalize import FinalizeRelay
from tunedrop.local.layout import Layout
from tunedrop.local.pubsub import PubSubServer
from tunedrop.local.relays import Ticker, log_sink
from tunedrop.local.storage import StorageServer
from tunedrop.local.vertex.objects import StorageObjects
from tunedrop.local.vertex.server import VertexServer
from tunedrop.local.vertex.settings import Settings as VertexSettings
from tunedrop.local.wiring import Broker, push_subscriptions, readdress, subscription_name
from tunedrop.post import Post

_TICKED = next(each for each in SUBSCRIBED if each.role == "job-events")
_TICKS_BEHIND = 10
"""How many undelivered messages on the job events' subscription hold the next tick back."""


class Servers:
    """Storage, Pub/Sub and Vertex AI on loopback, started and stopped together."""

    storage: StorageServer
    pubsub: PubSubServer
    vertex: VertexServer

    def __init__(
        self, layout: Layout, settings: Settings, options: Options, ports: dict[str, int]
    ) -> None:
        self._layout = layout
        self._settings = settings
        self._options = options
        self._ports = ports
        self._stack = ExitStack()
        self._committed = threading.Event()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def relays(self) -> tuple[FinalizeRelay, Ticker]:
        """Return what carries finalize events and ticks, not started."""
        finalize = FinalizeRelay(
            self.storage.store,
            bucket=self._settings.intake_bucket,
            port=self._ports[ON_FINALIZED.name],
            bell=self._committed,
        )
        ticker = Ticker(
            Post(publisher=self._broker, settings=self._settings, clock=SystemClock()),
            interval_seconds=self._options.tick_seconds,
            is_behind=self._is_behind,
        )
        return finalize, ticker

    def _is_behind(self) -> bool:
        subscription = subscription_name(self._settings, _TICKED)
        return self.pubsub.backlog(subscription).total >= _TICKS_BEHIND

    def _start(self, stack: ExitStack) -> None:
        self.storage = stack.enter_context(self._storage())
        self._make_buckets()
        pushed = push_subscriptions(self._settings, self._ports, self._options.redelivery)
        readdress(self._layout.pubsub, pushed)
        self.pubsub = stack.enter_context(PubSubServer(self._layout.pubsub, self._ports["pubsub"]))
        self._broker = stack.enter_context(Broker(self.pubsub.address))
        self._broker.set_up(self._settings, pushed)
        self.vertex = stack.enter_context(self._vertex())

    def _storage(self) -> StorageServer:
        return StorageServer(
            self._layout.storage,
            self._ports["storage"],
            create_only=[self._settings.ledger_bucket],
            on_event=lambda *_: self._committed.set(),
        )

    def _vertex(self) -> VertexServer:
        return VertexServer(
            VertexSettings(directory=self._layout.vertex, **self._options.vertex),
            objects=StorageObjects(self.storage.url),
            on_job_event=log_sink(self._broker, self._settings.topic("job-events")),
            grpc_port=self._ports["vertex"],
            rest_port=self._ports["vertex-rest"],
        )

    def _make_buckets(self) -> None:
        buckets = self.storage.store.buckets
        present = {bucket["name"] for bucket in buckets.list()}
        wanted = [getattr(self._settings, f"{role}_bucket") for role in BUCKET_ROLES]
        for name in wanted:
            if name not in present:
                buckets.create({"name": name, "location": self._settings.region})
