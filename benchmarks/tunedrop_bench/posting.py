"""What a function is sent, and a POST that waits until its process listens.

Knows envelopes and a port; knows nothing of what a function does.
"""

import base64
import http.client
import json
import time
import zlib
from dataclasses import dataclass

from tunedrop.events import FINALIZED
from tunedrop.local.addresses import HOST
from tunedrop.ports import ObjectInfo

_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Request:
    """One POST that a function answers with 200."""

    path: str
    headers: dict[str, str]
    body: bytes


def finalized(info: ObjectInfo) -> Request:
    """The event of a finalized object, as Eventarc sends it."""
    headers = {
        "ce-specversion": "1.0",
        "ce-id": info.name,
        "ce-type": FINALIZED,
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{info.bucket}",
        "Content-Type": "application/json",
    }
    data = {"bucket": info.bucket, "name": info.name, "generation": str(info.generation)}
    return Request("/", headers, json.dumps(data).encode())


def pushed(body: bytes) -> Request:
    """A message, as a push subscription sends it."""
    message = {
        "messageId": str(zlib.crc32(body)),
        "attributes": {},
        "data": base64.b64encode(body).decode(),
    }
    envelope = {"subscription": "projects/p/subscriptions/s", "message": message}
    path = "/projects/p/topics/t?pubsub_trigger=true"
    return Request(path, {"Content-Type": "application/json"}, json.dumps(envelope).encode())


def post(port: int, request: Request) -> None:
    """Send until the port is open, then wait for the answer.

    Raises:
        RuntimeError: It is not 200.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        connection = http.client.HTTPConnection(HOST, port, timeout=_PATIENCE_SECONDS)
        try:
            connection.request("POST", request.path, request.body, request.headers)
            status = connection.getresponse().status
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)
            continue
        finally:
            connection.close()
        if status != http.HTTPStatus.OK:
            msg = f"expected an answer of 200, found {status}"
            raise RuntimeError(msg)
        return
