"""Requests and responses apart from any socket.

Knows HTTP's framing of bodies; knows no route and no object.
"""

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from io import BufferedIOBase
from typing import Any, BinaryIO
from urllib.parse import parse_qs

from tunedrop.local.storage.errors import ApiError, invalid

CHUNK_BYTES = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS
MAX_JSON_BYTES = 16 << 20


def body_chunks(stream: BufferedIOBase, headers: Message) -> Iterator[bytes]:
    """Yield a request's body, by its length or by HTTP's chunked framing.

    Raises:
        ConnectionError: the client went away before the end.
        ApiError: 400 for a framing that cannot be read.
    """
    if "chunked" in headers.get("Transfer-Encoding", "").lower():
        while size := _number(stream.readline(CHUNK_BYTES).partition(b";")[0], 16):
            yield from _exactly(stream, size)
            stream.readline(CHUNK_BYTES)
        while stream.readline(CHUNK_BYTES).strip():
            pass
    else:
        yield from _exactly(stream, _number(headers.get("Content-Length", "0").encode(), 10))


def _number(text: bytes, base: int) -> int:
    if not text.strip():
        raise ConnectionError("the request ended in the middle of its body")
    try:
        number = int(text, base)
    except ValueError:
        number = -1
    if number < 0:
        raise invalid("the framing of the request body cannot be read")
    return number


def _exactly(stream: BufferedIOBase, size: int) -> Iterator[bytes]:
    while size:
        data = stream.read(min(size, CHUNK_BYTES))
        if not data:
            raise ConnectionError("the request ended in the middle of its body")
        size -= len(data)
        yield data


def gunzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what *chunks* hold once gunzipped, in pieces of bounded size.

    Raises:
        ApiError: 400, when they are not one complete gzip stream.
    """
    inflate = zlib.decompressobj(wbits=_GZIP)
    try:
        for chunk in chunks:
            data = chunk
            while data:
                yield inflate.decompress(data, CHUNK_BYTES)
                data = inflate.unconsumed_tail
    except zlib.error:
        raise invalid("the request body is not gzip, as its Content-Encoding says") from None
    if not inflate.eof:
        raise invalid("the request body ends in the middle of its gzip stream")


@dataclass
class Request:
    """One request; its body can be read once."""

    method: str
    path: str
    """Percent-encoded, without the query."""
    query_string: str
    headers: Message
    body: Iterator[bytes]
    query: dict[str, str] = field(init=False)
    """The last value of each parameter, decoded."""

    def __post_init__(self) -> None:
        self.query = {name: values[-1] for name, values in self._parameters().items()}

    def _parameters(self) -> dict[str, list[str]]:
        return parse_qs(self.query_string, keep_blank_values=True)

    def query_all(self, name: str) -> list[str]:
        """Return every value of a repeated parameter."""
        return self._parameters().get(name, [])

    def read(self) -> bytes:
        """Read a small body whole.

        Raises:
            ApiError: 413, beyond `MAX_JSON_BYTES`.
        """
        data = bytearray()
        for chunk in self.body:
            data += chunk
            if len(data) > MAX_JSON_BYTES:
                raise ApiError(413, "uploadTooLarge", "the request body is too large")
        return bytes(data)

    def json(self) -> dict[str, Any]:
        """Read a JSON object; an empty body and `null` are the empty object.

        Raises:
            ApiError: 400, when it is anything else.
        """
        return parse_json_object(self.read())

    def drain(self) -> None:
        """Read to the end, so that the connection can carry another request."""
        for _ in self.body:
            pass


def parse_json_object(text: bytes) -> dict[str, Any]:
    """Read a JSON object; an empty text and `null` are the empty object.

    Raises:
        ApiError: 400, when it is anything else.
    """
    try:
        value = json.loads(text or b"{}")
    except ValueError:
        raise ApiError(400, "parseError", "Parse Error: the body is not JSON") from None
    if value is not None and not isinstance(value, dict):
        raise invalid(f"expected a JSON object, found {type(value).__name__}")
    return value or {}


@dataclass(frozen=True)
class FileSlice:
    """A part of an open file; whoever sends it closes it."""

    file: BinaryIO
    start: int
    size: int


@dataclass(frozen=True)
class Response:
    """One answer; an iterator has no known length and is sent in chunks."""

    status: int = 200
    body: bytes | FileSlice | Iterator[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)

    def close(self) -> None:
        """Close the file behind the body, if there is one."""
        if isinstance(self.body, FileSlice):
            self.body.file.close()


def json_response(
    resource: Mapping[str, Any], *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Answer with a resource."""
    return Response(
        status,
        json.dumps(resource).encode(),
        {"Content-Type": "application/json; charset=UTF-8"} | (headers or {}),
    )


NO_CONTENT = Response(204)
