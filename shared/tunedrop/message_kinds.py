"""What all messages share: their kinds, and the forms of what they hold.

Commands refuse unknown keys; facts tolerate fields that a newer producer adds.
"""

import json
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

INT64_MAX = 2**63 - 1


def _read_int64(value: object) -> object:
    """JSON carries an int64 as a string of digits; a bool or a float is not one."""
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdigit()
        and len(value) <= len(str(INT64_MAX))
    ):
        return int(value)
    return value


Int64 = Annotated[
    int,
    BeforeValidator(_read_int64),
    Field(strict=True, ge=0, le=INT64_MAX),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": ["string", "integer"],
            "pattern": "^[0-9]{1,19}$",
            "minimum": 0,
            "maximum": INT64_MAX,
        }
    ),
]


def _plain_json(value: dict[str, Any]) -> dict[str, Any]:
    """Numbers that JSON does not have, such as NaN, cannot be recorded or hashed."""
    json.dumps(value, allow_nan=False)
    return value


JsonObject = Annotated[dict[str, Any], AfterValidator(_plain_json)]
DatasetUri = Annotated[str, Field(pattern=r"^gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]/.{1,1024}$")]
ShortText = Annotated[str, Field(max_length=200)]
RecipeName = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,500}$")]
DropId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
RunId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,32}-[0-9a-f]{16}$")]


class Message(BaseModel):
    """Base of every message."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, defer_build=True)
    topic: ClassVar[str]
    """Which of the deployment's topics carries it."""

    schema_version: Literal[1] = 1


class Command(Message):
    """Asks for something; unknown keys are refused, so that a misspelt option is never ignored."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Fact(Message):
    """Says what happened; fields that a newer producer adds are tolerated."""

    model_config = ConfigDict(extra="ignore")
    topic: ClassVar[str] = "events"

    deployment: ShortText
    occurred_at: AwareDatetime
    correlation_id: ShortText = ""
