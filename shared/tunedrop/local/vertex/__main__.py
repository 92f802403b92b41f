"""`python -m tunedrop.local.vertex`: run a stand-in until SIGTERM.

Prints its ports as one JSON line when both answer.
"""

import argparse
import json
import sys
from pathlib import Path

from tunedrop.local.stopping import StopSignals
from tunedrop.local.vertex.objects import StorageObjects
from tunedrop.local.vertex.server import VertexServer
from tunedrop.local.vertex.settings import Settings


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    parser = _parser()
    options = parser.parse_args()
    try:
        objects = StorageObjects(options.storage)
    except ValueError as error:
        parser.error(str(error))
    signals = StopSignals()
    settings = Settings(
        options.directory,
        seconds_per_job=options.seconds_per_job,
        operation_seconds=options.operation_seconds,
        concurrency=options.concurrency,
        over_quota=options.over_quota,
        list_lag_seconds=options.list_lag_seconds,
    )
    ports = {"grpc_port": options.grpc_port, "rest_port": options.rest_port}
    with VertexServer(settings, objects=objects, **ports) as server:
        ready = {"grpc_port": server.grpc_port, "rest_port": server.rest_port}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        signals.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tunedrop.local.vertex", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="where all state lives")
    parser.add_argument("--grpc-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--rest-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--storage", help="storage server; default STORAGE_EMULATOR_HOST")
    parser.add_argument("--seconds-per-job", type=float, default=4.0)
    parser.add_argument("--operation-seconds", type=float, default=0.2)
    parser.add_argument("--concurrency", type=int, default=1, help="unended tuning jobs a project")
    parser.add_argument("--over-quota", choices=["reject", "wait"], default="reject")
    parser.add_argument("--list-lag-seconds", type=float, default=0.0)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
