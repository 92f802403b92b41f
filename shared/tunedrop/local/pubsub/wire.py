"""Between google.pubsub.v1 messages and the broker's own values.

The only room, next to the handlers, that knows protobuf; it keeps nothing.
"""

from collections.abc import Collection, Iterable

from google.protobuf import field_mask_pb2
from google.pubsub_v1 import types

from tunedrop.local.pubsub.errors import InvalidArgumentError
from tunedrop.local.pubsub.limits import check_subscription
from tunedrop.local.pubsub.model import (
    IMMEDIATE,
    PUSH_DEFAULT,
    Backoff,
    DeadLetter,
    Delivery,
    Draft,
    Push,
    Subscription,
    Topic,
)

_RETENTION_SECONDS = 7 * 24 * 3600


def topic(resource: types.Topic) -> Topic:
    """Take in a topic."""
    return Topic(resource.name, types.Topic.serialize(resource))


def read_topic(held: Topic) -> types.Topic:
    """Return the service message of a topic."""
    resource: types.Topic = types.Topic.deserialize(held.resource)
    return resource


def read_subscription(held: Subscription) -> types.Subscription:
    """Return the service message of a subscription."""
    resource: types.Subscription = types.Subscription.deserialize(held.resource)
    return resource


def subscription(resource: types.Subscription) -> Subscription:
    """Take in a subscription, after filling in what the service fills in.

    Raises:
        InvalidArgumentError: A setting is outside the service's limits.
    """
    _fill_defaults(resource)
    result = Subscription(
        name=resource.name,
        topic=resource.topic,
        ack_deadline_seconds=resource.ack_deadline_seconds,
        ordered=resource.enable_message_ordering,
        exactly_once=resource.enable_exactly_once_delivery,
        filter_text=resource.filter,
        backoff=_backoff(resource),
        dead_letter=_dead_letter(resource),
        push=_push(resource),
        resource=types.Subscription.serialize(resource),
    )
    check_subscription(result)
    return result


def _fill_defaults(resource: types.Subscription) -> None:
    raw = types.Subscription.pb(resource)
    raw.ack_deadline_seconds = raw.ack_deadline_seconds or 10
    raw.state = types.Subscription.State.ACTIVE
    if not raw.HasField("message_retention_duration"):
        raw.message_retention_duration.seconds = _RETENTION_SECONDS
    if raw.HasField("retry_policy"):
        if not raw.retry_policy.HasField("minimum_backoff"):
            raw.retry_policy.minimum_backoff.seconds = 10
        if not raw.retry_policy.HasField("maximum_backoff"):
            raw.retry_policy.maximum_backoff.seconds = 600
    if raw.HasField("dead_letter_policy"):
        policy = raw.dead_letter_policy
        policy.max_delivery_attempts = policy.max_delivery_attempts or 5


def _backoff(resource: types.Subscription) -> Backoff:
    raw = types.Subscription.pb(resource)
    if not raw.HasField("retry_policy"):
        return PUSH_DEFAULT if resource.push_config.push_endpoint else IMMEDIATE
    policy = raw.retry_policy
    return Backoff(
        policy.minimum_backoff.ToTimedelta().total_seconds(),
        policy.maximum_backoff.ToTimedelta().total_seconds(),
    )


def _dead_letter(resource: types.Subscription) -> DeadLetter | None:
    policy = resource.dead_letter_policy
    if not policy.dead_letter_topic:
        return None
    return DeadLetter(policy.dead_letter_topic, policy.max_delivery_attempts)


def _push(resource: types.Subscription) -> Push | None:
    config = resource.push_config
    if not config.push_endpoint:
        return None
    bare = types.PushConfig.pb(config).HasField("no_wrapper")
    return Push(config.push_endpoint, not bare, bare and config.no_wrapper.write_metadata)


def drafts(request: types.PublishRequest) -> list[Draft]:
    """Return what a request asks to publish."""
    return [
        Draft(raw.data, dict(raw.attributes), raw.ordering_key)
        for raw in types.PublishRequest.pb(request).messages
    ]


def received(subscription: Subscription, deliveries: Iterable[Delivery]) -> types.PullResponse:
    """Return deliveries as a pull answers them."""
    response = types.PullResponse.pb()()
    for delivery in deliveries:
        raw = response.received_messages.add(ack_id=delivery.ack_id)
        if subscription.dead_letter is not None:
            raw.delivery_attempt = delivery.attempt
        message = delivery.message
        raw.message.data = message.data
        raw.message.attributes.update(message.attributes)
        raw.message.message_id = str(message.message_id)
        raw.message.ordering_key = message.ordering_key
        raw.message.publish_time.FromMilliseconds(message.published_ms)
    wrapped: types.PullResponse = types.PullResponse.wrap(response)
    return wrapped


def merge(
    source: types.Topic | types.Subscription,
    target: types.Topic | types.Subscription,
    paths: list[str],
    fixed: Collection[str],
) -> None:
    """Copy the fields that an update names from *source* to *target*.

    Raises:
        InvalidArgumentError: The mask is empty, names an unknown field or one of *fixed*.
    """
    kind = type(source)
    mask = field_mask_pb2.FieldMask(paths=paths)
    if not paths or not mask.IsValidForDescriptor(kind.pb().DESCRIPTOR):
        raise InvalidArgumentError(f"expected a mask of fields to update, found {paths}")
    changed = sorted({path.split(".")[0] for path in paths} & set(fixed))
    if changed:
        raise InvalidArgumentError(f"{', '.join(changed)} cannot be updated")
    mask.MergeMessage(kind.pb(source), kind.pb(target), True, True)  # noqa: FBT003 — its own two flags, replace
