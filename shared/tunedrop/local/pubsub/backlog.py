"""One subscription's unacknowledged messages: ready, on loan, or resting after a failure.

A state machine in memory; it is told the time and never asks for it, and keeps no file.
"""

import heapq
from collections import deque
from dataclasses import dataclass, replace

from tunedrop.local.pubsub.model import Counts, Delivery, Message

BATCH_BYTES = 3_000_000
"""A client that found us by PUBSUB_EMULATOR_HOST takes at most 4 MiB in one answer to a pull."""


@dataclass(slots=True)
class _Entry:
    message: Message
    attempts: int


@dataclass(slots=True)
class Lease:
    """A loan that ends by acknowledgement, by refusal or at its deadline."""

    delivery: Delivery
    deadline: float
    is_copy: bool
    """A duplicate made on request: however it ends, the message itself is not touched."""


class Backlog:
    """The messages that one subscription still owes its subscribers, oldest first."""

    def __init__(self, *, ordered: bool) -> None:
        self._ordered = ordered
        self._entries: dict[int, _Entry] = {}
        self._ready: list[int] = []
        self._delayed: list[tuple[float, int]] = []
        self._leases: dict[str, Lease] = {}
        self._deadlines: list[tuple[float, str]] = []
        self._by_key: dict[str, deque[int]] = {}
        self._copies: deque[Delivery] = deque()
        self._extra_copies = 0

    def add(self, message: Message, attempts: int = 0) -> None:
        """Take in a message that has been delivered *attempts* times already."""
        self._entries[message.message_id] = _Entry(message, attempts)
        if self._ordered and message.ordering_key:
            waiting = self._by_key.setdefault(message.ordering_key, deque())
            waiting.append(message.message_id)
            if len(waiting) > 1:
                return
        heapq.heappush(self._ready, message.message_id)

    def lease(self, now: float, deadline: float, limit: int) -> list[Delivery]:
        """Lend up to *limit* messages until *deadline*; one at a time per ordering key.

        Messages beyond `BATCH_BYTES` in all are left for the next call, a first one never is.
        """
        while self._delayed and self._delayed[0][0] <= now:
            heapq.heappush(self._ready, heapq.heappop(self._delayed)[1])
        deliveries: list[Delivery] = []
        room = BATCH_BYTES
        while len(deliveries) < limit and (self._copies or self._ready):
            is_copy = bool(self._copies)
            room -= (self._copies[0].message if is_copy else self._next_message()).size_bytes
            if deliveries and room < 0:
                break
            delivery = self._copies.popleft() if is_copy else self._lend_next()
            self._leases[delivery.ack_id] = Lease(delivery, deadline, is_copy)
            heapq.heappush(self._deadlines, (deadline, delivery.ack_id))
            deliveries.append(delivery)
        return deliveries

    def _next_message(self) -> Message:
        return self._entries[self._ready[0]].message

    def _lend_next(self) -> Delivery:
        entry = self._entries[heapq.heappop(self._ready)]
        entry.attempts += 1
        ack_id = f"{entry.message.message_id}-{entry.attempts}"
        delivery = Delivery(ack_id, entry.message, entry.attempts)
        for number in range(self._extra_copies):
            self._copies.append(replace(delivery, ack_id=f"{ack_id}-copy{number + 1}"))
        self._extra_copies = 0
        return delivery

    def find(self, ack_id: str) -> Lease | None:
        """Return the loan that *ack_id* stands for, unless it has ended."""
        return self._leases.get(ack_id)

    def remove(self, ack_id: str) -> None:
        """End a loan for good."""
        lease = self._leases.pop(ack_id)
        if lease.is_copy:
            return
        message = lease.delivery.message
        del self._entries[message.message_id]
        waiting = self._by_key.get(message.ordering_key)
        if waiting is not None:
            waiting.popleft()
            if waiting:
                heapq.heappush(self._ready, waiting[0])
            else:
                del self._by_key[message.ordering_key]

    def put_back(self, ack_id: str, due: float) -> None:
        """End a loan; the message is deliverable again from *due* on."""
        lease = self._leases.pop(ack_id)
        if not lease.is_copy:
            heapq.heappush(self._delayed, (due, lease.delivery.message.message_id))

    def extend(self, ack_id: str, deadline: float) -> None:
        """Move the end of a running loan to *deadline*, sooner or later."""
        self._leases[ack_id].deadline = deadline
        heapq.heappush(self._deadlines, (deadline, ack_id))

    def expired(self, now: float) -> list[str]:
        """Return the loans whose deadline has passed; they still run until ended."""
        over = []
        while self._deadlines and self._deadlines[0][0] <= now:
            _, ack_id = heapq.heappop(self._deadlines)
            lease = self._leases.get(ack_id)
            # An extended loan leaves its earlier deadline behind in the heap.
            if lease is not None and lease.deadline <= now:
                over.append(ack_id)
        return over

    def next_event(self, now: float) -> float:
        """Return when, after *now*, a loan may expire or a rest ends; infinity if never."""
        tops = [heap[0][0] for heap in (self._delayed, self._deadlines) if heap]
        return min((at for at in tops if at > now), default=float("inf"))

    def duplicate_next(self, copies: int) -> None:
        """Deliver the next message to be lent *copies* times in all."""
        self._extra_copies = copies - 1

    def counts(self, now: float) -> Counts:
        """Count messages by what they wait for; copies made on request are not counted."""
        leased = sum(not lease.is_copy for lease in self._leases.values())
        delayed = sum(due > now for due, _ in self._delayed)
        return Counts(len(self._entries) - leased - delayed, leased, delayed)
