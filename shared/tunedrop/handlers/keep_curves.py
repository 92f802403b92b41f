"""Keeps what a job left of its metrics, so that pages and the command line need not ask the service.

A curve is nice to have: whatever goes wrong here is reported, no run fails for it, and none waits for long.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

import msgspec

from tunedrop import logs
from tunedrop.domain import places
from tunedrop.domain.curves import Series
from tunedrop.domain.naming import canonical_json
from tunedrop.domain.redaction import redacted
from tunedrop.domain.runs import Run, RunState
from tunedrop.errors import (
    NotFoundError,
    PreconditionFailedError,
    ServiceAnswerError,
    UpstreamUnavailableError,
)
from tunedrop.handlers.reporting import reported
from tunedrop.services import Services, Vertex

_SCHEMA_VERSION = 1
_MAX_BYTES = 1024 * 1024
_PATIENCE = timedelta(minutes=15)
"""How long a finished run waits for a curve whose service does not answer."""


class _Kept(msgspec.Struct, frozen=True):
    schema_version: int
    series: tuple[Series, ...]


def keep(services: Services, vertex: Vertex, run: Run) -> bool:
    """Read the metrics of the attempt's job once, and keep them in WORK.

    A job that left none is not asked again, nor is one whose metrics the service refuses.

    Returns:
        Whether the run may go on: False where the service did not answer and may yet do so soon.
    """
    with reported(f"metrics of run {run.run_id}: "):
        try:
            if run.launched is not None and not _is_kept(services, run):
                _write(services, run, _asked_for(vertex, run, str(run.launched.detail["job_name"])))
        except UpstreamUnavailableError:
            succeeded = run.newest(RunState.SUCCEEDED) or run.last
            return services.clock.now() - succeeded.at > _PATIENCE
    return True


def read(services: Services, run: Run) -> tuple[Series, ...]:
    """The metrics of the newest attempt's job, in the order of `METRICS`; none where none are kept.

    What cannot be read counts as none: whoever shows a run shows it without a curve then.
    """
    try:
        data = services.store.read(services.settings.work_bucket, _path(run), max_bytes=_MAX_BYTES)
        return msgspec.json.decode(data, type=_Kept).series
    except (ServiceAnswerError, msgspec.DecodeError):
        return ()


def _path(run: Run) -> str:
    return places.curves_path(run.run_id, run.attempt)


def _is_kept(services: Services, run: Run) -> bool:
    try:
        services.store.stat(services.settings.work_bucket, _path(run))
    except NotFoundError:
        return False
    return True


def _asked_for(vertex: Vertex, run: Run, job_name: str) -> tuple[Series, ...]:
    plan = run.accepted["plan"]
    tensorboard = (plan.get("parameters") or {}).get("tensorboard_resource_id") or ""
    try:
        job = vertex.jobs[plan["backend"]].get(job_name)
        return vertex.curves.read(job, tensorboard=tensorboard)
    except ServiceAnswerError as error:
        text = f"metrics of run {run.run_id}: {redacted(str(error))}; it is shown without a curve"
        logs.warning(text, code=error.code, run_id=run.run_id)
        return ()


def _write(services: Services, run: Run, series: Iterable[Series]) -> None:
    body = msgspec.to_builtins(_Kept(_SCHEMA_VERSION, tuple(series)))
    # Whoever was faster asked the same job.
    with suppress(PreconditionFailedError):
        services.store.write(
            services.settings.work_bucket, _path(run), canonical_json(body), if_generation=0
        )
