"""The inside of functions that only note what reaches them; used by `tests/data/functions`.

A file `failing-TARGET` in the folder of the notes makes a function fail on every event that holds its text.
"""

import json
import os
from pathlib import Path

NOTES = "RECORDING_DIRECTORY"


def announce():
    """Note the process that imports a function."""
    (Path(os.environ[NOTES]) / f"started-{os.getpid()}").touch()


def record(target, event):
    """Note an event, then fail if told to."""
    folder = Path(os.environ[NOTES])
    content = {"attributes": dict(event.get_attributes()), "data": event.data}
    order = folder / f"failing-{target}"
    failed = order.exists() and order.read_text() in json.dumps(content)
    note = {"target": target, "process": os.getpid(), "failed": failed, **content}
    with (folder / f"{target}.jsonl").open("a") as notes:
        notes.write(json.dumps(note) + "\n")
    if failed:
        raise RuntimeError("told to fail")
