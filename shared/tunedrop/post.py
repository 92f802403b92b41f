"""The deployment's way of sending messages: the right topic, the CloudEvents attributes, one call.

Knows contracts and settings; decides nothing about when a message is due.
"""

from tunedrop.config import Settings
from tunedrop.contracts import Message
from tunedrop.ports import Clock, Publisher
from tunedrop.wire import cloudevent_attributes, encode

MAX_ATTRIBUTE_BYTES = 1024
"""Longest attribute value of Pub/Sub; an object's address may be longer."""


class Post:
    """Sends messages for one deployment."""

    def __init__(self, *, publisher: Publisher, settings: Settings, clock: Clock) -> None:
        self._publisher = publisher
        self._settings = settings
        self._clock = clock

    def send(self, message: Message, *, event_id: str, subject: str = "") -> None:
        """Publish *message* on its contract's topic; the same *event_id* marks a repeat."""
        source = f"//tunedrop/{self._settings.project}/{self._settings.deployment}"
        attributes = cloudevent_attributes(
            message,
            event_id=event_id,
            source=source,
            at=self._clock.now(),
            subject=_fitting(subject),
        )
        self._publisher.publish(self._settings.topic(message.topic), encode(message), attributes)


def _fitting(text: str) -> str:
    return text.encode("utf-8", "replace")[:MAX_ATTRIBUTE_BYTES].decode("utf-8", "ignore")
