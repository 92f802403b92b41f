"""The publisher on Google Cloud Pub/Sub, over the unmodified client.

Knows the Pub/Sub client and its errors; knows nothing of what is said.
"""

from collections.abc import Mapping

from google.api_core import exceptions as vendor
from google.api_core.retry import Retry, if_exception_type
from google.pubsub_v1 import PublisherClient, PubsubMessage

from tunedrop.adapters.google_errors import translated

_AGAIN = if_exception_type(
    vendor.Aborted,
    vendor.Cancelled,
    vendor.DeadlineExceeded,
    vendor.InternalServerError,
    vendor.ResourceExhausted,
    vendor.ServiceUnavailable,
    vendor.Unknown,
)
"""What the client repeats by itself, though for ten minutes; a message that is published twice is the same one."""


class PubsubPublisher:
    """Publishes one message a call, at once.

    Through the library's plain client: the one in `google.cloud.pubsub_v1` puts batches, which we do not
    want, on top of it, and a subscriber, whose imports every cold start would pay.
    """

    def __init__(self, *, timeout_seconds: float, client: PublisherClient | None = None) -> None:
        self._client = client or PublisherClient()
        self._timeout = timeout_seconds

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> str:
        """See `Publisher.publish`."""
        message = PubsubMessage(data=data, attributes=attributes)
        retry = Retry(predicate=_AGAIN, initial=0.1, maximum=5.0, timeout=self._timeout)
        with translated(topic):
            answer = self._client.publish(
                topic=topic, messages=[message], timeout=self._timeout, retry=retry
            )
        return str(answer.message_ids[0])
