"""All state on disk: one sqlite file in write-ahead mode, messages as their own bytes.

Knows no resource type and no clock; its caller holds the lock.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunedrop.local.vertex.wire import Pb

_SCHEMA = """
CREATE TABLE IF NOT EXISTS resources (
  name TEXT PRIMARY KEY, kind TEXT NOT NULL, parent TEXT NOT NULL, seq INTEGER NOT NULL,
  created_at REAL NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS by_parent ON resources (kind, parent, seq);
CREATE TABLE IF NOT EXISTS work (
  name TEXT PRIMARY KEY, kind TEXT NOT NULL, due_at REAL, seq INTEGER NOT NULL, plan TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_due ON work (due_at, seq) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value REAL NOT NULL);
"""


@dataclass
class Work:
    """Something that goes on by itself: when it is next due, and what its worker remembers."""

    name: str
    kind: str
    due_at: float | None
    """None waits for somebody else to wake it."""
    plan: dict[str, Any]


class Store:
    """Resources, counters and unfinished work."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all changes of the block visible together, or none; blocks may nest."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def count(self, key: str) -> int:
        """Add one to a named counter and return it."""
        value = int(self.meta(key)) + 1
        self.set_meta(key, value)
        return value

    def meta(self, key: str) -> float:
        """Return a named number, 0 when it was never set."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return float(row[0]) if row else 0.0

    def set_meta(self, key: str, value: float) -> None:
        """Remember a named number."""
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def add(self, kind: str, key: str, parent: str, message: Pb, created_at: float) -> None:
        """Keep a resource under a key, its name as a rule; the key must be free."""
        row = (key, kind, parent, self.count("resources"), created_at, message.SerializeToString())
        self.db.execute("INSERT INTO resources VALUES (?, ?, ?, ?, ?, ?)", row)

    def save(self, key: str, message: Pb) -> None:
        """Replace a resource's content."""
        body = message.SerializeToString()
        self.db.execute("UPDATE resources SET body = ? WHERE name = ?", (body, key))

    def load(self, kind: str, key: str) -> bytes | None:
        """Return a resource's bytes."""
        query = "SELECT body FROM resources WHERE name = ? AND kind = ?"
        row = self.db.execute(query, (key, kind)).fetchone()
        return bytes(row[0]) if row else None

    def remove(self, key: str) -> None:
        """Forget a resource."""
        self.db.execute("DELETE FROM resources WHERE name = ?", (key,))

    def listing(
        self, kind: str, parent: str, *, before_seq: int, created_until: float
    ) -> list[tuple[int, bytes]]:
        """Return sequence number and bytes, newest first, below *before_seq*."""
        return self.db.execute(
            "SELECT seq, body FROM resources WHERE kind = ? AND parent = ? AND seq < ?"
            " AND created_at <= ? ORDER BY seq DESC",
            (kind, parent, before_seq, created_until),
        ).fetchall()

    def put_work(self, work: Work) -> None:
        """Add or change unfinished work; its place in line stays."""
        plan = json.dumps(work.plan)
        self.db.execute(
            "INSERT INTO work VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " due_at = excluded.due_at, plan = excluded.plan",
            (work.name, work.kind, work.due_at, self.count("work"), plan),
        )

    def end_work(self, name: str) -> None:
        """Forget work that is finished."""
        self.db.execute("DELETE FROM work WHERE name = ?", (name,))

    def get_work(self, name: str) -> Work | None:
        """Return one piece of unfinished work."""
        return next(iter(self._works("WHERE name = ?", name)), None)

    def due_work(self, now: float) -> Work | None:
        """Return the piece that has been due the longest."""
        return next(iter(self._works("WHERE due_at <= ? ORDER BY due_at, seq LIMIT 1", now)), None)

    def works(self, kind: str) -> list[Work]:
        """Return all unfinished work of a kind, oldest first."""
        return self._works("WHERE kind = ? ORDER BY seq", kind)

    def _works(self, where: str, *values: object) -> list[Work]:
        rows = self.db.execute(f"SELECT name, kind, due_at, plan FROM work {where}", values)  # noqa: S608 — the clauses stand in this class
        return [Work(name, kind, due, json.loads(plan)) for name, kind, due, plan in rows]
