"""The broker's vocabulary: messages, subscriptions and their delivery rules as plain values.

Kept from knowing protobuf, gRPC, sqlite and the clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """What a publisher hands over."""

    data: bytes = b""
    attributes: Mapping[str, str] = field(default_factory=dict)
    ordering_key: str = ""

    def accept(self, message_id: int, published_ms: int) -> "Message":
        """Return the message that this becomes."""
        return Message(
            self.data, dict(self.attributes), self.ordering_key, message_id, published_ms
        )


@dataclass(frozen=True, slots=True)
class Message(Draft):
    """A draft that the server accepted."""

    message_id: int = 0
    """Unique in one server directory, ascending in publish order."""
    published_ms: int = 0
    """Milliseconds since 1970, UTC."""

    @property
    def size_bytes(self) -> int:
        """Data and attributes together."""
        texts = (key + value for key, value in self.attributes.items())
        return len(self.data) + sum(len(text.encode()) for text in texts)

    @property
    def publish_time(self) -> str:
        """The instant as a push body spells it: `2021-02-26T19:13:55.749Z`."""
        at = datetime.fromtimestamp(self.published_ms / 1000, UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def dead_letter(self, subscription: str, attempts: int) -> Draft:
        """Return what *subscription* publishes when it gives up after *attempts* deliveries."""
        _, project, _, subscription_id = subscription.split("/")
        source = {
            "CloudPubSubDeadLetterSourceDeliveryCount": str(attempts),
            "CloudPubSubDeadLetterSourceSubscription": subscription_id,
            "CloudPubSubDeadLetterSourceSubscriptionProject": project,
            "CloudPubSubDeadLetterSourceTopicPublishTime": self.publish_time,
        }
        return Draft(self.data, {**self.attributes, **source}, self.ordering_key)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on loan to a subscriber."""

    ack_id: str
    message: Message
    attempt: int
    """1 for the first delivery."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long a message rests between a failed delivery and the next one."""

    minimum_seconds: float
    maximum_seconds: float

    def delay(self, attempt: int) -> float:
        """Seconds to rest after the failure of *attempt*: minimum · 2^(attempt-1), capped."""
        return float(min(self.maximum_seconds, self.minimum_seconds * 2 ** min(attempt - 1, 32)))


IMMEDIATE = Backoff(0, 0)
"""What a pull subscription without a retry policy does."""
PUSH_DEFAULT = Backoff(0.1, 60)
"""What a push subscription without a retry policy does."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Where a message goes after too many failed deliveries."""

    topic: str
    max_attempts: int


@dataclass(frozen=True, slots=True)
class Push:
    """Where and how messages are posted."""

    endpoint: str
    wrapped: bool = True
    """False posts the bare data."""
    write_metadata: bool = False
    """With bare data: attributes and identifiers travel as headers."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic; *resource* is its serialized service message, kept as it came."""

    name: str
    resource: bytes = b""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription's delivery rules; *resource* is its serialized service message."""

    name: str
    topic: str
    ack_deadline_seconds: int = 10
    ordered: bool = False
    exactly_once: bool = False
    filter_text: str = ""
    backoff: Backoff = IMMEDIATE
    dead_letter: DeadLetter | None = None
    push: Push | None = None
    resource: bytes = b""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many messages a subscription holds, by what they wait for."""

    ready: int = 0
    """Deliverable at once, or behind another of the same ordering key."""
    leased: int = 0
    """With a subscriber, not yet acknowledged."""
    delayed: int = 0
    """Resting after a failed delivery."""

    @property
    def total(self) -> int:
        """Everything not yet acknowledged."""
        return self.ready + self.leased + self.delayed
