"""What a tuning job must be before it is accepted.

Reads nothing but the request and the tables of `facts`; existence of objects is checked by the caller.
"""

import re
from collections.abc import Mapping

from tunedrop.local.vertex import facts, names
from tunedrop.local.vertex.errors import ApiError, invalid
from tunedrop.local.vertex.wire import Pb

_JSONL = re.compile(r"gs://[a-z0-9][a-z0-9._-]+[a-z0-9]/.*\.jsonl", re.DOTALL)
_KEY = re.compile(r"projects/[^/]+/locations/(?P<location>[^/]+)/keyRings/[^/]+/cryptoKeys/[^/]+")
_SPEC = "tuning_job.supervised_tuning_spec"
_SIZES = {"ONE": 1, "TWO": 2, "FOUR": 4, "EIGHT": 8, "SIXTEEN": 16, "THIRTY_TWO": 32}
_MOST_EPOCHS = 1000


def check_tuning_job(
    request: Pb, base_model: str, base_models: Mapping[str, facts.BaseModel]
) -> facts.BaseModel:
    """Check a create request for a base model; return what that model allows.

    Raises:
        ApiError: The first rule that the request breaks.
    """
    job, (_, region) = request.tuning_job, names.parse_parent(request.parent)
    if region == "global":
        raise ApiError(
            "FAILED_PRECONDITION", "Supervised tuning is not supported in location global."
        )
    if base_model not in base_models:
        raise ApiError("NOT_FOUND", f"The base model {base_model} is not found.")
    base = base_models[base_model]
    if region not in base.regions:
        raise ApiError("NOT_FOUND", f"The base model {base_model} is not found in {region}.")
    names.check_display_name("tuning_job.tuned_model_display_name", job.tuned_model_display_name)
    names.check_labels("tuning_job.labels", job.labels)
    if not job.HasField("supervised_tuning_spec"):
        raise invalid("tuning_job.supervised_tuning_spec must be set.", (_SPEC, "required"))
    check_uris(job.supervised_tuning_spec)
    _check_hyper_parameters(job.supervised_tuning_spec.hyper_parameters, base)
    _check_key(job.encryption_spec.kms_key_name, base, base_model, region)
    return base


def check_uris(spec: Pb) -> None:
    """Refuse addresses that do not end in `.jsonl`."""
    faults = [] if _JSONL.fullmatch(spec.training_dataset_uri) else ["training_dataset_uri"]
    if spec.validation_dataset_uri and not _JSONL.fullmatch(spec.validation_dataset_uri):
        faults.append("validation_dataset_uri")
    if faults:
        raise not_jsonl(*faults)


def not_jsonl(*fields: str) -> ApiError:
    """Build the refusal of dataset addresses, in the words of the real service."""
    violations = [(f"{_SPEC}.{f}", f"{f} should be a GCS object of type JSONL.") for f in fields]
    found = "\t".join(
        f"{n}.Field: {field}; Message: {text}" for n, (field, text) in enumerate(violations, 1)
    )
    return invalid(f"List of found errors:\t{found}\t", *violations)


def _check_hyper_parameters(hyper: Pb, base: facts.BaseModel) -> None:
    name = hyper.DESCRIPTOR.fields_by_name["adapter_size"].enum_type.values_by_number
    known = name.get(hyper.adapter_size)
    size = _SIZES.get(known.name.removeprefix("ADAPTER_SIZE_"), 0) if known else 0
    if hyper.adapter_size and size not in base.adapter_sizes:
        raise invalid("The adapter size is not supported for this base model.")
    field = f"{_SPEC}.hyper_parameters"
    if not 0 <= hyper.epoch_count <= _MOST_EPOCHS:
        raise invalid("epoch_count is out of range.", (f"{field}.epoch_count", "out of range"))
    if not hyper.learning_rate_multiplier >= 0:
        text = "learning_rate_multiplier must be positive."
        raise invalid(text, (f"{field}.learning_rate_multiplier", text))


def _check_key(key: str, base: facts.BaseModel, base_model: str, region: str) -> None:
    if not key:
        return
    field = "tuning_job.encryption_spec.kms_key_name"
    if not base.cmek:
        text = f"CMEK is not supported for tuning {base_model}."
        raise ApiError("FAILED_PRECONDITION", text, violations=[(field, text)])
    match = _KEY.fullmatch(key)
    if not match or match["location"] != region:
        raise invalid(f"{field} must be a key of {region}.", (field, "wrong location"))
