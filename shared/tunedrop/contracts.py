"""The messages that cross a topic, as frozen pydantic models; JSON Schemas are exported from here.

No behaviour, no domain.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from tunedrop.message_kinds import (
    Command,
    DatasetUri,
    DropId,
    Fact,
    Int64,
    JsonObject,
    RecipeName,
    RunId,
    ShortText,
)


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
    """Operators -> status: decide about a run, about a recipe's champion, or about launches as a whole.

    Two messages with one `ce-id` are one decision.
    """

    topic: ClassVar[str] = "control"

    action: Literal[
        "approve", "refuse", "cancel", "retry", "promote", "rollback", "pause", "resume", "sweep"
    ]
    run_id: RunId | None = None
    """The run that is decided about; absent for `rollback`, `pause`, `resume` and `sweep`."""
    recipe: RecipeName | None = None
    """The recipe whose champion goes back, for `rollback`."""
    version: Annotated[int, Field(ge=1)] | None = None
    """The version that becomes champion again, for `rollback`; the champion before the present one when absent."""
    reason: ShortText = ""
    claimed_by: ShortText = ""
    """Who says they sent it; the topic's permissions decide who can."""


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


class ModelFact(RunFact):
    """What every fact about a registered model says."""

    recipe: str
    version: int


class ModelRegistered(ModelFact):
    """The tuned model is recorded, served and has answered a call."""

    tuned_model: str
    endpoint: str
    base_model: str


class ModelComparison(BaseModel):
    """How a tuned model does against another on the same held-out rows."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    rival: str
    """`base` or `champion`."""
    outcome: str
    """`better`, `worse`, `alike`, or `too_few_rows`."""
    metric: str
    difference: float
    """Tuned less rival, in points of 100."""
    noise_floor: float
    """What the difference has to exceed, in points of 100."""
    rows: int


class ModelEvaluated(ModelFact):
    """The tuned model was held against others on rows that it never saw."""

    rows: int
    comparisons: list[ModelComparison] = Field(default_factory=list)
    evidence_uri: str = ""
    """A file that `tunedrop evaluate --replay` comes to the same result from."""


class ModelPromoted(ModelFact):
    """The tuned model is its recipe's champion from now on."""

    champion_sequence: int = 0
    """Number of the champion's record; of two facts about a recipe the higher one counts, whenever it arrives."""
    tuned_model: str
    endpoint: str
    base_model: str
    code: str
    """Why."""
    previous_version: int | None = None
    """The champion until now; None if there was none."""
    claimed_by: ShortText = ""


class ModelKept(ModelFact):
    """The tuned model can be called, and the recipe's champion stays what it was."""

    code: str
    """Why."""
    champion_version: int | None = None


class ModelRolledBack(ModelFact):
    """An earlier tuned model is its recipe's champion again."""

    champion_sequence: int = 0
    """Number of the champion's record; of two facts about a recipe the higher one counts, whenever it arrives."""
    tuned_model: str
    endpoint: str
    base_model: str
    previous_version: int
    """The champion until now."""
    reason: ShortText = ""
    claimed_by: ShortText = ""


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
    ModelEvaluated,
    ModelPromoted,
    ModelKept,
    ModelRolledBack,
)
