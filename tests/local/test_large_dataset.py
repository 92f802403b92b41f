"""A dataset of a gigabyte, through the real function with a split: hence read twice and written anew.

Takes two minutes and three gigabytes of disk, so it is asked for: TUNEDROP_TEST_LARGE=1.
"""

import json
import os
import re
from pathlib import Path

import pytest

from support.drops import Drops
from support.pubsub import wait_until
from support.storage import storage_client
from tunedrop.local.cloud import LocalCloud
from tunedrop.local.deployment import Options

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("TUNEDROP_TEST_LARGE") != "1",
        reason="takes two minutes: set TUNEDROP_TEST_LARGE=1",
    ),
    pytest.mark.skipif(
        not Path("/proc/self/status").exists(), reason="peak memory is read from /proc"
    ),
    pytest.mark.timeout(600),
]
ROWS, LARGEST_MIB = 900_000, 512
RECIPE = b'base_model = "gemini-3.5-flash"\n[evaluation]\nholdout = 0.001\n[tuning]\nepochs = 1\n'


def written(path):
    """Write about 990 MB of distinct Gemini rows."""
    text = "let tide = table.next(); // " * 32
    with path.open("wb") as file:
        for number in range(ROWS):
            turns = [("user", f"Row {number}?"), ("model", f"{number}: {text}")]
            contents = [{"role": role, "parts": [{"text": said}]} for role, said in turns]
            file.write(json.dumps({"contents": contents}).encode() + b"\n")
    return path


def peak_mib(target):
    """The most memory that any process of a function ever had."""
    peaks = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"--target\0{target}\0" in (folder / "cmdline").read_text():
                status = (folder / "status").read_text()
                peaks.append(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024)
        except (OSError, TypeError):
            continue
    return max(peaks)


def test_a_gigabyte_is_checked_and_staged_within_512_mib(tmp_path):
    path = written(tmp_path / "train.jsonl")
    assert 900_000_000 < path.stat().st_size <= 1_000_000_000
    with LocalCloud(tmp_path / "cloud", Options(tick_seconds=3600.0)) as cloud:
        drops = Drops(cloud)
        drops.upload("big", "recipe.toml", RECIPE)
        with path.open("rb") as file:
            client = storage_client(cloud.storage.url)
            intake = client.bucket(drops.settings.intake_bucket)
            intake.blob("big/train.jsonl").upload_from_file(file, timeout=300)
            client.close()
        wait_until(lambda: drops.runs_of("big"), "a run", seconds=500)

        assert LARGEST_MIB >= peak_mib("on_finalized")
