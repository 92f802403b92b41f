"""What the scheduler and the log sink do in the cloud: ticks at an interval, job logs onto a topic.

Knows when and where to publish; knows nothing of what the functions do with it.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from tunedrop.contracts import JobTick
from tunedrop.ports import Publisher
from tunedrop.post import Post

log = logging.getLogger(__name__)


class Ticker:
    """Publishes a sweep at an interval, as the scheduler does.

    Args:
        is_behind: Tells that earlier ticks still wait; then none is added, so that a function
            that is away for long does not come back to a heap of them.
    """

    def __init__(
        self, post: Post, *, interval_seconds: float, is_behind: Callable[[], bool]
    ) -> None:
        self._post = post
        self._interval = interval_seconds
        self._is_behind = is_behind
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ticker", daemon=True)

    def start(self) -> None:
        """Begin; the first tick comes after one interval."""
        self._thread.start()

    def stop(self) -> None:
        """Send no further tick."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._interval):
            try:
                if not self._is_behind():
                    self._post.send(JobTick(kind="sweep"), event_id=f"tick-{time.time_ns()}")
            except Exception:
                log.exception("a tick could not be sent; the next one follows")


def log_sink(publisher: Publisher, topic: str) -> Callable[[dict[str, Any]], None]:
    """Return what publishes a LogEntry as a log sink does: its JSON, and its time as an attribute."""

    def publish(entry: dict[str, Any]) -> None:
        attributes = {"logging.googleapis.com/timestamp": str(entry["timestamp"])}
        publisher.publish(topic, json.dumps(entry).encode(), attributes)

    return publish
