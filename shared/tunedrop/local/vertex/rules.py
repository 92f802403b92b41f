"""What a pipeline job must be before it is accepted: the page's rules and the template's inputs.

Reads nothing but the request and the tables of `facts`; existence of objects is checked by the caller.
"""

import re
from collections.abc import Mapping
from typing import Any

from tunedrop.local.vertex import facts, names
from tunedrop.local.vertex.errors import ApiError, invalid
from tunedrop.local.vertex.wire import Pb, plain

_JOB_ID = re.compile(r"[a-z][-a-z0-9]{0,127}")
_TENSORBOARD = re.compile(r"projects/[^/]+/locations/(?P<location>[^/]+)/tensorboards/\d+")
_KEY = re.compile(r"projects/[^/]+/locations/(?P<location>[^/]+)/keyRings/[^/]+/cryptoKeys/[^/]+")
_GCS = re.compile(r"gs://[a-z0-9][a-z0-9._-]+[a-z0-9]/.+")
_ACCELERATORS = frozenset({"", "GPU", "TPU"})
_VALUES = "pipeline_job.runtime_config.parameter_values"
_PYTHON_TYPES = {"STRING": str, "BOOLEAN": bool, "NUMBER_INTEGER": float, "NUMBER_DOUBLE": float}
_CMEK_MESSAGE = (
    "encryption_spec_key_name (CMEK) is only supported for GPU training in us-central1. Please "
    "either unset encryption_spec_key_name or create your pipeline in us-central1 to use GPU "
    "instead."
)
"""As in kubeflow/pipelines, validate_pipeline.py, read 2026-11-23."""


def check_pipeline_job(
    request: Pb, templates: Mapping[str, facts.Template]
) -> tuple[facts.Template, dict[str, Any]]:
    """Check a create request; return its template and its parameter values.

    Raises:
        ApiError: The first rule that the request breaks.
    """
    job, (project, region) = request.pipeline_job, names.parse_parent(request.parent)
    if request.pipeline_job_id and not _JOB_ID.fullmatch(request.pipeline_job_id):
        text = f"The pipeline job ID must match the regular expression {_JOB_ID.pattern}."
        raise invalid(text, ("pipeline_job_id", text))
    _check_region("parent", region)
    names.check_display_name("pipeline_job.display_name", job.display_name)
    names.check_labels("pipeline_job.labels", job.labels)
    template = _find_template(job, templates)
    values = {key: plain(value) for key, value in job.runtime_config.parameter_values.items()}
    _check_inputs(template, values)
    _check_values(template, values, project=project)
    _check_tensorboard(values.get("tensorboard_resource_id", ""), region)
    _check_cmek(job, values, region)
    if not job.runtime_config.gcs_output_directory.startswith("gs://"):
        raise _bad("runtime_config.gcs_output_directory", "must be a Cloud Storage path")
    return template, values


def _bad(field: str, text: str) -> ApiError:
    return invalid(f"{field} {text}.", (field, text))


def _check_region(field: str, region: str) -> None:
    if region not in facts.PIPELINE_REGIONS:
        allowed = sorted(facts.PIPELINE_REGIONS)
        raise _bad(field, f"Unsupported pipeline region: {region}. Must be one of {allowed}")


def _find_template(job: Pb, templates: Mapping[str, facts.Template]) -> facts.Template:
    if job.pipeline_spec.fields:
        raise ApiError("UNIMPLEMENTED", "The local stand-in runs templates, no pipeline_spec.")
    if not job.template_uri:
        raise _bad("pipeline_job.template_uri", "or pipeline_spec must be set")
    if job.template_uri not in templates:
        raise ApiError("NOT_FOUND", f"The template {job.template_uri} is not found.")
    return templates[job.template_uri]


def _check_inputs(template: facts.Template, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in template.parameters:
            raise invalid(
                f"The pipeline parameter {name} is not found in the pipeline job input "
                "definitions.",
                (f"{_VALUES}.{name}", "unknown parameter"),
            )
        expected = template.parameters[name].type
        whole = expected != "NUMBER_INTEGER" or (isinstance(value, float) and value.is_integer())
        if type(value) is not _PYTHON_TYPES[expected] or not whole:
            raise _bad(f"{_VALUES}.{name}", f"expects a value of type {expected}")
    for name, parameter in template.parameters.items():
        if parameter.required and values.get(name) in {None, ""}:
            raise invalid(
                f"The pipeline parameter {name} is required and has no value.",
                (f"{_VALUES}.{name}", "required parameter"),
            )


def _check_values(template: facts.Template, values: Mapping[str, Any], *, project: str) -> None:
    _check_region(f"{_VALUES}.location", values["location"])
    names.check_display_name(f"{_VALUES}.model_display_name", values["model_display_name"])
    evaluation = values.get("evaluation_data_uri", "")
    faults = {
        "project": values["project"] != project,
        "large_model_reference": values["large_model_reference"] not in template.base_models,
        "accelerator_type": values.get("accelerator_type", "") not in _ACCELERATORS,
        "dataset_uri": not _GCS.fullmatch(values.get("dataset_uri", "")),
        "evaluation_data_uri": bool(evaluation) and not _GCS.fullmatch(evaluation),
        "train_steps": values.get("train_steps", 1) < 1,
        "evaluation_interval": values.get("evaluation_interval", 1) < 1,
        "learning_rate_multiplier": not values.get("learning_rate_multiplier", 1) > 0,
        "enable_checkpoint_selection": values.get("enable_checkpoint_selection", "default")
        not in {"true", "false", "default"},
    }
    for name, wrong in faults.items():
        if wrong:
            raise _bad(f"{_VALUES}.{name}", "has a value that this template does not support")
    needs_evaluation = {"evaluation_interval", "enable_early_stopping"} & values.keys()
    if needs_evaluation and not evaluation:
        raise _bad(f"{_VALUES}.{min(needs_evaluation)}", "requires evaluation_data_uri to be set")


def _check_tensorboard(name: str, region: str) -> None:
    if not name:
        return
    match = _TENSORBOARD.fullmatch(name)
    if not match or match["location"] != region:
        raise _bad(
            f"{_VALUES}.tensorboard_resource_id",
            f"must be projects/P/locations/{region}/tensorboards/ID, in the pipeline's region",
        )


def _check_cmek(job: Pb, values: Mapping[str, Any], region: str) -> None:
    parameter, spec = values.get("encryption_spec_key_name", ""), job.encryption_spec.kms_key_name
    if not parameter and not spec:
        return
    here = {region, values["location"]} == {facts.CMEK_REGION}
    if values.get("accelerator_type", "") == "TPU" or not here:
        raise invalid(_CMEK_MESSAGE, (f"{_VALUES}.encryption_spec_key_name", _CMEK_MESSAGE))
    if parameter != spec:
        text = "must be the same key as pipeline_job.encryption_spec.kms_key_name"
        raise _bad(f"{_VALUES}.encryption_spec_key_name", text)
    match = _KEY.fullmatch(spec)
    if not match or match["location"] != facts.CMEK_REGION:
        raise _bad("pipeline_job.encryption_spec.kms_key_name", "is no key of us-central1")
