"""TensorBoard instances: experiments, their runs and time series, and the points of these.

An instance exists as soon as something is written to it. Where a job's numbers go is decided here, as the
service seems to do it: a tuning job's to an instance of the project's own, a pipeline's to the one that it names.
"""

from collections.abc import Mapping
from typing import Any

from google.cloud import aiplatform_v1

from tunedrop.local.vertex import metadata, names, rows, wire
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.errors import invalid, missing
from tunedrop.local.vertex.listing import list_resources
from tunedrop.local.vertex.metrics import Curve, Training, curves
from tunedrop.local.vertex.store import Work
from tunedrop.local.vertex.wire import Pb

_Experiment = aiplatform_v1.TensorboardExperiment.pb()
_Run = aiplatform_v1.TensorboardRun.pb()
_Series = aiplatform_v1.TensorboardTimeSeries.pb()
_Data = aiplatform_v1.TimeSeriesData.pb()
_SCALAR = aiplatform_v1.TensorboardTimeSeries.ValueType.SCALAR
_EXPERIMENTS, _RUNS, _SERIES, _POINTS = "experiments", "runs", "timeSeries", "points"
_OWN_INSTANCE = "tensorboards/1"
"""Of a project in a location, where tuning jobs write to."""
_TUNING_EVALUATIONS = 10
_DEFAULT_STEPS, _DEFAULT_INTERVAL = 300, 20
"""Of the pipelines' templates, where a job says nothing."""


def leave_of_tuning(core: Core, job: Pb, at: float) -> None:
    """Leave a tuning job's metrics where the experiment that it names says."""
    steps = int(job.tuning_data_stats.supervised_tuning_data_stats.tuning_step_count)
    evaluated = job.supervised_tuning_spec.validation_dataset_uri
    training = Training(
        rows=core.rows_directory / rows.file_name(job.name),
        steps=steps,
        evaluated_every=max(1, steps // _TUNING_EVALUATIONS) if evaluated else 0,
    )
    tensorboard = f"{names.parent_of(job.name)}/{_OWN_INSTANCE}"
    metadata.add_experiment(core, job.experiment, tensorboard, at)
    experiment_id = job.experiment.rpartition("/")[2]
    leave(core, f"{tensorboard}/experiments/{experiment_id}", curves(training), at)


def upload_of_pipeline(core: Core, job: Pb, _work: Work, at: float) -> dict[str, str]:
    """Leave a pipeline's metrics in the instance that it names; what the uploading task does."""
    ids = (job.job_detail.task_details[place].task_id for place in (0, -1))
    experiment_id = "-".join(["model-tuner", *map(str, ids)])
    name = f"{_values(job)['tensorboard_resource_id']}/experiments/{experiment_id}"
    leave(core, name, curves(_training_of_pipeline(core, job)), at)
    return {}


def note_on_task(core: Core, job: Pb, _work: Work, _at: float) -> dict[str, str]:
    """Leave a pipeline's last numbers on the task that tunes, unless they go to an instance."""
    if not _values(job).get("tensorboard_resource_id"):
        metrics = curves(_training_of_pipeline(core, job))
        task = job.job_detail.task_details[-1]
        artifact = task.outputs["metrics"].artifacts.add(
            name=f"{names.parent_of(job.name)}/metadataStores/default/artifacts/{task.task_id}",
            display_name="metrics",
            schema_title="system.Metrics",
            schema_version="0.0.1",
        )
        artifact.metadata.update({metric: curve[-1][1] for metric, curve in metrics.items()})
    return {}


def _training_of_pipeline(core: Core, job: Pb) -> Training:
    values = _values(job)
    every = int(values.get("evaluation_interval") or _DEFAULT_INTERVAL)
    return Training(
        rows=core.rows_directory / rows.file_name(f"{job.name}/dataset_uri"),
        steps=int(values.get("train_steps") or _DEFAULT_STEPS),
        evaluated_every=every if values.get("evaluation_data_uri") else 0,
    )


def _values(job: Pb) -> dict[str, Any]:
    return {key: wire.plain(v) for key, v in job.runtime_config.parameter_values.items()}


def leave(core: Core, experiment_name: str, metrics: Mapping[str, Curve], at: float) -> None:
    """Write an experiment with one run, and a time series for each metric."""
    experiment = _Experiment(
        name=experiment_name, display_name=experiment_name.rpartition("/")[2], source="tuning"
    )
    _keep(core, _EXPERIMENTS, experiment, at)
    run = _Run(name=f"{experiment_name}/runs/run-0", display_name="run-0")
    _keep(core, _RUNS, run, at)
    for number, (metric, curve) in enumerate(metrics.items(), start=1):
        series = _Series(
            name=f"{run.name}/timeSeries/{number}",
            display_name=metric,
            value_type=_SCALAR,
            plugin_name="scalars",
        )
        series.metadata.max_step = curve[-1][0]
        _keep(core, _SERIES, series, at)
        core.store.add(_POINTS, f"points:{series.name}", run.name, _points(number, curve, at), at)


def _keep(core: Core, kind: str, resource: Pb, at: float) -> None:
    wire.stamp(resource.create_time, at)
    wire.stamp(resource.update_time, at)
    parent = resource.name.rsplit("/", 2)[0]
    core.store.add(kind, resource.name, parent, resource, at)


def _points(number: int, curve: Curve, at: float) -> Pb:
    data = _Data(tensorboard_time_series_id=str(number), value_type=_SCALAR)
    for step, value in curve:
        point = data.values.add(step=step)
        point.scalar.value = value
        wire.stamp(point.wall_time, at)
    return data


def list_experiments(core: Core, request: Pb) -> Pb:
    """Return an instance's experiments."""
    answer = aiplatform_v1.ListTensorboardExperimentsResponse.pb()()
    found, answer.next_page_token = list_resources(core, _EXPERIMENTS, _Experiment, request)
    answer.tensorboard_experiments.extend(found)
    return answer


def list_runs(core: Core, request: Pb) -> Pb:
    """Return an experiment's runs."""
    _check_there(core, _EXPERIMENTS, request.parent)
    answer = aiplatform_v1.ListTensorboardRunsResponse.pb()()
    found, answer.next_page_token = list_resources(core, _RUNS, _Run, request)
    answer.tensorboard_runs.extend(found)
    return answer


def list_time_series(core: Core, request: Pb) -> Pb:
    """Return a run's time series."""
    _check_there(core, _RUNS, request.parent)
    answer = aiplatform_v1.ListTensorboardTimeSeriesResponse.pb()()
    found, answer.next_page_token = list_resources(core, _SERIES, _Series, request)
    answer.tensorboard_time_series.extend(found)
    return answer


def batch_read(core: Core, request: Pb) -> Pb:
    """Return the points of several time series of one instance."""
    answer = aiplatform_v1.BatchReadTensorboardTimeSeriesDataResponse.pb()()
    for name in request.time_series:
        if not name.startswith(f"{request.tensorboard}/"):
            text = f"time_series must lie in {request.tensorboard}."
            raise invalid(text, ("time_series", text))
        _check_there(core, _SERIES, name)
        answer.time_series_data.append(core.load(_POINTS, _Data, f"points:{name}"))
    return answer


def _check_there(core: Core, kind: str, name: str) -> None:
    if core.store.load(kind, name) is None:
        raise missing(name)
