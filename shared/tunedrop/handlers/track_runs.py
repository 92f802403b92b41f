"""Answers job log entries and ticks: of the first only the job's id is believed, of the second nothing.

Truth is always the job itself and the run's records; either only says that it is time to look.
"""

import json
from typing import Any

from tunedrop.contracts import JobTick
from tunedrop.delivery import Outcome
from tunedrop.domain import naming
from tunedrop.domain.runs import HOLDING
from tunedrop.errors import MalformedEventError
from tunedrop.events import PubsubDelivery
from tunedrop.handlers.follow_run import follow
from tunedrop.handlers.sweep import is_stale, sweep
from tunedrop.handlers.sweep_queue import release
from tunedrop.services import Services, Vertex
from tunedrop.wire import decode


def receive_job_event(services: Services, vertex: Vertex, delivery: PubsubDelivery) -> Outcome:
    """Answer a tick, or a job's log entry."""
    try:
        body = json.loads(delivery.data)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise MalformedEventError(
            "expected a tick or a log entry as a JSON object, found something else", code="not_json"
        )
    if "resource" in body:
        run_id = _run_of_entry(body)
        return _follow_one(services, vertex, run_id) if run_id else Outcome(code="foreign_job")
    tick = decode(JobTick, delivery.data)
    if tick.kind == "run" and tick.run_id:
        return _follow_one(services, vertex, tick.run_id)
    if is_stale(services, delivery.published_at):
        return Outcome(code="stale_tick")
    return sweep(services, vertex)


def _follow_one(services: Services, vertex: Vertex, run_id: str) -> Outcome:
    """Look after one run, and let the next one have its slot at once if its job has ended."""
    mark = services.runbook.marks.find(run_id)
    run = follow(services, vertex, run_id)
    if run is None:
        return Outcome(code="unknown_run", run_id=run_id)
    if mark is not None and mark.state in HOLDING and run.state not in HOLDING:
        release(services)
    return Outcome(code=run.state.value, run_id=run_id)


def _run_of_entry(entry: dict[str, Any]) -> str:
    resource = entry["resource"]
    labels = resource.get("labels") if isinstance(resource, dict) else None
    job_id = labels.get("pipeline_job_id") if isinstance(labels, dict) else None
    known = naming.run_of_job(job_id) if isinstance(job_id, str) else None
    return known[0] if known else ""
