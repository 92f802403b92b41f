"""Topics and their push subscriptions, at least once: duplicated, delayed, redelivered, in the end given up."""

import json
from collections import Counter
from dataclasses import dataclass, field

FINALIZED = "finalized"
ROLES = ("requests", "launches", "job-events", "control", FINALIZED)
_FIRST_BACKOFF, _LONGEST_BACKOFF = 10, 600

PUBLISHED = (("duplicate", 1, 400), ("delay", 1, 1500), ("delay", 1, 60), ("duplicate", 0, 2))
ARRIVED = (*PUBLISHED, ("lose", 0, 0), ("lose", 0, 0))
"""Finalize events may get lost for ever."""
ACKNOWLEDGED = (("ack_lost", 5, 900),)


@dataclass
class Message:
    """One message of one subscription."""

    key: str
    role: str
    data: bytes
    attributes: dict
    published_at: float
    by: str
    """The delivery that published it; empty for people and for the cloud."""
    attempts: int = 0
    ends: list = field(default_factory=list)
    """(seconds, attempt, the code of a refused acknowledgement or "" for an acknowledgement)."""
    settled: str = ""
    """`acknowledged` or `dead`; `lost` for an event that never arrived."""

    @property
    def id(self):
        """As the broker would give it."""
        return self.key.replace("/", "-").replace(":", "-")


class Broker:
    """Delivers to whoever is started for a message."""

    def __init__(self, scheduler, draws, faults, *, start, most_attempts, ack_deadline):
        self._scheduler, self._draws, self._faults = scheduler, draws, faults
        self._start = start
        self._most_attempts = most_attempts
        self._ack_deadline = ack_deadline
        self._seen = Counter()
        self.messages = []
        self.published = []
        """(seconds, role, data, attributes, publishing delivery), events included."""
        self.acting = ""

    def publish(self, topic, data, attributes):
        """The port of the functions."""
        role = next(
            (role for role in ROLES if topic.endswith(f"-{role}")), topic.rpartition("-")[2]
        )
        self.published.append((self._scheduler.now, role, data, dict(attributes), self.acting))
        if role in ROLES:
            self.post(role, data, attributes, name=attributes.get("ce-id", ""))
        return str(len(self.published))

    def post(self, role, data, attributes, *, name, menu=PUBLISHED):
        """Put a message on a subscription."""
        self._seen[role, name] += 1
        key = f"{role}:{name}:{self._seen[role, name]}"
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        message = Message(key, role, data, dict(attributes), self._scheduler.now, self.acting)
        self.messages.append(message)
        bits = self._draws.bits(key)
        fault = self._faults.at(key, bits, menu)
        wait = 0.05 + (bits & 0xFFFF) / 0xFFFF
        if fault and fault.kind == "lose":
            message.settled = "lost"
            return
        if fault and fault.kind == "delay":
            wait += fault.seconds
        self._scheduler.after(wait, lambda: self._deliver(message))
        if fault and fault.kind == "duplicate":
            self._scheduler.after(wait + fault.seconds, lambda: self._deliver(message, again=True))

    def redeliver(self, message):
        """Deliver what has long been settled once more."""
        self._deliver(message, again=True)

    def hurry(self, message, seconds):
        """A connection broke: the message comes again before its deadline."""
        self._scheduler.after(seconds, lambda: self._deliver(message))

    def _deliver(self, message, again=False):
        if message.settled == "dead" or (message.settled and not again):
            return
        message.attempts += 1
        attempt = message.attempts
        self._scheduler.after(self._ack_deadline, lambda: self._expire(message, attempt))
        self._start(message, attempt)

    def _expire(self, message, attempt):
        if not message.settled and attempt not in {ended for _, ended, _ in message.ends}:
            self._again(message, attempt, 0)

    def settle(self, message, attempt, code):
        """A delivery is over: acknowledged (no code), or asked for again."""
        message.ends.append((self._scheduler.now, attempt, code))
        if code:
            backoff = min(_FIRST_BACKOFF * 2 ** min(attempt - 1, 6), _LONGEST_BACKOFF)
            self._again(message, attempt, backoff)
            return
        key = f"{message.key}#{attempt}/ack"
        fault = self._faults.at(key, self._draws.bits(key), ACKNOWLEDGED)
        if fault:
            self._again(message, attempt, fault.seconds)
        else:
            message.settled = message.settled or "acknowledged"

    def _again(self, message, attempt, seconds):
        if message.settled:
            return
        if attempt >= self._most_attempts:
            message.settled = "dead"
            return
        self._scheduler.after(seconds, lambda: self._deliver(message))
