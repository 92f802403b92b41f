"""The REST bodies of `pipelineJobs.create` and `tuningJobs.create`.

Kept from deciding anything: a plan says what to send, the caller names the run and its files.
"""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

Body = dict[str, Any]

_ADAPTER_SIZES = {
    1: "ADAPTER_SIZE_ONE",
    2: "ADAPTER_SIZE_TWO",
    4: "ADAPTER_SIZE_FOUR",
    8: "ADAPTER_SIZE_EIGHT",
    16: "ADAPTER_SIZE_SIXTEEN",
    32: "ADAPTER_SIZE_THIRTY_TWO",
}
PLACEHOLDERS = ("dataset_uri", "evaluation_uri", "model_display_name", "project", "location")
"""What a template of one's own may ask for, in braces, inside any text of its parameters."""
_PLACEHOLDER = re.compile(rf"\{{({'|'.join(PLACEHOLDERS)})\}}")


class RequestPlan(Struct, frozen=True, kw_only=True):
    """The part of a run plan that goes into a request."""

    project: str
    base_model: str
    own_template: bool
    template_uri: str | None
    upload_region: str
    parameters: dict[str, Any]
    """The request's fields that come from the recipe, spelled as the request spells them."""
    sends_evaluation: bool
    """Whether the service gets the evaluation set; otherwise it serves our own comparison only."""
    encryption_key: str | None
    service_account: str | None
    pre_tuned_model: str | None


def pipeline_job_body(
    plan: RequestPlan,
    *,
    display_name: str,
    model_display_name: str,
    dataset_uri: str,
    evaluation_uri: str | None,
    output_uri: str,
    labels: Mapping[str, str],
) -> Body:
    """Return the body of `pipelineJobs.create`, corrected from the source document's samples.

    Args:
        plan: What to send; a field that is not set is left out of the body.
        display_name: Name of the pipeline job.
        model_display_name: Name of the tuned model; differs between attempts, or the service's
            cache hands back the model of an earlier one.
        dataset_uri: The staged training set, `gs://…`.
        evaluation_uri: The staged evaluation set; left out for a base model that takes none.
        output_uri: Folder for the pipeline's artifacts, outside of every watched bucket.
        labels: Labels of the job, which travel to the tuned model and its endpoint.
    """
    values = {
        "dataset_uri": dataset_uri,
        "model_display_name": model_display_name,
        "project": plan.project,
        "location": plan.upload_region,
    }
    if plan.sends_evaluation and evaluation_uri is not None:
        values["evaluation_uri"] = evaluation_uri
    if plan.own_template:
        parameters = _filled(dict(plan.parameters), values)
    else:
        if "evaluation_uri" in values:
            values["evaluation_data_uri"] = values.pop("evaluation_uri")
        parameters = {**values, **plan.parameters}
    return {
        "displayName": display_name,
        "labels": dict(labels),
        "runtimeConfig": {"gcsOutputDirectory": output_uri, "parameterValues": parameters},
        "templateUri": plan.template_uri,
        **_identity_of_the_runner(plan),
    }


def tuning_job_body(
    plan: RequestPlan,
    *,
    model_display_name: str,
    dataset_uri: str,
    evaluation_uri: str | None,
    labels: Mapping[str, str],
) -> Body:
    """Return the body of `tuningJobs.create`, for a base model or to go on from a tuned one.

    Args:
        plan: What to send; its parameters are the fields of `supervisedTuningSpec`.
        model_display_name: Name of the tuned model; the name of an existing one makes a version.
        dataset_uri: The staged training set, `gs://….jsonl`.
        evaluation_uri: The staged validation set, or None.
        labels: Labels of the job, which travel to the tuned model and its endpoint.
    """
    supervised = {"trainingDatasetUri": dataset_uri, **plan.parameters}
    if plan.sends_evaluation and evaluation_uri is not None:
        supervised["validationDatasetUri"] = evaluation_uri
    start: Body = (
        {"preTunedModel": {"tunedModelName": plan.pre_tuned_model}}
        if plan.pre_tuned_model
        else {"baseModel": plan.base_model}
    )
    return {
        **start,
        "tunedModelDisplayName": model_display_name,
        "labels": dict(labels),
        "supervisedTuningSpec": supervised,
        **_identity_of_the_runner(plan),
    }


def adapter_size_name(size: int) -> str:
    """Return the service's enum name of an adapter size.

    Raises:
        KeyError: when the service has no such size.
    """
    return _ADAPTER_SIZES[size]


def _identity_of_the_runner(plan: RequestPlan) -> Body:
    body: Body = {}
    if plan.encryption_key:
        body["encryptionSpec"] = {"kmsKeyName": plan.encryption_key}
    if plan.service_account:
        body["serviceAccount"] = plan.service_account
    return body


def _filled(value: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 — any JSON value
    """Put the run's values into the placeholders of every text inside *value*."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), value)
    if isinstance(value, dict):
        return {key: _filled(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    return value
