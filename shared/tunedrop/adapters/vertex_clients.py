"""Clients of the Vertex AI services for a location: the right host, or the local cloud's.

Knows hosts and channels; makes no call.
"""

import re
import threading
from datetime import UTC, datetime
from typing import Any, TypeVar

import grpc
from google.api_core.retry import Retry, if_transient_error
from google.auth.credentials import Credentials

_LOCATION = re.compile(r"projects/[^/]+/locations/([a-z0-9-]+)(?:/|$)", re.ASCII)
# Multi-regions are served by hosts of their own (google/cloud/aiplatform/constants/base.py, MREP_JURISDICTIONS).
_MULTI_REGIONS = frozenset({"us", "eu"})

C = TypeVar("C")


def location_of(name: str) -> str:
    """The location in a resource name; the only thing that says which host answers for it.

    Raises:
        ValueError: The name holds none.
    """
    match = _LOCATION.match(name)
    if match is None:
        msg = "expected a resource name with projects/…/locations/…"
        raise ValueError(msg)
    return match[1]


def host_of(location: str) -> str:
    """The API host for a location."""
    if location in _MULTI_REGIONS:
        return f"aiplatform.{location}.rep.googleapis.com"
    return (
        "aiplatform.googleapis.com"
        if location == "global"
        else f"{location}-aiplatform.googleapis.com"
    )


def instant(value: Any) -> datetime:  # noqa: ANN401 — typed as a protobuf Timestamp, given as a datetime or None
    """A field of time as an aware datetime; the epoch for a field that is not set."""
    return value if isinstance(value, datetime) else datetime.fromtimestamp(0, UTC)


class VertexClients:
    """Builds each client once per host; one object for the adapters of a process."""

    def __init__(
        self, *, credentials: Credentials | None, timeout_seconds: float, emulator_host: str = ""
    ) -> None:
        self._credentials = credentials
        self._emulator_host = emulator_host
        self._built: dict[tuple[type, str], Any] = {}
        self._lock = threading.Lock()
        self.timeout_seconds = timeout_seconds

    def get(self, client: type[C], location: str) -> C:
        """The client of a service for a location."""
        key = (client, self._emulator_host or host_of(location))
        with self._lock:
            if key not in self._built:
                self._built[key] = self._build(client, key[1])
            built: C = self._built[key]
        return built

    def repeatable(self) -> dict[str, Any]:
        """Call options for calls that change nothing, or the same thing however often."""
        retry = Retry(
            predicate=if_transient_error, initial=0.2, maximum=5.0, timeout=2 * self.timeout_seconds
        )
        return {"timeout": self.timeout_seconds, "retry": retry}

    def _build(self, client: Any, host: str) -> Any:  # noqa: ANN401 — generated clients share no base class
        if not self._emulator_host:
            return client(credentials=self._credentials, client_options={"api_endpoint": host})
        transport = client.get_transport_class("grpc")
        return client(transport=transport(channel=grpc.insecure_channel(host)))
