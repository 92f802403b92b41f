"""Ways to get an object's bytes out of the storage service and through a check, as a function would.

Clients are built before the time is taken. Knows clients; STORAGE_EMULATOR_HOST says where the service is.
"""

import os
import re
from collections.abc import Callable, Iterable

from tunedrop_bench.outcome import Outcome, Run

PROJECT = "benchmark"
_ADDRESS = re.compile(r"gs://([^/]+)/(.+)#(\d+)")
_TIMEOUT_SECONDS = 60.0


def parts_of(address: str) -> tuple[str, str, int]:
    """Bucket, name and generation of `gs://bucket/name#generation`.

    Raises:
        ValueError: It is no such address.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        msg = f"expected gs://bucket/name#generation, found {address}"
        raise ValueError(msg)
    return found[1], found[2], int(found[3])


def ours(variant: str) -> Run:
    """Stream as the validator does, and check on the way."""
    from google.auth.credentials import AnonymousCredentials

    from tunedrop.adapters.gcs import GcsObjectStore
    from tunedrop_bench import ours as checker

    store = GcsObjectStore(
        project=PROJECT,
        credentials=AnonymousCredentials(),
        endpoint=os.environ["STORAGE_EMULATOR_HOST"],
        timeout_seconds=_TIMEOUT_SECONDS,
    )

    def run(address: str) -> Outcome:
        bucket, name, generation = parts_of(address)
        with store.stream(bucket, name, generation=generation) as chunks:
            return checker.check(chunks, variant)

    return run


def as_text(row_format: str) -> Run:
    """`download_as_text().splitlines()`: the way of most examples."""
    return _with_client(row_format, lambda blob: blob.download_as_text().splitlines())


def as_bytes(row_format: str) -> Run:
    """`download_as_bytes().splitlines()`: the same without decoding."""
    return _with_client(row_format, lambda blob: blob.download_as_bytes().splitlines())


def line_by_line(row_format: str) -> Run:
    """`for line in blob.open("rb")`: small in memory, and one byte a call."""
    return _with_client(row_format, lambda blob: blob.open("rb"))


def _with_client(row_format: str, lines_of: Callable[..., Iterable[str | bytes]]) -> Run:
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.storage import Client

    from tunedrop_bench import naive

    client = Client(project=PROJECT, credentials=AnonymousCredentials())

    def run(address: str) -> Outcome:
        bucket, name, generation = parts_of(address)
        blob = client.bucket(bucket).blob(name, generation=generation)
        return naive.check_lines(lines_of(blob), row_format).outcome()

    return run
