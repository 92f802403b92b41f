"""A Pub/Sub server for one machine: google.pubsub.v1 over gRPC on loopback, state in one directory.

It knows nothing of buckets, tuning jobs or functions: a message is bytes and attributes.
"""

from tunedrop.local.pubsub.errors import ServerError
from tunedrop.local.pubsub.inspector import read_counts
from tunedrop.local.pubsub.model import Counts
from tunedrop.local.pubsub.server import PubSubServer

__all__ = ["Counts", "PubSubServer", "ServerError", "read_counts"]
