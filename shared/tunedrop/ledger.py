"""Create-only records: one JSON object per fact, written once, read back when the name is taken.

Knows the object store and nothing of what the records mean.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tunedrop import tracing
from tunedrop.domain.naming import canonical_json
from tunedrop.errors import CorruptRecordError, NotFoundError, PreconditionFailedError
from tunedrop.ports import Clock, Nonces, ObjectInfo, ObjectStore

MAX_RECORD_BYTES = 8 * 1024 * 1024

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What stands under a name after an attempt to create it."""

    record: Record
    ours: bool
    """False: somebody else's record was there first, and is the one given here."""


class Ledger:
    """The deployment's ledger bucket."""

    def __init__(self, *, store: ObjectStore, bucket: str, clock: Clock, nonces: Nonces) -> None:
        self._store = store
        self._bucket = bucket
        self._clock = clock
        self._nonces = nonces

    def now(self) -> str:
        """The instant that a record is stamped with, for those whose metadata says it as well."""
        return self._clock.now().isoformat()

    def create(
        self, path: str, record: Record, *, metadata: Mapping[str, str] | None = None
    ) -> Written:
        """Write a record unless its name is taken, and say which record stands.

        The storage client repeats uploads by itself, so "taken" may be our own first write: the
        owner nonce in the record tells. The record names the trace under which it was written, so
        that the log's entries about it can be found.
        """
        owner, trace = self._nonces(), tracing.current()
        stamped = {
            "schema_version": 1,
            "at": self.now(),
            **({tracing.ATTRIBUTE: trace.parent} if trace else {}),
            **record,
            "owner": owner,
        }
        try:
            self._store.write(
                self._bucket, path, canonical_json(stamped), if_generation=0, metadata=metadata
            )
        except PreconditionFailedError:
            standing = self.read(path)
            if standing is None:
                msg = f"{path}: expected the record that took the name, found none"
                raise CorruptRecordError(msg) from None
            return Written(record=standing, ours=standing.get("owner") == owner)
        return Written(record=stamped, ours=True)

    def read(self, path: str) -> Record | None:
        """Read a record; None if there is none.

        Raises:
            CorruptRecordError: There is one, and it is not a JSON object of schema version 1.
        """
        try:
            data = self._store.read(self._bucket, path, max_bytes=MAX_RECORD_BYTES)
        except NotFoundError:
            return None
        try:
            record = json.loads(data)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict) or record.get("schema_version") != 1:
            msg = f"{path}: expected a JSON record of schema version 1; look at the object by hand"
            raise CorruptRecordError(msg)
        return record

    def list(self, prefix: str, *, start_offset: str = "") -> list[ObjectInfo]:
        """The records under a prefix in name order, from *start_offset* on, without their text."""
        return list(self.walk(prefix, start_offset=start_offset))

    def walk(self, prefix: str, *, start_offset: str = "") -> Iterator[ObjectInfo]:
        """The same, listed only as far as it is asked for."""
        return self._store.list(self._bucket, prefix=prefix, start_offset=start_offset)
