"""google.pubsub.v1.Publisher: topics and publishing.

Translates, checks and asks the broker; holds no state.
"""

import grpc
from google.protobuf import empty_pb2
from google.pubsub_v1 import types

from tunedrop.local.pubsub import limits, rpc, wire
from tunedrop.local.pubsub.hub import Hub
from tunedrop.local.pubsub.paging import page

NAME = "google.pubsub.v1.Publisher"
DELETED_TOPIC = "_deleted-topic_"

_METHODS = {
    "CreateTopic": (types.Topic, types.Topic),
    "UpdateTopic": (types.UpdateTopicRequest, types.Topic),
    "GetTopic": (types.GetTopicRequest, types.Topic),
    "ListTopics": (types.ListTopicsRequest, types.ListTopicsResponse),
    "ListTopicSubscriptions": (
        types.ListTopicSubscriptionsRequest,
        types.ListTopicSubscriptionsResponse,
    ),
    "DeleteTopic": (types.DeleteTopicRequest, empty_pb2.Empty),
    "Publish": (types.PublishRequest, types.PublishResponse),
}


def serve(hub: Hub) -> grpc.GenericRpcHandler:
    """Return the handlers for gRPC."""
    return rpc.service(NAME, _Publisher(hub), _METHODS)


class _Publisher:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def CreateTopic(self, request: types.Topic, _context: grpc.ServicerContext) -> types.Topic:
        limits.check_name(request.name, "topics")
        types.Topic.pb(request).state = types.Topic.State.ACTIVE
        with self._hub.change() as broker:
            broker.create_topic(wire.topic(request))
        return request

    def GetTopic(
        self, request: types.GetTopicRequest, _context: grpc.ServicerContext
    ) -> types.Topic:
        with self._hub.read() as broker:
            return wire.read_topic(broker.topic(request.topic))

    def UpdateTopic(
        self, request: types.UpdateTopicRequest, _context: grpc.ServicerContext
    ) -> types.Topic:
        with self._hub.change() as broker:
            resource = wire.read_topic(broker.topic(request.topic.name))
            wire.merge(request.topic, resource, list(request.update_mask.paths), fixed={"name"})
            broker.replace_topic(wire.topic(resource))
        return resource

    def ListTopics(
        self, request: types.ListTopicsRequest, _context: grpc.ServicerContext
    ) -> types.ListTopicsResponse:
        with self._hub.read() as broker:
            topics = {each.name: each for each in broker.topics(request.project)}
        names, token = page(list(topics), request.page_size, request.page_token)
        return types.ListTopicsResponse(
            topics=[wire.read_topic(topics[name]) for name in names], next_page_token=token
        )

    def ListTopicSubscriptions(
        self, request: types.ListTopicSubscriptionsRequest, _context: grpc.ServicerContext
    ) -> types.ListTopicSubscriptionsResponse:
        with self._hub.read() as broker:
            broker.topic(request.topic)
            found = [each.name for each in broker.subscriptions_of(request.topic)]
        names, token = page(found, request.page_size, request.page_token)
        return types.ListTopicSubscriptionsResponse(subscriptions=names, next_page_token=token)

    def DeleteTopic(
        self, request: types.DeleteTopicRequest, _context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        with self._hub.change() as broker:
            for orphan in broker.delete_topic(request.topic):
                resource = wire.read_subscription(orphan)
                resource.topic = DELETED_TOPIC
                broker.replace_subscription(wire.subscription(resource))
        return empty_pb2.Empty()

    def Publish(
        self, request: types.PublishRequest, _context: grpc.ServicerContext
    ) -> types.PublishResponse:
        drafts = wire.drafts(request)
        limits.check_drafts(drafts, types.PublishRequest.pb(request).ByteSize())
        with self._hub.change() as broker:
            message_ids = broker.publish(request.topic, drafts)
        return types.PublishResponse(message_ids=[str(each) for each in message_ids])
