"""Events that still have to be delivered, written in the transaction that caused them.

Knows event types and resources; knows no relay and no CloudEvent.
"""

import json
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from tunedrop.local.storage.database import Database, Transaction
from tunedrop.local.storage.resources import Links, Resource, timestamp

FINALIZE = "OBJECT_FINALIZE"
DELETE = "OBJECT_DELETE"
ARCHIVE = "OBJECT_ARCHIVE"
METADATA_UPDATE = "OBJECT_METADATA_UPDATE"

OnEvent = Callable[[str, Resource], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """One change of one object, as it stood when the change was committed."""

    event_id: str
    """Decimal digits, growing in commit order; the same at every redelivery."""
    event_type: str
    """One of `FINALIZE`, `DELETE`, `ARCHIVE`, `METADATA_UPDATE`."""
    resource: Resource
    """The object resource of the JSON API; numbers are strings, as the service sends them."""
    occurred_at: str
    """RFC 3339, UTC."""


class Outbox:
    """The table of undelivered events, a counter to wait on, and a best-effort callback."""

    def __init__(self, database: Database, links: Links, on_event: OnEvent | None = None) -> None:
        self._database = database
        self._links = links
        self._committed = 0
        self._changed = threading.Condition()
        self._calls: queue.SimpleQueue[tuple[str, Resource] | None] = queue.SimpleQueue()
        self._caller: threading.Thread | None = None
        if on_event:
            self._caller = threading.Thread(target=self._call, args=(on_event,), daemon=True)
            self._caller.start()

    def record(self, transaction: Transaction, event_type: str, resource: Resource) -> None:
        """Write an event that exists if, and only if, *transaction* commits."""
        transaction.execute(
            "INSERT INTO outbox VALUES (?, ?, ?, ?)",
            (transaction.tick(), event_type, json.dumps(resource), timestamp()),
        )
        transaction.after_commit.append(lambda: self._announce(event_type, resource))

    def _announce(self, event_type: str, resource: Resource) -> None:
        if self._caller:
            self._calls.put((event_type, self._links.add(resource)))
        with self._changed:
            self._committed += 1
            self._changed.notify_all()

    def _call(self, on_event: OnEvent) -> None:
        while (call := self._calls.get()) is not None:
            try:
                on_event(*call)
            except Exception:
                log.exception("the event callback failed; the event stays in the outbox")

    def pending(self, limit: int = 100) -> list[Event]:
        """Return the oldest undelivered events, at most *limit*, in commit order."""
        with self._database.transaction() as transaction:
            rows = transaction.execute(
                "SELECT event_id, event_type, resource, occurred_at FROM outbox"
                " ORDER BY event_id LIMIT ?",
                (limit,),
            ).fetchall()
        return [
            Event(str(event_id), event_type, self._links.add(json.loads(resource)), at)
            for event_id, event_type, resource, at in rows
        ]

    def mark_delivered(self, event_id: str) -> None:
        """Forget an event; one that is gone already is no error."""
        with self._database.transaction() as transaction:
            transaction.execute("DELETE FROM outbox WHERE event_id = ?", (int(event_id),))

    def wait(self, seen: int = 0, timeout: float | None = None) -> int:
        """Block until more than *seen* events were committed since the start, or *timeout* s.

        Returns:
            How many were committed since the start; pass it as *seen* the next time.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._committed > seen, timeout)
            return self._committed

    def close(self) -> None:
        """Let the callback see what is queued, then end its thread."""
        if self._caller:
            self._calls.put(None)
            self._caller.join(timeout=5)
