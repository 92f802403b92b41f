"""Memory stays flat, however large the object."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from support.storage import storage_client

SIZE = 200 << 20
ALLOWED_GROWTH = 24 << 20


@pytest.fixture
def server(tmp_path):
    """A server in a child process, so that only its memory is looked at."""
    command = [sys.executable, "-m", "tunedrop.local.storage", "--directory", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.url = "http://127.0.0.1:" + re.findall(r"\d+", process.stdout.readline())[0]
        yield process
        process.terminate()


def peak_bytes(process):
    """Read the greatest resident size so far."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


def chunks():
    block = bytes(range(256)) * 4096
    for _ in range(SIZE // len(block)):
        yield block


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak from /proc")
def test_memory_is_flat_while_a_large_object_comes_and_goes(server):
    bucket = storage_client(server.url).create_bucket("drops")
    bucket.blob("warm").upload_from_string(b"x" * (2 << 20))
    bucket.blob("warm").download_as_bytes()
    before = peak_bytes(server)

    requests.post(
        f"{server.url}/upload/storage/v1/b/drops/o?uploadType=media&name=large",
        data=chunks(),
        timeout=60,
    ).raise_for_status()
    bucket.blob("copy").compose([bucket.blob("large")])
    with requests.get(f"{server.url}/drops/copy", stream=True, timeout=60) as answer:
        received = sum(len(piece) for piece in answer.iter_content(1 << 20))

    assert received == SIZE
    assert peak_bytes(server) - before < ALLOWED_GROWTH
