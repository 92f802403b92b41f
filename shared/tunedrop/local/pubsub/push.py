"""Delivery to push endpoints, and the moment at which overdue loans end.

Each subscription has its own few deliveries under way: one that fails or hangs holds up no
other. What a failed delivery leads to is the broker's decision.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable

import urllib3

from tunedrop.local.pubsub.broker import Broker
from tunedrop.local.pubsub.envelope import post_for
from tunedrop.local.pubsub.errors import ResourceMissingError, ServerClosedError
from tunedrop.local.pubsub.faults import Faults
from tunedrop.local.pubsub.hub import Hub
from tunedrop.local.pubsub.model import Delivery, Subscription

SUCCESS_STATUSES = frozenset({102, 200, 201, 202, 204})
"""https://cloud.google.com/pubsub/docs/push (read 2026-11)."""

_GRACE_SECONDS = 5.0
_KEPT_CONNECTIONS = 64
"""For each endpoint host; several subscriptions may share one."""
_log = logging.getLogger(__name__)


class PushDispatcher:
    """Posts messages to the endpoints of push subscriptions until it is stopped.

    Args:
        in_flight_limit: How many deliveries of one subscription may be under way at once.
        faults: What pushes meet; nothing when absent.
    """

    def __init__(self, hub: Hub, *, in_flight_limit: int, faults: Faults | None = None) -> None:
        self._hub = hub
        self._faults = faults or Faults(hub)
        self._limit = in_flight_limit
        self._http = urllib3.PoolManager(maxsize=_KEPT_CONNECTIONS, retries=False)
        self._in_flight: Counter[str] = Counter()
        self._stopping = threading.Event()
        self._loop = threading.Thread(target=self._run, name="pubsub-push", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._loop.start()

    def stop(self, patience_seconds: float) -> None:
        """Begin no further delivery and give those under way *patience_seconds* to end."""
        self._stopping.set()
        self._hub.ring()
        self._loop.join()
        self._hub.wait_for(
            lambda _broker, _now: not self._in_flight.total(),
            until=self._hub.clock() + patience_seconds,
        )
        self._http.clear()

    def _run(self) -> None:
        while not self._stopping.is_set():
            work = self._hub.wait_for(self._take, wanted=lambda: not self._stopping.is_set())
            for subscription, delivery in work:
                _started(self._deliver, subscription, delivery)

    def _take(self, broker: Broker, now: float) -> list[tuple[Subscription, Delivery]]:
        if broker.expire(now):
            self._hub.ring()
        if self._stopping.is_set():
            return []
        work = []
        for subscription in broker.subscriptions():
            if subscription.push is not None:
                name = subscription.name
                # The request's own time limit ends a delivery; the loan only outlives it.
                hold = subscription.ack_deadline_seconds + _GRACE_SECONDS
                room = self._limit - self._in_flight[name]
                deliveries = broker.lease(name, now, room, hold)
                self._in_flight[name] += len(deliveries)
                work += [(subscription, delivery) for delivery in deliveries]
        return work

    def _deliver(self, subscription: Subscription, delivery: Delivery) -> None:
        succeeded = False
        try:
            mishap = self._faults.mishap(subscription, delivery)
            self._stopping.wait(mishap.delay_seconds)
            copies = [_started(self._post, subscription, delivery) for _ in range(mishap.copies)]
            succeeded = self._post(subscription, delivery)
            for copy in copies:
                copy.join()
        finally:
            self._settle(subscription.name, delivery.ack_id, succeeded=succeeded)

    def _post(self, subscription: Subscription, delivery: Delivery) -> bool:
        post = post_for(subscription, delivery)
        try:
            response = self._http.request(
                "POST",
                post.url,
                body=post.body,
                headers=post.headers,
                timeout=urllib3.Timeout(total=subscription.ack_deadline_seconds),
                redirect=False,
            )
        except (urllib3.exceptions.HTTPError, ValueError) as exc:
            outcome: int | str = type(exc).__name__
        else:
            outcome = response.status
        _log.info(
            "push of message %d attempt %d by %s: %s",
            delivery.message.message_id,
            delivery.attempt,
            subscription.name,
            outcome,
        )
        return outcome in SUCCESS_STATUSES

    def _settle(self, name: str, ack_id: str, *, succeeded: bool) -> None:
        try:
            with self._hub.change() as broker:
                self._in_flight[name] -= 1
                if succeeded:
                    broker.ack(name, [ack_id])
                else:
                    broker.nack(name, [ack_id], self._hub.clock())
        except (ServerClosedError, ResourceMissingError):
            _log.debug("delivery %s by %s ended after its server or subscription", ack_id, name)


def _started(
    target: Callable[[Subscription, Delivery], object],
    subscription: Subscription,
    delivery: Delivery,
) -> threading.Thread:
    name = f"pubsub-push-{delivery.ack_id}"
    thread = threading.Thread(target=target, args=(subscription, delivery), name=name, daemon=True)
    thread.start()
    return thread
