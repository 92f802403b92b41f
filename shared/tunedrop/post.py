"""The deployment's way of sending messages and of telling people: the right topic, the attributes, one call.

Knows contracts and settings; decides nothing about when a message is due.
"""

from tunedrop import logs, tracing
from tunedrop.config import Settings
from tunedrop.domain.runs import Run
from tunedrop.message_kinds import Message
from tunedrop.ports import Card, Clock, Notices, Publisher
from tunedrop.reports.notices import card_of
from tunedrop.wire import cloudevent_attributes, encode

MAX_ATTRIBUTE_BYTES = 1024
"""Longest attribute value of Pub/Sub; an object's address may be longer."""


class Silence:
    """Tells nobody: the notices of a deployment without a webhook."""

    def tell(self, card: Card) -> None:
        """See `Notices.tell`."""


SILENCE = Silence()


class Post:
    """Sends messages for one deployment."""

    def __init__(
        self, *, publisher: Publisher, settings: Settings, clock: Clock, notices: Notices = SILENCE
    ) -> None:
        self._publisher = publisher
        self._settings = settings
        self._clock = clock
        self._notices = notices

    def send(self, message: Message, *, event_id: str, subject: str = "") -> None:
        """Publish *message* on its contract's topic; the same *event_id* marks a repeat.

        It goes on with the trace of what is being done.
        """
        source = f"//tunedrop/{self._settings.project}/{self._settings.deployment}"
        attributes = cloudevent_attributes(
            message,
            event_id=event_id,
            source=source,
            at=self._clock.now(),
            subject=_fitting(subject),
        )
        trace = tracing.current()
        if trace is not None:
            attributes[tracing.ATTRIBUTE] = trace.parent
        self._publisher.publish(self._settings.topic(message.topic), encode(message), attributes)

    def tell(self, run: Run) -> None:
        """Tell people where the run stands, if it is theirs to know; a card that cannot be made is reported."""
        card = self._card_of(run)
        if card is not None:
            self._notices.tell(card)

    def _card_of(self, run: Run) -> Card | None:
        try:
            return card_of(self._settings, run)
        except Exception as error:  # noqa: BLE001 — without a card, the run has to end all the same
            logs.bug(error)
            return None


def _fitting(text: str) -> str:
    return text.encode("utf-8", "replace")[:MAX_ATTRIBUTE_BYTES].decode("utf-8", "ignore")
