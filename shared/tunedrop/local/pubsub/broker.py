"""Topics, subscriptions and the life of a message between them, one step at a time.

A state machine without threads, sockets or a clock: every step that depends on time is told
the time. What must survive is in the journal before it is true here.
"""

import time
from collections.abc import Callable, Iterable, Sequence

from tunedrop.local.pubsub.backlog import Backlog
from tunedrop.local.pubsub.errors import ResourceExistsError, ResourceMissingError
from tunedrop.local.pubsub.filters import parse_filter
from tunedrop.local.pubsub.journal import Journal
from tunedrop.local.pubsub.model import Counts, Delivery, Draft, Message, Subscription, Topic


class _Held:
    """A subscription and what it holds."""

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self.accepts = parse_filter(subscription.filter_text)
        self.backlog = Backlog(ordered=subscription.ordered)


class Broker:
    """Everything a server knows; for one thread at a time.

    Args:
        journal: Where it is kept.
        wall: Seconds since 1970 for publish times. Deadlines and rests are in the time that
            each call is told, whatever its origin.
    """

    def __init__(self, journal: Journal, wall: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._wall = wall
        self._topics: dict[str, Topic] = {}
        self._held: dict[str, _Held] = {}
        self._last_id = journal.last_message_id()

    def restore(self, topics: Iterable[Topic], subscriptions: Iterable[Subscription]) -> None:
        """Take up where the journal ends: everything unacknowledged is ready to be delivered."""
        self._topics = {topic.name: topic for topic in topics}
        self._held = {each.name: _Held(each) for each in subscriptions}
        for name, message, attempts in self._journal.deliveries():
            held = self._held[name]
            if not self._bury(held.subscription, message, attempts):
                held.backlog.add(message, attempts)

    def topics(self, project: str) -> list[Topic]:
        """List the topics of *project* (`projects/P`) by name."""
        prefix = f"{project}/topics/"
        return [each for name, each in sorted(self._topics.items()) if name.startswith(prefix)]

    def topic(self, name: str) -> Topic:
        """Return a topic.

        Raises:
            ResourceMissingError: There is none; so for every method that names one.
        """
        if name not in self._topics:
            raise ResourceMissingError(name)
        return self._topics[name]

    def create_topic(self, topic: Topic) -> None:
        """Add a topic.

        Raises:
            ResourceExistsError: There is one of that name.
        """
        if topic.name in self._topics:
            raise ResourceExistsError(topic.name)
        self._journal.save_topic(topic.name, topic.resource)
        self._topics[topic.name] = topic

    def replace_topic(self, topic: Topic) -> None:
        """Give an existing topic other settings."""
        self.topic(topic.name)
        self._journal.save_topic(topic.name, topic.resource)
        self._topics[topic.name] = topic

    def delete_topic(self, name: str) -> list[Subscription]:
        """Remove a topic; return its subscriptions, which the caller must replace."""
        self.topic(name)
        self._journal.delete_topic(name)
        del self._topics[name]
        return self.subscriptions_of(name)

    def subscriptions(self, project: str = "") -> list[Subscription]:
        """List subscriptions by name: all, or those of *project* (`projects/P`)."""
        prefix = f"{project}/subscriptions/" if project else ""
        found = (held.subscription for _, held in sorted(self._held.items()))
        return [each for each in found if each.name.startswith(prefix)]

    def subscriptions_of(self, topic: str) -> list[Subscription]:
        """List a topic's subscriptions by name."""
        return [each for each in self.subscriptions() if each.topic == topic]

    def subscription(self, name: str) -> Subscription:
        """Return a subscription."""
        return self._find(name).subscription

    def create_subscription(self, subscription: Subscription) -> None:
        """Add a subscription: it gets what is published from here on."""
        if subscription.name in self._held:
            raise ResourceExistsError(subscription.name)
        self.topic(subscription.topic)
        if subscription.dead_letter is not None:
            self.topic(subscription.dead_letter.topic)
        held = _Held(subscription)
        self._journal.save_subscription(subscription.name, subscription.resource)
        self._held[subscription.name] = held

    def replace_subscription(self, subscription: Subscription) -> None:
        """Give an existing subscription other settings; what it holds stays."""
        held = self._find(subscription.name)
        self._journal.save_subscription(subscription.name, subscription.resource)
        held.subscription = subscription

    def delete_subscription(self, name: str) -> None:
        """Remove a subscription with everything it holds."""
        self._find(name)
        self._journal.delete_subscription(name)
        del self._held[name]

    def publish(self, topic: str, drafts: Sequence[Draft]) -> list[int]:
        """Accept messages for the topic's subscriptions: all of *drafts* or none.

        Returns:
            Their identifiers, in the order of *drafts*.
        """
        self.topic(topic)
        with self._journal.transaction():
            routes = self._store(topic, drafts)
        self._deliver(routes)
        return [message.message_id for message, _ in routes]

    def _store(self, topic: str, drafts: Sequence[Draft]) -> list[tuple[Message, list[_Held]]]:
        listeners = [held for held in self._held.values() if held.subscription.topic == topic]
        published_ms = int(self._wall() * 1000)
        routes = []
        for draft in drafts:
            self._last_id += 1
            message = draft.accept(self._last_id, published_ms)
            takers = [held for held in listeners if held.accepts(message.attributes)]
            if takers:
                self._journal.add(message, [held.subscription.name for held in takers])
            routes.append((message, takers))
        self._journal.set_last_message_id(self._last_id)
        return routes

    def _deliver(self, routes: Iterable[tuple[Message, list[_Held]]]) -> None:
        for message, takers in routes:
            for held in takers:
                held.backlog.add(message)

    def lease(
        self, name: str, now: float, limit: int = 1, hold_seconds: float | None = None
    ) -> list[Delivery]:
        """Lend up to *limit* messages for *hold_seconds*, by default the ack deadline."""
        held = self._find(name)
        hold = held.subscription.ack_deadline_seconds if hold_seconds is None else hold_seconds
        deliveries = held.backlog.lease(now, now + hold, limit)
        if deliveries:
            attempts = [(each.message.message_id, each.attempt) for each in deliveries]
            self._journal.save_attempts(name, attempts)
        return deliveries

    def is_leased(self, name: str, ack_id: str) -> bool:
        """Tell whether a loan still runs."""
        return self._find(name).backlog.find(ack_id) is not None

    def ack(self, name: str, ack_ids: Iterable[str]) -> None:
        """End loans for good; those that ended already are passed over."""
        backlog = self._find(name).backlog
        running = {ack_id: lease for ack_id in ack_ids if (lease := backlog.find(ack_id))}
        with self._journal.transaction():
            for lease in running.values():
                if not lease.is_copy:
                    self._journal.remove(name, lease.delivery.message.message_id)
        for ack_id in running:
            backlog.remove(ack_id)

    def nack(self, name: str, ack_ids: Iterable[str], now: float) -> None:
        """End loans without success: the messages rest and come again, or are dead letters."""
        held = self._find(name)
        for ack_id in ack_ids:
            self._give_back(held, ack_id, now)

    def modify(self, name: str, ack_ids: Iterable[str], seconds: float, now: float) -> None:
        """Let running loans end *seconds* from *now*; 0 refuses them at once."""
        if seconds == 0:
            self.nack(name, ack_ids, now)
            return
        backlog = self._find(name).backlog
        for ack_id in ack_ids:
            if backlog.find(ack_id) is not None:
                backlog.extend(ack_id, now + seconds)

    def expire(self, now: float) -> int:
        """Treat every loan past its deadline as refused; return how many."""
        over = [(held, each) for held in self._held.values() for each in held.backlog.expired(now)]
        for held, ack_id in over:
            self._give_back(held, ack_id, now)
        return len(over)

    def next_event(self, now: float) -> float:
        """Return when, after *now*, time alone changes something; infinity if never."""
        return min(
            (held.backlog.next_event(now) for held in self._held.values()), default=float("inf")
        )

    def duplicate_next(self, name: str, copies: int) -> None:
        """Deliver the next message that *name* lends *copies* times in all."""
        self._find(name).backlog.duplicate_next(copies)

    def counts(self, name: str, now: float) -> Counts:
        """Count what a subscription holds."""
        return self._find(name).backlog.counts(now)

    def _find(self, name: str) -> _Held:
        if name not in self._held:
            raise ResourceMissingError(name)
        return self._held[name]

    def _give_back(self, held: _Held, ack_id: str, now: float) -> None:
        lease = held.backlog.find(ack_id)
        if lease is None:
            return
        message, attempt = lease.delivery.message, lease.delivery.attempt
        if not lease.is_copy and self._bury(held.subscription, message, attempt):
            held.backlog.remove(ack_id)
        else:
            held.backlog.put_back(ack_id, now + held.subscription.backoff.delay(attempt))

    def _bury(self, subscription: Subscription, message: Message, attempts: int) -> bool:
        policy = subscription.dead_letter
        # A missing dead-letter topic leaves the message where it is: trying on loses nothing.
        if policy is None or attempts < policy.max_attempts or policy.topic not in self._topics:
            return False
        with self._journal.transaction():
            routes = self._store(policy.topic, [message.dead_letter(subscription.name, attempts)])
            self._journal.remove(subscription.name, message.message_id)
        self._deliver(routes)
        return True
