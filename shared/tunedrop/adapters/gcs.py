"""The object store on Google Cloud Storage, over the unmodified client.

Knows the storage client and its errors; knows nothing of what the objects hold.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from google.api_core.exceptions import RequestRangeNotSatisfiable
from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession
from google.cloud.storage import Blob, Client
from google.cloud.storage import exceptions as storage

from tunedrop.adapters.gcs_stream import CHUNK_BYTES, stream_object
from tunedrop.adapters.google_errors import TABLE, translated
from tunedrop.errors import InvalidRequestError, UpstreamUnavailableError
from tunedrop.ports import ObjectInfo

STORAGE_TABLE = {
    **TABLE,
    storage.DataCorruption: UpstreamUnavailableError,
    storage.InvalidPathError: InvalidRequestError,
    storage.InvalidResponse: UpstreamUnavailableError,
}
"""The shared table and the storage client's own classes."""


class GcsObjectStore:
    """Buckets of one project.

    Args:
        credentials: Ours; anonymous ones for the local cloud.
        endpoint: Base address of the JSON API, without a trailing slash.
        timeout_seconds: Bound of each call; a stream's bound is for each read.
    """

    def __init__(
        self, *, project: str, credentials: Credentials, endpoint: str, timeout_seconds: float
    ) -> None:
        self._session = AuthorizedSession(credentials)
        self._client = Client(
            project=project, credentials=credentials, client_options={"api_endpoint": endpoint}
        )
        self._endpoint = endpoint
        self._timeout = timeout_seconds

    def stat(self, bucket: str, name: str, *, generation: int | None = None) -> ObjectInfo:
        """See `ObjectStore.stat`."""
        blob = self._blob(bucket, name, generation)
        with translated(f"gs://{bucket}/{name}", STORAGE_TABLE):
            blob.reload(timeout=self._timeout)
        return _info(blob)

    def read(
        self, bucket: str, name: str, *, max_bytes: int, generation: int | None = None
    ) -> bytes:
        """See `ObjectStore.read`; one call, however small the object."""
        blob = self._blob(bucket, name, generation)
        with translated(f"gs://{bucket}/{name}", STORAGE_TABLE):
            try:
                data: bytes = blob.download_as_bytes(
                    end=max_bytes, raw_download=True, timeout=self._timeout
                )
            except RequestRangeNotSatisfiable:
                data = b""  # no range of an empty object can be had
        if len(data) > max_bytes:
            msg = f"gs://{bucket}/{name}: expected at most {max_bytes} bytes"
            raise InvalidRequestError(msg)
        return data

    @contextmanager
    def stream(self, bucket: str, name: str, *, generation: int) -> Iterator[Iterator[bytes]]:
        """See `ObjectStore.stream`; bytes as stored, whatever the object's content encoding says."""
        chunks = stream_object(
            self._session,
            self._endpoint,
            bucket,
            name,
            generation=generation,
            timeout_seconds=self._timeout,
        )
        try:
            with translated(f"gs://{bucket}/{name}#{generation}", STORAGE_TABLE):
                yield chunks
        finally:
            chunks.close()

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
        blob = self._blob(bucket, name)
        blob.metadata = dict(metadata) if metadata else None
        with translated(f"gs://{bucket}/{name}", STORAGE_TABLE):
            blob.upload_from_string(
                data,
                content_type=content_type,
                if_generation_match=if_generation,
                checksum="crc32c",
                timeout=self._timeout,
            )
        return _info(blob)

    def upload(
        self,
        bucket: str,
        name: str,
        chunks: Iterable[bytes],
        *,
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectInfo:
        """See `ObjectStore.upload`; resumable, so that memory holds a few chunks at most."""
        blob = self._blob(bucket, name)
        blob.chunk_size = 8 * CHUNK_BYTES
        blob.metadata = dict(metadata) if metadata else None
        with translated(f"gs://{bucket}/{name}", STORAGE_TABLE):
            blob.upload_from_file(
                ChunkReader(chunks),
                content_type="application/jsonl",
                checksum="crc32c",
                timeout=self._timeout,
            )
        return _info(blob)

    def copy(
        self, source: ObjectInfo, bucket: str, name: str, *, if_generation: int | None
    ) -> ObjectInfo:
        """See `ObjectStore.copy`; goes on with the service's token until the copy is whole."""
        blob = self._blob(bucket, name)
        token: str | None = None
        with translated(f"{source.uri}#{source.generation} to gs://{bucket}/{name}", STORAGE_TABLE):
            while True:
                token, _, _ = blob.rewrite(
                    self._blob(source.bucket, source.name, source.generation),
                    token=token,
                    if_generation_match=if_generation,
                    timeout=self._timeout,
                )
                if not token:
                    return _info(blob)

    def delete(self, bucket: str, name: str, *, if_generation: int | None = None) -> None:
        """See `ObjectStore.delete`."""
        with translated(f"gs://{bucket}/{name}", STORAGE_TABLE):
            self._blob(bucket, name).delete(
                if_generation_match=if_generation, timeout=self._timeout
            )

    def list(self, bucket: str, *, prefix: str, start_offset: str = "") -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`."""
        with translated(f"gs://{bucket}/{prefix}*", STORAGE_TABLE):
            pages = self._client.list_blobs(
                bucket, prefix=prefix, start_offset=start_offset or None, timeout=self._timeout
            )
            for blob in pages:
                yield _info(blob)

    def _blob(self, bucket: str, name: str, generation: int | None = None) -> Blob:
        blob: Blob = self._client.bucket(bucket).blob(name, generation=generation)
        return blob


class ChunkReader(io.RawIOBase):
    """Chunks as a readable file, for the upload call that wants one."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""
        self._given = 0

    def tell(self) -> int:
        """How many bytes have been read."""
        return self._given

    def readable(self) -> bool:
        """Whether this can be read: always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Give exactly *size* bytes while there are as many; everything for a negative size."""
        parts, have = [self._rest], len(self._rest)
        while size < 0 or have < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            parts.append(chunk)
            have += len(chunk)
        joined = b"".join(parts)
        if size < 0:
            size = have
        self._rest = joined[size:]
        self._given += min(size, have)
        return joined[:size]


def _info(blob: Blob) -> ObjectInfo:
    return ObjectInfo(
        bucket=blob.bucket.name,
        name=blob.name,
        generation=int(blob.generation),
        size_bytes=int(blob.size or 0),
        created_at=blob.time_created or datetime.now(UTC),
        crc32c=blob.crc32c or "",
        content_encoding=blob.content_encoding or "",
        metadata=dict(blob.metadata or {}),
    )
