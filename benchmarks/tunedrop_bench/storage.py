"""The project's own storage server as a child process, with files put into it by the real client.

Knows processes and the storage client; measures nothing.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from tunedrop_bench.downloads import PROJECT

_BUCKET = "datasets"
_PATIENCE_SECONDS = 600


@contextmanager
def storage_server(folder: Path) -> Iterator[str]:
    """Start it on a free port with all its state in *folder*; give its address; end it."""
    command = [sys.executable, "-m", "tunedrop.local.storage", "--directory", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            ready = server.stdout.readline() if server.stdout else ""
            yield f"http://127.0.0.1:{json.loads(ready)['port']}"
        finally:
            server.terminate()


def upload(endpoint: str, files: list[Path]) -> dict[Path, str]:
    """Put files into a new bucket; returns their addresses with generation."""
    client = Client(
        project=PROJECT,
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": endpoint},
    )
    bucket = client.create_bucket(_BUCKET)
    addresses = {}
    for path in files:
        blob = bucket.blob(path.name)
        blob.upload_from_filename(path, timeout=_PATIENCE_SECONDS)
        addresses[path] = f"gs://{_BUCKET}/{path.name}#{blob.generation}"
    client.close()
    return addresses
