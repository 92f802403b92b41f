"""One sqlite file, one connection, one transaction at a time.

Knows tables and ticks; knows nothing of what a bucket or an object means.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY, resource TEXT NOT NULL, policy TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS notifications (
    bucket TEXT, id INTEGER, resource TEXT NOT NULL, PRIMARY KEY (bucket, id)
);
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT, name TEXT, generation INTEGER,
    state TEXT NOT NULL CHECK (state IN ('live', 'noncurrent', 'soft_deleted')),
    blob TEXT NOT NULL, resource TEXT NOT NULL,
    PRIMARY KEY (bucket, name, generation)
);
CREATE UNIQUE INDEX IF NOT EXISTS live_objects ON objects (bucket, name) WHERE state = 'live';
CREATE TABLE IF NOT EXISTS outbox (
    event_id INTEGER PRIMARY KEY, event_type TEXT NOT NULL,
    resource TEXT NOT NULL, occurred_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS clock (last INTEGER NOT NULL);
INSERT INTO clock SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM clock);
"""


class DirectoryInUseError(Exception):
    """Another storage server holds the directory."""


class Transaction:
    """One open transaction, and what to do once it has ended."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.execute = connection.execute
        self.after_commit: list[Callable[[], None]] = []
        self.after_rollback: list[Callable[[], None]] = []

    def tick(self) -> int:
        """Return a number greater than every earlier one: microseconds, as generations look.

        It keeps growing over restarts, even when the machine's clock is set back.
        """
        (last,) = self.execute("SELECT last FROM clock").fetchone()
        value: int = max(last + 1, time.time_ns() // 1000)
        self.execute("UPDATE clock SET last = ?", (value,))
        return value


class Database:
    """The sqlite file; every access, reads included, goes through `transaction`."""

    def __init__(self, path: Path) -> None:
        # Autocommit mode: BEGIN and COMMIT are ours alone.
        self._connection = sqlite3.connect(
            path, check_same_thread=False, isolation_level=None, timeout=1
        )
        self._lock = threading.RLock()
        try:
            self._connection.executescript(
                "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
                "PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE;" + _SCHEMA + "COMMIT;"
            )
        except sqlite3.OperationalError as error:
            self._connection.close()
            raise DirectoryInUseError(
                f"{path}: expected to be the only storage server on this directory, "
                f"found {error}; stop the other one or choose another directory"
            ) from error

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Hold the lock and a transaction; commit on return, roll back on any exception.

        A reader without the lock would see another thread's uncommitted rows, because the
        connection is shared. Do not nest.
        """
        with self._lock:
            self._connection.execute("BEGIN")
            transaction = Transaction(self._connection)
            try:
                yield transaction
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # sqlite ends it itself when the disk is full
                    self._connection.execute("ROLLBACK")
                for undo in transaction.after_rollback:
                    undo()
                raise
            for action in transaction.after_commit:
                action()

    def close(self) -> None:
        """Close the file once no transaction is open."""
        with self._lock:
            self._connection.close()
