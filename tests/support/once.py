"""What takes long to make and is the same for every worker of a test session: made by whoever comes first."""

import fcntl
import os
import pickle


def session_folder(tmp_path_factory):
    """The folder that all workers of a session share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def once(path, make):
    """What `make` returned to the first caller of a session; others wait for it. Where it raises, the next one tries."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_bytes(pickle.dumps(make()))
    return pickle.loads(path.read_bytes())
