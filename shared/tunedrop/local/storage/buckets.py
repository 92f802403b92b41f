"""Buckets, their IAM policies and their notification configurations.

Knows the tables; whether a bucket is empty it asks the objects table and nothing more.
"""

import json
import re
from functools import partial
from typing import Any

from tunedrop.local.storage.blobs import Blobs
from tunedrop.local.storage.database import Database, Transaction
from tunedrop.local.storage.errors import (
    ApiError,
    bucket_not_found,
    conflict,
    invalid,
    precondition_failed,
)
from tunedrop.local.storage.preconditions import UNCONDITIONAL, Preconditions
from tunedrop.local.storage.resources import Links, Resource, etag, merge_patch, timestamp

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_LABEL = re.compile(r"[^.]{1,63}(\.[^.]{1,63})*")
_TOPIC = re.compile(r"//pubsub\.googleapis\.com/projects/[^/]+/topics/[^/]+")
_FIXED = ("kind", "id", "name", "projectNumber", "location", "timeCreated", "generation")


class Buckets:
    """The buckets of one directory."""

    def __init__(
        self, database: Database, blobs: Blobs, links: Links, *, project_number: str
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._links = links
        self._project_number = project_number

    def require(self, transaction: Transaction, name: str) -> Resource:
        """Read a bucket inside a transaction.

        Raises:
            ApiError: 404.
        """
        row = transaction.execute("SELECT resource FROM buckets WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise bucket_not_found(name)
        resource: Resource = json.loads(row[0])
        return resource

    def create(self, body: Resource) -> Resource:
        """Create a bucket from the fields of *body*, of which only `name` is required.

        Raises:
            ApiError: 400 for its name, 409 when it exists.
        """
        name = body.get("name")
        if not isinstance(name, str) or not (_NAME.fullmatch(name) and _LABEL.fullmatch(name)):
            raise invalid(f"Invalid bucket name: {str(name)[:80]!r}")
        with self._database.transaction() as transaction:
            if transaction.execute("SELECT 1 FROM buckets WHERE name = ?", (name,)).fetchone():
                raise conflict(
                    "Your previous request to create the named bucket succeeded "
                    f"and you already own it: {name}"
                )
            resource = merge_patch(self._defaults(body, transaction.tick()), body)
            resource["location"] = str(resource["location"]).upper()
            policy = {"kind": "storage#policy", "version": 1, "etag": etag(0, 1), "bindings": []}
            transaction.execute(
                "INSERT INTO buckets VALUES (?, ?, ?)",
                (name, json.dumps(resource), json.dumps(policy)),
            )
        return self._links.add_to_bucket(resource)

    def _defaults(self, body: Resource, generation: int) -> Resource:
        at = timestamp()
        location = str(body.get("location") or "US")
        return {
            "kind": "storage#bucket",
            "id": body["name"],
            "name": body["name"],
            "projectNumber": self._project_number,
            "generation": str(generation),
            "metageneration": "1",
            "etag": etag(generation, 1),
            "location": location,
            "locationType": "region" if "-" in location else "multi-region",
            "storageClass": "STANDARD",
            "timeCreated": at,
            "updated": at,
            "iamConfiguration": {
                "uniformBucketLevelAccess": {"enabled": False},
                "publicAccessPrevention": "inherited",
            },
        }

    def get(self, name: str, conditions: Preconditions = UNCONDITIONAL) -> Resource:
        """Return a bucket.

        Raises:
            ApiError: 404, 412 or 304.
        """
        with self._database.transaction() as transaction:
            resource = self.require(transaction, name)
        conditions.check(resource, reading=True)
        return self._links.add_to_bucket(resource)

    def list(self, prefix: str = "") -> list[Resource]:
        """Return the buckets whose names start with *prefix*, in name order."""
        with self._database.transaction() as transaction:
            rows = transaction.execute("SELECT resource FROM buckets ORDER BY name").fetchall()
        resources = (json.loads(row[0]) for row in rows)
        return [self._links.add_to_bucket(r) for r in resources if r["name"].startswith(prefix)]

    def patch(
        self, name: str, changes: Resource, conditions: Preconditions = UNCONDITIONAL
    ) -> Resource:
        """Merge *changes* into a bucket; `null` removes a field.

        Raises:
            ApiError: 404 or 412.
        """
        with self._database.transaction() as transaction:
            resource = self.require(transaction, name)
            conditions.check(resource)
            changes = {field: value for field, value in changes.items() if field not in _FIXED}
            metageneration = int(resource["metageneration"]) + 1
            resource = merge_patch(resource, changes) | {
                "metageneration": str(metageneration),
                "etag": etag(resource["generation"], metageneration),
                "updated": timestamp(),
            }
            transaction.execute(
                "UPDATE buckets SET resource = ? WHERE name = ?", (json.dumps(resource), name)
            )
        return self._links.add_to_bucket(resource)

    def delete(self, name: str, conditions: Preconditions = UNCONDITIONAL) -> None:
        """Delete an empty bucket, and with it what was only softly deleted.

        Raises:
            ApiError: 404, 409 when it holds objects, 412.
        """
        with self._database.transaction() as transaction:
            conditions.check(self.require(transaction, name))
            rows = transaction.execute(
                "SELECT state, blob FROM objects WHERE bucket = ?", (name,)
            ).fetchall()
            if any(state != "soft_deleted" for state, _ in rows):
                raise conflict(f"The bucket you tried to delete is not empty: {name}")
            transaction.execute("DELETE FROM objects WHERE bucket = ?", (name,))
            transaction.execute("DELETE FROM notifications WHERE bucket = ?", (name,))
            transaction.execute("DELETE FROM buckets WHERE name = ?", (name,))
            for _, blob in rows:
                transaction.after_commit.append(partial(self._blobs.remove, blob))

    def policy(self, name: str) -> dict[str, Any]:
        """Return the bucket's IAM policy.

        Raises:
            ApiError: 404.
        """
        with self._database.transaction() as transaction:
            return self._policy(transaction, name)

    def _policy(self, transaction: Transaction, name: str) -> dict[str, Any]:
        self.require(transaction, name)
        row = transaction.execute("SELECT policy FROM buckets WHERE name = ?", (name,)).fetchone()
        policy: dict[str, Any] = json.loads(row[0])
        return policy | {"resourceId": f"projects/_/buckets/{name}"}

    def set_policy(self, name: str, policy: Resource) -> dict[str, Any]:
        """Store an IAM policy; nobody evaluates it, but a stale `etag` is refused.

        Raises:
            ApiError: 404, or 412 when somebody else has set the policy in between.
        """
        with self._database.transaction() as transaction:
            current = self._policy(transaction, name)
            if policy.get("etag") not in (None, current["etag"]):
                raise precondition_failed()
            fixed = {"kind": "storage#policy", "etag": etag(transaction.tick(), 1)}
            stored: Resource = {"bindings": [], **policy, **fixed}
            transaction.execute(
                "UPDATE buckets SET policy = ? WHERE name = ?", (json.dumps(stored), name)
            )
        return stored

    def notifications(self, name: str) -> dict[str, Resource]:
        """Return the bucket's notification configurations by id.

        Raises:
            ApiError: 404.
        """
        with self._database.transaction() as transaction:
            self.require(transaction, name)
            rows = transaction.execute(
                "SELECT id, resource FROM notifications WHERE bucket = ? ORDER BY id", (name,)
            ).fetchall()
        return {str(number): json.loads(resource) for number, resource in rows}

    def add_notification(self, name: str, body: Resource) -> Resource:
        """Store a notification configuration; events go through the outbox, not by it.

        Raises:
            ApiError: 400 for its topic, 404.
        """
        if not _TOPIC.fullmatch(str(body.get("topic"))):
            raise invalid("topic: expected //pubsub.googleapis.com/projects/P/topics/T")
        with self._database.transaction() as transaction:
            self.require(transaction, name)
            (number,) = transaction.execute(
                "SELECT COALESCE(MAX(id), 0) + 1 FROM notifications WHERE bucket = ?", (name,)
            ).fetchone()
            resource = body | {
                "kind": "storage#notification",
                "id": str(number),
                "etag": str(number),
                "selfLink": f"{self._links.base_url}/storage/v1/b/{name}/notificationConfigs/{number}",
            }
            transaction.execute(
                "INSERT INTO notifications VALUES (?, ?, ?)", (name, number, json.dumps(resource))
            )
        return resource

    def delete_notification(self, name: str, notification_id: str) -> None:
        """Delete a notification configuration.

        Raises:
            ApiError: 404.
        """
        with self._database.transaction() as transaction:
            self.require(transaction, name)
            deleted = transaction.execute(
                "DELETE FROM notifications WHERE bucket = ? AND CAST(id AS TEXT) = ?",
                (name, notification_id),
            ).rowcount
        if not deleted:
            raise ApiError(404, "notFound", f"No such notification: {name}/{notification_id}")
