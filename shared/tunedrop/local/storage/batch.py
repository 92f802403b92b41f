"""Batches: many small JSON requests in one multipart/mixed body.

Knows the batch's framing; who carries the requests out is not its business.
"""

from collections.abc import Sequence
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from http import HTTPStatus

from tunedrop.local.storage.errors import invalid
from tunedrop.local.storage.wire import Request, Response

_BOUNDARY = "batch_of_the_local_storage_server"


def batch_requests(request: Request) -> list[Request]:
    """Take a batch apart.

    Raises:
        ApiError: 400, when it is not a batch.
    """
    head = f"Content-Type: {request.headers.get('Content-Type')}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + request.read())
    parts = message.get_payload()
    if not message.is_multipart() or not isinstance(parts, list):
        raise invalid("expected a multipart/mixed batch")
    return [_inner(part) for part in parts if isinstance(part, Message)]


def _inner(part: Message) -> Request:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        raise invalid("expected a request in every part of the batch")
    line, _, rest = payload.lstrip().partition(b"\n")
    try:
        method, address, *_ = line.decode("ascii").split()
    except ValueError:
        raise invalid("expected a request line in every part of the batch") from None
    headers, _, body = rest.replace(b"\r\n", b"\n").partition(b"\n\n")
    path, _, query = address.partition("?")
    if "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    return Request(method, path, query, BytesHeaderParser().parsebytes(headers), iter([body]))


def batch_response(responses: Sequence[Response]) -> Response:
    """Put answers together in the order of their requests."""
    parts = []
    for response in responses:
        body = response.body if isinstance(response.body, bytes) else b""
        response.close()
        reason = HTTPStatus(response.status).phrase
        headers = response.headers | {"Content-Length": str(len(body))}
        lines = [f"HTTP/1.1 {response.status} {reason}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        inner = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        parts.append(
            f"--{_BOUNDARY}\r\nContent-Type: application/http\r\n\r\n".encode() + inner + b"\r\n"
        )
    closing = f"--{_BOUNDARY}--\r\n".encode()
    content_type = {"Content-Type": f"multipart/mixed; boundary={_BOUNDARY}"}
    return Response(200, b"".join(parts) + closing, content_type)
