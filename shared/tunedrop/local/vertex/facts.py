"""What the stand-in knows of templates, base models and regions, as data.

Holds no rule: `rules` and `tuning_rules` decide with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PIPELINE_REGIONS = frozenset(
    {
        "asia-northeast1",
        "asia-northeast3",
        "asia-southeast1",
        "europe-west1",
        "europe-west2",
        "europe-west3",
        "europe-west4",
        "europe-west9",
        "northamerica-northeast1",
        "us-central1",
        "us-east4",
        "us-west1",
        "us-west4",
    }
)
"""Regions of the job and of the upload: "Tune code models", read 2026-11-23."""

CMEK_REGION = "us-central1"


@dataclass(frozen=True)
class Parameter:
    """One input of a template; without a default it must be sent."""

    type: str
    """`STRING`, `NUMBER_INTEGER`, `NUMBER_DOUBLE` or `BOOLEAN`."""
    required: bool = False


@dataclass(frozen=True)
class Template:
    """A pipeline template: its inputs, its base models and the shape of its rows."""

    parameters: Mapping[str, Parameter]
    base_models: frozenset[str]
    row_format: str
    """`code` or `chat`."""


_TEXT, _INTEGER, _DOUBLE = (Parameter(t) for t in ("STRING", "NUMBER_INTEGER", "NUMBER_DOUBLE"))
_NEEDED = Parameter("STRING", required=True)

_COMMON = {
    "project": _NEEDED,
    "location": _NEEDED,
    "model_display_name": _NEEDED,
    "large_model_reference": _NEEDED,
    "dataset_uri": _TEXT,
    "dataset_name": _TEXT,
    "train_steps": _INTEGER,
    "learning_rate": _DOUBLE,
    "learning_rate_multiplier": _DOUBLE,
    "tensorboard_resource_id": _TEXT,
    "accelerator_type": _TEXT,
    "encryption_spec_key_name": _TEXT,
    "api_endpoint": _TEXT,
    "tuning_method": _TEXT,
}

EVALUATION_PARAMETERS = frozenset(
    {
        "evaluation_data_uri",
        "evaluation_interval",
        "enable_early_stopping",
        "enable_checkpoint_selection",
    }
)

_EVALUATION = {
    "evaluation_data_uri": _TEXT,
    "evaluation_interval": _INTEGER,
    "enable_early_stopping": Parameter("BOOLEAN"),
    "enable_checkpoint_selection": _TEXT,
    "evaluation_output_root_dir": _TEXT,
    "max_context_length": _TEXT,
}


def _versions(*families: str) -> frozenset[str]:
    return frozenset(f"{f}{s}" for f in families for s in ("@001", "@002", "-32k", "-32k@002"))


_GALLERY = "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines"
_LARGE_MODEL = Template(_COMMON | _EVALUATION, _versions("code-bison", "text-bison"), "code")
_LARGE_CHAT_MODEL = Template(
    _COMMON | {"default_context": _TEXT}, _versions("codechat-bison", "chat-bison"), "chat"
)

TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        f"{_GALLERY}/tune-large-model/v2.0.0": _LARGE_MODEL,
        f"{_GALLERY}/tune-large-model/v3.0.0": _LARGE_MODEL,
        f"{_GALLERY}/tune-large-chat-model/v3.0.0": _LARGE_CHAT_MODEL,
    }
)
"""Inputs as the SDK's own test of the template lists them, read 2026-11-23."""


@dataclass(frozen=True)
class BaseModel:
    """What tuning jobs of one base model allow."""

    regions: frozenset[str]
    adapter_sizes: frozenset[int]
    cmek: bool
    multi_region: bool
    """Served from `us` or `eu` only, wherever the job ran."""


_SIZES = frozenset({1, 2, 4, 8, 16})
_GEMINI_3 = BaseModel(frozenset({"us-central1", "europe-west4"}), _SIZES, False, True)  # noqa: FBT003 — a row of a table
_GEMINI_2_5 = BaseModel(PIPELINE_REGIONS, _SIZES, True, False)  # noqa: FBT003 — a row of a table
_GEMINI_2_5_PRO = BaseModel(PIPELINE_REGIONS, _SIZES - {16}, True, False)  # noqa: FBT003 — a row of a table

BASE_MODELS: Mapping[str, BaseModel] = MappingProxyType(
    {
        "gemini-3.5-flash": _GEMINI_3,
        "gemini-3.5-flash-lite": _GEMINI_3,
        "gemini-3.1-flash-lite": _GEMINI_3,
        "gemini-2.5-flash": _GEMINI_2_5,
        "gemini-2.5-flash-lite": _GEMINI_2_5,
        "gemini-2.5-pro": _GEMINI_2_5_PRO,
    }
)
"""Limits of supervised tuning as Google's page of 2026-09-25 gives them."""


def serving_location(region: str, *, multi_region: bool) -> str:
    """Return where a model tuned in *region* is kept and served."""
    if not multi_region:
        return region
    return "eu" if region.startswith("europe-") else "us"
