"""Posts deliveries to the real `main.py` of each function under the real framework, headers and attributes included."""

import base64
import json
from pathlib import Path

from functions_framework import create_app

FUNCTIONS = Path(__file__).parents[2] / "functions"
RECEIVERS = {
    "requests": ("validator", "on_request"),
    "launches": ("launcher", "on_launch"),
    "job-events": ("status", "on_job_event"),
    "control": ("status", "on_control"),
}


def client(source, target):
    return create_app(target, str(FUNCTIONS / source / "main.py"), "cloudevent").test_client()


def post_finalized(info, *, headers=None, event_id="event-1", **changes):
    """A finalize event, as Eventarc sends it."""
    envelope = {
        "ce-specversion": "1.0",
        "ce-id": event_id,
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{info.bucket}",
        "Content-Type": "application/json",
    }
    data = {"bucket": info.bucket, "name": info.name, "generation": str(info.generation), **changes}
    return client("validator", "on_finalized").post(
        "/", headers=envelope | (headers or {}), data=json.dumps(data)
    )


def push(topic, body, *, message_id="m1", attributes=None, headers=None):
    """A raw Pub/Sub push, as a subscription of our own sends it."""
    data = base64.b64encode(body if isinstance(body, bytes) else json.dumps(body).encode())
    message = {"messageId": message_id, "attributes": attributes or {}, "data": data.decode()}
    return client(*RECEIVERS[topic]).post(
        f"/projects/p/topics/{topic}?pubsub_trigger=true",
        json={"subscription": "projects/p/subscriptions/s", "message": message},
        headers=headers,
    )


class Courier:
    """Delivers what a world's functions publish to the functions that it is for."""

    def __init__(self, world):
        self.world = world
        self.delivered = 0

    def deliver(self):
        """Push everything that was published since the last call; the status codes."""
        codes = []
        while self.delivered < len(self.world.publisher.sent):
            topic, body, attributes = self.world.publisher.sent[self.delivered]
            self.delivered += 1
            if topic in RECEIVERS:
                answer = push(
                    topic, body, message_id=f"p{self.delivered}", attributes=dict(attributes)
                )
                codes.append(answer.status_code)
        return codes


def entries(text):
    """The JSON lines that functions have written."""
    return [json.loads(line) for line in text.splitlines() if line.strip()]
