"""Turns a finished job into a model that can be called: labelled, served, asked once, and registered.

Waits for nothing: a deployment that takes its time is looked at again by the next sweep.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tunedrop.contracts import ModelRegistered, RunFailed
from tunedrop.domain import naming, places
from tunedrop.domain.formats import (
    Example,
    Format,
    answer_of,
    predict_instance,
    question_of,
    read_example,
)
from tunedrop.domain.redaction import redacted
from tunedrop.domain.runs import RETRIED, Run, RunState, Transition
from tunedrop.errors import (
    CorruptRecordError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
)
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import advance
from tunedrop.reports.publishing import sample_path
from tunedrop.services import Services, Vertex

_QUESTION_BYTES = 8 * 1024 * 1024
_CLAIM_LASTS = timedelta(hours=1)
_SAMPLE_CHARACTERS = 20_000
_VERSION_TRIES = 100


def finish(services: Services, vertex: Vertex, run: Run) -> Run:
    """Take a succeeded run one step further, or leave it where it is."""
    succeeded = run.newest(RunState.SUCCEEDED)
    if succeeded is None:
        msg = f"run {run.run_id}: expected a succeeded step before loading, found none"
        raise CorruptRecordError(msg)
    labels = naming.labels_of(
        deployment=services.settings.deployment, run=run.run_id, attempt=run.attempt
    )
    if services.clock.now() - _loading_since(run, succeeded) > timedelta(
        seconds=services.settings.timings.load_deadline_seconds
    ):
        return _load_failed(
            services, run, "load_timeout", "the tuned model answered no call in time"
        )
    try:
        model = vertex.models.annotate(
            succeeded.detail["tuned_model"], labels=labels, description=_description(run)
        )
        endpoint = succeeded.detail["endpoint"] or vertex.models.ensure_endpoint(
            model,
            endpoint_id=naming.job_id(run.run_id, run.attempt),
            labels=labels,
            may_deploy=lambda: _claim_deployment(services, run),
        )
        if not endpoint:
            return (
                run if run.state is RunState.LOADING else advance(services, run, RunState.LOADING)
            )
        _ask_once(services, vertex, run, endpoint)
    except (InvalidRequestError, NotFoundError) as error:
        return _load_failed(services, run, "load_failed", redacted(str(error)))
    return _register(
        services, run, tuned_model=str(succeeded.detail["tuned_model"]), endpoint=endpoint
    )


def _description(run: Run) -> str:
    """What the service's registry says of the model."""
    return f"{run.accepted['recipe']['name']}: run {run.run_id}, attempt {run.attempt}, of tunedrop"


def _loading_since(run: Run, succeeded: Transition) -> datetime:
    """Since when the model has had time to answer: since the job's end, or somebody's later `retry`."""
    retried = [step.at for step in run.transitions if step.detail.get("code") == RETRIED]
    return max([succeeded.at, *retried])


def _claim_deployment(services: Services, run: Run) -> bool:
    """Take the run's one order; a claim that led to nothing for an hour is given up.

    Claimed before the order, so that a crash in between costs an hour and not a second deployment.
    """
    bucket, path = services.settings.state_bucket, f"deploying/{run.run_id}-a{run.attempt}"
    try:
        services.store.write(bucket, path, b"{}", if_generation=0)
    except PreconditionFailedError:
        standing = services.store.stat(bucket, path)
        if services.clock.now() - standing.created_at < _CLAIM_LASTS:
            return False
        services.store.delete(bucket, path, if_generation=standing.generation)
        return False
    return True


def _load_failed(services: Services, run: Run, code: str, message: str) -> Run:
    said = fact(services, run, RunFailed, code=code)
    return advance(
        services, run, RunState.LOAD_FAILED, {"code": code, "message": message}, facts=[said]
    )


def _ask_once(services: Services, vertex: Vertex, run: Run, endpoint: str) -> None:
    """Call the model with a question that it was trained on, and keep both texts for the page only."""
    dataset_format = Format(run.accepted["plan"]["dataset_format"])
    example = _first_example(services, run, dataset_format)
    question = question_of(example)
    answer = vertex.predictor.ask(
        endpoint, predict_instance(question, dataset_format), dataset_format=dataset_format
    )
    texts = {"question": question.turns[-1].text, "expected": answer_of(example), "answer": answer}
    sample = {name: text[:_SAMPLE_CHARACTERS] for name, text in texts.items()}
    if services.settings.report_excerpts:
        services.store.write(
            services.settings.work_bucket,
            sample_path(run.run_id),
            json.dumps(sample).encode(),
            if_generation=None,
        )


def _first_example(services: Services, run: Run, dataset_format: Format) -> Example:
    work, path = services.settings.work_bucket, str(run.accepted["training"]["path"])
    info = services.store.stat(work, path)
    data = b""
    with services.store.stream(work, path, generation=info.generation) as chunks:
        for chunk in chunks:
            data += chunk
            if b"\n" in chunk or len(data) > _QUESTION_BYTES:
                break
    return read_example(data.partition(b"\n")[0], dataset_format)


def _register(services: Services, run: Run, *, tuned_model: str, endpoint: str) -> Run:
    plan, recipe = run.accepted["plan"], str(run.accepted["recipe"]["name"])
    record = {
        "kind": "tuned_model",
        "recipe": recipe,
        "run_id": run.run_id,
        "attempt": run.attempt,
        "tuned_model": tuned_model,
        "endpoint": endpoint,
        "base_model": plan["base_model"],
        "dataset": {
            "uri": run.accepted["dataset_uri"],
            "generation": run.accepted["generation"],
            "digest": run.accepted["training"]["digest"],
        },
        "estimated_usd": plan["cost"]["usd"],
    }
    version = _record_version(services, recipe, record)
    said = fact(
        services,
        run,
        ModelRegistered,
        recipe=recipe,
        version=version,
        tuned_model=tuned_model,
        endpoint=endpoint,
        base_model=plan["base_model"],
    )
    detail = {"version": version, "tuned_model": tuned_model, "endpoint": endpoint}
    return advance(services, run, RunState.REGISTERED, detail, facts=[said])


def _record_version(services: Services, recipe: str, record: Mapping[str, Any]) -> int:
    """Take the recipe's next version number, or find the one that this run has already taken."""
    listed = services.ledger.list(places.registry_prefix(recipe))
    version = 1 + max(
        (int(info.name[-len("000000.json") : -len(".json")]) for info in listed), default=0
    )
    own = next((info for info in listed if info.metadata.get("run_id") == record["run_id"]), None)
    if own is not None:
        return int(own.name[-len("000000.json") : -len(".json")])
    metadata = {"run_id": str(record["run_id"]), "tuned_model": str(record["tuned_model"])}
    for number in range(version, version + _VERSION_TRIES):
        written = services.ledger.create(
            places.registry_path(recipe, number), {**record, "version": number}, metadata=metadata
        )
        if written.ours or written.record.get("run_id") == record["run_id"]:
            return number
    msg = f"registry of {recipe!r}: {_VERSION_TRIES} version numbers in a row were taken"
    raise CorruptRecordError(msg)
