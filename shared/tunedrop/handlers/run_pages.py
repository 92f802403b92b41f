"""Publishes the page of a run, with what is known of it besides its steps: its champion, its evaluation, its curve.

Gathers records and hands them over; what is shown of them is the reports' business.
"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from tunedrop.domain import places
from tunedrop.domain.runs import SERVED, Run, RunState
from tunedrop.errors import InvalidRequestError, NotFoundError
from tunedrop.handlers import champions, keep_curves
from tunedrop.reports.model_view import registered_of
from tunedrop.reports.model_words import recipe_of
from tunedrop.reports.publishing import MAX_SAMPLE_BYTES, publish_run, sample_path
from tunedrop.reports.run_view import NOTHING, Known
from tunedrop.services import Services

_MAX_EVIDENCE_BYTES = 32 * 1024 * 1024
"""A longer one makes a page without answers."""
_TOLD = SERVED | {RunState.FAILED, RunState.LOAD_FAILED, RunState.CANCELLED}
"""States whose page tells the whole story; before them only the steps are read, since every step has a page."""


def publish_run_report(services: Services, run: Run) -> None:
    """Write the page and the data of a run as the records tell it by now."""
    publish_run(services, run, _known(services, run) if run.state in _TOLD else NOTHING)


def _known(services: Services, run: Run) -> Known:
    verdict = services.ledger.read(places.verdict_path(str(run.accepted.get("drop_id", ""))))
    check = (verdict or {}).get("result")
    registered, evaluated = registered_of(run), run.newest(RunState.EVALUATED)
    curves = keep_curves.read(services, run) if run.launched else ()
    if registered is None:
        return Known(check=check, curves=curves)
    recipe = recipe_of(run)
    champion = champions.newest(services, recipe)
    evidence = str(evaluated.detail["evidence"]) if evaluated else ""
    return Known(
        sample=_texts(services, sample_path(run.run_id), MAX_SAMPLE_BYTES),
        evidence=_texts(services, evidence, _MAX_EVIDENCE_BYTES),
        champion=msgspec.to_builtins(champion) if champion else None,
        registered=services.ledger.read(places.registry_path(recipe, int(registered["version"]))),
        check=check,
        curves=curves,
    )


def _texts(services: Services, path: str, max_bytes: int) -> Mapping[str, Any] | None:
    """A file of WORK that quotes the dataset, where pages may."""
    if not (path and services.settings.report_excerpts):
        return None
    try:
        data = services.store.read(services.settings.work_bucket, path, max_bytes=max_bytes)
        texts: Mapping[str, Any] = json.loads(data)
    except (NotFoundError, InvalidRequestError, ValueError, RecursionError):
        return None
    return texts
