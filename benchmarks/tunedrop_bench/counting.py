"""Ports in memory that count what would go over the wire: a page of a listing is one call.

Knows pages and no rule of the project.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from tunedrop.adapters.vertex_jobs import PAGE_SIZE, carrying, newer
from tunedrop.ai_ports import Job
from tunedrop.domain.job_states import job_state
from tunedrop.errors import NotFoundError, PreconditionFailedError
from tunedrop.ports import ObjectInfo

T = TypeVar("T")
LISTED_A_PAGE = 1000
"""Objects in a page of a bucket's listing."""
_AFTER_ALL = "\U0010ffff"


class StillClock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """See `Clock.now`."""
        return self.at

    def go(self, ago: timedelta, *, since: datetime) -> None:
        """Put it before an instant."""
        self.at = since - ago


class Calls:
    """How many calls there were, by what they did."""

    def __init__(self) -> None:
        self.by_kind: Counter[str] = Counter()

    def add(self, kind: str) -> None:
        """Count one."""
        self.by_kind[kind] += 1

    def pages(self, kind: str, found: Iterable[T], size: int) -> Iterator[T]:
        """Give what was found, and count each page as it is begun; an empty one is a call as well."""
        self.add(kind)
        for number, each in enumerate(found):
            if number and number % size == 0:
                self.add(kind)
            yield each


class CountingStore:
    """What a sweep needs of `ObjectStore`, whose names are in ASCII."""

    def __init__(self, calls: Calls, clock: StillClock, *, apart: str) -> None:
        self._calls = calls
        self._clock = clock
        self._apart = apart
        """Bucket whose listings are counted apart."""
        self._names: dict[str, list[str]] = {}
        self._objects: dict[tuple[str, str], tuple[ObjectInfo, bytes]] = {}
        self._generations = count(1)

    def stat(self, bucket: str, name: str, *, generation: int | None = None) -> ObjectInfo:
        """See `ObjectStore.stat`."""
        del generation
        self._calls.add("read")
        return self._find(bucket, name)[0]

    def read(
        self, bucket: str, name: str, *, max_bytes: int, generation: int | None = None
    ) -> bytes:
        """See `ObjectStore.read`."""
        del max_bytes, generation
        self._calls.add("read")
        return self._find(bucket, name)[1]

    def list(self, bucket: str, *, prefix: str, start_offset: str = "") -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`."""
        names = self._names.get(bucket, [])
        first = bisect_left(names, max(prefix, start_offset))
        listed = names[first : bisect_left(names, prefix + _AFTER_ALL)]
        found = (
            self._objects[bucket, name][0] for name in listed if (bucket, name) in self._objects
        )
        kind = "INTAKE listed" if bucket == self._apart else "listed"
        return self._calls.pages(kind, found, LISTED_A_PAGE)

    def write(
        self,
        bucket: str,
        name: str,
        data: bytes,
        *,
        if_generation: int | None,
        content_type: str = "application/json",
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectInfo:
        """See `ObjectStore.write`."""
        del content_type
        self._calls.add("written")
        standing = self._objects.get((bucket, name))
        if if_generation is not None and if_generation != (
            standing[0].generation if standing else 0
        ):
            raise PreconditionFailedError(name)
        info = ObjectInfo(
            bucket=bucket,
            name=name,
            generation=next(self._generations),
            size_bytes=len(data),
            created_at=self._clock.now(),
            metadata=dict(metadata or {}),
        )
        if standing is None:
            insort(self._names.setdefault(bucket, []), name)
        self._objects[bucket, name] = info, data
        return info

    def delete(self, bucket: str, name: str, *, if_generation: int | None = None) -> None:
        """See `ObjectStore.delete`."""
        self._calls.add("written")
        info, _ = self._find(bucket, name)
        if if_generation not in {None, info.generation}:
            raise PreconditionFailedError(name)
        del self._objects[bucket, name]
        self._names[bucket].remove(name)

    def _find(self, bucket: str, name: str) -> tuple[ObjectInfo, bytes]:
        try:
            return self._objects[bucket, name]
        except KeyError:
            raise NotFoundError(name) from None


class CountingPublisher:
    """`Publisher`; nobody receives anything."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> str:
        """See `Publisher.publish`."""
        del topic, data, attributes
        self._calls.add("published")
        return "1"


class CountingJobs:
    """`JobService` of a project in which every job is ours."""

    def __init__(self, calls: Calls, clock: StillClock, *, filters: bool) -> None:
        self._calls = calls
        self._clock = clock
        self._filters = filters
        """Whether the service itself leaves out what is too old; else the adapter reads on past it."""
        self._jobs: dict[str, Job] = {}

    def create(self, *, region: str, job_id: str, body: Mapping[str, Any]) -> Job:
        """See `JobService.create`."""
        return self.put(f"projects/p/locations/{region}/jobs/{job_id}", body["labels"], "PENDING")

    def put(self, name: str, labels: Mapping[str, str], state: str) -> Job:
        """Have a job stand in a state."""
        raw = f"JOB_STATE_{state}"
        job = Job(
            name=name,
            state=job_state(raw),
            raw_state=raw,
            labels=labels,
            created_at=self._clock.now(),
        )
        self._jobs[name] = job
        return job

    def get(self, name: str) -> Job:
        """See `JobService.get`."""
        self._calls.add("jobs read")
        return self._jobs[name]

    def find(self, *, region: str, labels: Mapping[str, str]) -> Sequence[Job]:
        """See `JobService.find`."""
        return list(self.recent(region=region, labels=labels, since=self._clock.at.min))

    def recent(self, *, region: str, labels: Mapping[str, str], since: datetime) -> Iterator[Job]:
        """See `JobService.recent`; reads on past older jobs as the adapters do."""
        there = [job for job in self._jobs.values() if f"/locations/{region}/" in job.name]
        if self._filters:
            there = [job for job in there if job.created_at > since]
        there.sort(key=lambda job: job.created_at, reverse=True)
        pages = self._calls.pages("jobs listed", there, PAGE_SIZE)
        return carrying(newer(pages, since), labels)

    def cancel(self, name: str) -> None:
        """See `JobService.cancel`."""
        del name
        self._calls.add("jobs cancelled")
