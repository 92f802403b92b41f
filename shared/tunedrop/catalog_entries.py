"""What one catalog entry says: facts about a base model, in groups that each name their source.

Kept from knowing where entries come from, and from any rule that uses them.
"""

import sys
from datetime import date
from typing import Annotated, Literal, TypeVar, get_args

from msgspec import Meta, Struct, convert

T = TypeVar("T")

Backend = Literal["pipeline_job", "tuning_job"]
DatasetFormat = Literal["code-generation", "code-chat", "gemini"]
PartKind = Literal["text", "fileData", "inlineData", "functionCall", "functionResponse", "tools"]
_LARGEST = sys.float_info.max  # what lies above is infinity, and TOML can write it
_Text = Annotated[str, Meta(min_length=1)]
_Positive = Annotated[int, Meta(ge=1)]
_Figure = Annotated[float, Meta(ge=0, le=_LARGEST)]
_PositiveFigure = Annotated[float, Meta(gt=0, le=_LARGEST)]


class _Frozen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the catalog. Values are held to the annotations by `read_as` alone."""


class Facts(_Frozen, frozen=True, kw_only=True):
    """A group of facts with one origin."""

    source: _Text
    """Where the facts were read; says "unconfirmed" or "our own policy" where that is so."""
    as_of: date
    """The day on which the source said so."""


class Interface(Facts, frozen=True, kw_only=True):
    """How a tuning of the base model is asked for."""

    backend: Backend
    dataset_format: DatasetFormat
    """The format that the service reads; other formats are converted to it."""
    template_uri: str | None = None
    """Pipeline template; only, and always, with the backend `pipeline_job`."""
    parameters: tuple[str, ...]
    """Which fields of a recipe's `[tuning]` this base model takes."""

    def __post_init__(self) -> None:
        if (self.backend == "pipeline_job") != (self.template_uri is not None):
            raise ValueError("template_uri belongs to the backend pipeline_job, and only to it")


class DatasetLimits(Facts, frozen=True, kw_only=True):
    """How large a training dataset may be."""

    min_examples: _Positive
    recommended_examples: _Positive
    max_examples: _Positive | None = None
    counted: Literal["examples", "authors"] = "examples"
    """What `max_examples` counts: lines, or `author` fields over all messages of all lines."""
    context_window: Literal["8k", "32k"] | None = None
    tokens_per_example: _Positive | None = None
    max_bytes: _Positive | None = None


class Parts(Facts, frozen=True, kw_only=True):
    """Which kinds of Gemini part a base model is tuned on; `tools` are the declarations above them."""

    supported: tuple[PartKind, ...]

    @property
    def unsupported(self) -> frozenset[str]:
        """The other kinds, which a check refuses."""
        return frozenset(get_args(PartKind)) - frozenset(self.supported)


class EvaluationLimits(Facts, frozen=True, kw_only=True):
    """Which evaluation set the service takes beside the training set."""

    accepted: bool
    min_examples: _Positive = 1
    max_examples: _Positive | None = None
    max_share_of_training: Annotated[float, Meta(gt=0, le=1)] | None = None
    """Upper bound as a share of the training rows, checked above `share_applies_above` rows."""
    share_applies_above: Annotated[int, Meta(ge=0)] = 0


class Accelerator(_Frozen, frozen=True, kw_only=True):
    """What one `accelerator_type` means: hardware, where it stands, and how much it takes at once."""

    hardware: str
    compute_region: str
    batch_size: _Positive
    quota_name: str
    quota_multiple: _Positive
    """Units of the quota that one running job takes."""


class Compute(Facts, frozen=True, kw_only=True):
    """The accelerators that a recipe can choose from."""

    default_accelerator: str
    accelerators: dict[str, Accelerator]

    def __post_init__(self) -> None:
        if self.default_accelerator not in self.accelerators:
            raise ValueError("default_accelerator is none of the accelerators")


