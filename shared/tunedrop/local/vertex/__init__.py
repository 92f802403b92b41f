"""A stand-in for Vertex AI on loopback: jobs, models, endpoints and predictions.

Speaks the real protocols to the unmodified clients; knows nothing of what tunedrop does with it.
"""

from tunedrop.local.vertex.clock import Clock
from tunedrop.local.vertex.objects import InjectedObjects, Objects, StorageObjects
from tunedrop.local.vertex.script import Rule
from tunedrop.local.vertex.server import VertexServer
from tunedrop.local.vertex.settings import Settings

__all__ = [
    "Clock",
    "InjectedObjects",
    "Objects",
    "Rule",
    "Settings",
    "StorageObjects",
    "VertexServer",
]
