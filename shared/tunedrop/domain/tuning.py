"""The rules of Google's "Tune code models" and of Gemini's supervised tuning, one small function each.

Kept from every figure: limits, regions and batch sizes are passed in, and stand in the catalog.
"""

import math
from collections.abc import Collection, Iterable

from msgspec import Struct

from tunedrop.domain.hosts import location_in
from tunedrop.errors import Problem

_FEW_EVALUATIONS = 2  # the source document's own example of too few points for a curve


class Note(Struct, frozen=True):
    """Something worth knowing that stops nothing."""

    code: str
    """Stable snake_case name of the kind of note."""
    text: str


class QuotaNeed(Struct, frozen=True):
    """The quota that one job takes while it runs."""

    name: str
    region: str
    amount: int


def step_count(epochs: float, example_count: int, batch_size: int) -> int:
    """Return the fewest whole steps that go through the dataset *epochs* times."""
    # Rounded first: 1.1 x 400 / 8 is a hair above 55 in binary and is 55 steps.
    return max(1, math.ceil(round(epochs * example_count / batch_size, 6)))


def epoch_count(train_steps: int, example_count: int, batch_size: int) -> float:
    """Return how many times *train_steps* go through the dataset."""
    return train_steps * batch_size / example_count


def serving_location(tuning_region: str, upload_region: str, serving: str) -> str:
    """Return the location under which the tuned model comes back."""
    if serving == "multi_region":
        return "eu" if tuning_region.startswith("europe-") else "us"
    return upload_region if serving == "upload_region" else tuning_region


def size_problems(count: int, *, minimum: int, maximum: int | None, counted: str) -> list[Problem]:
    """Hold the training set to its smallest and largest size.

    Args:
        count: Examples, or `author` fields over all messages of all examples.
        minimum: The fewest that the service, or our policy, takes.
        maximum: The most; None when there is no limit.
        counted: What was counted, in words.
    """
    if count < minimum:
        expected = f"at least {minimum} {counted}"
        return [Problem("dataset", expected, f"{count}", "add examples", "too_few")]
    if maximum is not None and count > maximum:
        expected, remedy = f"at most {maximum} {counted}", "split the dataset or drop examples"
        return [Problem("dataset", expected, f"{count}", remedy, "too_many")]
    return []


def size_notes(example_count: int, *, recommended: int) -> list[Note]:
    """Say that a dataset is smaller than what is recommended for good results."""
    if example_count >= recommended:
        return []
    text = f"{example_count} examples; at least {recommended} are recommended for good results"
    return [Note("few_examples", text)]


def evaluation_size_problems(count: int, *, minimum: int, maximum: int | None) -> list[Problem]:
    """Hold the evaluation set to the number of rows that the service takes."""
    if minimum <= count and (maximum is None or count <= maximum):
        return []
    bounds = f"at least {minimum}" if maximum is None else f"{minimum} to {maximum}"
    remedy = "change evaluation.holdout or the evaluation file so that its row count fits"
    return [Problem("evaluation", f"{bounds} rows", f"{count}", remedy, "evaluation_size")]


def evaluation_share_problems(
    count: int, training_count: int, *, max_share: float | None, applies_above: int
) -> list[Problem]:
    """Hold a large evaluation set to a share of the training rows."""
    if max_share is None or count <= applies_above or count <= training_count * max_share:
        return []
    expected = f"at most {max_share:.0%} of the {training_count} training rows"
    remedy = f"hold out fewer rows; up to {applies_above} are always taken"
    return [Problem("evaluation", expected, f"{count} rows", remedy, "evaluation_share")]


def applicability_problems(
    fields: Iterable[str], applicable: Collection[str], base_model: str
) -> list[Problem]:
    """Refuse each field of `[tuning]` that this base model does not take."""
    return [
        Problem(
            where=f"tuning.{field}",
            expected=f"a field that {base_model} takes",
            found=field,
            remedy=_instead_of(field, applicable),
            code="not_applicable",
        )
        for field in fields
        if field not in applicable
    ]


def _instead_of(field: str, applicable: Collection[str]) -> str:
    if field == "train_steps" and "epochs" in applicable:
        return "say how long to train with tuning.epochs"
    return "remove it, or choose a base model that takes it"


def whole_epochs_problems(epochs: float) -> list[Problem]:
    """Refuse a part of an epoch where the service counts whole ones."""
    if epochs >= 1 and float(epochs).is_integer():
        return []
    remedy = f"use {max(1, round(epochs))}"
    return [Problem("tuning.epochs", "whole epochs, at least 1", f"{epochs:g}", remedy)]


def needs_evaluation_problems(fields: Iterable[str], *, has_evaluation: bool) -> list[Problem]:
    """Refuse the settings of an evaluation that will not take place."""
    if has_evaluation:
        return []
    return [
        Problem(
            where=f"tuning.{field}",
            expected="an evaluation set beside it",
            found="no evaluation set",
            remedy="set evaluation.holdout or evaluation.dataset, or remove it",
            code="needs_evaluation",
        )
        for field in fields
        if field in {"evaluation_interval", "enable_early_stopping"}
    ]


