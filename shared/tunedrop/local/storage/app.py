"""What every route works on: the store, and uploads that are under way.

Knows state that outlives a request; knows no route.
"""

import threading
import uuid
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tunedrop.local.storage.blobs import StagedContent
from tunedrop.local.storage.errors import ApiError
from tunedrop.local.storage.generations import Target
from tunedrop.local.storage.resources import Resource
from tunedrop.local.storage.store import Store


@dataclass
class ResumableSession:
    """One resumable upload; whoever reads or changes it holds its lock."""

    target: Target
    staged: StagedContent
    lock: threading.Lock = field(default_factory=threading.Lock)
    result: Resource | None = None
    """The finalized object, so that a repeated last chunk is told the same again."""


@dataclass
class PartsSession:
    """One multi-part upload of the XML API: its sealed parts by number."""

    target: Target
    parts: dict[int, StagedContent] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def discard(self) -> None:
        """Remove every part."""
        with self.lock:
            for staged in self.parts.values():
                staged.discard()


Session = TypeVar("Session")


class Sessions(Generic[Session]):
    """Uploads under way, by upload id; lost when the server stops."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def add(self, session: Session) -> str:
        """Remember *session* and return its upload id."""
        upload_id = uuid.uuid4().hex
        self._sessions[upload_id] = session
        return upload_id

    def get(self, upload_id: str) -> Session:
        """Return a session.

        Raises:
            ApiError: 404.
        """
        session = self._sessions.get(upload_id)
        if session is None:
            raise ApiError(404, "notFound", f"No such upload: {upload_id[:80]}")
        return session

    def all(self) -> list[Session]:
        """Return every session."""
        return list(self._sessions.values())

    def forget(self, upload_id: str) -> None:
        """Forget a session."""
        self._sessions.pop(upload_id, None)


@dataclass
class App:
    """The server behind its socket."""

    store: Store
    base_url: str
    resumable: Sessions[ResumableSession] = field(default_factory=Sessions)
    parts: Sessions[PartsSession] = field(default_factory=Sessions)

    def close(self) -> None:
        """Give up the uploads that are under way and close the store."""
        for resumable in self.resumable.all():
            resumable.staged.discard()
        for multi_part in self.parts.all():
            multi_part.discard()
        self.store.close()
