"""What a create call for an attempt says: its id, its labels and its body, all derived from the run.

Reads the run and the settings; calls nothing.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tunedrop.config import Settings
from tunedrop.domain import naming
from tunedrop.domain.requests import pipeline_job_body, tuning_job_body
from tunedrop.domain.runs import Run
from tunedrop.planning import RunPlan

_DISPLAY_NAME_LIMIT = 128


class JobRequest(Struct, frozen=True):
    """A create call, ready to be sent."""

    backend: str
    project: str
    region: str
    job_id: str
    labels: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Resource name of the pipeline job that the id makes."""
        return f"projects/{self.project}/locations/{self.region}/pipelineJobs/{self.job_id}"


def job_request(settings: Settings, run: Run, attempt: int) -> JobRequest:
    """Build the call; the same run and attempt always give the same one."""
    plan = RunPlan.from_record(run.accepted["plan"])
    job_id = naming.job_id(run.run_id, attempt)
    labels = naming.labels_of(deployment=settings.deployment, run=run.run_id, attempt=attempt)
    common = {
        "dataset_uri": _uri(settings, run.accepted["training"]),
        "evaluation_uri": _uri(settings, run.accepted["evaluation"]),
        "model_display_name": _model_name(plan, run.run_id, attempt),
        "labels": labels,
    }
    if plan.backend == "pipeline_job":
        output = f"gs://{settings.work_bucket}/pipelines/{run.run_id}"
        body = pipeline_job_body(plan, display_name=job_id, output_uri=output, **common)
    else:
        body = tuning_job_body(plan, **common)
    return JobRequest(plan.backend, plan.project, plan.region, job_id, labels, body)


def _uri(settings: Settings, staged: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 — text, or None without a set
    return f"gs://{settings.work_bucket}/{staged['path']}" if staged else None


def _model_name(plan: RunPlan, run_id: str, attempt: int) -> str:
    """Carries run and attempt, so that a pipeline's cache can never hand back an earlier model."""
    suffix = f"{run_id}-a{attempt}"
    chosen = plan.tuned_model_display_name
    return f"{chosen[: _DISPLAY_NAME_LIMIT - len(suffix) - 1]} {suffix}" if chosen else suffix
