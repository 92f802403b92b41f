"""In-memory ports: the doubles that unit tests drive the real handlers with.

Held to the same contract suite as the adapters, in tests/contract.
"""

import itertools
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from tunedrop.ai_ports import Job, TunedModel
from tunedrop.domain.job_states import job_state
from tunedrop.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
)
from tunedrop.ports import ObjectInfo

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class FixedClock:
    """Stands still until told to go on."""

    def __init__(self, start=START):
        self.instant = start

    def now(self):
        return self.instant

    def skip(self, seconds):
        self.instant += timedelta(seconds=seconds)


class MemoryStore:
    """Buckets in a dictionary; the ones named create-only refuse overwrites and deletions."""

    def __init__(self, *buckets, clock=None, create_only=()):
        self.clock = clock or FixedClock()
        self.create_only = frozenset(create_only)
        self.objects = {bucket: {} for bucket in buckets}
        self._generations = itertools.count(1_700_000_000_000_001)
        self.writes = []

    def stat(self, bucket, name, *, generation=None):
        info, _ = self._find(bucket, name, generation)
        return info

    def read(self, bucket, name, *, max_bytes, generation=None):
        _, data = self._find(bucket, name, generation)
        if len(data) > max_bytes:
            raise InvalidRequestError(f"gs://{bucket}/{name}: too long")
        return data

    @contextmanager
    def stream(self, bucket, name, *, generation):
        def chunks():
            _, data = self._find(bucket, name, generation)
            for start in range(0, len(data), 1000):
                yield data[start : start + 1000]

        yield chunks()

    def write(
        self, bucket, name, data, *, if_generation, content_type="application/json", metadata=None
    ):
        return self._put(bucket, name, data, if_generation, metadata or {})

    def upload(self, bucket, name, chunks, *, metadata=None):
        return self._put(bucket, name, b"".join(chunks), None, metadata or {})

    def copy(self, source, bucket, name, *, if_generation):
        info, data = self._find(source.bucket, source.name, source.generation)
        return self._put(bucket, name, data, if_generation, info.metadata)

    def delete(self, bucket, name, *, if_generation=None):
        info, _ = self._find(bucket, name, None)
        if if_generation is not None and info.generation != if_generation:
            raise PreconditionFailedError(name)
        if bucket in self.create_only:
            raise AccessDeniedError(f"gs://{bucket}/{name}: storage.objects.delete")
        del self._bucket(bucket)[name]

    def list(self, bucket, *, prefix, start_offset=""):
        for name in sorted(self._bucket(bucket), key=str.encode):
            if name.startswith(prefix) and name >= start_offset:
                yield self._bucket(bucket)[name][0]

    def put(self, bucket, name, data, **metadata):
        """What an uploader does."""
        data = data if isinstance(data, bytes) else data.encode()
        return self._put(bucket, name, data, None, metadata)

    def names(self, bucket, prefix=""):
        return [info.name for info in self.list(bucket, prefix=prefix)]

    def _bucket(self, bucket):
        if bucket not in self.objects:
            raise NotFoundError(f"gs://{bucket}")
        return self.objects[bucket]

    def _find(self, bucket, name, generation):
        found = self._bucket(bucket).get(name)
        if found is None or (generation is not None and found[0].generation != generation):
            raise NotFoundError(f"gs://{bucket}/{name}")
        return found

    def _put(self, bucket, name, data, if_generation, metadata):
        live = self._bucket(bucket).get(name)
        generation = live[0].generation if live else 0
        if if_generation is not None and if_generation != generation:
            raise PreconditionFailedError(f"gs://{bucket}/{name}")
        if live and bucket in self.create_only:
            raise AccessDeniedError(f"gs://{bucket}/{name}: storage.objects.delete")
        info = ObjectInfo(
            bucket=bucket,
            name=name,
            generation=next(self._generations),
            size_bytes=len(data),
            created_at=self.clock.now(),
            metadata=dict(metadata),
        )
        self._bucket(bucket)[name] = (info, data)
        self.writes.append((bucket, name))
        return info


@dataclass
class MemoryPublisher:
    """Keeps what was published, as (topic's last word, body, attributes)."""

    sent: list = field(default_factory=list)

    def publish(self, topic, data, attributes):
        self.sent.append(
            (
                topic.rsplit("-", 1)[-1] if "job-events" not in topic else "job-events",
                data,
                dict(attributes),
            )
        )
        return str(len(self.sent))

    def kinds(self):
        """The CloudEvents types in order, without prefix and version."""
        return [attributes["ce-type"].split(".")[2] for _, _, attributes in self.sent]

    def bodies(self, kind):
        return [
            data for _, data, attributes in self.sent if attributes["ce-type"].split(".")[2] == kind
        ]


