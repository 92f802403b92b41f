"""The fields of a recipe, their types and bounds.

Kept from knowing TOML, messages and metadata: any of them ends here.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from tunedrop.catalog_entries import DatasetFormat
from tunedrop.domain.finding_rules import RULES, Code, Severity
from tunedrop.recipes.forms import (
    AdapterSize,
    CatalogName,
    DisplayName,
    FileName,
    FindingSeverity,
    KeyName,
    OnlyError,
    RegionName,
    ServiceAccount,
    TemplateParameters,
    TemplateUri,
    TensorboardName,
    TunedModelName,
)

EXCLUSIVE = (
    ("base_model", "pipeline"),
    ("tuning.epochs", "tuning.train_steps"),
    ("evaluation.holdout", "evaluation.dataset"),
)
"""Pairs of which a recipe holds at most one; dotted names."""


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )


class Tuning(_Part):
    """How to tune. A field left out takes the base model's default, where it has one."""

    epochs: float | None = Field(default=None, gt=0, le=100)
    """How many times to go through the dataset. Becomes training steps, rounded up, for base models that count in steps; Gemini takes whole epochs only."""
    train_steps: int | None = Field(default=None, ge=1, le=100_000)
    """How many training steps to take, instead of `epochs`. Not for Gemini."""
    learning_rate_multiplier: float | None = Field(default=None, gt=0, le=10)
    """Factor on the recommended learning rate."""
    adapter_size: AdapterSize | None = None
    """Size of the adapter that is trained; Gemini only."""
    accelerator_type: Literal["GPU", "TPU"] | None = None
    """Hardware to tune on, which also decides the compute region and the batch size. Not for Gemini."""
    region: RegionName | None = None
    """Region in which the job runs; the deployment's own when left out."""
    upload_region: RegionName | None = None
    """Region to which the tuned model is uploaded; the job's region when left out. Not for Gemini."""
    default_context: str | None = Field(default=None, min_length=1, max_length=20_000)
    """Context of every chat example that has none of its own; chat base models only."""
    evaluation_interval: int | None = Field(default=None, ge=1, le=100_000)
    """Training steps between two evaluations. Needs an evaluation set."""
    enable_early_stopping: bool | None = None
    """Whether to stop when evaluations get no better. Needs an evaluation set."""
    enable_checkpoint_selection: Literal["true", "false", "default"] | None = None
    """Whether to return the checkpoint with the best evaluation (`"true"`) or the last one (`"false"`)."""
    tensorboard: TensorboardName | None = None
    """Vertex AI TensorBoard instance that shows the metrics, in the pipeline's region."""
    encryption_key: KeyName | None = None
    """Customer-managed key for the job and the tuned model; the deployment must allow it."""
    service_account: ServiceAccount | None = None
    """Identity under which the job runs; the deployment must allow it."""
    export_last_checkpoint_only: bool | None = None
    """Whether to keep only the last checkpoint; Gemini only."""
    tuned_model_display_name: DisplayName | None = None
    """Start of the tuned model's display name, which run and attempt are added to; the recipe's name when left out."""
    pre_tuned_model: TunedModelName | None = None
    """Tuned model of this project to go on from, with an optional `@version`; Gemini only."""


class Evaluation(_Part):
    """Which rows measure the tuned model and are never trained on."""

    holdout: float | None = Field(default=None, gt=0, le=0.5)
    """Share of the dataset's rows to hold out."""
    dataset: FileName | None = None
    """Object name of a file of such rows, relative to the recipe's folder; ends in `.jsonl`."""
    max_questions: int = Field(default=50, ge=1, le=250)
    """Most of these rows that the tuned model, its base model and the champion are asked; those with the lowest content hashes."""
    max_usd: float = Field(default=1.0, gt=0, le=1000)
    """US dollars that asking them may cost by estimate, where the prices are known; fewer rows are asked above it."""


class Budget(_Part):
    """What a run may cost."""

    max_usd_per_run: float | None = Field(default=None, gt=0, le=1_000_000)
    """US dollars above which a run is held until somebody approves it."""


class Promotion(_Part):
    """What happens to a tuned model that works."""

    policy: Literal["better-than-champion", "better-than-base", "manual", "always"] = "manual"
    """When it becomes the recipe's champion: when it beats the present one, or the base model, on held-out rows beyond the noise; when a person says so; or at once."""


class SeverityChoices(_Part):
    """How grave findings of the check are, where that differs from the registry's; see `severities_model`."""

    def chosen(self) -> dict[Code, Severity]:
        """Return the severities that the recipe sets."""
        return {
            Code(code): Severity(value)
            for code, value in self.model_dump(exclude_none=True).items()
        }


