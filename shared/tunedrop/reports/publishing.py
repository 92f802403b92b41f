"""Writes pages and their data, so that racing writers end in the newest.

A page is a function of its records; its version travels in the object's metadata.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tunedrop.domain import naming
from tunedrop.domain.runs import Run
from tunedrop.errors import NotFoundError, PreconditionFailedError
from tunedrop.ledger import Record
from tunedrop.reports.addresses import DATA, PAGE
from tunedrop.reports.rendering import drop_view, render_drop, render_run, run_view
from tunedrop.services import Services

MAX_SAMPLE_BYTES = 1024 * 1024
_TRIES = 5


def publish_drop_report(services: Services, receipt: Record) -> None:
    """Write the page and the data of a drop; a newer generation's page is left alone."""
    verdict = services.ledger.read(naming.verdict_path(str(receipt["drop_id"])))
    view = drop_view(services.settings, receipt, verdict)
    prefix = naming.drop_report_prefix(str(receipt["bucket"]), str(receipt["name"]))
    # Among the receipts of one generation a final one is newer than one that waits.
    version = 2 * int(receipt["generation"]) + (
        0 if str(receipt["outcome"]).startswith("waiting") else 1
    )
    _publish(services, prefix, version, view, render_drop)


def publish_run_report(services: Services, run: Run) -> None:
    """Write the page and the data of a run as its newest step tells it."""
    view = run_view(services.settings, run, _sample(services, run))
    _publish(services, naming.run_report_prefix(run.run_id), run.last.sequence, view, render_run)


def sample_path(run_id: str) -> str:
    """Where the question that a tuned model was asked, and its answer, are kept in WORK."""
    return f"evidence/{run_id}/sample.json"


def _sample(services: Services, run: Run) -> Mapping[str, Any] | None:
    if not services.settings.report_excerpts:
        return None
    try:
        data = services.store.read(
            services.settings.work_bucket, sample_path(run.run_id), max_bytes=MAX_SAMPLE_BYTES
        )
    except NotFoundError:
        return None
    sample: Mapping[str, Any] = json.loads(data)
    return sample


def _publish(
    services: Services,
    prefix: str,
    version: int,
    view: Mapping[str, Any],
    render: Callable[[Mapping[str, Any]], str],
) -> None:
    data = json.dumps(view, indent=2, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    _put_newest(
        services,
        prefix + PAGE,
        render(view).encode("utf-8", "replace"),
        "text/html; charset=utf-8",
        version,
    )
    _put_newest(services, prefix + DATA, data, "application/json", version)


def _put_newest(
    services: Services, name: str, data: bytes, content_type: str, version: int
) -> None:
    bucket = services.settings.reports_bucket
    for _ in range(_TRIES):
        generation = 0
        try:
            standing = services.store.stat(bucket, name)
        except NotFoundError:
            pass
        else:
            generation = standing.generation
            if int(standing.metadata.get("version", "0")) > version:
                return
        try:
            services.store.write(
                bucket,
                name,
                data,
                if_generation=generation,
                content_type=content_type,
                metadata={"version": str(version)},
            )
        except PreconditionFailedError:
            continue
        return
