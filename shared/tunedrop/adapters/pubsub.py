"""The publisher on Google Cloud Pub/Sub, over the unmodified client.

Knows the Pub/Sub client and its errors; knows nothing of what is said.
"""

from collections.abc import Mapping

from google.cloud.pubsub_v1 import PublisherClient
from google.cloud.pubsub_v1.types import BatchSettings

from tunedrop.adapters.google_errors import translated


class PubsubPublisher:
    """Publishes one message a call, at once: the client's default waits 10 ms for company."""

    def __init__(self, *, timeout_seconds: float, client: PublisherClient | None = None) -> None:
        self._client = client or PublisherClient(BatchSettings(max_messages=1))
        self._timeout = timeout_seconds

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> str:
        """See `Publisher.publish`."""
        with translated(topic):
            future = self._client.publish(topic, data, timeout=self._timeout, **dict(attributes))  # type: ignore[arg-type]  # the client takes attributes as keywords
            return str(future.result(timeout=self._timeout))
