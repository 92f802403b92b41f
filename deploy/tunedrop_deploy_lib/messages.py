"""Steps for topics, subscriptions and the right to publish.

Knows messages; knows no bucket, and of functions only their addresses.
"""

from collections.abc import Iterator

from tunedrop.deadlines import ACK_DEADLINE_SECONDS
from tunedrop.rights import PUBLISHER, SUBSCRIBER
from tunedrop.topology import (
    DEAD_LETTERS,
    DEAD_LETTERS_SUBSCRIPTION,
    FUNCTIONS,
    TOPICS,
    Function,
    Topic,
)
from tunedrop_deploy_lib import grants
from tunedrop_deploy_lib.gcloud import Command
from tunedrop_deploy_lib.identities import ours
from tunedrop_deploy_lib.names import Names, address_fact
from tunedrop_deploy_lib.policies import Resource, policy_step
from tunedrop_deploy_lib.steps import (
    Setting,
    Step,
    always,
    as_seconds,
    flags_of,
    judge_settings,
    only,
)

MAX_ATTEMPTS = 30
"""About four hours of failures with the rests below; the default of 5 lasts two minutes."""
WEEK_SECONDS = 7 * 24 * 3600
MONTH_SECONDS = 31 * 24 * 3600


def topic_steps(names: Names) -> Iterator[Step]:
    """The six topics."""
    for topic in TOPICS:
        yield _topic_step(names, topic)


def _topic_step(names: Names, topic: Topic) -> Step:
    target, key = names.topic(topic.role), names.config.kms_key

    def command(verb: str, *flags: str) -> Command:
        return ("pubsub", "topics", verb, target, *flags, names.project_flag)

    encryption = Setting(
        path="kmsKeyName",
        expected=key,
        flags=(f"--topic-encryption-key={key}",),
        fixed="a topic's key cannot be changed here: delete the topic and apply again",
    )
    settings = (_labels(names), *((encryption,) if key else ()))
    return Step(
        key=f"topic/{topic.role}",
        makes=f"topic {target}: {topic.carries}",
        why=_topic_why(topic),
        look=command("describe", "--format=json"),
        create=(command("create", *flags_of(settings)),),
        judge=judge_settings(
            f"topic {target}", settings, lambda flags: (command("update", *flags),)
        ),
        undo=always(command("delete")),
        monthly="free up to 10 GB of messages",
    )


def _topic_why(topic: Topic) -> str:
    if topic.role == DEAD_LETTERS:
        return "A message that fails for hours is kept for a person instead of being lost."
    who = f"the function {topic.receives}" if topic.receives else "anyone"
    return f"Carries {topic.carries}, to {who}."


def _labels(names: Names) -> Setting:
    return Setting(
        path="labels",
        expected=names.labels,
        flags=(f"--labels={names.label_pairs}",),
        mend=(f"--update-labels={names.label_pairs}",),
        read=only(tuple(names.labels)),
    )


def topic_policy_steps(names: Names) -> Iterator[Step]:
    """The rights to publish; nobody else has them."""
    for topic in TOPICS:
        target = names.topic(topic.role)
        resource = Resource(
            key=f"topic/{topic.role}",
            name=f"topic {target}",
            group=("pubsub", "topics"),
            target=(target, names.project_flag),
        )
        yield policy_step(
            resource,
            grants.topic_grants(names, topic),
            ours=ours(names),
            exact=(PUBLISHER,),
            why="A receiver is not told who published, so only those whom the table names may.",
        )


def dead_letter_step(names: Names) -> Step:
    """The subscription that keeps undelivered messages."""
    settings = (
        _topic_setting(names, DEAD_LETTERS),
        Setting(
            path="pushConfig",
            expected={},
            mend=("--push-endpoint=",),
            read=lambda found: found or {},
        ),
        _ack_deadline(),
        _never_expires(),
        Setting(
            path="messageRetentionDuration",
            expected=str(MONTH_SECONDS),
            flags=("--message-retention-duration=31d",),
            read=as_seconds,
        ),
        _labels(names),
    )
    return _subscription_step(
        names,
        DEAD_LETTERS,
        names.topic(DEAD_LETTERS_SUBSCRIPTION),
        settings,
        why="Without a subscription of its own a dead-letter topic loses everything; it never expires.",
    )


def dead_letter_policy_step(names: Names) -> Step:
    """The right to take undelivered messages out, held by people alone."""
    target = names.topic(DEAD_LETTERS_SUBSCRIPTION)
    resource = Resource(
        key=f"subscription/{DEAD_LETTERS}",
        name=f"subscription {target}",
        group=("pubsub", "subscriptions"),
        target=(target, names.project_flag),
    )
    (topic,) = (topic for topic in TOPICS if topic.role == DEAD_LETTERS)
    return policy_step(
        resource,
        grants.pull_grants(names, topic),
        ours=ours(names),
        exact=(SUBSCRIBER,),
        why="Whoever takes such a message out decides what becomes of it.",
    )


