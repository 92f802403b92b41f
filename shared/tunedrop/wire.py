"""Messages to bytes and attributes, and back: JSON bodies with CloudEvents attributes beside them.

Knows the contracts and nothing of who sends or receives.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from tunedrop.errors import MalformedEventError, Problem
from tunedrop.message_kinds import Message
from tunedrop.suggest import did_you_mean

EVENT_ID = "ce-id"
"""The attribute that is the same on every repeat of a message."""
MAX_MESSAGE_BYTES = 512 * 1024
"""Eventarc's bound for an event, although Pub/Sub itself takes 10 MB (firebase.google.com/docs/functions/quotas)."""

_MOST_PROBLEMS = 20
_FORMS = {
    "dataset_uri": "gs://bucket/object",
    "recipe": "the name of a recipe's folder, without control characters",
    "run_id": "a run id such as tide-code-0123456789abcdef",
    "drop_id": "a drop id of 32 hex digits",
}
"""Words for the fields whose form is a regular expression."""

M = TypeVar("M", bound=Message)


class MessageInvalidError(MalformedEventError):
    """A message does not fit its contract; carries every problem found."""

    code = "message_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def encode(message: Message) -> bytes:
    """The message's JSON body."""
    return message.model_dump_json(exclude_none=True).encode()


def cloudevent_attributes(
    message: Message, *, event_id: str, source: str, at: datetime, subject: str
) -> dict[str, str]:
    """The attributes of CloudEvents' Pub/Sub binding, binary mode."""
    return {
        "ce-specversion": "1.0",
        EVENT_ID: event_id,
        "ce-source": source,
        "ce-type": event_type(type(message)),
        "ce-time": at.isoformat(),
        "ce-subject": subject,
        "content-type": "application/json",
    }


def event_type(contract: type[Message]) -> str:
    """The CloudEvents type of a contract: `dev.tunedrop.dataset-accepted.v1`."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "-", contract.__name__).lower()
    return f"dev.tunedrop.{words}.v{contract.model_fields['schema_version'].default}"


def decode(contract: type[M], data: bytes) -> M:
    """Read a message.

    Raises:
        MessageInvalidError: Names every field at fault, what was expected and the nearest known key;
            values are never repeated.
    """
    if len(data) > MAX_MESSAGE_BYTES:
        raise MessageInvalidError([_too_long(contract, len(data))])
    try:
        return contract.model_validate_json(data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise MessageInvalidError(
            [_problem(contract, fault) for fault in faults[:_MOST_PROBLEMS]]
        ) from None


def _too_long(contract: type[Message], size: int) -> Problem:
    return Problem(
        where=contract.__name__,
        expected=f"at most {MAX_MESSAGE_BYTES} bytes",
        found=f"{size} bytes",
        remedy="send the dataset's address, never its rows",
        code="message_too_long",
    )


def _problem(contract: type[Message], fault: Any) -> Problem:  # noqa: ANN401 — pydantic's ErrorDetails
    where = ".".join([contract.__name__, *map(str, fault["loc"])])
    if fault["type"] == "extra_forbidden":
        remedy = did_you_mean(str(fault["loc"][0]), contract.model_fields)
        return Problem(where[:200], "a known key", "an unknown one", remedy, code="unknown_key")
    if fault["type"] == "json_invalid":
        return Problem(
            where,
            "one JSON object",
            "text that is not JSON",
            "encode the message as JSON",
            code="not_json",
        )
    return Problem(
        where[:200],
        _FORMS.get(where.rpartition(".")[2], fault["msg"]),
        "something else",
        "see docs/messages for the schema and an example",
    )
