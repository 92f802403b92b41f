"""What Eventarc does in the cloud: each finalized object of the intake bucket becomes a CloudEvent posted.

Knows the envelope and repeats it until it is taken; knows nothing of what the function does with it.
"""

import json
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import urllib3

from tunedrop.events import FINALIZED
from tunedrop.local.addresses import HOST
from tunedrop.local.storage import Event, Store
from tunedrop.local.storage.outbox import FINALIZE

_PATH = "/?__GCP_CloudEventsMode=CE_PUBSUB_BINDING"
"""What an Eventarc trigger's subscription posts to."""
_SUBJECT_SAFE = "!#$&'()*+,/:;<=>?@[\\]^`{|}"
"""Printable ASCII but for space, quote and percent, besides what `quote` never encodes:
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md, 3.1.3.2."""
_PAGE = 100
_CONCURRENCY = 8
_FIRST_REST_SECONDS = 0.1
_LONGEST_REST_SECONDS = 2.0
_POST_SECONDS = 120.0
_LONGEST_WAIT_SECONDS = 1.0
_FAREWELL_SECONDS = 1.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Delivery:
    running: bool = True
    failures: int = 0
    due_at: float = 0.0


class FinalizeRelay:
    """Posts the finalize events of one bucket to one function until each got a 2xx.

    Args:
        store: The storage server's state; those of other buckets and other types are dropped from its outbox.
        bucket: The bucket whose events count.
        port: Where the function listens on loopback.
        bell: Set by anybody after a commit in the storage server.
    """

    def __init__(self, store: Store, *, bucket: str, port: int, bell: threading.Event) -> None:
        self._store = store
        self._bucket = bucket
        self._url = f"http://{HOST}:{port}{_PATH}"
        self._bell = bell
        self._http = urllib3.PoolManager(maxsize=_CONCURRENCY, retries=False)
        self._begun: dict[str, _Delivery] = {}
        self._results: queue.SimpleQueue[tuple[str, bool]] = queue.SimpleQueue()
        self._stopping = False
        self._dispatcher = threading.Thread(target=self._run, name="finalize-relay", daemon=True)

    def start(self) -> None:
        """Begin with what is undelivered from earlier."""
        self._bell.set()
        self._dispatcher.start()

    def stop(self) -> None:
        """Begin nothing further; what is under way has a moment to end, or comes again."""
        self._stopping = True
        self._bell.set()
        self._dispatcher.join()
        self._http.clear()

    def _run(self) -> None:
        while not self._stopping:
            self._bell.wait(self._rest_seconds())
            self._bell.clear()
            self._step(self._begin_due)
        deadline = time.monotonic() + _FAREWELL_SECONDS
        while self._running_count() and time.monotonic() < deadline:
            self._bell.wait(0.05)
            self._bell.clear()
            self._step(self._settle)

    def _step(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception:
            log.exception("a step of the finalize relay failed and is tried again")

    def _begin_due(self) -> None:
        self._settle()
        if self._stopping:
            return
        limit = len(self._begun) + _PAGE
        events = self._store.pending_events(limit)
        mine = [event for event in events if self._is_wanted(event)]
        for event in events:
            if not self._is_wanted(event):
                self._store.mark_delivered(event.event_id)
        for event in mine:
            self._begin(event)
        if len(events) == limit and len(mine) < limit:
            self._bell.set()  # behind the dropped ones may stand others

    def _is_wanted(self, event: Event) -> bool:
        is_ours = event.resource.get("bucket") == self._bucket
        return is_ours and event.event_type == FINALIZE

    def _begin(self, event: Event) -> None:
        known = self._begun.get(event.event_id)
        if known and (known.running or known.due_at > time.monotonic()):
            return
        if self._running_count() >= _CONCURRENCY:
            return
        self._begun.setdefault(event.event_id, _Delivery()).running = True
        threading.Thread(
            target=self._deliver, args=(event,), name=f"finalize-{event.event_id}", daemon=True
        ).start()

    def _running_count(self) -> int:
        return sum(delivery.running for delivery in self._begun.values())

    def _rest_seconds(self) -> float:
        """Seconds until the next repeat is due."""
        due = [each.due_at for each in self._begun.values() if not each.running]
        return max(0.0, min([*due, time.monotonic() + _LONGEST_WAIT_SECONDS]) - time.monotonic())

    def _settle(self) -> None:
        """Take in results, in the one thread that reads the outbox: none is begun twice."""
        while not self._results.empty():
            event_id, succeeded = self._results.get()
            if succeeded:
                self._store.mark_delivered(event_id)
                del self._begun[event_id]
                continue
            delivery = self._begun[event_id]
            rest = min(_LONGEST_REST_SECONDS, _FIRST_REST_SECONDS * 2 ** min(delivery.failures, 16))
            delivery.due_at = time.monotonic() + rest
            delivery.failures += 1
            delivery.running = False

    def _deliver(self, event: Event) -> None:
        succeeded = False
        try:
            succeeded = self._post(event)
        finally:
            self._results.put((event.event_id, succeeded))
            self._bell.set()

    def _post(self, event: Event) -> bool:
        try:
            response = self._http.request(
                "POST",
                self._url,
                body=json.dumps(event.resource).encode(),
                headers=cloudevent_headers(event),
                timeout=urllib3.Timeout(total=_POST_SECONDS),
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            log.info("finalize event %s: %s", event.event_id, type(error).__name__)
            return False
        log.info("finalize event %s: %d", event.event_id, response.status)
        return 200 <= response.status < 300  # noqa: PLR2004 — the success class


def cloudevent_headers(event: Event) -> dict[str, str]:
    """Return the headers of the CloudEvent in binary mode that Eventarc sends for a finalize event."""
    bucket, name = event.resource["bucket"], event.resource["name"]
    return {
        "Content-Type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": event.event_id,
        "ce-type": FINALIZED,
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{bucket}",
        "ce-subject": quote(f"objects/{name}", safe=_SUBJECT_SAFE),
        "ce-bucket": bucket,
        "ce-time": event.occurred_at,
    }
