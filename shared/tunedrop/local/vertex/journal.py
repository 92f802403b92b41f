"""The stand-in's lines of JSON: requests received, log entries not yet sent, rules of the script.

Kept in the store's file, so that they change together with the jobs; knows none of their meaning.
"""

import json
from typing import Any, Literal

from tunedrop.local.vertex.store import Store

Table = Literal["requests", "outbox", "rules"]

_SCHEMA = "".join(
    f"CREATE TABLE IF NOT EXISTS {table} (seq INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT);"
    for table in ("requests", "outbox", "rules")
)


class Journal:
    """Numbered lines, in the order in which they were added."""

    def __init__(self, store: Store) -> None:
        self._db = store.db
        self._db.executescript(_SCHEMA)

    def append(self, table: Table, content: dict[str, Any]) -> int:
        """Add a line and return its number."""
        cursor = self._db.execute(
            f"INSERT INTO {table} (line) VALUES (?)",  # noqa: S608 — Table is a closed list
            (json.dumps(content),),
        )
        return int(cursor.lastrowid or 0)

    def lines(self, table: Table) -> list[tuple[int, dict[str, Any]]]:
        """Return all lines with their numbers."""
        rows = self._db.execute(f"SELECT seq, line FROM {table} ORDER BY seq").fetchall()  # noqa: S608 — Table is a closed list
        return [(seq, json.loads(line)) for seq, line in rows]

    def line(self, table: Table, seq: int) -> dict[str, Any]:
        """Return one line."""
        query = f"SELECT line FROM {table} WHERE seq = ?"  # noqa: S608 — Table is a closed list
        content: dict[str, Any] = json.loads(self._db.execute(query, (seq,)).fetchone()[0])
        return content

    def replace(self, table: Table, seq: int, content: dict[str, Any]) -> None:
        """Change one line."""
        self._db.execute(
            f"UPDATE {table} SET line = ? WHERE seq = ?",  # noqa: S608 — Table is a closed list
            (json.dumps(content), seq),
        )

    def remove(self, table: Table, seq: int) -> None:
        """Drop one line."""
        self._db.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))  # noqa: S608 — Table is a closed list

    def clear(self, table: Table) -> None:
        """Drop all lines."""
        self._db.execute(f"DELETE FROM {table}")  # noqa: S608 — Table is a closed list
