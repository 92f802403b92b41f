"""Runs inside gcloud's own Python: loads gcloud once, then forks a process for every command.

Knows gcloud's start; knows no test. `support.warm_gcloud` starts it, and is the other end of its socket.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from pathlib import Path

SHELL_VARIABLES = (
    "CLOUDSDK_ROOT_DIR",
    "CLOUDSDK_PYTHON",
    "CLOUDSDK_GSUTIL_PYTHON",
    "CLOUDSDK_BQ_PYTHON",
    "CLOUDSDK_ENCODING",
    "PYTHONIOENCODING",
)
"""What gcloud's shell script finds out before it starts Python."""


def load_gcloud(script):
    """Import gcloud the way its own script does, and build its tree of commands."""
    sys.path.insert(0, str(Path(script).parent))
    import gcloud

    gcloud._fix_google_module()
    return gcloud._import_gcloud_main()


def main():
    script, path = sys.argv[1], os.environ["WARM_GCLOUD_SOCKET"]
    gcloud_main = load_gcloud(script)
    cli = gcloud_main.CreateCLI([])
    gcloud_main.CreateCLI = lambda _surfaces: cli  # the linter would make two for every line
    fixed = {name: os.environ[name] for name in SHELL_VARIABLES if name in os.environ}
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(64)
    lessons, teacher = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(lessons, selectors.EVENT_READ)
        selector.register(0, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if 0 in ready:
                return  # whoever started it let go of it, or is gone
            if lessons in ready:
                learn(json.loads(lessons.recv(1 << 20)), cli)
                continue
            connection, _ = listener.accept()
            gc.freeze()  # a child that collects would copy every page
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                work(connection, fixed, script, lambda: gcloud_main.main(gcloud_cli=cli), teacher)
            connection.close()


def learn(lesson, cli):
    """Load what a command had to load, so that the next one of its kind need not."""
    for name in lesson["modules"]:
        if name not in sys.modules:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    with contextlib.suppress(Exception):
        cli._TopElement().LoadSubElementByPath(lesson["words"])


def work(connection, fixed, script, run, teacher):
    """Become the process that the caller asked for, run, tell the exit code and end."""
    code = 1
    known = set(sys.modules)
    try:
        request = receive(connection)
    except (EOFError, OSError):
        os._exit(1)
    try:
        os.environ.clear()
        os.environ.update(request["environment"])
        os.environ.update(fixed)
        os.chdir(request["folder"])
        sys.argv = [script, *request["arguments"]]
        code = run_to_exit(run)
    finally:
        with contextlib.suppress(OSError):
            connection.sendall(bytes([code & 255]))
        teach(teacher, request["arguments"], known)
        os._exit(code & 255)


def teach(teacher, arguments, known):
    modules = sorted(name for name in sys.modules if name not in known)
    words = [word for word in arguments if not word.startswith("-")]
    if modules:
        with contextlib.suppress(OSError):
            teacher.send(json.dumps({"modules": modules, "words": words}).encode())


def receive(connection):
    """Take over the caller's three streams, and return what it asks for."""
    data, files, _, _ = socket.recv_fds(connection, 65536, 3)
    for target, file in enumerate(files):
        os.dup2(file, target)
        os.close(file)
    while not data.endswith(b"\n"):
        more = connection.recv(65536)
        if not more:
            raise EOFError  # the caller was killed while it asked
        data += more
    return json.loads(data)


def run_to_exit(run):
    code = 0
    try:
        run()
    except SystemExit as stop:
        code = stop.code
    except BaseException:  # noqa: BLE001 — as the interpreter would at its end
        sys.excepthook(*sys.exc_info())
        code = 1
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
        sys.stderr.flush()
        code = 1
    return code or 0


if __name__ == "__main__":
    main()
