"""What one catalog entry says: facts about a base model, in groups that each name their source.

Kept from knowing where entries come from, and from any rule that uses them.
"""

from datetime import date
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

Backend = Literal["pipeline_job", "tuning_job"]
DatasetFormat = Literal["code-generation", "code-chat", "gemini"]
PartKind = Literal["text", "fileData", "inlineData", "functionCall", "functionResponse", "tools"]
Names = Annotated[tuple[str, ...], Field(strict=False)]


class _Frozen(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True
    )


class Facts(_Frozen):
    """A group of facts with one origin."""

    source: str = Field(min_length=1)
    """Where the facts were read; says "unconfirmed" or "our own policy" where that is so."""
    as_of: date
    """The day on which the source said so."""


class Interface(Facts):
    """How a tuning of the base model is asked for."""

    backend: Backend
    dataset_format: DatasetFormat
    """The format that the service reads; other formats are converted to it."""
    template_uri: str | None = None
    """Pipeline template; only, and always, with the backend `pipeline_job`."""
    parameters: Names
    """Which fields of a recipe's `[tuning]` this base model takes."""

    @model_validator(mode="after")
    def _template_goes_with_pipelines(self) -> Self:
        if (self.backend == "pipeline_job") != (self.template_uri is not None):
            raise ValueError("template_uri belongs to the backend pipeline_job, and only to it")
        return self


class DatasetLimits(Facts):
    """How large a training dataset may be."""

    min_examples: int = Field(ge=1)
    recommended_examples: int = Field(ge=1)
    max_examples: int | None = Field(default=None, ge=1)
    counted: Literal["examples", "authors"] = "examples"
    """What `max_examples` counts: lines, or `author` fields over all messages of all lines."""
    context_window: Literal["8k", "32k"] | None = None
    tokens_per_example: int | None = Field(default=None, ge=1)
    max_bytes: int | None = Field(default=None, ge=1)


class Parts(Facts):
    """Which kinds of Gemini part a base model is tuned on; `tools` are the declarations above them."""

    supported: Annotated[tuple[PartKind, ...], Field(strict=False)]

    @property
    def unsupported(self) -> frozenset[str]:
        """The other kinds, which a check refuses."""
        return frozenset(get_args(PartKind)) - frozenset(self.supported)


class EvaluationLimits(Facts):
    """Which evaluation set the service takes beside the training set."""

    accepted: bool
    min_examples: int = Field(default=1, ge=1)
    max_examples: int | None = Field(default=None, ge=1)
    max_share_of_training: float | None = Field(default=None, gt=0, le=1)
    """Upper bound as a share of the training rows, checked above `share_applies_above` rows."""
    share_applies_above: int = Field(default=0, ge=0)


class Accelerator(_Frozen):
    """What one `accelerator_type` means: hardware, where it stands, and how much it takes at once."""

    hardware: str
    compute_region: str
    batch_size: int = Field(ge=1)
    quota_name: str
    quota_multiple: int = Field(ge=1)
    """Units of the quota that one running job takes."""


class Compute(Facts):
    """The accelerators that a recipe can choose from."""

    default_accelerator: str
    accelerators: dict[str, Accelerator]

    @model_validator(mode="after")
    def _default_is_one_of_them(self) -> Self:
        if self.default_accelerator not in self.accelerators:
            raise ValueError("default_accelerator is none of the accelerators")
        return self


class Adapters(Facts):
    """Adapter sizes that the service trains for this base model."""

    sizes: Annotated[tuple[int, ...], Field(strict=False)]


class Regions(Facts):
    """Where jobs run and where the tuned model answers."""

    tuning: Names
    """Regions of the job, and of the upload for pipelines; empty means no rule is known."""
    serving: Literal["upload_region", "tuning_region", "multi_region"]
    """`multi_region`: `us` for a job in a `us-` region, `eu` for one in a `europe-` region."""


class Encryption(Facts):
    """Whether a customer-managed key can be used."""

    supported: bool
    regions: Names = ()
    """Regions in which it can; empty means every tuning region."""
    accelerators: Names = ()
    """Accelerators with which it can; empty means all."""


class Defaults(Facts):
    """What is sent when a recipe leaves a field out; a field left out here too is not sent."""

    epochs: int | None = Field(default=None, ge=1)
    train_steps: int | None = Field(default=None, ge=1)
    learning_rate_multiplier: float | None = Field(default=None, gt=0)
    evaluation_interval: int | None = Field(default=None, ge=1)
    enable_early_stopping: bool | None = None
    enable_checkpoint_selection: Literal["true", "false", "default"] | None = None


class RecommendedSteps(Facts):
    """The range of training steps advised once a dataset has enough examples."""

    from_examples: int = Field(ge=1)
    min_steps: int = Field(ge=1)
    max_steps: int = Field(ge=1)


class ConcurrencyQuota(Facts):
    """The quota that every job of this base model takes, whatever its hardware."""

    name: str
    region: str
    multiple: int = Field(ge=1)


class Price(Facts):
    """What a tuning costs; a figure left out is unknown, which is not zero."""

    usd_per_million_training_tokens: float | None = Field(default=None, ge=0)
    usd_per_run: float | None = Field(default=None, ge=0)


class Timing(Facts):
    """How long a job takes, as a line through setup, tokens and steps."""

    setup_minutes: float = Field(gt=0)
    minutes_per_million_training_tokens: float = Field(default=0, ge=0)
    minutes_per_hundred_steps: float = Field(default=0, ge=0)
    deadline_factor: float = Field(ge=1)
    """A job that runs longer than the expected time by this factor is taken for stuck."""


class Retirement(Facts):
    """When the base model stops, and what to tune in its place."""

    on: date | None = None
    """First day on which it cannot be used."""
    not_before: date | None = None
    """Earliest day that the service has promised; no date is set."""
    replacement: str | None = None


class CatalogEntry(_Frozen):
    """Everything tunedrop knows about one base model."""

    name: str = Field(min_length=1)
    interface: Interface
    dataset: DatasetLimits
    evaluation: EvaluationLimits
    regions: Regions
    encryption: Encryption
    defaults: Defaults
    price: Price
    timing: Timing
    retirement: Retirement
    parts: Parts | None = None
    """Left out, every kind passes the check."""
    compute: Compute | None = None
    adapters: Adapters | None = None
    recommended_steps: RecommendedSteps | None = None
    quota: ConcurrencyQuota | None = None

    @model_validator(mode="after")
    def _tuning_jobs_say_their_epochs(self) -> Self:
        if self.interface.backend == "tuning_job" and self.defaults.epochs is None:
            raise ValueError(
                "defaults.epochs is required: left unset, the service chooses, and bills"
            )
        return self

    def is_retired(self, today: date) -> bool:
        """Tell whether the retirement date is *today* or earlier."""
        return self.retirement.on is not None and self.retirement.on <= today
