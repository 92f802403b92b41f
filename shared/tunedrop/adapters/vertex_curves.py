"""The metrics of a tuning, from where each backend leaves them.

Knows the TensorBoard and metadata clients and their payloads; judges no curve. A tuning job names an
experiment, whose context names the TensorBoard instance that its numbers are in. A pipeline job writes to
the instance that it was given, or leaves its last numbers on an artifact.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

from google.cloud import aiplatform_v1 as vertex

from tunedrop.adapters.google_errors import translated
from tunedrop.adapters.vertex_clients import VertexClients
from tunedrop.ai_ports import Job
from tunedrop.domain.curves import Point, Series, gathered, metric_of
from tunedrop.domain.hosts import location_in, location_of
from tunedrop.errors import NotFoundError

BACKING_TENSORBOARD = "backing_tensorboard_resource"
"""Key of a context's metadata (google-cloud-aiplatform 2.7, metadata/constants.py)."""
METRICS_SCHEMA = "system.Metrics"
"""Schema of an artifact whose metadata are numbers by name (the same place)."""
BILLING_LABEL = "vertex-ai-pipelines-run-billing-id"
MOST_EXPERIMENTS = 10_000
"""Bound of one look through an instance; experiments of everybody in the project lie in it."""
MOST_RUNS = 20
MOST_SERIES = 1_000
_PAGE = 1_000
_SCALAR = vertex.TensorboardTimeSeries.ValueType.SCALAR
_LEAST_ID = 8
"""Characters of an id that is looked for inside another; a shorter one is found in too many."""


class VertexCurves:
    """`Curves` over Google's clients."""

    def __init__(self, *, clients: VertexClients) -> None:
        self._clients = clients

    def read(self, job: Job, *, tensorboard: str) -> tuple[Series, ...]:
        """See `Curves.read`; what is missing on the way leads to no metrics."""
        if "/pipelineJobs/" in job.name:
            return self._of_pipeline(job.name, tensorboard)
        try:
            return self._of_experiment(job.experiment) if location_in(job.experiment) else ()
        except NotFoundError:
            return ()

    def _of_experiment(self, context_name: str) -> tuple[Series, ...]:
        """A context and the TensorBoard experiment behind it share their id."""
        with translated(context_name):
            context = self._clients.get(
                vertex.MetadataServiceClient, location_of(context_name)
            ).get_context(name=context_name, **self._clients.repeatable())
        metadata = dict(context.metadata or {})
        tensorboard = str(metadata.get(BACKING_TENSORBOARD, ""))
        if not location_in(tensorboard):
            return ()
        experiment = f"{tensorboard}/experiments/{context_name.rpartition('/')[2]}"
        return self._numbers(tensorboard, [experiment])

    def _of_pipeline(self, name: str, tensorboard: str) -> tuple[Series, ...]:
        with translated(name):
            job = self._clients.get(
                vertex.PipelineServiceClient, location_of(name)
            ).get_pipeline_job(name=name, **self._clients.repeatable())
        found: tuple[Series, ...] = ()
        if location_in(tensorboard):
            try:
                found = self._numbers(tensorboard, self._experiments(tensorboard, _ids(job)))
            except NotFoundError:
                found = ()
        return found or _last_numbers(job)

    def _experiments(self, tensorboard: str, ids: Sequence[str]) -> list[str]:
        request = {"parent": tensorboard, "page_size": _PAGE}
        with translated(f"experiments of {tensorboard}"):
            listed = self._boards(tensorboard).list_tensorboard_experiments(
                request=request, **self._clients.repeatable()
            )
            names = [experiment.name for experiment in islice(listed, MOST_EXPERIMENTS)]
        return [name for name in names if any(one in name.rpartition("/")[2] for one in ids)]

    def _numbers(self, tensorboard: str, experiments: Iterable[str]) -> tuple[Series, ...]:
        runs = (run for experiment in experiments for run in self._runs(experiment))
        looked_at = islice(runs, MOST_RUNS)
        return gathered(found for run in looked_at for found in self._points(tensorboard, run))

    def _runs(self, experiment: str) -> list[str]:
        with translated(f"runs of {experiment}"):
            listed = self._boards(experiment).list_tensorboard_runs(
                parent=experiment, **self._clients.repeatable()
            )
            return [run.name for run in islice(listed, MOST_RUNS)]

    def _points(self, tensorboard: str, run: str) -> Iterator[tuple[str, list[Point]]]:
        """The points of a run's metrics under their names; the answer need not be in our order."""
        named = self._metrics_of(run)
        if not named:
            return
        request = {"tensorboard": tensorboard, "time_series": list(named)}
        with translated(f"time series of {run}"):
            answer = self._boards(tensorboard).batch_read_tensorboard_time_series_data(
                request=request, **self._clients.repeatable()
            )
        by_id = {name.rpartition("/")[2]: metric for name, metric in named.items()}
        for data in answer.time_series_data:
            metric = by_id.get(data.tensorboard_time_series_id.rpartition("/")[2], "")
            yield metric, [Point(point.step, point.scalar.value) for point in data.values]

    def _metrics_of(self, run: str) -> dict[str, str]:
        """The metrics' names by those of the time series that hold them."""
        request = {"parent": run, "page_size": _PAGE}
        with translated(f"time series of {run}"):
            listed = self._boards(run).list_tensorboard_time_series(
                request=request, **self._clients.repeatable()
            )
            looked_at = [each for each in islice(listed, MOST_SERIES) if each.value_type == _SCALAR]
        return {each.name: each.display_name for each in looked_at if metric_of(each.display_name)}

    def _boards(self, name: str) -> vertex.TensorboardServiceClient:
        return self._clients.get(vertex.TensorboardServiceClient, location_of(name))


@cache
def _rule() -> Mapping[str, Any]:
    text = (files(__package__) / "vertex_curves.toml").read_text(encoding="utf-8")
    rule: Mapping[str, Any] = tomllib.loads(text)["experiment_of_a_pipeline_job"]
    return rule


def _ids(job: vertex.PipelineJob) -> list[str]:
    """What the id of an experiment of this job can hold."""
    tasks = [str(task.task_id) for task in job.job_detail.task_details]
    known = {
        "{job_id}": [job.name.rpartition("/")[2]],
        "{billing_id}": [job.labels.get(BILLING_LABEL, "")],
        "{task_id}": tasks,
    }
    ids = [one for holds in _rule()["id_holds"] for one in known[holds]]
    return [one for one in ids if len(one) >= _LEAST_ID]


def _last_numbers(job: vertex.PipelineJob) -> tuple[Series, ...]:
    """The numbers on artifacts, as one point each at the end of the steps that were asked for."""
    values = job.runtime_config.parameter_values
    asked = values.get("train_steps", 0)
    step = int(asked) if isinstance(asked, int | float) else 0
    artifacts = [
        artifact
        for task in job.job_detail.task_details
        for output in task.outputs.values()
        for artifact in output.artifacts
        if artifact.schema_title == METRICS_SCHEMA
    ]
    numbers: list[tuple[str, Any]] = [
        pair for artifact in artifacts for pair in dict(artifact.metadata or {}).items()
    ]
    return gathered(
        (name, [Point(step, float(value))])
        for name, value in numbers
        if isinstance(value, int | float)
    )
