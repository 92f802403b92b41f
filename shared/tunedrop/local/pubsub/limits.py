"""The service's own limits on names, messages and subscription settings, as checks that refuse.

Limits: https://cloud.google.com/pubsub/quotas (read 2026-11). One is stricter than the
service's: a push endpoint must be on this machine.
"""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from tunedrop.local.pubsub.errors import InvalidArgumentError
from tunedrop.local.pubsub.model import Draft, Subscription

MAX_REQUEST_BYTES = 10_000_000
MAX_REQUEST_MESSAGES = 1000
MAX_ATTRIBUTES = 100
MAX_ATTRIBUTE_KEY_BYTES = 256
MAX_ATTRIBUTE_VALUE_BYTES = 1024
MAX_ORDERING_KEY_BYTES = 1024
MAX_ACK_DEADLINE_SECONDS = 600

_ACK_DEADLINES = range(10, MAX_ACK_DEADLINE_SECONDS + 1)
_DELIVERY_ATTEMPTS = range(5, 101)
_LONGEST_BACKOFF_SECONDS = 600
_NAME = re.compile(
    r"projects/[a-z][a-z0-9:.-]{0,98}/(?P<kind>topics|subscriptions)/"
    r"(?P<id>(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254})"
)


def check_name(name: str, kind: str) -> None:
    """Refuse what is not `projects/P/KIND/ID`, with an ID of 3 to 255 characters."""
    match = _NAME.fullmatch(name)
    if match is None or match["kind"] != kind:
        raise InvalidArgumentError(
            f"Invalid resource name given (name={name[:300]}): expected projects/PROJECT/{kind}/ID, "
            "ID of 3-255 letters, digits or -._~+%, starting with a letter and not with goog"
        )


def check_drafts(drafts: list[Draft], request_bytes: int) -> None:
    """Refuse a publish request that the service would refuse."""
    if not 1 <= len(drafts) <= MAX_REQUEST_MESSAGES:
        raise InvalidArgumentError(
            f"expected 1-{MAX_REQUEST_MESSAGES} messages in a publish request, found {len(drafts)}"
        )
    if request_bytes > MAX_REQUEST_BYTES:
        raise InvalidArgumentError(
            f"expected a publish request of at most {MAX_REQUEST_BYTES} bytes, found {request_bytes}"
        )
    for draft in drafts:
        if not draft.data and not draft.attributes:
            raise InvalidArgumentError("One or more messages in the publish request is empty.")
        if len(draft.ordering_key.encode()) > MAX_ORDERING_KEY_BYTES:
            raise InvalidArgumentError(f"ordering key is over {MAX_ORDERING_KEY_BYTES} bytes")
        _check_attributes(draft.attributes)


def _check_attributes(attributes: Mapping[str, str]) -> None:
    if len(attributes) > MAX_ATTRIBUTES:
        raise InvalidArgumentError(
            f"expected at most {MAX_ATTRIBUTES} attributes, found {len(attributes)}"
        )
    for key, value in attributes.items():
        if not 1 <= len(key.encode()) <= MAX_ATTRIBUTE_KEY_BYTES or key.startswith("goog"):
            raise InvalidArgumentError(
                f"attribute key {key[:80]!r}: expected 1-{MAX_ATTRIBUTE_KEY_BYTES} bytes "
                "that do not start with goog"
            )
        if len(value.encode()) > MAX_ATTRIBUTE_VALUE_BYTES:
            raise InvalidArgumentError(
                f"attribute {key[:80]!r}: expected a value of at most "
                f"{MAX_ATTRIBUTE_VALUE_BYTES} bytes, found {len(value.encode())}"
            )


def check_subscription(subscription: Subscription) -> None:
    """Refuse settings that the service would refuse."""
    if subscription.ack_deadline_seconds not in _ACK_DEADLINES:
        raise InvalidArgumentError(
            f"expected an ack deadline of 10-600 seconds, found {subscription.ack_deadline_seconds}"
        )
    backoff = subscription.backoff
    if not 0 <= backoff.minimum_seconds <= backoff.maximum_seconds <= _LONGEST_BACKOFF_SECONDS:
        raise InvalidArgumentError(
            "expected 0 <= minimum_backoff <= maximum_backoff <= 600 seconds, "
            f"found {backoff.minimum_seconds:g} and {backoff.maximum_seconds:g}"
        )
    dead_letter = subscription.dead_letter
    if dead_letter is not None and dead_letter.max_attempts not in _DELIVERY_ATTEMPTS:
        raise InvalidArgumentError(
            f"expected 5-100 maximum delivery attempts, found {dead_letter.max_attempts}"
        )
    if subscription.push is not None:
        _check_endpoint(subscription.push.endpoint)


def _check_endpoint(endpoint: str) -> None:
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme in {"http", "https"} and _is_loopback(parts.hostname or "")
    except ValueError:
        usable = False
    if not usable:
        raise InvalidArgumentError(
            f"Invalid push endpoint given (endpoint={endpoint[:300]}): expected an http URL on "
            "this machine; the local server pushes nowhere else"
        )


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host).is_loopback


def check_ack_deadline(seconds: int) -> None:
    """Refuse a new deadline for running loans outside 0-600 seconds."""
    if not 0 <= seconds <= MAX_ACK_DEADLINE_SECONDS:
        raise InvalidArgumentError(f"expected an ack deadline of 0-600 seconds, found {seconds}")
