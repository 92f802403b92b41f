"""Faults on request: what the real service does rarely, made to happen when a test asks.

Reaches the broker through the hub alone.
"""

from tunedrop.local.pubsub.hub import Hub


class Faults:
    """The faults of one running server."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def duplicate_next(self, subscription: str, copies: int = 2) -> None:
        """Deliver the next message of *subscription* *copies* times in all.

        The copies carry acknowledgement identifiers of their own; refusing one does not bring
        the message back.

        Raises:
            ResourceMissingError: There is no such subscription.
        """
        with self._hub.change() as broker:
            broker.duplicate_next(subscription, copies)
