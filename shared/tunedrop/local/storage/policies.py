"""What may not be replaced, changed or deleted, whatever the preconditions say.

Knows bucket and object resources; knows no caller: locally everybody has the same grants.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from tunedrop.local.storage.errors import ApiError, forbidden
from tunedrop.local.storage.resources import Resource

_NOT_CREATE_ONLY = frozenset({"storage.objects.delete", "storage.objects.update"})


class Policies:
    """The grants of create-only buckets, holds and retention periods.

    A create-only bucket behaves as under `objectCreator` and `objectViewer` alone:
    objects can be created and read, never overwritten, changed or deleted.
    """

    def __init__(self, create_only: Collection[str]) -> None:
        self._create_only = frozenset(create_only)

    def permits(self, permission: str, bucket: str) -> bool:
        """Tell whether everybody has *permission* on *bucket*."""
        return not (bucket in self._create_only and permission in _NOT_CREATE_ONLY)

    def check_permission(self, permission: str, bucket: str, name: str) -> None:
        """Refuse what the bucket's grants leave out.

        Raises:
            ApiError: 403.
        """
        if not self.permits(permission, bucket):
            raise forbidden(permission, f"{bucket}/{name}")

    def check_removal(self, bucket: Resource, current: Resource) -> None:
        """Refuse to replace or delete *current*.

        Raises:
            ApiError: 403, for a missing permission, a hold or a retention period.
        """
        self.check_permission("storage.objects.delete", bucket["name"], current["name"])
        label = f"{bucket['name']}/{current['name']}"
        if current.get("temporaryHold") or current.get("eventBasedHold"):
            raise ApiError(403, "objectUnderActiveHold", f"Object '{label}' is under active hold.")
        seconds = int(bucket.get("retentionPolicy", {}).get("retentionPeriod") or 0)
        until = datetime.fromisoformat(current["timeCreated"]) + timedelta(seconds=seconds)
        if datetime.now(UTC) < until:
            raise ApiError(
                403,
                "retentionPolicyNotMet",
                f"Object '{label}' is subject to the bucket's retention policy until {until}.",
            )
