"""The recorder: hands requests to the APIs' modules, answers faults that a test asked for, and keeps it all.

Knows bookkeeping; knows no socket and no particular API.
"""

import importlib
import itertools
import pickle
import re
import tempfile
import threading
from pathlib import Path

from support.recorder.certificates import write_authority
from support.recorder.loopback import LoopbackServer
from support.recorder.service import ApiError, Call
from support.recorder.world import NUMBER, PROJECT, World, disabled

MODULES = (
    "budgets",
    "builds",
    "crm",
    "eventarc",
    "functions",
    "iam",
    "kms",
    "logs",
    "monitoring",
    "objects",
    "pubsub",
    "run",
    "scheduler",
    "secretmanager",
    "serviceusage",
    "storage",
    "vertex",
)


ASKS = re.compile(r":(getIamPolicy|testIamPermissions|generateUploadUrl)$")
"""What asks with POST and changes nothing."""


class Recorder:
    """A project behind a URL; a context manager.

    Args:
        storage_url: Where a storage server is that shall be used instead of the recorder's own buckets.
        on_publish: Called with topic name and list of messages (JSON as the API takes it); gives their ids.
        on_tick: Called with a scheduler job (JSON as the API answers it) when it is run by hand.
        services: Further `Service`s.
    """

    def __init__(
        self,
        *,
        project=PROJECT,
        number=NUMBER,
        storage_url="",
        on_publish=None,
        on_tick=None,
        services=(),
    ):
        self.world = World(project, number)
        self.world.on_publish, self.world.on_tick = on_publish, on_tick
        self.storage_url = storage_url
        self.requests, self.changes, self.unknown, self._faults = [], [], [], []
        self._lock = threading.RLock()
        found = [importlib.import_module(f"support.recorder.{name}") for name in MODULES]
        self._services = {}
        for module in found:
            for service in (module.service, *getattr(module, "further", ())):
                self._services[service.prefix] = service
        self._services |= {service.prefix: service for service in services}

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="recorder-")
        context, self.authority = write_authority(Path(self._folder.name))
        self._server = LoopbackServer(self.answer, context)
        self.world.url = self.url = self._server.url
        self._server.start()
        return self

    def __exit__(self, *_exc):
        self._server.stop()
        self._folder.cleanup()

    @property
    def state(self):
        """Everything that exists: `state[prefix][resource name]`, `state["policies"]`, `state["agents"]`."""
        return self.world.state

    @property
    def archives(self):
        """The bytes of every uploaded source by object name."""
        return self.world.archives

    def snapshot(self):
        with self._lock:
            return self.world.snapshot()

    def restore(self, snapshot):
        with self._lock:
            self.world.restore(snapshot)

    def packed(self):
        """All that it keeps as bytes, for another recorder of the same project to go on from."""
        with self._lock:
            kept = {
                "state": dict(self.state),
                "archives": self.world.archives,
                "asked": (self.requests, self.changes, self.unknown),
                "next": next(self.world.counter),
            }
            return pickle.dumps(kept)

    def unpack(self, data):
        """Go on from what another one packed."""
        kept = pickle.loads(data)
        with self._lock:
            self.restore(kept["state"])
            self.world.archives = kept["archives"]
            self.requests, self.changes, self.unknown = kept["asked"]
            self.world.counter = itertools.count(kept["next"])

    def fail(self, match, status, body=None, *, times=1):
        """Answer the next `times` requests that match with an error.

        Args:
            match: Called with a `Request`, or an expression searched in its `line`.
            status: HTTP code.
            body: JSON; an error in the API's shape by default, with this text where it is a `str`.
            times: How often; None for ever.
        """
        test = match if callable(match) else lambda request: re.search(match, request.line)
        with self._lock:
            self._faults.append({"test": test, "status": status, "body": body, "left": times})

    def heal(self):
        """Forget all faults."""
        with self._lock:
            self._faults.clear()

    def clear(self):
        """Forget the requests so far."""
        with self._lock:
            self.requests.clear()
            self.changes.clear()
            self.unknown.clear()

    def calls(self, pattern):
        """The requests whose `line` an expression is found in."""
        with self._lock:
            return [request for request in self.requests if re.search(pattern, request.line)]

    def answer(self, request):
        """The status, the body (JSON or bytes) and further headers for a request."""
        with self._lock:
            self.requests.append(request)
            if request.method not in {"GET", "HEAD"} and not ASKS.search(request.path):
                self.changes.append(request)
            status, body, headers = self._judged(request)
            request.answered.append(status)
            hooks, self.world.hooks = self.world.hooks, []
        for callback, arguments in hooks:
            callback(*arguments)
        return status, body, headers

    def _judged(self, request):
        service = self._services.get(request.path.split("/")[1])
        shape = service.error_body if service else ApiError.body
        fault = self._fault(request)
        if fault:
            text = fault["body"]
            if text is None or isinstance(text, str):
                return fault["status"], shape(ApiError(fault["status"], text or "scripted")), {}
            return fault["status"], text, {}
        found = service.find(request) if service else None
        if found is None:
            self.unknown.append(request)
            return 404, shape(ApiError(404, f"unknown path: {request.line}")), {}
        if service.api and service.api not in self.state["serviceusage"]:
            return 403, shape(disabled(self.world, service.api)), {}
        handler, values = found
        values = {key: self.world.by_id(value) for key, value in values.items()}
        try:
            result = handler(Call(service.prefix, request, values, self.world))
        except ApiError as error:
            return error.code, shape(error), {}
        return result if isinstance(result, tuple) else (200, result, {})

    def _fault(self, request):
        for fault in self._faults:
            if fault["left"] != 0 and fault["test"](request):
                if fault["left"] is not None:
                    fault["left"] -= 1
                return fault
        return None
