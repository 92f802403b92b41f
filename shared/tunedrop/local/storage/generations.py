"""Generations of objects inside a transaction: find one, put one in its place, retire one.

Knows the objects table and what a change of it entails; never begins a transaction.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tunedrop.local.storage import outbox
from tunedrop.local.storage.blobs import Blobs, Content
from tunedrop.local.storage.buckets import Buckets
from tunedrop.local.storage.database import Transaction
from tunedrop.local.storage.errors import object_not_found
from tunedrop.local.storage.policies import Policies
from tunedrop.local.storage.preconditions import UNCONDITIONAL, Preconditions
from tunedrop.local.storage.resources import Resource, new_object, timestamp

VISIBLE = ("live", "noncurrent")


@dataclass(frozen=True)
class Stored:
    """One generation as the table holds it."""

    state: str
    blob: str
    resource: Resource


@dataclass(frozen=True)
class Reference:
    """An object, or one generation of it, and what must hold of it."""

    bucket: str
    name: str
    generation: int | None = None
    """`None` is the live generation."""
    conditions: Preconditions = UNCONDITIONAL


@dataclass(frozen=True)
class Target:
    """Where a content goes, what its uploader set, and under which conditions."""

    bucket: str
    name: str
    fields: Resource
    conditions: Preconditions = UNCONDITIONAL


class Generations:
    """The objects table and the side effects of changing it: blobs and events."""

    def __init__(
        self, buckets: Buckets, blobs: Blobs, policies: Policies, events: outbox.Outbox
    ) -> None:
        self.buckets = buckets
        self._blobs = blobs
        self._policies = policies
        self._events = events

    def find(
        self,
        transaction: Transaction,
        reference: Reference,
        states: tuple[str, ...] = VISIBLE,
    ) -> Stored | None:
        """Read a generation, if it is there in one of *states*."""
        where: tuple[str | int, ...] = (reference.bucket, reference.name)
        condition = "state = 'live'"
        if reference.generation is not None:
            where += (reference.generation,)
            condition = "generation = ?"
        row = transaction.execute(
            "SELECT state, blob, resource FROM objects"  # noqa: S608 — the condition is a literal above
            f" WHERE bucket = ? AND name = ? AND {condition}",
            where,
        ).fetchone()
        if row is None or row[0] not in states:
            return None
        return Stored(row[0], row[1], json.loads(row[2]))

    def require(
        self,
        transaction: Transaction,
        reference: Reference,
        *,
        states: tuple[str, ...] = VISIBLE,
        reading: bool = False,
    ) -> Stored:
        """Read a generation that has to exist and to meet the reference's conditions.

        Raises:
            ApiError: 404 for the bucket or the object; 412, or 304 when *reading*.
        """
        self.buckets.require(transaction, reference.bucket)
        stored = self.find(transaction, reference, states)
        if stored is None:
            raise object_not_found(reference.bucket, reference.name)
        reference.conditions.check(stored.resource, reading=reading)
        return stored

    def check_put(self, transaction: Transaction, target: Target) -> tuple[Resource, Stored | None]:
        """Return the bucket and what `put` would replace.

        Raises:
            ApiError: 404 for the bucket, 412, 403.
        """
        bucket = self.buckets.require(transaction, target.bucket)
        current = self.find(transaction, Reference(target.bucket, target.name))
        # Before the policies: a writer that says "only if absent" is told 412, not 403.
        target.conditions.check(current.resource if current else None)
        if current:
            self._policies.check_removal(bucket, current.resource)
        return bucket, current

    def put(
        self, transaction: Transaction, target: Target, content: Content, blob: str
    ) -> Resource:
        """Make a kept *blob* the live generation; it is removed if the transaction fails.

        Raises:
            ApiError: 404 for the bucket, 412, 403.
        """
        transaction.after_rollback.append(lambda: self._blobs.remove(blob))
        bucket, current = self.check_put(transaction, target)
        generation = transaction.tick()
        if current:
            self.retire(transaction, bucket, current)
        resource = new_object(bucket, target.name, generation, content, target.fields)
        transaction.execute(
            "INSERT INTO objects VALUES (?, ?, ?, 'live', ?, ?)",
            (target.bucket, target.name, generation, blob, json.dumps(resource)),
        )
        self._events.record(transaction, outbox.FINALIZE, resource)
        return resource

    def remove(self, transaction: Transaction, stored: Stored, *, for_good: bool = False) -> None:
        """Retire *stored* unless a policy forbids it.

        Raises:
            ApiError: 403.
        """
        bucket = self.buckets.require(transaction, stored.resource["bucket"])
        self._policies.check_removal(bucket, stored.resource)
        self.retire(transaction, bucket, stored, for_good=for_good)

    def retire(
        self, transaction: Transaction, bucket: Resource, stored: Stored, *, for_good: bool = False
    ) -> None:
        """Take a generation out of sight as versioning and soft deletion say."""
        versioned = bucket.get("versioning", {}).get("enabled") and not for_good
        seconds = int(bucket.get("softDeletePolicy", {}).get("retentionDurationSeconds") or 0)
        resource = stored.resource
        if versioned:
            resource = resource | {"timeDeleted": timestamp()}
            self._store(transaction, "noncurrent", resource)
        elif seconds:
            until = timestamp(datetime.now(UTC) + timedelta(seconds=seconds))
            resource = resource | {"softDeleteTime": timestamp(), "hardDeleteTime": until}
            self._store(transaction, "soft_deleted", resource)
        else:
            transaction.execute(
                "DELETE FROM objects WHERE bucket = ? AND name = ? AND generation = ?",
                (resource["bucket"], resource["name"], int(resource["generation"])),
            )
            transaction.after_commit.append(lambda: self._blobs.remove(stored.blob))
        event_type = outbox.ARCHIVE if versioned else outbox.DELETE
        self._events.record(transaction, event_type, resource)

    def change(self, transaction: Transaction, stored: Stored, resource: Resource) -> None:
        """Store a generation's changed *resource*."""
        self._store(transaction, stored.state, resource)
        self._events.record(transaction, outbox.METADATA_UPDATE, resource)

    def _store(self, transaction: Transaction, state: str, resource: Resource) -> None:
        key = (resource["bucket"], resource["name"], int(resource["generation"]))
        transaction.execute(
            "UPDATE objects SET state = ?, resource = ?"
            " WHERE bucket = ? AND name = ? AND generation = ?",
            (state, json.dumps(resource), *key),
        )
