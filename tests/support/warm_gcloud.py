"""The real gcloud, started once: a fork server of its own Python, and a `gcloud` for PATH that asks it.

Knows how gcloud is started; knows no command.
"""

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

GCLOUD = shutil.which("gcloud")
START_SECONDS = 60
CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
    end.connect({path!r})
    request = {{
        "arguments": sys.argv[1:],
        "environment": dict(os.environ),
        "folder": os.getcwd(),
    }}
    data = json.dumps(request).encode() + b"\\n"
    rest = data[socket.send_fds(end, [data], [0, 1, 2]):]
    if rest:  # to send nothing to whoever is done already is an error
        end.sendall(rest)
    code = end.recv(1)
os._exit(code[0] if code else 70)
"""


class Answer(NamedTuple):
    """What a finished command left."""

    code: int
    stdout: str
    stderr: str


class WarmGcloud:
    """A started fork server; a context manager.

    Attributes:
        folder: Holds the executable `gcloud`; put it first on PATH.
    """

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="warm-gcloud-"))
        self._path = str(self.folder / "socket")
        script = self.folder / "server.py"
        shutil.copy(Path(__file__).with_name("warm_gcloud_server.py"), script)
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"VIRTUAL_ENV", "CLOUDSDK_PYTHON_SITEPACKAGES", "PYTHONPATH"}
        }
        environment |= {
            # gcloud's script starts its Python with these in front of its own program.
            "CLOUDSDK_PYTHON_ARGS": f"-S {script}",
            "CLOUDSDK_CONFIG": str(self.folder / "configuration"),
            "WARM_GCLOUD_SOCKET": self._path,
        }
        self._log = (self.folder / "server.log").open("w+b")
        self._server = subprocess.Popen(
            [GCLOUD], env=environment, stdin=subprocess.PIPE, stdout=self._log, stderr=self._log
        )
        self._await_socket()
        self._install()
        return self

    def __exit__(self, *_exc):
        self._server.stdin.close()
        self._server.wait()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _await_socket(self):
        deadline = time.monotonic() + START_SECONDS
        while not Path(self._path).exists():
            if self._server.poll() is not None or time.monotonic() > deadline:
                self._server.kill()
                self._server.wait()
                self._log.seek(0)
                raise AssertionError(f"gcloud did not start: {self._log.read().decode()[-2000:]}")
            time.sleep(0.01)

    def _install(self):
        program = self.folder / "gcloud"
        program.write_text(CLIENT.format(python=sys.executable, path=self._path))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def execute(self, arguments, environment, folder):
        """Run one command without a process of the caller's in between; return its `Answer`."""
        with (
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as errors,
            Path(os.devnull).open("rb") as nothing,
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end,
        ):
            end.connect(self._path)
            request = {
                "arguments": list(arguments),
                "environment": dict(environment),
                "folder": str(folder),
            }
            data = json.dumps(request).encode() + b"\n"
            sent = socket.send_fds(end, [data], [nothing.fileno(), out.fileno(), errors.fileno()])
            if data[sent:]:
                end.sendall(data[sent:])
            code = end.recv(1)
            out.seek(0)
            errors.seek(0)
            texts = (out.read().decode(), errors.read().decode())
        return Answer(code[0] if code else 70, *texts)
