"""What a push request looks like: URL, headers and body for one delivery.

Follows https://cloud.google.com/pubsub/docs/push and …/docs/payload-unwrapping (read 2026-11);
sends nothing itself.
"""

import base64
import json
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from tunedrop.local.pubsub.model import Delivery, Push, Subscription

_AGENT = "CloudPubSub-Google"


@dataclass(frozen=True, slots=True)
class Post:
    """One POST request."""

    url: str
    headers: dict[str, str]
    body: bytes


def post_for(subscription: Subscription, delivery: Delivery) -> Post:
    """Return the request that delivers to *subscription*'s endpoint, which it must have."""
    push = subscription.push
    if push is None:
        raise ValueError(f"{subscription.name} has no push endpoint")
    if push.wrapped:
        headers = {"Content-Type": "application/json", "User-Agent": _AGENT}
        headers |= _event_headers(push, subscription, delivery)
        return Post(push.endpoint, headers, _wrapped_body(subscription, delivery))
    headers = {"Content-Type": "application/octet-stream", "User-Agent": _AGENT}
    if push.write_metadata:
        headers |= _metadata_headers(subscription, delivery)
    return Post(push.endpoint, headers, delivery.message.data)


def _wrapped_body(subscription: Subscription, delivery: Delivery) -> bytes:
    message = delivery.message
    fields: dict[str, object] = {
        "attributes": dict(message.attributes),
        # functions-framework refuses a message without this key, so it stands even when empty.
        "data": base64.b64encode(message.data).decode(),
        "messageId": str(message.message_id),
        "message_id": str(message.message_id),
        "publishTime": message.publish_time,
        "publish_time": message.publish_time,
    }
    if message.ordering_key:
        fields["orderingKey"] = message.ordering_key
    body: dict[str, object] = {"message": fields, "subscription": subscription.name}
    if subscription.dead_letter is not None:
        body["deliveryAttempt"] = delivery.attempt
    return json.dumps(body).encode()


def _event_headers(push: Push, subscription: Subscription, delivery: Delivery) -> dict[str, str]:
    mode = parse_qs(urlsplit(push.endpoint).query).get("__GCP_CloudEventsMode", [""])[0]
    # The mark on the endpoint of an Eventarc trigger: its requests are CloudEvents.
    if not mode.startswith("CUSTOM_PUBSUB_"):
        return {}
    return {
        "ce-id": str(delivery.message.message_id),
        "ce-source": f"//pubsub.googleapis.com/{subscription.topic}",
        "ce-specversion": "1.0",
        "ce-time": delivery.message.publish_time,
        "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
    }


def _metadata_headers(subscription: Subscription, delivery: Delivery) -> dict[str, str]:
    message = delivery.message
    headers = {
        "x-goog-pubsub-message-id": str(message.message_id),
        "x-goog-pubsub-publish-time": message.publish_time,
        "x-goog-pubsub-subscription-name": subscription.name,
    }
    if message.ordering_key:
        headers["x-goog-pubsub-ordering-key"] = message.ordering_key
    if subscription.dead_letter is not None:
        headers["x-goog-pubsub-delivery-attempt"] = str(delivery.attempt)
    return {**message.attributes, **headers}
