"""What the handlers need of the outside world but for the AI service, as protocols over plain values.

Implemented by `adapters` over Google's clients and by in-memory doubles in the tests; holds no implementation.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from msgspec import Struct, field


class ObjectInfo(Struct, frozen=True):
    """One generation of one object, without its bytes."""

    bucket: str
    name: str
    generation: int
    size_bytes: int
    created_at: datetime
    """The storage service's clock, which is the only one that all workers share."""
    crc32c: str = ""
    content_encoding: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def uri(self) -> str:
        """The `gs://` address, without a generation."""
        return f"gs://{self.bucket}/{self.name}"


class ObjectStore(Protocol):
    """Buckets of objects with generation preconditions.

    Every method raises `NotFoundError` for a missing bucket or object, `AccessDeniedError` and
    `UpstreamUnavailableError`; those that take a precondition raise `PreconditionFailedError`.
    """

    def stat(self, bucket: str, name: str, *, generation: int | None = None) -> ObjectInfo:
        """Look at the live object, or at one generation of it."""
        ...

    def read(
        self, bucket: str, name: str, *, max_bytes: int, generation: int | None = None
    ) -> bytes:
        """Read a small object whole; longer than *max_bytes* is an `InvalidRequestError`."""
        ...

    def stream(
        self, bucket: str, name: str, *, generation: int
    ) -> AbstractContextManager[Iterator[bytes]]:
        """Read one generation in chunks, its checksum verified by the time the last chunk is out."""
        ...

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
        """Write a small object; `if_generation=0` creates only, None overwrites."""
        ...

    def upload(
        self,
        bucket: str,
        name: str,
        chunks: Iterable[bytes],
        *,
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectInfo:
        """Write a large object from chunks, overwriting."""
        ...

    def copy(
        self, source: ObjectInfo, bucket: str, name: str, *, if_generation: int | None
    ) -> ObjectInfo:
        """Copy exactly that generation of *source* without moving its bytes through here."""
        ...

    def delete(self, bucket: str, name: str, *, if_generation: int | None = None) -> None:
        """Delete the live object."""
        ...

    def list(self, bucket: str, *, prefix: str, start_offset: str = "") -> Iterator[ObjectInfo]:
        """List live objects in name order, from *start_offset* on (inclusive)."""
        ...


class Publisher(Protocol):
    """A topic to publish on."""

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> str:
        """Publish and wait until the broker has it; returns the message id."""
        ...


class Card(Struct, frozen=True):
    """What people are told about a run, in Slack's mrkdwn."""

    run_id: str
    text: str


class Notices(Protocol):
    """Tells people, where they read along."""

    def tell(self, card: Card) -> None:
        """Send a card; never raises, and gives up before a handler's time is over."""
        ...


class Clock(Protocol):
    """Time as a service."""

    def now(self) -> datetime:
        """The current instant, aware and in UTC."""
        ...


Nonces = Callable[[], str]
"""Gives a fresh random string a call; the only randomness that handlers see."""
