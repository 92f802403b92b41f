"""The box of dead letters on Google Cloud Pub/Sub: a pull subscription, over the unmodified client.

Knows the Pub/Sub client and its errors; decides nothing about a letter. Not deployed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from google.api_core import exceptions as vendor
from google.pubsub_v1 import PubsubMessage, ReceivedMessage, SubscriberClient

from tunedrop.adapters.google_errors import translated
from tunedrop.dead_letters import DeadLetter

if TYPE_CHECKING:
    from datetime import datetime

MOST_LETTERS = 5000
_AT_ONCE = 1000


class PubsubDeadLetters:
    """Opens the box by pulling until nothing more comes, and closes it by letting everything come again.

    Args:
        subscription: Full resource name.
        timeout_seconds: For one call.
        patience_seconds: How long to wait for a first or a further letter.
        client: Built from the environment when absent.
    """

    def __init__(
        self,
        subscription: str,
        *,
        timeout_seconds: float,
        patience_seconds: float,
        client: SubscriberClient | None = None,
    ) -> None:
        self._subscription = subscription
        self._timeout = timeout_seconds
        self._patience = patience_seconds
        self._client = client or SubscriberClient()
        self._taken: dict[str, list[str]] = {}
        """By message id the handles under which it was delivered, which may be several times."""

    @contextmanager
    def opened(self) -> Iterator[Sequence[DeadLetter]]:
        """See `DeadLetterBox.opened`."""
        try:
            yield list(self._take_out())
        finally:
            self._give_back()

    def remove(self, letter: DeadLetter) -> None:
        """See `DeadLetterBox.remove`."""
        handles = self._taken[letter.message_id]
        with translated(self._subscription):
            self._client.acknowledge(
                subscription=self._subscription, ack_ids=handles, timeout=self._timeout
            )
        del self._taken[letter.message_id]

    def _take_out(self) -> Iterator[DeadLetter]:
        while len(self._taken) < MOST_LETTERS and (received := self._pull()):
            for each in received:
                handles = self._taken.setdefault(each.message.message_id, [])
                handles.append(each.ack_id)
                if len(handles) == 1:
                    yield _letter(each.message)

    def _pull(self) -> Sequence[ReceivedMessage]:
        with translated(self._subscription):
            try:
                answer = self._client.pull(
                    subscription=self._subscription,
                    max_messages=_AT_ONCE,
                    timeout=self._patience,
                    retry=None,
                )
            except vendor.DeadlineExceeded:
                return ()
        return answer.received_messages

    def _give_back(self) -> None:
        left = [handle for handles in self._taken.values() for handle in handles]
        self._taken.clear()
        for start in range(0, len(left), _AT_ONCE):
            with translated(self._subscription):
                self._client.modify_ack_deadline(
                    subscription=self._subscription,
                    ack_ids=left[start : start + _AT_ONCE],
                    ack_deadline_seconds=0,
                    timeout=self._timeout,
                )


def _letter(message: PubsubMessage) -> DeadLetter:
    return DeadLetter(
        message_id=message.message_id,
        data=message.data,
        attributes=dict(message.attributes),
        given_up_at=cast("datetime", message.publish_time),
    )
