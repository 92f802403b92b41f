"""One measurement in a process of its own: `python -m tunedrop_bench.child JSON`, answered in one line of JSON.

Knows how to time and to read peak memory; what is timed is named by the caller.
"""

import importlib
import json
import os
import re
import sys
import time
from pathlib import Path

from tunedrop_bench.outcome import Run


def main() -> None:
    """Import and prepare first, then time the work alone."""
    asked = json.loads(sys.argv[1])
    try:
        run = _prepared(asked["call"], asked["argument"])
    except ModuleNotFoundError as error:
        _answer({"left_out": f"{error.name} is not installed"})
        return
    wall, cpu = time.perf_counter(), _cpu_seconds()
    outcome = run(asked["subject"])
    spent = {
        "wall_seconds": time.perf_counter() - wall,
        "cpu_seconds": _cpu_seconds() - cpu,
        "peak_mib": peak_mib(),
    }
    _answer({**spent, "outcome": outcome._asdict()})


def _cpu_seconds() -> float:
    """Of this process, all its threads, and the processes that it started and that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def peak_mib() -> float:
    """Most memory that this process ever had resident; 0 where there is no /proc.

    Not `getrusage`, whose peak begins with that of the process that forked this one.
    """
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0


def _prepared(call: str, argument: str) -> Run:
    module, _, name = call.partition(":")
    run: Run = getattr(importlib.import_module(f"tunedrop_bench.{module}"), name)(argument)
    return run


def _answer(facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
