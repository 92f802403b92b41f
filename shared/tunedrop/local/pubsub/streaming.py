"""google.pubsub.v1.Subscriber.StreamingPull: deliveries out, acknowledgements in, on one call.

Knows the flow control of a stream; what a loan is, the broker knows.
"""

import threading
from collections.abc import Iterator

import grpc
from google.pubsub_v1 import types

from tunedrop.local.pubsub import limits, wire
from tunedrop.local.pubsub.broker import Broker
from tunedrop.local.pubsub.errors import BrokerError
from tunedrop.local.pubsub.hub import Hub
from tunedrop.local.pubsub.model import Delivery
from tunedrop.local.pubsub.rpc import abort, stream
from tunedrop.local.pubsub.subscriber import NAME

_SIGNATURE = (types.StreamingPullRequest, types.StreamingPullResponse)

_LARGEST_BATCH = 100


def serve(hub: Hub) -> grpc.GenericRpcHandler:
    """Return the handler for gRPC."""
    return stream(NAME, _Subscriber(hub), "StreamingPull", _SIGNATURE)


class _Subscriber:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def StreamingPull(
        self, requests: Iterator[types.StreamingPullRequest], context: grpc.ServicerContext
    ) -> Iterator[types.StreamingPullResponse]:
        first = next(requests, None)
        if first is None:
            return
        held = _Stream(self._hub, first)
        context.add_callback(held.end)
        threading.Thread(
            target=held.read, args=(requests,), name="pubsub-stream", daemon=True
        ).start()
        try:
            while deliveries := self._hub.wait_for(held.take, wanted=held.is_open):
                yield held.response(deliveries)
        except BrokerError as exc:
            abort(context, exc)
        if held.refusal is not None:
            abort(context, held.refusal)


class _Stream:
    def __init__(self, hub: Hub, first: types.StreamingPullRequest) -> None:
        self._hub = hub
        self._name = first.subscription
        self._room = first.max_outstanding_messages
        self._hold = first.stream_ack_deadline_seconds
        self._outstanding: set[str] = set()
        self._over = threading.Event()
        self.refusal: BrokerError | None = None

    def is_open(self) -> bool:
        return not self._over.is_set()

    def end(self) -> None:
        self._over.set()
        self._hub.ring()

    def read(self, requests: Iterator[types.StreamingPullRequest]) -> None:
        """Act on what the subscriber sends until it stops sending."""
        try:
            for request in requests:
                self._obey(request)
        except BrokerError as exc:
            self.refusal = exc
        except grpc.RpcError:
            pass
        finally:
            self.end()

    def _obey(self, request: types.StreamingPullRequest) -> None:
        # Heartbeats come without content and must not wake anybody.
        if request.ack_ids or request.modify_deadline_ack_ids:
            changes = zip(
                request.modify_deadline_ack_ids, request.modify_deadline_seconds, strict=False
            )
            with self._hub.change() as broker:
                broker.ack(self._name, request.ack_ids)
                for ack_id, seconds in changes:
                    limits.check_ack_deadline(seconds)
                    broker.modify(self._name, [ack_id], seconds, self._hub.clock())
        if request.stream_ack_deadline_seconds:
            self._hold = request.stream_ack_deadline_seconds

    def take(self, broker: Broker, now: float) -> list[Delivery]:
        """Lease what the subscriber has room for; nothing once the stream is over."""
        if not self.is_open():
            return []
        limit = _LARGEST_BATCH
        if self._room > 0:
            self._outstanding = {
                each for each in self._outstanding if broker.is_leased(self._name, each)
            }
            limit = min(limit, self._room - len(self._outstanding))
        deliveries = broker.lease(self._name, now, limit, self._hold or None)
        self._outstanding.update(each.ack_id for each in deliveries)
        return deliveries

    def response(self, deliveries: list[Delivery]) -> types.StreamingPullResponse:
        with self._hub.read() as broker:
            subscription = broker.subscription(self._name)
        response = types.StreamingPullResponse.pb()(
            subscription_properties={
                "exactly_once_delivery_enabled": subscription.exactly_once,
                "message_ordering_enabled": subscription.ordered,
            }
        )
        received = types.PullResponse.pb(wire.received(subscription, deliveries))
        response.received_messages.extend(received.received_messages)
        wrapped: types.StreamingPullResponse = types.StreamingPullResponse.wrap(response)
        return wrapped