class OwnPipeline(_Part):
    """A pipeline template of one's own, in place of a base model."""

    template_uri: TemplateUri
    """The template in an Artifact Registry repository; the deployment must allow it."""
    dataset_format: DatasetFormat
    """The format that the template reads; datasets are converted to it."""
    parameters: TemplateParameters
    """Parameters of the template. A text may hold `{dataset_uri}` (one must), `{evaluation_uri}`, `{model_display_name}`, `{project}` and `{location}`."""


class Recipe(_Part):
    """What to tune and how; read from `recipe.toml` in the folder of the datasets."""

    base_model: CatalogName | None = None
    """Base model of the catalog; required, unless there is a `[pipeline]`."""
    datasets: Literal["each", "newest"] = "each"
    """Whether each dropped file is tuned on, or a newer one replaces one that still waits."""
    on_retired: Literal["refuse", "reroute", "try"] = "refuse"
    """What to do when the base model is past its retirement: refuse, tune its replacement on the converted dataset, or try it all the same."""
    tolerate: float = Field(default=0.0, ge=0, le=0.5)
    """Share of the rows that may be rejected, the rest then being tuned on without them."""
    strict: bool = False
    """Whether every warning of the check counts as an error."""
    rejects_with_rows: bool = False
    """Whether `rejects.jsonl`, beside the report, may hold the rejected rows themselves; a deployment without excerpts leaves them out all the same."""
    description: str | None = Field(default=None, min_length=1, max_length=1000)
    """What this recipe is for; stands on the run's page and is not sent to the service."""
    tuning: Tuning = Tuning()
    evaluation: Evaluation = Evaluation()
    budget: Budget = Budget()
    promotion: Promotion = Promotion()
    severities: SeverityChoices = SeverityChoices()
    pipeline: OwnPipeline | None = None

    @model_validator(mode="after")
    def _exclusive_fields_stand_alone(self) -> Self:
        given = self.model_dump(exclude_none=True)
        for one, other in EXCLUSIVE:
            if has_field(given, one) and has_field(given, other):
                raise PydanticCustomError(
                    "exclusive", "{one} or {other}", {"one": one, "other": other}
                )
        if self.base_model is None and self.pipeline is None:
            raise PydanticCustomError("no_base_model", "base_model, or a [pipeline] of your own")
        return self


@cache
def severities_model() -> type[SeverityChoices]:
    """Build the model of `[severities]`: a field for each code of the registry."""
    allowed = {
        rule.code.value: OnlyError if rule.severity is Severity.ERROR else FindingSeverity
        for rule in RULES.values()
    }
    fields: dict[str, Any] = {code: (severity | None, None) for code, severity in allowed.items()}
    return create_model("Severities", __base__=SeverityChoices, **fields)


SECTIONS: Mapping[str, Callable[[], type[BaseModel]]] = {
    "tuning": lambda: Tuning,
    "evaluation": lambda: Evaluation,
    "budget": lambda: Budget,
    "promotion": lambda: Promotion,
    "severities": severities_model,
    "pipeline": lambda: OwnPipeline,
}
"""What gives the model of each section, since that of the severities is long and seldom asked for."""


@cache
def _recipe_with_severities() -> type[Recipe]:
    choices = severities_model()
    return create_model("Recipe", __base__=Recipe, severities=(choices, choices()))


def recipe_model(mapping: Mapping[str, Any]) -> type[Recipe]:
    """Return the model that a recipe is read with, by whether it sets severities."""
    return _recipe_with_severities() if mapping.get("severities") else Recipe


def leaf_fields() -> dict[str, FieldInfo]:
    """Return every field that holds a value, by its dotted name."""
    fields: dict[str, FieldInfo] = {}
    for name, field in Recipe.model_fields.items():
        if name in SECTIONS:
            section = SECTIONS[name]().model_fields
            fields |= {f"{name}.{leaf}": info for leaf, info in section.items()}
        else:
            fields[name] = field
    return fields


def takes_only_text(field: FieldInfo) -> bool:
    """Tell whether every value of a field is a text."""
    return _is_text(field.annotation)


def has_field(mapping: Mapping[str, Any], dotted: str) -> bool:
    """Tell whether a nested mapping gives a value to a dotted name."""
    head, _, rest = dotted.partition(".")
    inner = mapping.get(head)
    if not rest:
        return inner is not None
    return isinstance(inner, Mapping) and has_field(inner, rest)


def _is_text(annotation: Any) -> bool:  # noqa: ANN401 — annotations have no common type
    if annotation is str:
        return True
    arguments = [a for a in get_args(annotation) if a is not type(None)]
    if getattr(annotation, "__metadata__", None) is not None:
        arguments = arguments[:1]
    return bool(arguments) and all(isinstance(a, str) or _is_text(a) for a in arguments)
