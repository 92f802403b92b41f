"""What is uploaded: the expected files, the same anywhere, and enough to serve events."""

import base64
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tunedrop.bootstrap import build_services
from tunedrop.events import ObjectFinalized
from tunedrop.handlers.receive import receive_object
from tunedrop.local import entry_points
from tunedrop.local.deployment import Options, client_environment, local_settings, write_catalog
from tunedrop.local.layout import Layout
from tunedrop.local.servers import Servers
from tunedrop_deploy_lib.bundles import FUNCTIONS, read_bundle, write_bundle
from tunedrop_deploy_lib.errors import DeployError

ROOT = Path(__file__).parents[2]
GCLOUD = shutil.which("gcloud")
NOT_DEPLOYED = {"local", "cli", "doctor", "topology.py", "rights.py"}
NOWHERE = "dead_letters.py"
"""The one module that is left out both of the package itself and of its adapters."""
INSTALL = os.environ.get("TUNEDROP_TEST_BUNDLE_INSTALL") == "1"


@pytest.fixture(params=FUNCTIONS)
def function(request):
    return request.param


def expected_files(function):
    """Derived from the tree by another walk than the tool's."""
    package = ROOT / "shared" / "tunedrop"
    names = []
    for folder, folders, files in os.walk(package):
        top = Path(folder) == package
        left_out = NOT_DEPLOYED if top else set()
        folders[:] = [f for f in folders if f not in {"__pycache__", *left_out}]
        names += [
            Path(folder, name).relative_to(package.parent).as_posix()
            for name in files
            if name not in {NOWHERE, *left_out}
        ]
    assert (ROOT / "functions" / function).is_dir()
    return sorted(["main.py", "requirements.txt", *names])


def test_a_bundle_holds_the_function_and_the_package_without_what_is_not_deployed(function):
    bundle = read_bundle(ROOT, function)

    assert [".gcloudignore", *expected_files(function)] == list(bundle.files)
    assert {"tunedrop/py.typed", "tunedrop/catalog.toml"} <= bundle.files.keys()
    assert [name for name in bundle.files if name.endswith(".j2")]


@pytest.mark.gcloud
@pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")
def test_staging_again_leaves_what_is_right_and_takes_away_what_is_not_of_the_bundle(tmp_path):
    bundle = read_bundle(ROOT, "validator")
    folder = write_bundle(bundle, tmp_path)
    untouched = (folder / "main.py").stat().st_mtime_ns
    (folder / "old" / "deeper").mkdir(parents=True)
    (folder / "old" / "deeper" / "module.py").write_text("x = 1\n")
    (folder / "tunedrop" / "stray.py").write_text("x = 1\n")
    (folder / "requirements.txt").write_text("half of it")
    (folder / "link.py").symlink_to(folder / "main.py")

    write_bundle(bundle, tmp_path)

    found = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    assert {name: path.read_bytes() for name, path in found.items()} == bundle.files
    assert not (folder / "old").exists()
    assert untouched == (folder / "main.py").stat().st_mtime_ns
    assert [folder] == list(tmp_path.iterdir())


