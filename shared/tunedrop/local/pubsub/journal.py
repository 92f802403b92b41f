"""What must outlive the process: topics, subscriptions and unacknowledged messages, in sqlite.

Knows rows and transactions only; what a delivery attempt means is the broker's business.
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tunedrop.local.pubsub.errors import ServerError
from tunedrop.local.pubsub.model import Message

FILE_NAME = "pubsub.sqlite"
_VERSION = 1

_SCHEMA = f"""
CREATE TABLE topic (name TEXT PRIMARY KEY, resource BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE subscription (name TEXT PRIMARY KEY, resource BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE message (
    id INTEGER PRIMARY KEY, published_ms INTEGER NOT NULL, ordering_key TEXT NOT NULL,
    attributes TEXT NOT NULL, data BLOB NOT NULL
);
CREATE TABLE delivery (
    subscription TEXT NOT NULL, message INTEGER NOT NULL, attempts INTEGER NOT NULL,
    PRIMARY KEY (subscription, message)
) WITHOUT ROWID;
CREATE INDEX delivery_by_message ON delivery (message);
CREATE TABLE last_message (id INTEGER NOT NULL);
PRAGMA user_version = {_VERSION};
"""


class Journal:
    """One sqlite file, owned by one process at a time.

    A committed transaction survives the death of the process. It is not forced to the disk
    platter, so the newest ones may go with a power cut.
    """

    def __init__(self, directory: Path | None = None) -> None:
        """Open the journal in *directory*, made if absent; None keeps it in memory.

        Raises:
            ServerError: Another process has it open, or it is of another version.
        """
        path = ":memory:" if directory is None else str(directory / FILE_NAME)
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1)
        self._depth = 0
        try:
            self._prepare(path)
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, path: str) -> None:
        try:
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                self._db.executescript(f"BEGIN EXCLUSIVE; {_SCHEMA} COMMIT;")
                # Counting from the clock keeps identifiers unlike those of an emptied directory.
                self._db.execute("INSERT INTO last_message VALUES (?)", [time.time_ns() // 1000])
        except sqlite3.Error as exc:
            raise ServerError(
                f"{path}: expected a Pub/Sub journal of our own, found: {exc}; "
                "stop the server that uses it or pass another directory"
            ) from exc
        if version not in {0, _VERSION}:
            raise ServerError(
                f"{path}: expected journal version {_VERSION}, found {version}; "
                "pass another directory"
            )

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go of it."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything inside at once, or nothing; an inner one joins the outer one."""
        self._depth += 1
        try:
            if self._depth == 1:
                self._db.execute("BEGIN IMMEDIATE")
            yield
            if self._depth == 1:
                self._db.execute("COMMIT")
        except BaseException:
            if self._depth == 1 and self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        finally:
            self._depth -= 1

    def resources(self, kind: str) -> list[bytes]:
        """Return the saved resources of *kind* (`topic` or `subscription`), by name."""
        return [row[0] for row in self._db.execute(_SELECT_RESOURCES[kind])]

    def save_topic(self, name: str, resource: bytes) -> None:
        """Create or replace a topic."""
        self._db.execute("INSERT OR REPLACE INTO topic VALUES (?, ?)", [name, resource])

    def delete_topic(self, name: str) -> None:
        """Forget a topic; its subscriptions keep what they hold."""
        self._db.execute("DELETE FROM topic WHERE name = ?", [name])

    def save_subscription(self, name: str, resource: bytes) -> None:
        """Create or replace a subscription; what it holds stays."""
        self._db.execute("INSERT OR REPLACE INTO subscription VALUES (?, ?)", [name, resource])

    def delete_subscription(self, name: str) -> None:
        """Forget a subscription and what only it held."""
        with self.transaction():
            self._db.execute("DELETE FROM subscription WHERE name = ?", [name])
            self._db.execute("DELETE FROM delivery WHERE subscription = ?", [name])
            self._db.execute("DELETE FROM message WHERE id NOT IN (SELECT message FROM delivery)")

    def last_message_id(self) -> int:
        """Return the highest identifier ever given to a message here."""
        (last,) = self._db.execute("SELECT id FROM last_message").fetchone()
        return int(last)

    def set_last_message_id(self, message_id: int) -> None:
        """Record the highest identifier given to a message."""
        self._db.execute("UPDATE last_message SET id = ?", [message_id])

    def add(self, message: Message, subscriptions: Iterable[str]) -> None:
        """Keep a message for each of *subscriptions*, of which there is at least one."""
        self._db.execute(
            "INSERT INTO message VALUES (?, ?, ?, ?, ?)",
            [
                message.message_id,
                message.published_ms,
                message.ordering_key,
                json.dumps(dict(message.attributes)),
                message.data,
            ],
        )
        rows = [(subscription, message.message_id) for subscription in subscriptions]
        self._db.executemany("INSERT INTO delivery VALUES (?, ?, 0)", rows)

    def save_attempts(self, subscription: str, attempts: Iterable[tuple[int, int]]) -> None:
        """Record, as (message identifier, deliveries begun), how often messages were tried."""
        with self.transaction():
            self._db.executemany(
                "UPDATE delivery SET attempts = ? WHERE subscription = ? AND message = ?",
                [(count, subscription, message_id) for message_id, count in attempts],
            )

    def remove(self, subscription: str, message_id: int) -> None:
        """Forget that *subscription* holds a message; the last holder takes it along."""
        with self.transaction():
            self._db.execute(
                "DELETE FROM delivery WHERE subscription = ? AND message = ?",
                [subscription, message_id],
            )
            self._db.execute(
                "DELETE FROM message WHERE id = ?1"
                " AND NOT EXISTS (SELECT 1 FROM delivery WHERE message = ?1)",
                [message_id],
            )

    def deliveries(self) -> Iterator[tuple[str, Message, int]]:
        """Yield (subscription, message, deliveries begun) of what is unacknowledged, oldest first."""
        messages: dict[int, Message] = {}
        for row in self._db.execute(
            "SELECT id, published_ms, ordering_key, attributes, data FROM message"
        ):
            message_id, published_ms, ordering_key, attributes, data = row
            messages[message_id] = Message(
                data, json.loads(attributes), ordering_key, message_id, published_ms
            )
        rows = self._db.execute(
            "SELECT subscription, message, attempts FROM delivery ORDER BY message"
        )
        for subscription, message_id, attempts in rows.fetchall():
            yield subscription, messages[message_id], attempts


_SELECT_RESOURCES = {
    "topic": "SELECT resource FROM topic ORDER BY name",
    "subscription": "SELECT resource FROM subscription ORDER BY name",
}
