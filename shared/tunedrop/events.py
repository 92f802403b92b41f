"""CloudEvents to typed deliveries: the only base64 and the only untrusted envelopes are read here.

Knows envelopes; knows nothing of what the messages inside them ask for.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cloudevents.http import CloudEvent
from msgspec import Struct

from tunedrop import tracing
from tunedrop.domain.naming import MAX_NAME_BYTES
from tunedrop.errors import MalformedEventError
from tunedrop.tracing import Trace

FINALIZED = "google.cloud.storage.object.v1.finalized"
PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"
_UNKNOWN_ID = "unknown"
_MAX_GENERATION = 2**63 - 1


class ObjectFinalized(Struct, frozen=True):
    """A new generation of an object, as the storage service announces it."""

    event_id: str
    bucket: str
    name: str
    generation: int


class PubsubDelivery(Struct, frozen=True):
    """One message as a push subscription delivers it."""

    message_id: str
    data: bytes
    attributes: Mapping[str, str]
    published_at: datetime | None = None
    """By the broker's clock; None where the envelope does not tell."""


def delivery_id(event: CloudEvent) -> str:
    """The id under which a delivery is recorded, however malformed the rest is."""
    found = _message(event).get("messageId")
    return str(found or event.get("id") or _UNKNOWN_ID)


def message_trace(event: CloudEvent) -> Trace | None:
    """The story that a message goes on with, at a step of this delivery's own; None if it names none.

    Whoever may publish may name any trace: it is good for finding log entries and for nothing else.
    """
    attributes = _message(event).get("attributes")
    named = attributes.get(tracing.ATTRIBUTE) if isinstance(attributes, dict) else None
    trace = tracing.read_parent(named)
    return trace.step(delivery_id(event)) if trace else None


def _message(event: CloudEvent) -> Mapping[str, Any]:
    message = event.data.get("message") if isinstance(event.data, dict) else None
    return message if isinstance(message, dict) else {}


def read_finalized(event: CloudEvent) -> ObjectFinalized:
    """Read a storage event; only `data` is used, since its subject is percent-encoded by some senders.

    Raises:
        MalformedEventError: Names the first field that is missing or unusable.
    """
    if event.get("type") != FINALIZED:
        raise _unusable(event, "type", FINALIZED)
    data = event.data
    if not isinstance(data, dict):
        raise _unusable(event, "data", "a JSON object")
    return ObjectFinalized(
        event_id=str(event.get("id")),
        bucket=_text(event, data, "bucket", 222),
        name=_text(event, data, "name", MAX_NAME_BYTES),
        generation=_generation(event, data),
    )


def read_message(event: CloudEvent) -> PubsubDelivery:
    """Read a Pub/Sub push, from Eventarc or raw; a message of attributes only has empty data.

    Raises:
        MalformedEventError: The envelope lacks a usable message, or the message is too long to look at.
    """
    if event.get("type") != PUBLISHED:
        raise _unusable(event, "type", PUBLISHED)
    message = event.data.get("message") if isinstance(event.data, dict) else None
    if not isinstance(message, dict):
        raise _unusable(event, "data.message", "a JSON object")
    attributes = message.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise _unusable(event, "data.message.attributes", "a JSON object")
    return PubsubDelivery(
        message_id=delivery_id(event),
        data=_decoded(event, message.get("data")),
        attributes={str(key): str(value) for key, value in attributes.items()},
        published_at=_instant(message.get("publishTime")),
    )


def _instant(value: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return instant if instant and instant.tzinfo else None


def _decoded(event: CloudEvent, data: object) -> bytes:
    # Late, since a function's process imports this module before it knows what it is for.
    from tunedrop.wire import MAX_MESSAGE_BYTES  # noqa: PLC0415

    if data is None:
        return b""
    if isinstance(data, str) and len(data) > -(-MAX_MESSAGE_BYTES // 3) * 4:
        raise _unusable(
            event, "data.message.data", f"at most {MAX_MESSAGE_BYTES} bytes", "message_too_long"
        )
    try:
        return base64.b64decode(data, validate=True) if isinstance(data, str) else _refuse(event)
    except (binascii.Error, ValueError):
        return _refuse(event)


def _refuse(event: CloudEvent) -> bytes:
    raise _unusable(event, "data.message.data", "standard base64") from None


def _text(event: CloudEvent, data: Mapping[str, Any], field: str, limit_bytes: int) -> str:
    value = data.get(field)
    try:
        size = len(value.encode()) if isinstance(value, str) else 0
    except UnicodeEncodeError:
        size = 0
    if not isinstance(value, str) or not 0 < size <= limit_bytes:
        raise _unusable(event, f"data.{field}", f"1 to {limit_bytes} bytes of text")
    return value


def _generation(event: CloudEvent, data: Mapping[str, Any]) -> int:
    value = data.get("generation")
    digits = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (
        digits.isascii()
        and digits.isdigit()
        and len(digits) <= len(str(_MAX_GENERATION))
        and 0 < int(digits) <= _MAX_GENERATION
    ):
        raise _unusable(event, "data.generation", "a positive int64, as a string or a number")
    return int(digits)


def _unusable(
    event: CloudEvent, field: str, expected: str, code: str = MalformedEventError.code
) -> MalformedEventError:
    shown = delivery_id(event)[:80]
    return MalformedEventError(
        f"event {shown!r}: expected {field} to be {expected}, found something else", code=code
    )
