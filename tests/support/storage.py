"""A local storage server in a thread, and the unmodified client library against it."""

import time
from contextlib import contextmanager

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from tunedrop.local.storage import StorageServer

PROJECT = "local-dev"


def storage_client(url):
    """Build the vendor's client the way a user points it at an emulator."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", url)
        return Client(project=PROJECT, credentials=AnonymousCredentials())


@contextmanager
def running_storage(directory, *, buckets=(), **options):
    """Yield a started `StorageServer` that holds *buckets*; stop it at the end."""
    with StorageServer(directory, **options) as server:
        for name in buckets:
            server.store.buckets.create({"name": name})
        yield server


def kept_files(directory):
    """Count the files behind objects, and those of uploads under way."""
    return tuple(len(list((directory / name).iterdir())) for name in ("blobs", "staging"))


def wait_until(condition, what, *, seconds=10):
    """Poll *condition* until it holds; fail naming *what* when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(0.01)
