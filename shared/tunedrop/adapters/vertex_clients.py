"""Clients of the Vertex AI services for a location: the right host, or the local cloud's.

Knows hosts and channels; makes no call.
"""

import threading
from datetime import UTC, datetime
from typing import Any, TypeVar

import grpc
from google.api_core.retry import Retry, if_transient_error
from google.auth.credentials import Credentials

from tunedrop.domain.hosts import host_of

C = TypeVar("C")


def instant(value: Any) -> datetime:  # noqa: ANN401 — typed as a protobuf Timestamp, given as a datetime or None
    """A field of time as an aware datetime; the epoch for a field that is not set."""
    return value if isinstance(value, datetime) else datetime.fromtimestamp(0, UTC)


def rfc3339(at: datetime) -> str:
    """An instant as the services' filters take it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def enum_name(message: Any, field: str) -> str:  # noqa: ANN401 — generated messages share no typed base
    """The name of an enum field's value, or its number for a value newer than this library.

    Read below the library's wrapper, which only warns about a number that it does not know.
    """
    raw = type(message).pb(message)
    number = getattr(raw, field)
    known = raw.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number.get(number)
    return known.name if known else str(number)


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
