"""Topics and subscriptions of the local deployment, and a publisher onto them.

Knows names, endpoints and the Pub/Sub client; knows nothing of what is said.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
from google.api_core.exceptions import AlreadyExists
from google.protobuf.duration_pb2 import Duration
from google.pubsub_v1 import PublisherClient, SubscriberClient, types

from tunedrop.config import Settings
from tunedrop.local.addresses import HOST
from tunedrop.local.deployment import Redelivery
from tunedrop.local.entry_points import SUBSCRIBED, EntryPoint
from tunedrop.local.pubsub.journal import Journal
from tunedrop.topology import TOPICS

TOPIC_ROLES = tuple(topic.role for topic in TOPICS)
WATCHED = tuple(topic.role for topic in TOPICS if not topic.receives)
"""Topics that have a pull subscription, for the command line."""
_CALL_SECONDS = 10.0
_UPDATED = ("push_config", "dead_letter_policy", "retry_policy", "ack_deadline_seconds")


def subscription_name(settings: Settings, entry_point: EntryPoint) -> str:
    """Full name of the push subscription that reaches an entry point."""
    name = f"{settings.deployment}-{entry_point.role}-{entry_point.function}"
    return f"projects/{settings.project}/subscriptions/{name}"


def watch_name(settings: Settings, role: str) -> str:
    """Full name of a topic's pull subscription."""
    return f"projects/{settings.project}/subscriptions/{settings.deployment}-{role}-watch"


def push_subscriptions(
    settings: Settings, ports: Mapping[str, int], redelivery: Redelivery
) -> list[types.Subscription]:
    """Describe the push subscriptions; each endpoint's path says which topic a push came from."""
    return [
        types.Subscription(
            name=subscription_name(settings, entry_point),
            topic=(topic := settings.topic(entry_point.role)),
            ack_deadline_seconds=redelivery.ack_deadline_seconds,
            push_config={
                "push_endpoint": f"http://{HOST}:{ports[entry_point.name]}/{topic}?pubsub_trigger=true"
            },
            dead_letter_policy={
                "dead_letter_topic": settings.topic("dead-letters"),
                "max_delivery_attempts": redelivery.max_attempts,
            },
            retry_policy={
                "minimum_backoff": _duration(redelivery.first_rest_seconds),
                "maximum_backoff": _duration(redelivery.longest_rest_seconds),
            },
        )
        for entry_point in SUBSCRIBED
    ]


def readdress(directory: Path, subscriptions: list[types.Subscription]) -> None:
    """Give the subscriptions kept in a stopped server's directory their endpoints of this start.

    A server delivers from its first moment on, and behind an endpoint of an earlier start another
    program may answer.
    """
    wanted = {each.name: each.push_config for each in subscriptions}
    journal = Journal(directory)
    try:
        for kept in map(types.Subscription.deserialize, journal.resources("subscription")):
            if kept.name in wanted and kept.push_config != wanted[kept.name]:
                kept.push_config = wanted[kept.name]
                journal.save_subscription(kept.name, types.Subscription.serialize(kept))
    finally:
        journal.close()


class Broker:
    """A client of the local Pub/Sub server; reads no environment, as the usual client does."""

    def __init__(self, address: str) -> None:
        # A proxy in the environment would otherwise get even the calls to loopback.
        options = [("grpc.enable_http_proxy", 0)]
        self._channel = grpc.insecure_channel(address, options=options)
        self._publisher = PublisherClient(transport=_transport(PublisherClient, self._channel))
        self._subscriber = SubscriberClient(transport=_transport(SubscriberClient, self._channel))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> str:
        """See `tunedrop.ports.Publisher.publish`."""
        message = types.PubsubMessage(data=data, attributes=dict(attributes))
        answer = self._publisher.publish(topic=topic, messages=[message], timeout=_CALL_SECONDS)
        return str(answer.message_ids[0])

    def set_up(self, settings: Settings, pushed: list[types.Subscription]) -> None:
        """Make the topics and subscriptions that are missing and adapt the others."""
        for role in TOPIC_ROLES:
            _made(self._publisher.create_topic, name=settings.topic(role))
        for subscription in pushed:
            if not _made(self._subscriber.create_subscription, request=subscription):
                mask = {"paths": list(_UPDATED)}
                request = {"subscription": subscription, "update_mask": mask}
                self._subscriber.update_subscription(request=request, timeout=_CALL_SECONDS)
        for role in WATCHED:
            watch = {"name": watch_name(settings, role), "topic": settings.topic(role)}
            _made(self._subscriber.create_subscription, request=watch)


def _made(create: Callable[..., object], **request: object) -> bool:
    try:
        create(**request, timeout=_CALL_SECONDS)
    except AlreadyExists:
        return False
    return True


def _transport(client: Any, channel: grpc.Channel) -> Any:  # noqa: ANN401 — generated clients share no base class
    return client.get_transport_class("grpc")(channel=channel)


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=seconds))
    return duration
