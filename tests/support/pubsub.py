"""A Pub/Sub server for a test, the unmodified clients for it, and an endpoint that records pushes.

Waits by polling a condition with a deadline; nothing here sleeps for a fixed time to be right.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from google.cloud import pubsub_v1
from google.pubsub_v1.services.publisher import PublisherClient as ApiPublisher

PROJECT = "projects/local-test"


def topic_name(topic_id):
    return f"{PROJECT}/topics/{topic_id}"


def subscription_name(subscription_id):
    return f"{PROJECT}/subscriptions/{subscription_id}"


def wait_until(condition: Callable, what: str, seconds: float = 20):
    """Return the first true result of *condition*; fail with *what* after *seconds*."""
    end = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds} s in vain for {what}")
        time.sleep(0.01)
    return result


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Clients:
    """The real clients of one server, and short ways to say what most tests say."""

    publisher: pubsub_v1.PublisherClient
    subscriber: pubsub_v1.SubscriberClient
    api: ApiPublisher = field(init=False)
    """The publisher without its batching and its own checks."""

    def __post_init__(self):
        self.api = ApiPublisher(transport=self.publisher.transport)

    def topic(self, topic_id="messages") -> str:
        return self.publisher.create_topic(name=topic_name(topic_id)).name

    def subscription(self, topic, subscription_id="listener", **settings) -> str:
        request = {"name": subscription_name(subscription_id), "topic": topic, **settings}
        return self.subscriber.create_subscription(request=request).name

    def publish(self, topic, data=b"", ordering_key="", **attributes) -> str:
        future = self.publisher.publish(topic, data, ordering_key, **attributes)
        return future.result(timeout=60)

    def pull(self, subscription, max_messages=10, timeout=20):
        response = self.subscriber.pull(
            subscription=subscription, max_messages=max_messages, timeout=timeout
        )
        return list(response.received_messages)

    def pull_now(self, subscription, max_messages=10):
        """Return what is ready, without waiting for more."""
        request = {
            "subscription": subscription,
            "max_messages": max_messages,
            "return_immediately": True,
        }
        with pytest.warns(DeprecationWarning, match="return_immediately"):
            return list(self.subscriber.pull(request=request, timeout=20).received_messages)

    def refuse(self, subscription, received):
        self.subscriber.modify_ack_deadline(
            subscription=subscription,
            ack_ids=[each.ack_id for each in received],
            ack_deadline_seconds=0,
        )

    def acknowledge(self, subscription, received):
        self.subscriber.acknowledge(
            subscription=subscription, ack_ids=[each.ack_id for each in received]
        )


@contextmanager
def clients_of(address: str, *, ordering=False) -> Iterator[Clients]:
    """Yield the unmodified clients as an application gets them: by PUBSUB_EMULATOR_HOST."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PUBSUB_EMULATOR_HOST", address)
        publisher = pubsub_v1.PublisherClient(
            batch_settings=pubsub_v1.types.BatchSettings(max_messages=1),
            publisher_options=pubsub_v1.types.PublisherOptions(enable_message_ordering=ordering),
        )
        subscriber = pubsub_v1.SubscriberClient()
    try:
        yield Clients(publisher, subscriber)
    finally:
        publisher.stop()
        publisher.transport.close()
        subscriber.close()


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Endpoint:
    """A loopback HTTP server that records each POST and answers as it is told."""

    def __init__(self, *, port=0):
        self.requests: list[Request] = []
        self.answers: list[int] = []
        """Statuses of the next answers; `otherwise` once they are used up."""
        self.otherwise = 204
        self.hold = threading.Event()
        self.hold.set()
        """Cleared, requests are recorded and then left waiting."""
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_port

    def url(self, path="/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def wait_for(self, count: int, seconds: float = 20) -> list[Request]:
        wait_until(lambda: len(self.requests) >= count, f"{count} pushes", seconds)
        return list(self.requests)

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: Request) -> int:
        with self._lock:
            self.requests.append(request)
            status = self.answers.pop(0) if self.answers else self.otherwise
        self.hold.wait(60)
        return status

    def _handler(self):
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = endpoint._answer(Request(self.path, dict(self.headers), body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler


@contextmanager
def server_process(directory: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen, str]]:
    """Yield the command-line server and its address; it is killed if it still runs."""
    command = [sys.executable, "-m", "tunedrop.local.pubsub"]
    command += ["--port", str(port), "--directory", str(directory)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(os.environ))
    try:
        ready = json.loads(process.stdout.readline())
        yield process, f"127.0.0.1:{ready['port']}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
