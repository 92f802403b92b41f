"""Messages that no function could deal with: where each came from, and how it is sent again.

Knows attributes and topics; the box that they lie in is a port. Not deployed.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tunedrop.contracts import TuningRequested
from tunedrop.domain.naming import GsUri
from tunedrop.errors import MalformedEventError
from tunedrop.topology import FUNCTIONS

REPLAYED_FROM = "tunedrop-replayed-from"
"""Attribute of a message that was sent again: the id of the dead letter that it was."""
FINALIZED = "finalized"
"""Where a letter came from whose subscription is none of ours: the intake bucket's trigger."""
_MARKS = "CloudPubSubDeadLetterSource"
"""What the names of all attributes begin with that Pub/Sub adds when it gives a message up."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up."""

    message_id: str
    """Its own; the message that it was had another."""
    data: bytes
    attributes: Mapping[str, str]
    given_up_at: datetime

    @property
    def subscription(self) -> str:
        """Short name of the subscription that gave it up."""
        return self.attributes.get(f"{_MARKS}Subscription", "")

    @property
    def deliveries(self) -> int:
        """How often it was delivered in vain; 0 where nothing says so."""
        count = self.attributes.get(f"{_MARKS}DeliveryCount", "")
        return int(count) if count.isascii() and count.isdigit() else 0

    @property
    def replayed_from(self) -> str:
        """Id of the dead letter that it was before it was sent again; empty for one that was not."""
        return self.attributes.get(REPLAYED_FROM, "")


class DeadLetterBox(Protocol):
    """The dead letters of a deployment."""

    def opened(self) -> AbstractContextManager[Sequence[DeadLetter]]:
        """Take the letters out; whatever is not removed meanwhile lies in the box again at the end.

        Those that somebody else has taken out at the same time are missing.
        """
        ...

    def remove(self, letter: DeadLetter) -> None:
        """Take a letter of the opened box away for good."""
        ...


def role_of(deployment: str, letter: DeadLetter) -> str:
    """The role of what arrives where the letter was given up: a topic's, or `finalized`."""
    topics = (function.topic for function in FUNCTIONS if function.topic)
    # The local cloud puts the function's source behind the topic's role.
    own = {role: f"{deployment}-{role}" for role in topics}
    given_up_by = letter.subscription
    found = (
        role
        for role, name in own.items()
        if given_up_by == name or given_up_by.startswith(f"{name}-")
    )
    return next(found, FINALIZED)


def attributes_of_replay(letter: DeadLetter) -> dict[str, str]:
    """The attributes to send a letter with: its own, without those of its giving up, and where it comes from."""
    own = {name: value for name, value in letter.attributes.items() if not name.startswith(_MARKS)}
    return {**own, REPLAYED_FROM: letter.message_id}


def request_of_event(letter: DeadLetter) -> TuningRequested:
    """What asks for the same as an event of the intake bucket's trigger.

    Raises:
        MalformedEventError: It names no object.
    """
    bucket, name, generation = _object_of(letter)
    if not GsUri.fits(bucket, name) or not generation.isascii() or not generation.isdigit():
        raise MalformedEventError(
            "expected an event that names an object, found something else; discard it"
        )
    return TuningRequested(dataset_uri=f"gs://{bucket}/{name}", dataset_generation=int(generation))


def _object_of(letter: DeadLetter) -> tuple[str, str, str]:
    """Bucket, name and generation, from the object's resource or from the notification's attributes."""
    try:
        body = json.loads(letter.data)
    except (ValueError, RecursionError):
        body = None
    told = body if isinstance(body, dict) else {}
    keys = (("bucket", "bucketId"), ("name", "objectId"), ("generation", "objectGeneration"))
    bucket, name, generation = (
        str(told.get(key) or letter.attributes.get(attribute, "")) for key, attribute in keys
    )
    return bucket, name, generation
