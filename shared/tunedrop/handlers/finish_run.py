"""Turns a finished job into a model that can be called: served, asked once, and handed on to be registered.

Waits for nothing: a deployment that takes its time is looked at again by the next sweep.
"""

import json
from datetime import datetime, timedelta

from tunedrop.contracts import RunFailed
from tunedrop.domain import naming
from tunedrop.domain.formats import (
    Example,
    Format,
    answer_of,
    predict_instance,
    question_of,
    read_example,
)
from tunedrop.domain.redaction import redacted
from tunedrop.domain.repeating import repeats
from tunedrop.domain.runs import RETRIED, Run, RunState, Transition
from tunedrop.errors import (
    CorruptRecordError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
)
from tunedrop.handlers.register_run import Taken, look_up, register
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import advance
from tunedrop.reports.publishing import sample_path
from tunedrop.services import Services, Vertex

_QUESTION_BYTES = 8 * 1024 * 1024
_CLAIM_LASTS = timedelta(hours=1)
_SAMPLE_CHARACTERS = 20_000


def finish(services: Services, vertex: Vertex, run: Run) -> Run:
    """Take a succeeded run one step further, or leave it where it is."""
    succeeded = run.newest(RunState.SUCCEEDED)
    if succeeded is None:
        msg = f"run {run.run_id}: expected a succeeded step before loading, found none"
        raise CorruptRecordError(msg)
    time_it_takes = services.clock.now() - _loading_since(run, succeeded)
    is_late = time_it_takes > timedelta(seconds=services.settings.timings.load_deadline_seconds)
    taken = look_up(services, run)
    if taken.own is not None:  # it has answered before, and its record stands
        endpoint = taken.own.endpoint
        return register(services, vertex, run, succeeded, taken, endpoint=endpoint, is_late=is_late)
    if is_late:
        said = "the tuned model answered no call in time"
        return _load_failed(services, run, "load_timeout", said)
    return _loaded(services, vertex, run, succeeded, taken)


def _loaded(
    services: Services, vertex: Vertex, run: Run, succeeded: Transition, taken: Taken
) -> Run:
    """Have the model served, call it once, and register it."""
    try:
        endpoint = succeeded.detail["endpoint"] or _endpoint(services, vertex, run, succeeded)
    except (InvalidRequestError, NotFoundError) as error:
        return _load_failed(services, run, "load_failed", redacted(str(error)))
    if not endpoint:
        return run if run.state is RunState.LOADING else advance(services, run, RunState.LOADING)
    example = _first_example(services, run)
    try:
        _ask_once(services, vertex, run, endpoint, example)
    except (InvalidRequestError, NotFoundError) as error:
        said = redacted(str(error))
        tells = repeats(said, [turn.text for turn in example.turns])
        return _load_failed(services, run, "load_failed", error.code if tells else said)
    return register(services, vertex, run, succeeded, taken, endpoint=endpoint)


def _endpoint(services: Services, vertex: Vertex, run: Run, succeeded: Transition) -> str | None:
    """The endpoint that serves the model, or None while one is being prepared.

    An endpoint that the job made carries the job's labels, so that both are known for ours before
    the model is described.
    """
    return vertex.models.ensure_endpoint(
        vertex.models.get(str(succeeded.detail["tuned_model"])),
        endpoint_id=naming.job_id(run.run_id, run.attempt),
        labels=naming.labels_of(
            deployment=services.settings.deployment, run=run.run_id, attempt=run.attempt
        ),
        may_deploy=lambda: _claim_deployment(services, run),
    )


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


def _ask_once(
    services: Services, vertex: Vertex, run: Run, endpoint: str, example: Example
) -> None:
    """Call the model with a question that it was trained on, and keep both texts for the page only."""
    dataset_format = Format(run.accepted["plan"]["dataset_format"])
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


def _first_example(services: Services, run: Run) -> Example:
    work, path = services.settings.work_bucket, str(run.accepted["training"]["path"])
    info = services.store.stat(work, path)
    data = b""
    with services.store.stream(work, path, generation=info.generation) as chunks:
        for chunk in chunks:
            data += chunk
            if b"\n" in chunk or len(data) > _QUESTION_BYTES:
                break
    dataset_format = Format(run.accepted["plan"]["dataset_format"])
    return read_example(data.partition(b"\n")[0], dataset_format)
