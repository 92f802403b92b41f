"""Deliveries that no honest sender makes, posted to the real functions, and what must hold whatever they are."""

import base64
import json
from contextlib import contextmanager
from typing import NamedTuple

from support.posting import RECEIVERS, client, entries
from support.world import World
from tunedrop import bootstrap
from tunedrop.errors import NotFoundError

SECRET = "stillwater heron 7731"
"""In every row and in every forged text: whatever a deployment says or records is searched for it."""
FINALIZED = "google.cloud.storage.object.v1.finalized"
SPOKEN_IN = ("test-ledger", "test-state")
"""Buckets that may hold no text of a dataset."""


def code_rows(count=20, start=0):
    return "".join(
        json.dumps({"input_text": f"{SECRET}: ask {n}", "output_text": f"{SECRET}: answer {n}"})
        + "\n"
        for n in range(start, start + count)
    )


def gemini_rows(count=20, start=0):
    def row(number):
        said = {"user": f"{SECRET}: ask {number}", "model": f"{SECRET}: answer {number}"}
        return {"contents": [{"role": r, "parts": [{"text": text}]} for r, text in said.items()]}

    return "".join(json.dumps(row(number)) + "\n" for number in range(start, start + count))


class Answer(NamedTuple):
    """What became of a delivery."""

    status: int
    """200 acknowledges; anything else has it delivered again, until it is a dead letter."""
    answer: str
    """done, refused, again or bug; empty where no function of ours got to see it."""
    code: str
    record: dict


class Siege:
    """A deployment to which anything is delivered; nothing that it says may hold `SECRET`."""

    def __init__(self, capfd, **changes):
        self.world = World(**changes)
        self.store = self.world.store
        self._capfd = capfd
        bootstrap.using(self.world.services, self.world.vertex)

    def finalize(self, info, **changes):
        """Deliver the event of an object, with other data."""
        data = {"bucket": info.bucket, "name": info.name, "generation": str(info.generation)}
        return self.event(json.dumps({**data, **changes}))

    def event(self, body, **headers):
        """Deliver a storage event with any body."""
        envelope = {
            "ce-specversion": "1.0",
            "ce-id": "event-1",
            "ce-type": FINALIZED,
            "ce-source": "//storage.googleapis.com/projects/_/buckets/test-intake",
            "Content-Type": "application/json",
        }
        return self._post("validator", "on_finalized", "/", headers=envelope | headers, data=body)

    def push(self, topic, body, **message):
        """Deliver a message with any data; further fields are the message's own."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.envelope(topic, {"data": base64.b64encode(raw).decode(), **message})

    def envelope(self, topic, message):
        """Deliver a push with any message."""
        message = {"messageId": "m1", "publishTime": "2026-11-23T12:00:00Z"} | message
        body = {"subscription": "projects/p/subscriptions/s", "message": message}
        path = f"/projects/p/topics/{topic}?pubsub_trigger=true"
        return self._post(*RECEIVERS[topic], path, json=body)

    def _post(self, source, target, path, **request):
        response = client(source, target).post(path, **request)
        said, complained = self._capfd.readouterr()
        assert SECRET not in said + complained
        assert "" == complained
        settled = [entry for entry in entries(said) if "delivery.settled" == entry["event"]]
        assert len(settled) <= 1
        if not settled:
            return Answer(response.status_code, "", "", {})
        labels = settled[0]["logging.googleapis.com/labels"]
        record = self.world.record(labels["record"]) if "record" in labels else {}
        return Answer(response.status_code, settled[0]["answer"], labels["code"], record)

    @contextmanager
    def in_the_middle_of_reading(self, act):
        """While a dataset is streamed, *act* is done, and the rest of its bytes cannot be had."""
        whole = self.store.stream

        @contextmanager
        def interrupted(bucket, name, *, generation):
            def some(chunks):
                yield next(chunks)
                act()
                raise NotFoundError(f"gs://{bucket}/{name}#{generation}")

            with whole(bucket, name, generation=generation) as chunks:
                yield some(chunks)

        self.store.stream = interrupted
        try:
            yield
        finally:
            self.store.stream = whole

    def created(self):
        """The create calls that the AI service has got."""
        return [*self.world.pipelines.created, *self.world.tunings.created]

    def assert_silent(self, jobs=0, *, but_for=None):
        """No more jobs than approved, and no text of a dataset where none belongs.

        *but_for* is the data of a record that the test itself has put there.
        """
        assert jobs == len(self.created())
        kept = [
            data
            for bucket in SPOKEN_IN
            for _, data in self.store.objects[bucket].values()
            if data != but_for
        ]
        sent = [
            data + repr(attributes).encode() for _, data, attributes in self.world.publisher.sent
        ]
        told = [repr(card).encode() for card in self.world.notices.told]
        assert not [text for text in [*kept, *sent, *told] if SECRET.encode() in text]
