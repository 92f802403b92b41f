"""The server as a process: `python -m tunedrop.local.pubsub --port 0 --directory DIR`.

Prints one JSON line once clients can connect, and ends cleanly on SIGTERM or SIGINT.
"""

import argparse
import json
import sys
from pathlib import Path

from tunedrop.local.pubsub.errors import ServerError
from tunedrop.local.pubsub.server import PubSubServer
from tunedrop.local.stopping import StopSignals


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal; return the exit code, 1 where the server cannot start."""
    parser = argparse.ArgumentParser(prog="python -m tunedrop.local.pubsub", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--directory", type=Path, required=True, help="where the state is kept")
    options = parser.parse_args(arguments)
    signals = StopSignals()
    try:
        server = PubSubServer(options.directory, options.port).start()
    except ServerError as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    sys.stdout.write(json.dumps({"port": server.port}) + "\n")
    sys.stdout.flush()
    signals.wait()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
