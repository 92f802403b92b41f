"""`python -m tunedrop.local.storage`: the storage server as a process of its own.

Knows arguments and signals; everything else is the server's.
"""

import argparse
import json
import sys
from pathlib import Path

from tunedrop.local.stopping import StopSignals
from tunedrop.local.storage.server import StorageServer


def main() -> None:
    """Serve until SIGTERM or SIGINT; print `{"port": N}` on one line when ready."""
    parser = argparse.ArgumentParser(prog="python -m tunedrop.local.storage", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="holds all state")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 picks a free one")
    parser.add_argument(
        "--create-only", nargs="*", default=[], metavar="BUCKET", help="nothing is overwritten here"
    )
    options = parser.parse_args()
    signals = StopSignals()
    with StorageServer(options.directory, options.port, create_only=options.create_only) as server:
        sys.stdout.write(json.dumps({"port": server.port}) + "\n")
        sys.stdout.flush()
        signals.wait()


if __name__ == "__main__":
    main()
