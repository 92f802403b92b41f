"""The buckets: the in-memory store of the unit tests with server timestamps and an account of every write."""

import bisect
import hashlib
from collections import Counter

from support.memory import MemoryStore
from tunedrop.errors import AccessDeniedError, NotFoundError, PreconditionFailedError
from tunedrop.ports import ObjectInfo

_OURS = 10**9
"""Where generations of what the functions write begin; those of people are given by their events."""


class Storage(MemoryStore):
    """Lists without sorting, and remembers who wrote what and when."""

    def __init__(self, *buckets, clock, scheduler, create_only=()):
        super().__init__(*buckets, clock=clock, create_only=create_only)
        self._scheduler = scheduler
        self._names = {bucket: [] for bucket in buckets}
        self._next = _OURS
        self.changes = 0
        self.history = []
        """(seconds, bucket, name, generation or 0 for a deletion, the delivery that did it)."""
        self.acting = ""
        self.refused = []
        """What somebody tried to change that may not be changed."""
        self.races = Counter()
        """Creations that found the name taken, by bucket and folder."""

    def list(self, bucket, *, prefix, start_offset=""):
        names = self._names_of(bucket)
        objects, found = self.objects[bucket], []
        for name in names[bisect.bisect_left(names, max(prefix, start_offset)) :]:
            if not name.startswith(prefix):
                break
            found.append(objects[name][0])
        return iter(found)

    def upload_by_hand(self, bucket, name, data, generation, metadata):
        """What an uploader does; the generation is given, so that ids do not depend on what else happens."""
        return self._keep(bucket, name, data, generation, metadata)

    def delete(self, bucket, name, *, if_generation=None):
        if bucket in self.create_only:
            self.refused.append((bucket, name, "delete"))
        super().delete(bucket, name, if_generation=if_generation)
        self._names[bucket].remove(name)
        self._account(bucket, name, 0)

    def _names_of(self, bucket):
        if bucket not in self._names:
            raise NotFoundError(f"gs://{bucket}")
        return self._names[bucket]

    def _put(self, bucket, name, data, if_generation, metadata):
        live = self._bucket(bucket).get(name)
        generation = live[0].generation if live else 0
        if if_generation is not None and if_generation != generation:
            self.races[f"{bucket}/{name.partition('/')[0]}"] += 1
            raise PreconditionFailedError(f"gs://{bucket}/{name}")
        if bucket in self.create_only and (live or if_generation is None):
            self.refused.append((bucket, name, "overwrite"))
            raise AccessDeniedError(f"gs://{bucket}/{name}: storage.objects.delete")
        self._next += 1
        return self._keep(bucket, name, data, self._next, metadata)

    def _keep(self, bucket, name, data, generation, metadata):
        if name not in self.objects[bucket]:
            bisect.insort(self._names[bucket], name)
        info = ObjectInfo(
            bucket=bucket,
            name=name,
            generation=generation,
            size_bytes=len(data),
            created_at=self.clock.now(),
            metadata=dict(metadata),
        )
        self.objects[bucket][name] = (info, data)
        self._account(bucket, name, generation)
        return info

    def _account(self, bucket, name, generation):
        self.changes += 1
        self.history.append((self._scheduler.now, bucket, name, generation, self.acting))


def digest_of(data):
    return hashlib.sha256(data).hexdigest()
