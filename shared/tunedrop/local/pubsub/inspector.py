"""A small service of our own beside Pub/Sub's: how many messages a subscription holds.

The real service tells this through Cloud Monitoring only; here tests and the command line ask.
"""

import json
from dataclasses import asdict

import grpc
from google.protobuf import wrappers_pb2

from tunedrop.local.pubsub import rpc
from tunedrop.local.pubsub.hub import Hub
from tunedrop.local.pubsub.model import Counts

NAME = "tunedrop.local.Inspector"
_METHODS = {"Backlog": (wrappers_pb2.StringValue, wrappers_pb2.StringValue)}


def serve(hub: Hub) -> grpc.GenericRpcHandler:
    """Return the handlers for gRPC."""
    return rpc.service(NAME, _Inspector(hub), _METHODS)


def count(hub: Hub, subscription: str) -> Counts:
    """Count what *subscription* holds.

    Raises:
        ResourceMissingError: There is no such subscription.
    """
    with hub.read() as broker:
        return broker.counts(subscription, hub.clock())


class _Inspector:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def Backlog(
        self, request: wrappers_pb2.StringValue, _context: grpc.ServicerContext
    ) -> wrappers_pb2.StringValue:
        counts = count(self._hub, request.value)
        return wrappers_pb2.StringValue(value=json.dumps(asdict(counts)))


def read_counts(address: str, subscription: str, timeout_seconds: float = 5) -> Counts:
    """Ask the server at *address* (`host:port`) what a subscription holds.

    Raises:
        grpc.RpcError: Nobody answers there, or NOT_FOUND for the subscription.
    """
    with grpc.insecure_channel(address) as channel:
        ask = channel.unary_unary(
            f"/{NAME}/Backlog",
            request_serializer=wrappers_pb2.StringValue.SerializeToString,
            response_deserializer=wrappers_pb2.StringValue.FromString,
        )
        answer = ask(wrappers_pb2.StringValue(value=subscription), timeout=timeout_seconds)
    return Counts(**json.loads(answer.value))
