"""What the local Pub/Sub server refuses, and why it cannot start.

BrokerError and its kinds each become one gRPC status; this room does not know which.
"""

from tunedrop.errors import TunedropError


class ServerError(TunedropError):
    """The server cannot start: its directory or its port is taken or unusable."""


class BrokerError(Exception):
    """Base of what a request can be refused for."""


class ResourceMissingError(BrokerError):
    """A request names a topic or subscription that does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Resource not found (resource={name}).")
        self.name = name


class ResourceExistsError(BrokerError):
    """A request creates a topic or subscription that exists already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Resource already exists in the project (resource={name}).")
        self.name = name


class InvalidArgumentError(BrokerError):
    """A request breaks a rule of the service, whatever the server's state."""


class ServerClosedError(BrokerError):
    """The server is stopping; the same request succeeds once it is up again."""

    def __init__(self) -> None:
        super().__init__("the local Pub/Sub server is stopping")
