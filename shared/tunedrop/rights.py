"""Which rights the tables of `tunedrop.topology` give, party by party: the one derivation for deploying and examining.

Imports the standard library alone, since the deploy tool reads it before anything is installed; not deployed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tunedrop.topology import NOTIFIERS, Bucket, Topic


@dataclass(frozen=True, slots=True)
class Right:
    """What a party gets somewhere; a role without `roles/` is one of ours, no folders means everywhere."""

    party: str
    role: str
    why: str
    folders: tuple[str, ...] = ()


VIEWER = "roles/storage.objectViewer"
CREATOR = "roles/storage.objectCreator"
PUBLISHER = "roles/pubsub.publisher"
SUBSCRIBER = "roles/pubsub.subscriber"
PROJECT_RIGHTS = (
    Right("launcher", "launcher", "Creates jobs and finds its own again."),
    Right("status", "status", "Follows jobs; labels, serves and calls models."),
    Right("trigger", "roles/eventarc.eventReceiver", "Receives events of the intake bucket."),
    Right("build", "roles/logging.logWriter", "Writes the build's log."),
    Right("build", "roles/artifactregistry.writer", "Stores the image that it built."),
    Right("build", VIEWER, "Reads the uploaded source."),
)
"""What our accounts can only be given on the project."""

ACCESSOR = "roles/secretmanager.secretAccessor"
WEBHOOK_RIGHTS = tuple(
    Right(party, ACCESSOR, "Reads where to tell how runs end.") for party in NOTIFIERS
)
"""On the secret with the webhook's address, where a deployment has one."""


def bucket_rights(bucket: Bucket) -> Iterator[Right]:
    """What a row of the bucket table gives."""
    for party in bucket.reads:
        yield Right(party, VIEWER, f"Reads {bucket.holds}.")
    for party, folders in bucket.looks_into.items():
        yield Right(party, VIEWER, "Reads evidence, to come to its verdict again.", folders)
    for party, folders in bucket.creates.items():
        yield Right(party, CREATOR, "Adds objects and changes none.", folders)
    for party, folders in bucket.replaces.items():
        yield Right(party, "replacer", "Adds, overwrites and deletes objects.", folders)


def topic_rights(topic: Topic) -> Iterator[Right]:
    """What a row of the topic table gives."""
    for party in topic.publishes:
        yield Right(party, PUBLISHER, f"Publishes {topic.carries}.")


def pull_rights(topic: Topic) -> Iterator[Right]:
    """What a row of the topic table gives on the topic's own subscription."""
    for party in topic.pulls:
        yield Right(party, SUBSCRIBER, f"Takes out {topic.carries}.")


def folder_condition(bucket: str, folders: tuple[str, ...]) -> tuple[str, str]:
    """Expression and title of the condition that keeps a right to folders; both empty without any."""
    start = f"projects/_/buckets/{bucket}/objects/"
    tests = [f'resource.name.startsWith("{start}{folder}")' for folder in folders]
    title = "in " + " ".join(folder.rstrip("/") for folder in folders) if folders else ""
    return " || ".join(tests), title
