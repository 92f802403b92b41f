"""The messages that cross a topic, as frozen pydantic models; JSON Schemas are exported from here.

Commands refuse unknown keys; facts tolerate fields that a newer producer adds. No behaviour, no domain.
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


class TuningRequested(Command):
    """Other systems -> validator: check this dataset and tune on it."""

    topic: ClassVar[str] = "requests"

    dataset_uri: DatasetUri
    dataset_generation: Int64 | None = None
    """Storage generation to use; the live one when absent."""
    recipe: RecipeName | None = None
    """Name of a recipe: the folder that holds its `recipe.toml`; the dataset's own folder when absent."""
    inline_recipe: JsonObject | None = None
    """A whole recipe, in the keys of `recipe.toml`; then `recipe` only names it."""
    overrides: JsonObject = Field(default_factory=dict)
    """Dotted recipe fields and their values, such as `{"tuning.epochs": 3}`."""
    priority: Annotated[int, Field(ge=0, le=9)] = 5
    """0 is the most urgent; orders runs that wait."""
    requester: ShortText = ""
    correlation_id: ShortText = ""
    """Handed back in every fact about what follows."""


class LaunchRequested(Command):
    """Validator and status -> launcher: look at this verdict and launch what it allows."""

    topic: ClassVar[str] = "launches"

    drop_id: DropId
    run_id: RunId
    correlation_id: ShortText = ""


class JobTick(Command):
    """Scheduler and status -> status: look after one run, or after every open one."""

    topic: ClassVar[str] = "job-events"

    kind: Literal["sweep", "run"] = "sweep"
    run_id: RunId | None = None
    """The run to look after, for kind `run`."""


class ControlRequested(Command):
    """Operators -> status: decide about a run, or about launches as a whole.

    Two messages with one `ce-id` are one decision.
    """

    topic: ClassVar[str] = "control"

    action: Literal["approve", "refuse", "cancel", "retry", "pause", "resume", "sweep"]
    run_id: RunId | None = None
    """The run that is decided about; absent for `pause`, `resume` and `sweep`."""
    reason: ShortText = ""
    claimed_by: ShortText = ""
    """Who says they sent it; the topic's permissions decide who can."""


class Fact(Message):
    """Says what happened; fields that a newer producer adds are tolerated."""

    model_config = ConfigDict(extra="ignore")
    topic: ClassVar[str] = "events"

    deployment: ShortText
    occurred_at: AwareDatetime
    correlation_id: ShortText = ""


class LineCounts(BaseModel):
    """Where every physical line of a dataset went; the first four add up to the last."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    used: int = 0
    fixed: int = 0
    rejected: int = 0
    blank: int = 0
    physical: int = 0


class DatasetFact(Fact):
    """What both outcomes of a check say."""

    drop_id: DropId
    dataset_uri: str
    dataset_generation: Int64
    recipe: str
    base_model: str = ""
    dataset_format: str = ""
    lines: LineCounts = LineCounts()
    report_uri: str = ""


class DatasetAccepted(DatasetFact):
    """This generation of this object may be tuned on."""

    dataset_digest: str
    """SHA-256 of the staged bytes, in hex."""
    run_id: RunId
    run_state: str = ""
    """How the run stood before this drop asked for it, such as `registered` or `failed`; empty for a new one."""
    estimated_usd: float | None = None
    """None when the price is not known, which is not zero."""


class DatasetRejected(DatasetFact):
    """This generation of this object will not be tuned on."""

    code: str
    """The first error's finding code, or the rule that refused."""
    finding_counts: dict[str, int] = Field(default_factory=dict)


class RunFact(Fact):
    """What every fact about a run says."""

    run_id: RunId
    attempt: int = 0
    report_uri: str = ""


class RunQueued(RunFact):
    """The run waits, and will be launched without anybody's doing, or after an approval."""

    code: str
    """Why it waits."""
    held: bool = False
    """True: waits for an approval."""


class RunLaunched(RunFact):
    """A job is recorded for the attempt."""

    job_name: str
    base_model: str


class RunSucceeded(RunFact):
    """The job ended well and holds a tuned model."""

    job_name: str
    tuned_model: str


class RunFailed(RunFact):
    """The attempt ended without a tuned model."""

    code: str
    job_name: str = ""


class RunRehearsed(RunFact):
    """Everything was done but the create call: the recipe lies in the folder for rehearsals."""

    job_id: str
    """Of the job that would have been created."""
    base_model: str
    would_hold: str = ""
    """Why a real run would wait for an approval; empty if it would not."""
    service: str = "answered"
    """What a look at the AI service's jobs came to: `answered`, or the code of its error."""


class ModelRegistered(RunFact):
    """The tuned model is recorded, served and has answered a call."""

    recipe: str
    version: int
    tuned_model: str
    endpoint: str
    base_model: str


COMMANDS: tuple[type[Command], ...] = (TuningRequested, LaunchRequested, JobTick, ControlRequested)
FACTS: tuple[type[Fact], ...] = (
    DatasetAccepted,
    DatasetRejected,
    RunQueued,
    RunLaunched,
    RunSucceeded,
    RunFailed,
    RunRehearsed,
    ModelRegistered,
)