def checkpoint_selection_notes(selection: str | None, *, has_evaluation: bool) -> list[Note]:
    """Say that the best checkpoint cannot be told without an evaluation."""
    if selection != "true" or has_evaluation:
        return []
    text = "enable_checkpoint_selection chooses by evaluation, and there is no evaluation set"
    return [Note("no_evaluation_to_select_by", text)]


def region_problems(field: str, region: str, allowed: Collection[str]) -> list[Problem]:
    """Hold a region to those that the service supports; an empty *allowed* knows no rule."""
    if not allowed or region in allowed:
        return []
    remedy = "name one of them"
    expected = f"one of {', '.join(allowed)}"
    return [Problem(f"tuning.{field}", expected, region, remedy, "region_unsupported")]


def compute_region_notes(accelerator: str, compute_region: str, region: str) -> list[Note]:
    """Say that the accelerator, not the pipeline's region, decides where the tuning computes."""
    if compute_region == region:
        return []
    text = f"{accelerator} computes in {compute_region}, whatever the pipeline's region ({region})"
    return [Note("computes_elsewhere", text)]


def accelerator_problems(accelerator: str, known: Collection[str]) -> list[Problem]:
    """Hold the accelerator to those that the base model can be tuned on."""
    if accelerator in known:
        return []
    expected = f"one of {', '.join(sorted(known))}"
    return [Problem("tuning.accelerator_type", expected, accelerator, "name one of them")]


def encryption_support_problems(
    *,
    supported: bool,
    accelerator: str | None,
    accelerators: Collection[str],
    base_model: str,
) -> list[Problem]:
    """Refuse a customer-managed key for a base model or an accelerator that cannot use one."""
    if not supported:
        expected = f"no key: {base_model} cannot be tuned under a customer-managed one"
    elif accelerators and accelerator not in accelerators:
        expected = f"accelerator_type {' or '.join(accelerators)} under a customer-managed key"
    else:
        return []
    remedy = "choose another base model or accelerator, or do without the key"
    found = f"a key with accelerator_type {accelerator}" if accelerator else "a key"
    return [Problem("tuning.encryption_key", expected, found, remedy, "encryption_unsupported")]


def encryption_region_problems(
    key: str, *, region: str, upload_region: str, regions: Collection[str]
) -> list[Problem]:
    """Hold the pipeline's region, the upload region and the key's own location to one another."""
    problems = []
    for field, value in (("region", region), ("upload_region", upload_region)):
        if regions and value not in regions:
            expected = f"{' or '.join(regions)} under a customer-managed key"
            remedy = "change it, or do without the key"
            problems.append(
                Problem(f"tuning.{field}", expected, value, remedy, "encryption_unsupported")
            )
    location = location_in(key)
    if location != region:
        expected = f"a key in the job's region {region}"
        remedy = "use a key of that region"
        problems.append(
            Problem("tuning.encryption_key", expected, location or "no location", remedy)
        )
    return problems


def tensorboard_problems(tensorboard: str, region: str) -> list[Problem]:
    """Hold the TensorBoard instance to the region of the pipeline."""
    location = location_in(tensorboard)
    if location == region:
        return []
    expected = f"an instance in the pipeline's region {region}"
    remedy = "use an instance of that region, or run the pipeline in its region"
    return [Problem("tuning.tensorboard", expected, location or "no location", remedy)]


def tensorboard_notes(*, has_evaluation: bool) -> list[Note]:
    """Say which charts TensorBoard will be able to show."""
    if has_evaluation:
        return []
    text = "without an evaluation set TensorBoard shows the tuning metrics only"
    return [Note("tuning_metrics_only", text)]


def adapter_size_problems(size: int, sizes: Collection[int]) -> list[Problem]:
    """Hold the adapter size to those that the base model can be tuned with."""
    if size in sizes:
        return []
    expected = f"one of {', '.join(str(known) for known in sizes)}"
    return [Problem("tuning.adapter_size", expected, str(size), "name one of them")]


def recommended_steps_notes(
    train_steps: int, example_count: int, *, from_examples: int, low: int, high: int
) -> list[Note]:
    """Say that the steps lie outside of the recommended range, once a dataset is large enough."""
    if example_count < from_examples or low <= train_steps <= high:
        return []
    text = (
        f"{train_steps} training steps; {low} to {high} are recommended for {from_examples} examples"
        " and more"
    )
    return [Note("unusual_train_steps", text)]


def evaluation_points_notes(train_steps: int, interval: int) -> list[Note]:
    """Say that the interval leaves too few evaluations to see a curve in."""
    points = train_steps // interval
    if points > _FEW_EVALUATIONS:
        return []
    text = f"{train_steps} steps at an interval of {interval} give {points} evaluation points"
    return [Note("few_evaluation_points", text)]
