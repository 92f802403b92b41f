"""Where training files come from: a storage server, or whatever a test hands in.

Reads only; knows nothing of what the lines mean.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

_CHUNK_BYTES = 4 << 20
_TIMEOUT_SECONDS = 30


class Objects(Protocol):
    """Read access to `gs://` addresses."""

    def read_lines(self, uri: str) -> Iterable[bytes]:
        """Yield an object's lines; FileNotFoundError when there is none to read."""
        ...

    def bucket_exists(self, bucket: str) -> bool:
        """Tell whether a bucket can be written to."""
        ...


class InjectedObjects:
    """Objects from one callable; it must raise FileNotFoundError for what it does not have."""

    def __init__(self, read_lines: Callable[[str], Iterable[bytes]]) -> None:
        self._read_lines = read_lines

    def read_lines(self, uri: str) -> Iterable[bytes]:
        """Yield the lines that the callable gives."""
        return self._read_lines(uri)

    def bucket_exists(self, bucket: str) -> bool:
        """Answer yes: a callable has no buckets."""
        return bool(bucket)


class StorageObjects:
    """Objects of a storage server, read with the unmodified client and no credentials.

    Args:
        endpoint: Its address; None takes `STORAGE_EMULATOR_HOST`.
    """

    def __init__(self, endpoint: str | None = None) -> None:
        address = endpoint or os.environ.get("STORAGE_EMULATOR_HOST")
        if not address:
            raise ValueError(
                "no storage server: expected an address or STORAGE_EMULATOR_HOST, found neither; "
                "start the local storage server first and pass its address"
            )
        self._client = Client(
            project="local-dev",
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": address},
        )

    def read_lines(self, uri: str) -> Iterator[bytes]:
        """Yield the lines of one object; an OSError when the server does not give them."""
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        blob = self._client.bucket(bucket).blob(name)
        options = {"chunk_size": _CHUNK_BYTES, "timeout": _TIMEOUT_SECONDS, "retry": None}
        try:
            with blob.open("rb", **options) as stream:
                yield from _split(iter(lambda: stream.read(_CHUNK_BYTES), b""))
        except (exceptions.NotFound, exceptions.Forbidden) as error:
            raise FileNotFoundError(uri) from error
        except exceptions.GoogleAPICallError as error:
            raise OSError(f"{uri} cannot be read: the storage server failed") from error

    def bucket_exists(self, bucket: str) -> bool:
        """Ask the server."""
        found: bool = self._client.bucket(bucket).exists(timeout=_TIMEOUT_SECONDS, retry=None)
        return found


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    if rest:
        yield rest
