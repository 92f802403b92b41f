"""The gRPC face: generic handlers over the client library's own message types.

Translates; decides nothing.
"""

from collections import defaultdict
from collections.abc import Callable
from concurrent import futures

import grpc
from google.rpc import status_pb2
from grpc_status import rpc_status

from tunedrop.local.vertex import api
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.errors import ApiError
from tunedrop.local.vertex.methods import METHODS, Method
from tunedrop.local.vertex.wire import Pb

_THREADS = 16
_STOP_SECONDS = 1.0


class GrpcFace:
    """A server on one loopback port.

    Args:
        core: The state.
        port: 0 takes a free one.
    """

    def __init__(self, core: Core, port: int) -> None:
        self._server = grpc.server(
            futures.ThreadPoolExecutor(_THREADS, thread_name_prefix="vertex-grpc"),
            options=[("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", -1)],
        )
        by_service: dict[str, dict[str, grpc.RpcMethodHandler]] = defaultdict(dict)
        for method in METHODS:
            by_service[method.service][method.name] = grpc.unary_unary_rpc_method_handler(
                _handler(core, method),
                request_deserializer=method.request.FromString,
                response_serializer=method.response.SerializeToString,
            )
        for service, handlers in by_service.items():
            handler = grpc.method_handlers_generic_handler(service, handlers)
            self._server.add_generic_rpc_handlers((handler,))
        self.port: int = self._server.add_insecure_port(f"127.0.0.1:{port}")

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()

    def stop(self) -> None:
        """Finish what is under way, for a moment, and close the port."""
        self._server.stop(_STOP_SECONDS).wait()


_to_trailers: Callable[[status_pb2.Status], grpc.Status] = rpc_status.to_status


def _handler(core: Core, method: Method) -> Callable[[Pb, grpc.ServicerContext], Pb]:
    def handle(request: Pb, context: grpc.ServicerContext) -> Pb:
        try:
            return api.call(core, method, request, face="grpc")
        except ApiError as error:
            context.abort_with_status(_to_trailers(error.to_status()))

    return handle
