"""The ports as handlers get them: nothing that has an effect is started once the handler's time is up.

Reads pass through; the checks are `time_left`'s.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from tunedrop import time_left
from tunedrop.ai_ports import Job, JobService, Models, TunedModel
from tunedrop.domain.serving import Endpoint
from tunedrop.ports import Clock, ObjectInfo, ObjectStore, Publisher


class GuardedStore:
    """`ObjectStore`."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def stat(self, bucket: str, name: str, *, generation: int | None = None) -> ObjectInfo:
        """See `ObjectStore.stat`."""
        return self._store.stat(bucket, name, generation=generation)

    def read(
        self, bucket: str, name: str, *, max_bytes: int, generation: int | None = None
    ) -> bytes:
        """See `ObjectStore.read`."""
        return self._store.read(bucket, name, max_bytes=max_bytes, generation=generation)

    def stream(
        self, bucket: str, name: str, *, generation: int
    ) -> AbstractContextManager[Iterator[bytes]]:
        """See `ObjectStore.stream`."""
        return self._store.stream(bucket, name, generation=generation)

    def list(self, bucket: str, *, prefix: str, start_offset: str = "") -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`."""
        return self._store.list(bucket, prefix=prefix, start_offset=start_offset)

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
        time_left.check(self._clock)
        return self._store.write(
            bucket,
            name,
            data,
            if_generation=if_generation,
            content_type=content_type,
            metadata=metadata,
        )

    def upload(
        self,
        bucket: str,
        name: str,
        chunks: Iterable[bytes],
        *,
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectInfo:
        """See `ObjectStore.upload`."""
        time_left.check(self._clock)
        return self._store.upload(bucket, name, chunks, metadata=metadata)

    def copy(
        self, source: ObjectInfo, bucket: str, name: str, *, if_generation: int | None
    ) -> ObjectInfo:
        """See `ObjectStore.copy`."""
        time_left.check(self._clock)
        return self._store.copy(source, bucket, name, if_generation=if_generation)

    def delete(self, bucket: str, name: str, *, if_generation: int | None = None) -> None:
        """See `ObjectStore.delete`."""
        time_left.check(self._clock)
        self._store.delete(bucket, name, if_generation=if_generation)


class GuardedPublisher:
    """`Publisher`."""

    def __init__(self, publisher: Publisher, clock: Clock) -> None:
        self._publisher = publisher
        self._clock = clock

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> str:
        """See `Publisher.publish`."""
        time_left.check(self._clock)
        return self._publisher.publish(topic, data, attributes)


class GuardedJobs:
    """`JobService`."""

    def __init__(self, jobs: JobService, clock: Clock) -> None:
        self._jobs = jobs
        self._clock = clock

    def create(self, *, region: str, job_id: str, body: Mapping[str, Any]) -> Job:
        """See `JobService.create`."""
        time_left.check(self._clock)
        return self._jobs.create(region=region, job_id=job_id, body=body)

    def get(self, name: str) -> Job:
        """See `JobService.get`."""
        return self._jobs.get(name)

    def find(self, *, region: str, labels: Mapping[str, str]) -> Sequence[Job]:
        """See `JobService.find`."""
        return self._jobs.find(region=region, labels=labels)

    def recent(self, *, region: str, labels: Mapping[str, str], since: datetime) -> Iterator[Job]:
        """See `JobService.recent`."""
        return self._jobs.recent(region=region, labels=labels, since=since)

    def cancel(self, name: str) -> None:
        """See `JobService.cancel`."""
        time_left.check(self._clock)
        self._jobs.cancel(name)


class GuardedModels:
    """`Models`."""

    def __init__(self, models: Models, clock: Clock) -> None:
        self._models = models
        self._clock = clock

    def get(self, name: str) -> TunedModel:
        """See `Models.get`."""
        return self._models.get(name)

    def list_tuned(self, *, location: str, base_model_label: str) -> Iterator[TunedModel]:
        """See `Models.list_tuned`."""
        return self._models.list_tuned(location=location, base_model_label=base_model_label)

    def list_endpoints(self, *, location: str, labels: Mapping[str, str]) -> Iterator[Endpoint]:
        """See `Models.list_endpoints`."""
        return self._models.list_endpoints(location=location, labels=labels)

    def annotate(self, name: str, *, labels: Mapping[str, str], description: str) -> TunedModel:
        """See `Models.annotate`."""
        time_left.check(self._clock)
        return self._models.annotate(name, labels=labels, description=description)

    def move_alias(self, alias: str, *, to: str, away_from: str = "") -> None:
        """See `Models.move_alias`."""
        time_left.check(self._clock)
        self._models.move_alias(alias, to=to, away_from=away_from)

    def ensure_endpoint(
        self,
        model: TunedModel,
        *,
        endpoint_id: str,
        labels: Mapping[str, str],
        may_deploy: Callable[[], bool],
    ) -> str | None:
        """See `Models.ensure_endpoint`."""
        time_left.check(self._clock)
        return self._models.ensure_endpoint(
            model, endpoint_id=endpoint_id, labels=labels, may_deploy=may_deploy
        )
