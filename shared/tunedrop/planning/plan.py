"""The plan of a run: everything about a launch that follows from recipe, catalog, dataset and place.

Kept from naming the run and its files, which the caller adds when it builds the request.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import convert, to_builtins
from msgspec.structs import replace

from tunedrop.catalog import Route
from tunedrop.catalog_entries import Backend, DatasetFormat
from tunedrop.domain.cost import Estimate
from tunedrop.domain.requests import RequestPlan, adapter_size_name
from tunedrop.domain.tuning import Note, QuotaNeed, serving_location
from tunedrop.errors import Problem, RecipeError
from tunedrop.planning.case import Case, DatasetFacts, Place, resolve
from tunedrop.planning.checks import notes_of, problems_of
from tunedrop.planning.length import cost_of
from tunedrop.recipes import Recipe


class RunPlan(RequestPlan, frozen=True, kw_only=True):
    """What to launch, what it will cost and take, and what is worth knowing about it."""

    backend: Backend
    requested_base_model: str
    dataset_format: DatasetFormat
    region: str
    """Region of the job, and part of the host that is asked for it."""
    serving_location: str
    """Location under which the tuned model and its endpoint come back."""
    compute_region: str | None
    """Region of the accelerators; None where the service does not say."""
    epochs: float | None
    train_steps: int | None
    tuned_model_display_name: str | None
    cost: Estimate
    quota: tuple[QuotaNeed, ...]
    """Quotas that one job takes while it runs."""
    expected_seconds: int
    deadline_seconds: int
    """Age at which a job that has not ended is taken for stuck."""
    notes: tuple[Note, ...]

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "RunPlan":
        """Read a plan as a record holds it; a field that a later version added is passed over."""
        return convert(record, cls)

    def to_record(self) -> dict[str, Any]:
        """Return the plan as plain JSON values."""
        record: dict[str, Any] = to_builtins(self)
        return record

    def identity(self) -> dict[str, Any]:
        """Return what of the create request does not name the run or its files, for the run key.

        Given the same project, names, files and labels, plans with equal identities send equal
        requests to the same place. Every value is plain JSON, and a whole number is an int.
        """
        sent = {
            "backend": self.backend,
            "base_model": None if self.template_uri or self.pre_tuned_model else self.base_model,
            "region": self.region,
            "upload_region": self.upload_region if self.template_uri else None,
            "template_uri": self.template_uri,
            "parameters": self.parameters,
            "sends_evaluation": self.sends_evaluation,
            "encryption_key": self.encryption_key,
            "service_account": self.service_account,
            "tuned_model_display_name": self.tuned_model_display_name,
            "pre_tuned_model": self.pre_tuned_model,
        }
        return {key: value for key, value in sent.items() if value is not None}


def plan_run(
    recipe: Recipe, route: Route, facts: DatasetFacts, place: Place, *, source: str = "recipe"
) -> RunPlan:
    """Say exactly what to launch.

    Args:
        recipe: The effective recipe, overrides applied.
        route: What it tunes, from `route_recipe`.
        facts: What the check counted.
        place: Where this deployment tunes and what it allows.
        source: What to call the recipe in problems.

    Raises:
        RecipeError: every rule that the run would break, together.
    """
    case = resolve(recipe, route, facts, place)
    problems = problems_of(case)
    if problems:
        raise RecipeError([_named(problem, source) for problem in problems])
    return _plan(case)


def _plan(case: Case) -> RunPlan:
    entry = case.entry
    expected_seconds = round(60 * _expected_minutes(case))
    pipeline = entry.interface.backend == "pipeline_job"
    return RunPlan(
        backend=entry.interface.backend,
        requested_base_model=case.route.requested.name,
        base_model=entry.name,
        dataset_format=entry.interface.dataset_format,
        project=case.place.project,
        region=case.region,
        upload_region=case.upload_region,
        serving_location=serving_location(case.region, case.upload_region, entry.regions.serving),
        compute_region=case.length.accelerator.compute_region if case.length.accelerator else None,
        own_template=case.recipe.pipeline is not None,
        template_uri=entry.interface.template_uri,
        parameters=_pipeline_parameters(case) if pipeline else _supervised_tuning(case),
        sends_evaluation=case.sends_evaluation,
        epochs=case.length.epochs,
        train_steps=case.length.train_steps,
        encryption_key=case.encryption_key,
        service_account=case.service_account,
        tuned_model_display_name=case.given.get("tuned_model_display_name"),
        pre_tuned_model=case.given.get("pre_tuned_model"),
        cost=cost_of(entry, case.length, case.facts.token_estimate),
        quota=tuple(_quota(case)),
        expected_seconds=expected_seconds,
        deadline_seconds=round(expected_seconds * entry.timing.deadline_factor),
        notes=tuple(notes_of(case)),
    )


def _pipeline_parameters(case: Case) -> dict[str, Any]:
    if case.recipe.pipeline is not None:
        return dict(case.recipe.pipeline.parameters)
    defaults, given = case.entry.defaults, case.given

    def setting(field: str) -> object:
        return given.get(field, getattr(defaults, field) if case.sends_evaluation else None)

    parameters = {
        "large_model_reference": case.entry.name,
        "train_steps": case.length.train_steps,
        "learning_rate_multiplier": _plain(
            given.get("learning_rate_multiplier", defaults.learning_rate_multiplier)
        ),
        "accelerator_type": case.length.accelerator_type,
        "evaluation_interval": setting("evaluation_interval"),
        "enable_early_stopping": setting("enable_early_stopping"),
        "enable_checkpoint_selection": setting("enable_checkpoint_selection"),
        "default_context": given.get("default_context"),
        "tensorboard_resource_id": case.tensorboard,
        "encryption_spec_key_name": case.encryption_key,
    }
    return {name: value for name, value in parameters.items() if value is not None}


def _supervised_tuning(case: Case) -> dict[str, Any]:
    defaults, given = case.entry.defaults, case.given
    multiplier = given.get("learning_rate_multiplier", defaults.learning_rate_multiplier)
    # An int64 travels as a text in the service's JSON.
    hyper_parameters: dict[str, Any] = {"epochCount": str(case.length.whole_epochs)}
    if multiplier is not None:
        hyper_parameters["learningRateMultiplier"] = _plain(multiplier)
    if "adapter_size" in given:
        hyper_parameters["adapterSize"] = adapter_size_name(given["adapter_size"])
    fields: dict[str, Any] = {"hyperParameters": hyper_parameters}
    if "export_last_checkpoint_only" in given:
        fields["exportLastCheckpointOnly"] = given["export_last_checkpoint_only"]
    return fields


def _expected_minutes(case: Case) -> float:
    timing = case.entry.timing
    million_tokens = case.facts.token_estimate * (case.length.epochs or 1) / 1_000_000
    return (
        timing.setup_minutes
        + timing.minutes_per_million_training_tokens * million_tokens
        + timing.minutes_per_hundred_steps * (case.length.train_steps or 0) / 100
    )


def _quota(case: Case) -> list[QuotaNeed]:
    needs = []
    hardware, quota = case.length.accelerator, case.entry.quota
    if hardware is not None:
        needs.append(
            QuotaNeed(hardware.quota_name, hardware.compute_region, hardware.quota_multiple)
        )
    if quota is not None:
        needs.append(QuotaNeed(quota.name, quota.region, quota.multiple))
    return needs


def _plain(number: float | None) -> float | None:
    """Return a whole number as an int, so that 1 and 1.0 make one identity."""
    return int(number) if number is not None and float(number).is_integer() else number


def _named(problem: Problem, source: str) -> Problem:
    if problem.where == "dataset":
        return problem
    return replace(problem, where=f"{source}: {problem.where}")
