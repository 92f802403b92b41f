"""functions-framework on a tether: ends with everything it forked when its supervisor is gone.

Run as `python -m tunedrop.local.tether ARGUMENTS`, standard input being a pipe that the supervisor holds
open. Knows nothing of functions.
"""

import os
import runpy
import signal
import threading


def end_with_supervisor() -> None:
    """Wait for the end of standard input, which even a SIGKILL of its writer brings, then end the group."""
    # The bare call: a lock of sys.stdin that this thread held would be forked into the worker.
    while os.read(0, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=end_with_supervisor, name="tether", daemon=True).start()
    runpy.run_module("functions_framework", run_name="__main__", alter_sys=True)
