"""gRPC plumbing: a class whose methods are named like a service's becomes that service.

Knows no method of any service; refusals become statuses here and nowhere else.
"""

from collections.abc import Callable, Mapping
from typing import Any

import grpc

from tunedrop.local.pubsub.errors import (
    BrokerError,
    InvalidArgumentError,
    ResourceExistsError,
    ResourceMissingError,
    ServerClosedError,
)

STATUSES: Mapping[type[BrokerError], grpc.StatusCode] = {
    InvalidArgumentError: grpc.StatusCode.INVALID_ARGUMENT,
    ResourceExistsError: grpc.StatusCode.ALREADY_EXISTS,
    ResourceMissingError: grpc.StatusCode.NOT_FOUND,
    ServerClosedError: grpc.StatusCode.UNAVAILABLE,
}

Signature = tuple[Any, Any]
"""Request and response type, each a proto-plus class or a protobuf one: they share no base."""


def service(
    name: str, servicer: object, methods: Mapping[str, Signature]
) -> grpc.GenericRpcHandler:
    """Serve *methods* of *servicer* as service *name*; others of it answer UNIMPLEMENTED.

    Each is a `(request, context) -> response` of *servicer* under the same name.
    """
    handlers = {
        method: grpc.unary_unary_rpc_method_handler(
            _refusing(getattr(servicer, method)), *_codec(signature)
        )
        for method, signature in methods.items()
    }
    handler: grpc.GenericRpcHandler = grpc.method_handlers_generic_handler(name, handlers)
    return handler


def stream(
    name: str, servicer: object, method: str, signature: Signature
) -> grpc.GenericRpcHandler:
    """Serve one *method* that streams both ways: `(requests, context)` to responses."""
    handlers = {
        method: grpc.stream_stream_rpc_method_handler(getattr(servicer, method), *_codec(signature))
    }
    handler: grpc.GenericRpcHandler = grpc.method_handlers_generic_handler(name, handlers)
    return handler


def abort(context: grpc.ServicerContext, exc: BrokerError) -> None:
    """End the call with the status that *exc* stands for, by raising."""
    context.abort(STATUSES[type(exc)], str(exc))


def _refusing(method: Callable[..., object]) -> Callable[..., object]:
    def call(request: object, context: grpc.ServicerContext) -> object:
        try:
            return method(request, context)
        except BrokerError as exc:
            abort(context, exc)
            raise

    return call


def _codec(signature: Signature) -> tuple[Callable[[bytes], object], Callable[[object], bytes]]:
    request, response = signature
    return (
        getattr(request, "deserialize", None) or request.FromString,
        getattr(response, "serialize", None) or response.SerializeToString,
    )
