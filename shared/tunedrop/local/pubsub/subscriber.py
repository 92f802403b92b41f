"""google.pubsub.v1.Subscriber without its stream: subscriptions, pull, acknowledge.

Translates, checks and asks the broker; holds no state.
"""

import grpc
from google.protobuf import empty_pb2
from google.pubsub_v1 import types

from tunedrop.local.pubsub import limits, rpc, wire
from tunedrop.local.pubsub.errors import InvalidArgumentError
from tunedrop.local.pubsub.hub import Hub
from tunedrop.local.pubsub.paging import page

NAME = "google.pubsub.v1.Subscriber"

_METHODS = {
    "CreateSubscription": (types.Subscription, types.Subscription),
    "GetSubscription": (types.GetSubscriptionRequest, types.Subscription),
    "UpdateSubscription": (types.UpdateSubscriptionRequest, types.Subscription),
    "ListSubscriptions": (types.ListSubscriptionsRequest, types.ListSubscriptionsResponse),
    "DeleteSubscription": (types.DeleteSubscriptionRequest, empty_pb2.Empty),
    "ModifyPushConfig": (types.ModifyPushConfigRequest, empty_pb2.Empty),
    "Pull": (types.PullRequest, types.PullResponse),
    "Acknowledge": (types.AcknowledgeRequest, empty_pb2.Empty),
    "ModifyAckDeadline": (types.ModifyAckDeadlineRequest, empty_pb2.Empty),
}

_FIXED = frozenset({"name", "topic", "filter", "enable_message_ordering"})
_LARGEST_PULL = 1000
_LONGEST_PULL_SECONDS = 90.0
_ANSWER_SECONDS = 0.5
"""How long before the caller's deadline an empty pull is answered."""


def serve(hub: Hub) -> grpc.GenericRpcHandler:
    """Return the handlers for gRPC."""
    return rpc.service(NAME, _Subscriber(hub), _METHODS)


class _Subscriber:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def CreateSubscription(
        self, request: types.Subscription, _context: grpc.ServicerContext
    ) -> types.Subscription:
        limits.check_name(request.name, "subscriptions")
        subscription = wire.subscription(request)
        with self._hub.change() as broker:
            broker.create_subscription(subscription)
        return request

    def GetSubscription(
        self, request: types.GetSubscriptionRequest, _context: grpc.ServicerContext
    ) -> types.Subscription:
        with self._hub.read() as broker:
            return wire.read_subscription(broker.subscription(request.subscription))

    def UpdateSubscription(
        self, request: types.UpdateSubscriptionRequest, _context: grpc.ServicerContext
    ) -> types.Subscription:
        wanted, paths = request.subscription, list(request.update_mask.paths)
        with self._hub.change() as broker:
            resource = wire.read_subscription(broker.subscription(wanted.name))
            wire.merge(wanted, resource, paths, fixed=_FIXED)
            updated = wire.subscription(resource)
            if "dead_letter_policy" in paths and updated.dead_letter is not None:
                broker.topic(updated.dead_letter.topic)
            broker.replace_subscription(updated)
        return resource

    def ListSubscriptions(
        self, request: types.ListSubscriptionsRequest, _context: grpc.ServicerContext
    ) -> types.ListSubscriptionsResponse:
        with self._hub.read() as broker:
            found = {each.name: each for each in broker.subscriptions(request.project)}
        names, token = page(list(found), request.page_size, request.page_token)
        return types.ListSubscriptionsResponse(
            subscriptions=[wire.read_subscription(found[name]) for name in names],
            next_page_token=token,
        )

    def DeleteSubscription(
        self, request: types.DeleteSubscriptionRequest, _context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        with self._hub.change() as broker:
            broker.delete_subscription(request.subscription)
        return empty_pb2.Empty()

    def ModifyPushConfig(
        self, request: types.ModifyPushConfigRequest, _context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        with self._hub.change() as broker:
            resource = wire.read_subscription(broker.subscription(request.subscription))
            resource.push_config = request.push_config
            broker.replace_subscription(wire.subscription(resource))
        return empty_pb2.Empty()

    def Pull(self, request: types.PullRequest, context: grpc.ServicerContext) -> types.PullResponse:
        name, limit = request.subscription, min(request.max_messages, _LARGEST_PULL)
        if limit < 1:
            raise InvalidArgumentError(f"expected max_messages of 1 or more, found {limit}")
        patience = min(context.time_remaining() or _LONGEST_PULL_SECONDS, _LONGEST_PULL_SECONDS)
        if types.PullRequest.pb(request).return_immediately:
            patience = 0
        context.add_callback(self._hub.ring)
        deliveries = self._hub.wait_for(
            lambda broker, now: broker.lease(name, now, limit),
            until=self._hub.clock() + patience - min(_ANSWER_SECONDS, patience / 4),
            wanted=context.is_active,
        )
        with self._hub.read() as broker:
            return wire.received(broker.subscription(name), deliveries)

    def Acknowledge(
        self, request: types.AcknowledgeRequest, _context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        with self._hub.change() as broker:
            broker.ack(request.subscription, request.ack_ids)
        return empty_pb2.Empty()

    def ModifyAckDeadline(
        self, request: types.ModifyAckDeadlineRequest, _context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        limits.check_ack_deadline(request.ack_deadline_seconds)
        with self._hub.change() as broker:
            broker.modify(
                request.subscription,
                request.ack_ids,
                request.ack_deadline_seconds,
                self._hub.clock(),
            )
        return empty_pb2.Empty()
