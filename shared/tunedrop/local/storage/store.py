"""The state of one storage server: everything under one directory, safe to stop and reopen.

Knows how the parts fit together; knows no socket and no request.
"""

from collections.abc import Collection
from pathlib import Path

from tunedrop.local.storage.blobs import Blobs
from tunedrop.local.storage.buckets import Buckets
from tunedrop.local.storage.database import Database
from tunedrop.local.storage.generations import Generations
from tunedrop.local.storage.objects import Objects
from tunedrop.local.storage.outbox import Event, OnEvent, Outbox
from tunedrop.local.storage.policies import Policies
from tunedrop.local.storage.resources import Links

PROJECT_NUMBER = "100000000001"


class Store:
    """Buckets, objects and undelivered events of one directory."""

    def __init__(
        self,
        directory: Path,
        *,
        base_url: str = "http://127.0.0.1",
        create_only: Collection[str] = (),
        on_event: OnEvent | None = None,
        project_number: str = PROJECT_NUMBER,
    ) -> None:
        """Open *directory*, creating it; remove what an earlier crash left half done.

        Args:
            directory: Holds `storage.db`, `blobs` and `staging`.
            base_url: Scheme, host and port of the links in resources.
            create_only: Buckets in which nothing is ever overwritten, changed or deleted.
            on_event: Called with an event type and a resource after each commit, in order,
                from a thread of its own; a convenience beside the outbox.
            project_number: The project that all buckets belong to.

        Raises:
            DirectoryInUseError: another server holds the directory.
        """
        directory.mkdir(parents=True, exist_ok=True)
        links = Links(base_url)
        self._database = Database(directory / "storage.db")
        self.blobs = Blobs(directory)
        with self._database.transaction() as transaction:
            rows = transaction.execute("SELECT blob FROM objects").fetchall()
        self.blobs.sweep({blob for (blob,) in rows})
        self.policies = Policies(create_only)
        self.outbox = Outbox(self._database, links, on_event)
        self.buckets = Buckets(self._database, self.blobs, links, project_number=project_number)
        generations = Generations(self.buckets, self.blobs, self.policies, self.outbox)
        self.objects = Objects(self._database, self.blobs, generations, self.policies, links)

    def pending_events(self, limit: int = 100) -> list[Event]:
        """Return the oldest events that nobody has marked delivered, in commit order."""
        return self.outbox.pending(limit)

    def mark_delivered(self, event_id: str) -> None:
        """Forget an event for good; one that is gone already is no error."""
        self.outbox.mark_delivered(event_id)

    def wait_for_events(self, seen: int = 0, timeout: float | None = None) -> int:
        """Block until more than *seen* events were committed since the start, or *timeout* s.

        Returns:
            How many were committed since the start; pass it as *seen* the next time.
        """
        return self.outbox.wait(seen, timeout)

    def close(self) -> None:
        """Close the directory; every later call fails."""
        self.outbox.close()
        self._database.close()
