"""Checks datasets in a process of its own, so that memory can be measured and a hang is a failure and not a wait."""

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="peak memory is read from /proc, which Linux has"
)
SECONDS = 60
_PRELUDE = """
import gzip, itertools, json
from pathlib import Path
from tunedrop.domain.checks import Limits, check_dataset

def check(chunks):
    result = check_dataset(chunks, limits_for=lambda _format: Limits(min_examples=0))
    found = {finding.code.value: finding.lines for finding in result.findings}
    print(json.dumps({"found": found, "lines": result.lines.to_json()}))
"""
_ENDING = """
print(json.dumps({"status": Path("/proc/self/status").read_text()}))
"""


def checked_apart(script):
    """Run *script*, which calls `check(chunks)` once or more, in a child.

    Returns:
        What each call found, `{"found": {code: lines}, "lines": account}`, and the peak of memory in mebibytes.
    """
    code = _PRELUDE + textwrap.dedent(script) + _ENDING
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert not child.returncode, child.stderr
    *answers, ending = map(json.loads, child.stdout.splitlines())
    # Not getrusage: its peak starts with that of the process that forked this one.
    peak_kib = re.search(r"VmHWM:\s+(\d+) kB", ending["status"])
    return answers, int(peak_kib[1]) // 1024
