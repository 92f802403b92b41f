"""What a run was made on: processor, memory, versions, date.

Reads the machine and the installed packages; names no path and no host.
"""

import json
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = (
    "pydantic", "msgspec", "xxhash", "google-cloud-storage", "google-cloud-pubsub",
    "google-cloud-aiplatform", "functions-framework",
)  # fmt: skip
_PEERS = ("polars", "together", "jsonl-contract-check", "finelint")
_ASK = "import json, sys; from tunedrop_bench.machine import versions; print(json.dumps(versions(sys.argv[1:])))"


def facts(peers_python: str) -> dict[str, str]:
    """By what they are, in the order of the page."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": platform.system(),
        "Python": platform.python_version(),
        "packages": ", ".join(versions(_PACKAGES)),
        "peers": ", ".join(_versions_there(peers_python)) or "none installed",
    }


def versions(names: Sequence[str]) -> list[str]:
    """Those of the packages that are installed, with their versions."""
    found = []
    for name in names:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return found


def _versions_there(python: str) -> list[str]:
    child = subprocess.run(
        [python, "-c", _ASK, *_PEERS],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    found: list[str] = json.loads(child.stdout)
    return found


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    named = re.search(r"model name\s*:\s*(.+)", path.read_text()) if path.exists() else None
    return named[1].strip() if named else platform.machine()