class Adapters(Facts, frozen=True, kw_only=True):
    """Adapter sizes that the service trains for this base model."""

    sizes: tuple[int, ...]


class Regions(Facts, frozen=True, kw_only=True):
    """Where jobs run and where the tuned model answers."""

    tuning: tuple[str, ...]
    """Regions of the job, and of the upload for pipelines; empty means no rule is known."""
    serving: Literal["upload_region", "tuning_region", "multi_region"]
    """`multi_region`: `us` for a job in a `us-` region, `eu` for one in a `europe-` region."""


class Encryption(Facts, frozen=True, kw_only=True):
    """Whether a customer-managed key can be used."""

    supported: bool
    regions: tuple[str, ...] = ()
    """Regions in which it can; empty means every tuning region."""
    accelerators: tuple[str, ...] = ()
    """Accelerators with which it can; empty means all."""


class Defaults(Facts, frozen=True, kw_only=True):
    """What is sent when a recipe leaves a field out; a field left out here too is not sent."""

    epochs: _Positive | None = None
    train_steps: _Positive | None = None
    learning_rate_multiplier: _PositiveFigure | None = None
    evaluation_interval: _Positive | None = None
    enable_early_stopping: bool | None = None
    enable_checkpoint_selection: Literal["true", "false", "default"] | None = None


class RecommendedSteps(Facts, frozen=True, kw_only=True):
    """The range of training steps advised once a dataset has enough examples."""

    from_examples: _Positive
    min_steps: _Positive
    max_steps: _Positive


class ConcurrencyQuota(Facts, frozen=True, kw_only=True):
    """The quota that every job of this base model takes, whatever its hardware."""

    name: str
    region: str
    multiple: _Positive


class Price(Facts, frozen=True, kw_only=True):
    """What a tuning costs, and a call to what comes of it; a figure left out is unknown, which is not zero."""

    usd_per_million_training_tokens: _Figure | None = None
    usd_per_run: _Figure | None = None
    usd_per_million_input_tokens: _Figure | None = None
    """Of a question to a tuned model; both figures, or neither."""
    usd_per_million_output_tokens: _Figure | None = None
    """Of its answer."""

    def __post_init__(self) -> None:
        asked, answered = self.usd_per_million_input_tokens, self.usd_per_million_output_tokens
        if (asked is None) != (answered is None):
            raise ValueError(
                "usd_per_million_input_tokens and usd_per_million_output_tokens belong together"
            )


class Timing(Facts, frozen=True, kw_only=True):
    """How long a job takes, as a line through setup, tokens and steps."""

    setup_minutes: _PositiveFigure
    minutes_per_million_training_tokens: _Figure = 0
    minutes_per_hundred_steps: _Figure = 0
    deadline_factor: Annotated[float, Meta(ge=1, le=_LARGEST)]
    """A job that runs longer than the expected time by this factor is taken for stuck."""


class Retirement(Facts, frozen=True, kw_only=True):
    """When the base model stops, and what to tune in its place."""

    on: date | None = None
    """First day on which it cannot be used."""
    not_before: date | None = None
    """Earliest day that the service has promised; no date is set."""
    replacement: str | None = None


class CatalogEntry(_Frozen, frozen=True, kw_only=True):
    """Everything tunedrop knows about one base model."""

    name: _Text
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

    def __post_init__(self) -> None:
        if self.interface.backend == "tuning_job" and self.defaults.epochs is None:
            raise ValueError(
                "defaults.epochs is required: left unset, the service chooses, and bills"
            )

    def is_retired(self, today: date) -> bool:
        """Tell whether the retirement date is *today* or earlier."""
        return self.retirement.on is not None and self.retirement.on <= today


def read_as(kind: type[T], value: object) -> T:
    """Convert what TOML says into *kind*, taking nothing for what it is not.

    Raises:
        msgspec.ValidationError: The first fault; `catalog_faults` names them all.
    """
    return convert(value, kind, strict=True, builtin_types=(date,))