@dataclass
class MemoryNotices:
    """Keeps the cards that were told."""

    told: list = field(default_factory=list)

    def tell(self, card):
        self.told.append(card)


class ScriptedJobs:
    """A job service whose creates and endings are told beforehand."""

    def __init__(self, clock, *, takes_ids, project="test-project"):
        self.clock = clock
        self.takes_ids = takes_ids
        self.project = project
        self.jobs = {}
        self.created = []
        self.cancelled = []
        self.refusals = []
        """Errors that the next creates raise, in order; a pair (error, True) applies the create first."""

    def create(self, *, region, job_id, body):
        error, applied = self._refusal()
        if error and not applied:
            raise error
        kind = "pipelineJobs" if self.takes_ids else "tuningJobs"
        last = job_id if self.takes_ids else str(len(self.jobs) + 1)
        name = f"projects/{self.project}/locations/{region}/{kind}/{last}"
        if name in self.jobs:
            raise AlreadyExistsError(name)
        self.created.append((job_id, body))
        self.jobs[name] = Job(
            name=name,
            state=job_state("JOB_STATE_PENDING"),
            raw_state="JOB_STATE_PENDING",
            labels=dict(body["labels"]),
            created_at=self.clock.now(),
        )
        if error:
            raise error
        return self.jobs[name]

    def get(self, name):
        if name not in self.jobs:
            raise NotFoundError(name)
        return self.jobs[name]

    def find(self, *, region, labels):
        return [job for job in self.jobs.values() if labels.items() <= job.labels.items()]

    def recent(self, *, region, labels, since):
        jobs = sorted(self.jobs.values(), key=lambda job: job.created_at, reverse=True)
        for job in jobs:
            if labels.items() <= job.labels.items() and job.created_at > since:
                yield job

    def cancel(self, name):
        self.cancelled.append(name)

    def end(self, raw_state, **fields):
        """Put every job into a state."""
        for name, job in self.jobs.items():
            self.jobs[name] = replace(
                job, state=job_state(raw_state), raw_state=raw_state, **fields
            )

    def _refusal(self):
        if not self.refusals:
            return None, False
        refusal = self.refusals.pop(0)
        return refusal if isinstance(refusal, tuple) else (refusal, False)


@dataclass
class MemoryModels:
    """A model registry in which every name exists."""

    clock: FixedClock
    labels: dict = field(default_factory=dict)
    endpoints: dict = field(default_factory=dict)
    deployments: list = field(default_factory=list)
    descriptions: dict = field(default_factory=dict)
    aliases: dict = field(default_factory=dict)
    served: list = field(default_factory=list)
    """What `list_endpoints` finds, as `Endpoint`s."""
    no_aliases: Exception | None = None
    """What a location without aliases answers."""

    def get(self, name):
        return TunedModel(
            name=name,
            version_id="1",
            display_name="m",
            labels=self.labels.get(name, {}),
            endpoints=tuple(self.endpoints.get(name, ())),
            created_at=self.clock.now(),
            aliases=tuple(sorted(self.aliases.get(name, ()))),
        )

    def list_tuned(self, *, location, base_model_label):
        yield from ()

    def list_endpoints(self, *, location, labels):
        for endpoint in self.served:
            ours = labels.items() <= dict(endpoint.labels).items()
            if ours and f"/locations/{location}/" in endpoint.name:
                yield endpoint

    def annotate(self, name, *, labels, description):
        self.labels.setdefault(name, {}).update(labels)
        self.descriptions[name] = description
        return self.get(name)

    def move_alias(self, alias, *, to, away_from=""):
        if isinstance(self.no_aliases, Exception):
            raise self.no_aliases
        self.aliases.setdefault(to, set()).add(alias)
        if away_from and away_from != to:
            self.aliases.get(away_from, set()).discard(alias)

    def ensure_endpoint(self, model, *, endpoint_id, labels, may_deploy):
        if not model.endpoints and may_deploy():
            self.deployments.append(endpoint_id)
        return model.endpoints[0] if model.endpoints else None


@dataclass
class MemoryCurves:
    """`Curves`: what a test says that each job left."""

    series: tuple = ()
    error: Exception | None = None

    def read(self, job, *, tensorboard):
        if self.error:
            raise self.error
        return self.series


@dataclass
class ScriptedPredictor:
    """Answers every question alike, with an error, or as a function of target and instance says."""

    answer: object = "an answer"
    asked: list = field(default_factory=list)

    def ask(self, target, instance, *, dataset_format):
        self.asked.append((target, instance, dataset_format))
        answer = self.answer(target, instance) if callable(self.answer) else self.answer
        if isinstance(answer, Exception):
            raise answer
        return answer