def test_gcloud_uploads_exactly_the_expected_files(function, tmp_path):
    folder = write_bundle(read_bundle(ROOT, function), tmp_path)
    cache = folder / "tunedrop" / "__pycache__"
    cache.mkdir()
    (cache / "config.cpython-311.pyc").write_bytes(b"x")

    done = subprocess.run(
        [GCLOUD, "meta", "list-files-for-upload", str(folder)],
        env=os.environ | {"CLOUDSDK_CONFIG": str(tmp_path / "gcloud")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert expected_files(function) == sorted(done.stdout.split())


def test_equal_sources_make_equal_bundles_and_a_changed_byte_another(function, tmp_path):
    first = read_bundle(ROOT, function)
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "functions", copy / "functions")
    shutil.copytree(ROOT / "shared", copy / "shared", ignore=shutil.ignore_patterns("local", "cli"))
    second = read_bundle(copy, function)
    with (copy / "shared" / "tunedrop" / "py.typed").open("a") as file:
        file.write("\n")

    changed = read_bundle(copy, function)

    assert first == second
    assert first.digest == second.digest != changed.digest


def test_writing_a_bundle_leaves_nothing_of_an_older_one(function, tmp_path):
    (tmp_path / function / "tunedrop").mkdir(parents=True)
    (tmp_path / function / "tunedrop" / "gone.py").write_text("")

    folder = write_bundle(read_bundle(ROOT, function), tmp_path)

    assert not (folder / "tunedrop" / "gone.py").exists()


def test_a_link_in_the_source_is_refused(function, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "functions", copy / "functions")
    shutil.copytree(ROOT / "shared", copy / "shared", ignore=shutil.ignore_patterns("local", "cli"))
    (copy / "shared" / "tunedrop" / "extra.py").symlink_to("/etc/hostname")

    with pytest.raises(DeployError, match=r"extra\.py: expected a file, found a link"):
        read_bundle(copy, function)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


PORTS = (
    "storage",
    "pubsub",
    "vertex",
    "vertex-rest",
    *(entry_point.name for entry_point in entry_points.ENTRY_POINTS),
)


@pytest.fixture
def backend(tmp_path, monkeypatch):
    """The three local servers without any function, the variables that reach them, and our own services."""
    layout, options = Layout(tmp_path / "cloud"), Options()
    ports = {name: free_port() for name in PORTS}
    layout.catalog_file.parent.mkdir()
    write_catalog(layout.catalog_file)
    settings = local_settings(
        options,
        layout,
        vertex_address=f"127.0.0.1:{ports['vertex']}",
        vertex_rest_address=f"127.0.0.1:{ports['vertex-rest']}",
    )
    variables = client_environment(
        settings,
        layout,
        storage_url=f"http://127.0.0.1:{ports['storage']}",
        pubsub_address=f"127.0.0.1:{ports['pubsub']}",
    )
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with Servers(layout, settings, options, ports):
        yield variables, build_services(settings)


def accepted(services):
    """Upload a folder and have its dataset checked by the code of this process; return the object."""
    bucket = services.settings.intake_bucket
    rows = "".join(
        json.dumps({"input_text": f"question {n}", "output_text": f"answer {n}"}) + "\n"
        for n in range(20)
    )
    for name, text in (
        ("bot/recipe.toml", 'base_model = "code-bison@002"\n'),
        ("bot/x.jsonl", rows),
    ):
        services.store.write(bucket, name, text.encode(), if_generation=0)
    return services.store.stat(bucket, "bot/x.jsonl")


def good_event(function, services):
    """The body and headers of an event that has work done."""
    found = accepted(services)
    if function == "validator":
        data = {"bucket": found.bucket, "name": found.name, "generation": str(found.generation)}
        return data, {
            "ce-specversion": "1.0",
            "ce-id": "e1",
            "ce-type": "google.cloud.storage.object.v1.finalized",
            "ce-source": f"//storage.googleapis.com/projects/_/buckets/{found.bucket}",
        }
    event = ObjectFinalized("e1", found.bucket, found.name, found.generation)
    receive_object(services, event)
    (verdict,) = [services.ledger.read(one.name) for one in services.ledger.list("verdicts/")]
    body = {"drop_id": verdict["drop_id"], "run_id": verdict["run_id"]}
    return pushed(body if function == "launcher" else {"kind": "sweep"}), {}


def pushed(body):
    """A raw push, as a subscription of ours sends it; bytes are sent as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    message = {"messageId": "m1", "data": base64.b64encode(data).decode(), "attributes": {}}
    return {"subscription": "projects/p/subscriptions/s", "message": message}


@contextmanager
def served(python, folder, target, variables):
    """The bundle under the real framework, with the bundle's folder as the only source of tunedrop."""
    port = free_port()
    program = (
        "import os, sys;"
        "other = [p for p in sys.path if p and os.path.exists(os.path.join(p, 'tunedrop'))];"
        "sys.path[:] = [p for p in sys.path if p and p not in other];"
        "sys.path.append('.');"
        "import tunedrop; print(tunedrop.__file__, flush=True);"
        "from functions_framework._cli import _cli; _cli()"
    )
    arguments = ["--source", "main.py", "--target", target, "--signature-type", "cloudevent"]
    process = subprocess.Popen(
        [python, "-c", program, *arguments, "--host", "127.0.0.1", "--port", str(port)],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        where = process.stdout.readline().strip()
        wait_for(port, process)
        yield port, Path(folder, where).resolve()
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def wait_for(port, process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server did not start")


class Denial(http.server.BaseHTTPRequestHandler):
    """Answers as storage does while an identity has no rights yet."""

    def deny(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b'{"error": {"code": 403, "message": "no access"}}'
        self.send_response(403)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = deny  # noqa: N815 — names that the standard library fixes

    def log_message(self, *_):
        pass


@contextmanager
def denying_storage():
    """Yield the address of a storage service that denies everything."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Denial) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def post(port, body, headers):
    """The status that a bundle answers with."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/projects/p/topics/t?pubsub_trigger=true",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **headers},
    )
    try:
        with urllib.request.urlopen(request, timeout=100) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


ENTRY_POINTS = {"validator": "on_finalized", "launcher": "on_launch", "status": "on_job_event"}
DONE = {"validator": "verdicts/", "launcher": "runs/"}
"""Where a good event leaves a record; a sweep that finds no open run leaves none."""


def answers(python, function, folder, backend):
    """What a bundle answers to a good, a malformed and a retryable event, and where its package lay."""
    variables, services = backend
    good, headers = good_event(function, services)
    malformed = good | {"bucket": 7} if headers else pushed(b"\xff not json")
    with served(python, folder, ENTRY_POINTS[function], variables) as (port, package):
        first = (post(port, good, headers), post(port, malformed, headers))
    if function in DONE:
        assert services.ledger.list(DONE[function])
    with denying_storage() as url:
        denied = variables | {"STORAGE_EMULATOR_HOST": url}
        with served(python, folder, ENTRY_POINTS[function], denied) as (port, _):
            return (*first, post(port, good, headers)), package


def test_a_bundle_alone_serves_a_good_a_malformed_and_a_retryable_event(
    function, backend, tmp_path
):
    folder = write_bundle(read_bundle(ROOT, function), tmp_path / "build")

    statuses, package = answers(sys.executable, function, folder, backend)

    assert folder / "tunedrop" / "__init__.py" == package
    assert (200, 200, 500) == statuses


@pytest.mark.skipif(
    not INSTALL,
    reason="installs from the package index; set TUNEDROP_TEST_BUNDLE_INSTALL=1 to run it",
)
@pytest.mark.timeout(600)
def test_a_bundle_installed_from_its_own_requirements_serves_the_same(function, backend, tmp_path):
    folder = write_bundle(read_bundle(ROOT, function), tmp_path / "build")
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = str(environment / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "-r", str(folder / "requirements.txt")], check=True)

    statuses, package = answers(python, function, folder, backend)

    assert folder / "tunedrop" / "__init__.py" == package
    assert (200, 200, 500) == statuses
