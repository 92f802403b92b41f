"""Endpoints of the service and what is deployed on them, as far as they cost money.

Pure values; knows no service.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct


class DeployedModel(Struct, frozen=True):
    """A model on an endpoint."""

    id: str
    """By which it is taken off the endpoint."""
    model: str
    """Resource name with the version."""
    has_machines: bool
    """Whether machines of its own stand ready for it, which cost money whether anybody asks or not."""
    deployed_at: datetime


class Endpoint(Struct, frozen=True):
    """An endpoint."""

    name: str
    labels: Mapping[str, str]
    created_at: datetime
    deployed: tuple[DeployedModel, ...] = ()
