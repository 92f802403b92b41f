"""Judges topics and subscriptions: there, patient enough, with dead letters, and never expiring.

Pure; who may publish is judged elsewhere.
"""

from collections.abc import Iterator
from typing import Any

from tunedrop.deadlines import ACK_DEADLINE_SECONDS
from tunedrop.doctor.lines import GOOD, Facts, Line, Need, Sight, State, Verdict
from tunedrop.doctor.looks import trigger_name, trigger_subscription
from tunedrop.doctor.subject import APPLY, Subject
from tunedrop.topology import (
    DEAD_LETTERS,
    DEAD_LETTERS_SUBSCRIPTION,
    FUNCTIONS,
    TOPICS,
    Function,
)

MAX_ATTEMPTS = 30
"""As the deploy tool sets it."""
_WHY_DEADLINE = "It is how long Pub/Sub waits for a function; after less, the function is called again while it still works."
_WHY_DEAD_LETTERS = "A message that fails for hours is kept for a person instead of being lost."
_WHY_EXPIRY = (
    "By default a subscription without traffic for a month is deleted, with all its messages."
)


def message_lines(subject: Subject, facts: Facts) -> Iterator[Line]:
    """Every topic, the subscriptions that push, the trigger's, and the one that keeps dead letters."""
    names = {topic["name"] for topic in facts.value("topics") or ()}
    for topic in TOPICS:
        name = subject.settings.topic(topic.role)
        mend = (subject.gcloud("pubsub", "topics", "create", name.rpartition("/")[2]),)
        verdict = GOOD if name in names else Verdict(State.MISSING, "no such topic", mend)
        need = Need(f"topic.{topic.role}", name.rpartition("/")[2], f"Carries {topic.carries}.")
        yield need.if_seen(facts["topics"], verdict)
    subscriptions = {each["name"]: each for each in facts.value("subscriptions") or ()}
    for function in FUNCTIONS:
        if function.topic:
            name = f"projects/{subject.project}/subscriptions/{subject.function(function)}"
            yield from _pushed(subject, facts, function, subscriptions.get(name))
        else:
            yield from _triggered(subject, facts, subscriptions)
    yield from _kept(subject, facts, subscriptions)


def _pushed(
    subject: Subject, facts: Facts, function: Function, found: dict[str, Any] | None
) -> Iterator[Line]:
    name = subject.function(function)
    why = f"Pushes {function.topic} to the function; without it nothing arrives there."
    need = Need(f"subscription.{function.name}.exists", name, why)
    missing = Verdict(State.MISSING, "no such subscription", (APPLY,))
    yield need.if_seen(facts["subscriptions"], missing if found is None else GOOD)
    if found is not None:
        yield from _delivery(subject, function.name, name, found)


def _triggered(
    subject: Subject, facts: Facts, subscriptions: dict[str, dict[str, Any]]
) -> Iterator[Line]:
    need = Need(
        "subscription.finalized.exists",
        "the subscription behind the intake bucket's trigger",
        "Tells the validator of new objects; without it a drop stays unnoticed.",
    )
    missing = Verdict(State.MISSING, "no such subscription", (APPLY,))
    name = trigger_subscription(facts)
    if not name:
        yield need.if_seen(_sight_of_trigger(subject, facts), missing)
        return
    found = subscriptions.get(name)
    yield need.if_seen(facts["subscriptions"], missing if found is None else GOOD)
    if found is not None:
        yield from _delivery(subject, "finalized", name.rpartition("/")[2], found)


def _sight_of_trigger(subject: Subject, facts: Facts) -> Sight:
    if facts["functions"].outcome == "seen" and trigger_name(facts, subject):
        return facts["trigger"]
    return facts["functions"]


def _kept(
    subject: Subject, facts: Facts, subscriptions: dict[str, dict[str, Any]]
) -> Iterator[Line]:
    name = f"{subject.settings.deployment}-{DEAD_LETTERS_SUBSCRIPTION}"
    found = subscriptions.get(f"projects/{subject.project}/subscriptions/{name}")
    mend = subject.gcloud(
        *("pubsub", "subscriptions", "create", name),
        f"--topic={subject.settings.topic(DEAD_LETTERS)}",
        *("--expiration-period=never", "--message-retention-duration=31d"),
        f"--ack-deadline={ACK_DEADLINE_SECONDS}",
    )
    missing = Verdict(State.MISSING, "no such subscription", (mend,))
    why = "Without a subscription of its own a dead-letter topic loses everything."
    need = Need(f"subscription.{DEAD_LETTERS}.exists", name, why)
    yield need.if_seen(facts["subscriptions"], missing if found is None else GOOD)
    if found is not None:
        yield _expiry(subject, DEAD_LETTERS, name, found)


def _delivery(subject: Subject, code: str, name: str, found: dict[str, Any]) -> Iterator[Line]:
    seconds = int(found.get("ackDeadlineSeconds") or 10)
    need = Need(f"subscription.{code}.ack_deadline", f"ack deadline of {name}", _WHY_DEADLINE)
    mend = (_update(subject, name, f"--ack-deadline={ACK_DEADLINE_SECONDS}"),)
    short = Verdict(State.UNFIT, f"{seconds} s, expected {ACK_DEADLINE_SECONDS} s", mend)
    yield need.is_(short if seconds < ACK_DEADLINE_SECONDS else GOOD)
    yield _dead_letters(subject, code, name, found)
    yield _expiry(subject, code, name, found)


def _dead_letters(subject: Subject, code: str, name: str, found: dict[str, Any]) -> Line:
    need = Need(f"subscription.{code}.dead_letters", f"dead letters of {name}", _WHY_DEAD_LETTERS)
    topic = subject.settings.topic(DEAD_LETTERS)
    policy = found.get("deadLetterPolicy", {})
    mend = (
        _update(
            subject,
            name,
            f"--dead-letter-topic={topic}",
            f"--max-delivery-attempts={MAX_ATTEMPTS}",
        ),
    )
    if not policy.get("deadLetterTopic"):
        return need.is_(Verdict(State.MISSING, "it keeps none", mend))
    if policy["deadLetterTopic"] != topic:
        return need.is_(Verdict(State.UNFIT, f"they go to {policy['deadLetterTopic']}", mend))
    attempts = int(policy.get("maxDeliveryAttempts") or 5)
    if attempts < MAX_ATTEMPTS:
        found_words = f"given up after {attempts} attempts, expected {MAX_ATTEMPTS}"
        return need.is_(Verdict(State.UNFIT, found_words, mend))
    return need.is_(GOOD)


def _expiry(subject: Subject, code: str, name: str, found: dict[str, Any]) -> Line:
    need = Need(f"subscription.{code}.expiry", f"expiry of {name}", _WHY_EXPIRY)
    # An empty policy means never; none at all means the service's default.
    period = found.get("expirationPolicy", {"ttl": "31 days by default"}).get("ttl", "")
    mend = (_update(subject, name, "--expiration-period=never"),)
    return need.is_(Verdict(State.UNFIT, f"after {period}", mend) if period else GOOD)


def _update(subject: Subject, name: str, *flags: str) -> str:
    return subject.gcloud("pubsub", "subscriptions", "update", name, *flags)