def push_steps(names: Names) -> Iterator[Step]:
    """One subscription of our own per pushed function: a redeploy cannot reset or lose it."""
    for function in FUNCTIONS:
        if function.topic:
            yield _subscription_step(
                names,
                function.name,
                names.function(function),
                (_topic_setting(names, function.topic), *_push(names, function), *_delivery(names)),
                why=f"Pushes {function.topic} to the function, repeats what fails, keeps what goes on failing.",
            )


def finalized_subscription_step(names: Names) -> Step:
    """The subscription behind the bucket's trigger, brought up to the others' settings."""
    settings = tuple(_delivery(names, labels=False))
    target = "${FINALIZED_SUBSCRIPTION}"
    update = _subscription("update", target, names, *flags_of(settings))
    return Step(
        key="subscription/finalized",
        makes="settings of the subscription behind the intake bucket's trigger",
        why="As made with the trigger it may wait 10 s for an answer, drops events after a day and keeps none.",
        look=_subscription("describe", target, names, "--format=json"),
        create=(update,),
        judge=judge_settings(
            "subscription of the intake bucket's trigger",
            settings,
            lambda flags: (_subscription("update", target, names, *flags),),
        ),
        undo=always(),
    )


def _subscription(verb: str, target: str, names: Names, *flags: str) -> Command:
    return ("pubsub", "subscriptions", verb, target, *flags, names.project_flag)


def _subscription_step(
    names: Names, key: str, target: str, settings: tuple[Setting, ...], *, why: str
) -> Step:
    return Step(
        key=f"subscription/{key}",
        makes=f"subscription {target}",
        why=why,
        look=_subscription("describe", target, names, "--format=json"),
        create=(_subscription("create", target, names, *flags_of(settings)),),
        judge=judge_settings(
            f"subscription {target}",
            settings,
            lambda flags: (_subscription("update", target, names, *flags),),
        ),
        undo=always(_subscription("delete", target, names)),
    )


def _topic_setting(names: Names, role: str) -> Setting:
    return Setting(
        path="topic",
        expected=names.topic_name(role),
        flags=(f"--topic={names.topic(role)}",),
        fixed="a subscription cannot change its topic: delete it and apply again",
    )


def _never_expires() -> Setting:
    return Setting(path="expirationPolicy", expected={}, flags=("--expiration-period=never",))


def _ack_deadline() -> Setting:
    return Setting(
        path="ackDeadlineSeconds",
        expected=str(ACK_DEADLINE_SECONDS),
        flags=(f"--ack-deadline={ACK_DEADLINE_SECONDS}",),
        read=as_seconds,
    )


def _push(names: Names, function: Function) -> Iterator[Setting]:
    """Where to; the three flags replace each other, so they are always given together."""
    address = f"${{{address_fact(function)}}}"
    endpoint = f"{address}/{names.topic_name(function.topic)}?pubsub_trigger=true"
    flags = (
        f"--push-endpoint={endpoint}",
        f"--push-auth-service-account={names.account('push')}",
        f"--push-auth-token-audience={address}",
    )
    for path, expected in (
        ("pushConfig.pushEndpoint", endpoint),
        ("pushConfig.oidcToken.serviceAccountEmail", names.account("push")),
        ("pushConfig.oidcToken.audience", address),
    ):
        yield Setting(path=path, expected=expected, flags=flags)


def _delivery(names: Names, *, labels: bool = True) -> Iterator[Setting]:
    """How long to wait, when to repeat, when to give up; pairs of flags are given together."""
    yield _ack_deadline()
    yield Setting(
        path="messageRetentionDuration",
        expected=str(WEEK_SECONDS),
        flags=("--message-retention-duration=7d",),
        read=as_seconds,
    )
    yield _never_expires()
    rests = ("--min-retry-delay=10s", "--max-retry-delay=600s")
    for path, seconds in (("minimumBackoff", "10"), ("maximumBackoff", "600")):
        yield Setting(path=f"retryPolicy.{path}", expected=seconds, flags=rests, read=as_seconds)
    dead = names.topic_name(DEAD_LETTERS)
    ends = (f"--dead-letter-topic={dead}", f"--max-delivery-attempts={MAX_ATTEMPTS}")
    yield Setting(path="deadLetterPolicy.deadLetterTopic", expected=dead, flags=ends)
    yield Setting(path="deadLetterPolicy.maxDeliveryAttempts", expected=MAX_ATTEMPTS, flags=ends)
    if labels:
        yield _labels(names)
