"""Runs the command line in a real pseudo-terminal, and gives back what a person would have been sent."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

PROGRAM = [sys.executable, "-c", "from tunedrop.cli.main import main; main()"]
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def environment(**variables):
    """This process's, as a plain terminal has it, and without a deployment."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TUNEDROP_")
        and name not in {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"}
    }
    return {**kept, "TERM": "xterm-256color", **variables}


def in_terminal(arguments, *, columns=80, data=None, **variables):
    """Run a command with standard output and error on a terminal; returns its exit code and all it sent.

    Args:
        arguments: Of `tunedrop`.
        columns: How wide the terminal is.
        data: For standard input, which is then a pipe; else it is the terminal, too.
        variables: Of the environment.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        stdin=theirs if data is None else subprocess.PIPE,
        stdout=theirs,
        stderr=theirs,
        env=environment(**variables),
        start_new_session=True,
    )
    os.close(theirs)
    if data is not None:
        process.stdin.write(data)
        process.stdin.close()
    sent = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return process.wait(), sent.decode().replace("\r\n", "\n")


def without_escapes(text):
    """What stands there once colours and movements are taken out."""
    return ESCAPE.sub("", text)


def _read(descriptor):
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so when the last one hangs up
        return b""
