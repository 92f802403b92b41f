"""The REST face: Google's JSON over the same methods, and the stand-in's own switches.

Translates; decides nothing.
"""

import re
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import uvicorn
from google.protobuf import json_format
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tunedrop.local.vertex import api, wire
from tunedrop.local.vertex.admin import administer, parse_object
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.errors import HTTP_STATUS, ApiError, invalid
from tunedrop.local.vertex.methods import METHODS, Method

_VARIABLE = re.compile(r"\{(?P<field>[a-z_.]+)=(?P<pattern>[^}]*)\}")
_SYSTEM_PARAMETERS = frozenset({"$alt", "alt", "key", "prettyPrint", "fields", "$prettyPrint"})
_START_SECONDS = 10.0
_VERBS = ["GET", "POST", "PATCH", "PUT", "DELETE"]


class RestFace:
    """A server on one loopback port.

    Args:
        core: The state.
        port: 0 takes a free one.
    """

    def __init__(self, core: Core, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            build_app(core), log_config=None, access_log=False, lifespan="off", ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="vertex-rest", daemon=True
        )

    def start(self) -> None:
        """Begin to answer; returns when it does."""
        self._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"the REST face did not start on port {self.port}")
            time.sleep(0.005)

    def stop(self) -> None:
        """Close the port; calls that are scripted to hang end first."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def build_app(core: Core) -> Starlette:
    """Build the application: every method's paths, and `/_tunedrop/…`."""
    table = [(verb, path, method) for method in METHODS for verb, path in _compiled(method)]

    def route(verb: str, path: str, query: dict[str, Any], body: bytes) -> JSONResponse:
        if path.startswith("/_tunedrop/"):
            return JSONResponse(administer(core, verb, path.removeprefix("/_tunedrop/"), body))
        for wanted, pattern, method in table:
            match = pattern.fullmatch(path) if wanted == verb else None
            if match:
                return _dispatch(core, method, match.groupdict(), query, body)
        raise ApiError("NOT_FOUND", f"Nothing is served at {verb} {path}.")

    def answer(verb: str, path: str, query: dict[str, Any], body: bytes) -> JSONResponse:
        try:
            return route(verb, path, query, body)
        except ApiError as error:
            return JSONResponse(error.to_json(), HTTP_STATUS[error.code])

    async def handle(request: Request) -> JSONResponse:
        body = await request.body()
        query = {
            key: values if len(values) > 1 else values[0]
            for key in request.query_params
            if (values := request.query_params.getlist(key)) and key not in _SYSTEM_PARAMETERS
        }
        path: str = request.scope["path"]
        return await run_in_threadpool(answer, request.method, path, query, body)

    return Starlette(routes=[Route("/{path:path}", handle, methods=_VERBS)])


def _compiled(method: Method) -> Iterator[tuple[str, re.Pattern[str]]]:
    for entry in method.paths:
        verb, _, path = entry.partition(" ")
        pieces = _VARIABLE.split(path)
        literal = [re.escape(piece) for piece in pieces[::3]]
        groups = [
            f"(?P<{field.replace('.', '__')}>{pattern.replace('*', '[^/:]+')})"
            for field, pattern in zip(pieces[1::3], pieces[2::3], strict=True)
        ]
        text = "".join(x for pair in zip(literal, [*groups, ""], strict=True) for x in pair)
        yield verb, re.compile(text)


def _dispatch(
    core: Core, method: Method, variables: dict[str, str], query: dict[str, Any], body: bytes
) -> JSONResponse:
    received = parse_object(body) if method.body else None
    repeated = {f.json_name for f in method.request.DESCRIPTOR.fields if f.is_repeated}
    content: dict[str, Any] = {
        key: [value] if key in repeated and not isinstance(value, list) else value
        for key, value in query.items()
    }
    if method.body == "*" and isinstance(received, dict):
        content |= received
    elif method.body:
        content[method.body] = received
    for key, value in variables.items():
        *outer, last = key.split("__")
        target = content
        for field in outer:
            target = target[field]
        target[last] = value
    try:
        request = json_format.ParseDict(content, method.request())
    except json_format.ParseError as error:
        raise invalid(f"Invalid JSON payload received. {error}") from error
    answer = api.call(core, method, request, face="rest", received=received)
    return JSONResponse(wire.to_json(answer))
