"""A local cloud whose functions only note what reaches them, and ways to see what it leaves running."""

import base64
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.pubsub import clients_of, wait_until
from support.recording import NOTES
from support.storage import storage_client
from tunedrop.local.cloud import LocalCloud
from tunedrop.local.deployment import Options, Redelivery

TESTS = Path(__file__).parents[1]
FUNCTIONS = TESTS / "data" / "functions"
QUICK = Redelivery(first_rest_seconds=0.05, longest_rest_seconds=0.5, max_attempts=40)
PATIENCE_SECONDS = 60


def recording_options(notes, **choices):
    """Build options that run the noting functions; *notes* is the folder for their notes."""
    notes.mkdir(exist_ok=True)
    defaults = {
        "functions_directory": FUNCTIONS,
        "function_environment": {"PYTHONPATH": str(TESTS), NOTES: str(notes)},
        "redelivery": QUICK,
        "tick_seconds": 3600.0,
    }
    return Options(**defaults | choices)


@dataclass
class RecordedCloud:
    """A running cloud, its notes and the unmodified clients."""

    cloud: LocalCloud
    notes: Path

    def upload(self, name, bucket="tunedrop-intake", content=b"{}\n"):
        """Put an object into a bucket, with the vendor's client."""
        client = storage_client(self.cloud.storage.url)
        client.bucket(bucket).blob(name).upload_from_string(content)
        client.close()

    def publish(self, role, data, **attributes):
        """Publish on a topic, with the vendor's client."""
        with clients_of(self.cloud.pubsub.address) as clients:
            clients.publish(self.cloud.settings.topic(role), data, **attributes)

    def received(self, target, holding=""):
        """Return the notes of a function about events that hold a text."""
        path = self.notes / f"{target}.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines if holding in line]

    def wait_for(self, target, holding="", *, count=1, failed=False):
        """Return the notes once *count* of them are there."""

        def found():
            return [note for note in self.received(target, holding) if note["failed"] == failed]

        what = f"{count} events holding {holding!r} at {target}"
        wait_until(lambda: len(found()) >= count, what, seconds=PATIENCE_SECONDS)
        return found()

    @contextmanager
    def failing(self, target, holding):
        """Make a function fail on events that hold a text, as long as the block lasts."""
        order = self.notes / f"failing-{target}"
        order.with_suffix(".part").write_text(holding)
        order.with_suffix(".part").rename(order)
        yield
        order.unlink()


@contextmanager
def recorded_cloud(directory, **choices):
    """Yield a started cloud on *directory* with noting functions."""
    notes = directory.with_name(f"{directory.name}-notes")
    with LocalCloud(directory, recording_options(notes, **choices)) as cloud:
        yield RecordedCloud(cloud, notes)


def message_data(note):
    """Return the bytes of the Pub/Sub message that a function noted."""
    return base64.b64decode(note["data"]["message"]["data"])


def groups_of(cloud):
    """Return the process groups of a cloud's functions."""
    return [process.group for process in cloud.functions]


def started_processes(notes):
    """Return the ids of all processes that ever imported a noting function."""
    return [int(path.name.rpartition("-")[2]) for path in notes.glob("started-*")]


def is_alive(process_id):
    """Tell whether a process runs; one that nobody has waited for yet does not."""
    try:
        os.kill(process_id, 0)
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # gone meanwhile, or a system without /proc
        return not Path("/proc/self").exists()
    return state != "Z"


def living_members(groups):
    """Return the living processes of process groups."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = path.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(group) in groups and state != "Z":
            found.append(int(path.parent.name))
    return found


_SCRIPT = """
import json, sys
from pathlib import Path
from support.cloud import groups_of, recording_options
from tunedrop.local.cloud import LocalCloud

cloud = LocalCloud(Path(sys.argv[1]), recording_options(Path(sys.argv[2])))
def tell():
    print(json.dumps(groups_of(cloud)), flush=True)
"""


@contextmanager
def cloud_script(directory, body):
    """Yield a Python process that has `cloud` and `tell()`, after it told its process groups."""
    notes = directory.with_name(f"{directory.name}-notes")
    process = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT + body, str(directory), str(notes)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        start_new_session=True,
    )
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
