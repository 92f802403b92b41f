"""A Cloud Storage server on loopback that unmodified clients and `gcloud storage` work against."""

from tunedrop.local.storage.faults import DropAfterApply, FailNext, Faults
from tunedrop.local.storage.outbox import Event
from tunedrop.local.storage.server import StorageServer
from tunedrop.local.storage.store import Store

__all__ = ["DropAfterApply", "Event", "FailNext", "Faults", "StorageServer", "Store"]
