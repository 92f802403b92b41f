"""Writes pages and their data, so that racing writers end in the newest.

A page is a function of its records; its version travels in the object's metadata.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from tunedrop.domain import places
from tunedrop.domain.runs import Run
from tunedrop.errors import NotFoundError, PreconditionFailedError
from tunedrop.ledger import Record
from tunedrop.ports import ObjectInfo
from tunedrop.reports.addresses import DATA, INDEX, PAGE
from tunedrop.reports.index_data import Index
from tunedrop.reports.index_notes import leave_drop_note
from tunedrop.reports.index_view import index_view
from tunedrop.reports.rendering import drop_view, render_drop, render_index, render_run, run_view
from tunedrop.reports.run_view import Known
from tunedrop.services import Services

MAX_SAMPLE_BYTES = 1024 * 1024
_TRIES = 5
_MOST_CHAMPIONS = 1_000_000
"""Chains number their records with six digits."""
_HTML = "text/html; charset=utf-8"


class _Edition(Struct, frozen=True):
    """Which version of which page this is."""

    version: int
    about: str
    """Drop or run; two answers about one generation share a version and differ here."""
    is_first: bool = False
    """Most likely no page stands yet: nothing is asked about it before it is written."""

    def follows(self, standing: Mapping[str, str]) -> bool:
        """Whether a page with this metadata has to give way."""
        version = int(standing.get("version", "0"))
        return version < self.version or (
            version == self.version and standing.get("about") != self.about
        )


def publish_drop_report(services: Services, receipt: Record, *, is_first: bool = False) -> None:
    """Write the page and the data of a drop; a newer generation's page is left alone.

    *is_first*: most likely no page of the drop stands yet, which saves two questions if it is so.
    """
    verdict = services.ledger.read(places.verdict_path(str(receipt["drop_id"])))
    view = drop_view(services.settings, receipt, verdict)
    prefix = places.drop_report_prefix(str(receipt["bucket"]), str(receipt["name"]))
    # Among the receipts of one generation a final one is newer than one that waits.
    version = 2 * int(receipt["generation"]) + (
        0 if str(receipt["outcome"]).startswith("waiting") else 1
    )
    edition = _Edition(version, f"{receipt['drop_id']} {receipt['outcome']}", is_first)
    page = (
        None if is_first else _standing(services, services.settings.reports_bucket, prefix + PAGE)
    )
    if page and page.metadata.get("about") == edition.about:
        return
    # Before the page, so that no page stands of which the index was told nothing.
    leave_drop_note(services, receipt)
    _publish(services, prefix, edition, view, render_drop)


def publish_run(services: Services, run: Run, known: Known) -> None:
    """Write the page and the data of a run as its newest step, and the present champion, tell it."""
    crowned = int(known.champion["sequence"]) if known.champion else 0
    edition = _Edition(run_version(run.last.sequence, crowned), run.run_id)
    view = run_view(services.settings, run, known)
    _publish(services, places.run_report_prefix(run.run_id), edition, view, render_run)


def run_version(sequence: int, crowned: int = 0) -> int:
    """The version of a run's page: it grows with the run's steps, and with every new champion of its recipe.

    Args:
        sequence: Of the run's newest step.
        crowned: Of the champion's record in the recipe's chain; 0 while there is none.
    """
    return sequence * _MOST_CHAMPIONS + crowned


def publish_index(
    services: Services, index: Index, generation: int, standing: ObjectInfo | None
) -> None:
    """Write the page of an index whose data has this generation, unless its page, or a newer one's, is *standing*."""
    edition = _Edition(generation, INDEX)
    if standing and not edition.follows(standing.metadata):
        return
    page = render_index(index_view(services.settings, services.catalog, index))
    _put(services, INDEX, page.encode("utf-8", "replace"), _HTML, edition)


def sample_path(run_id: str) -> str:
    """Where the question that a tuned model was asked, and its answer, are kept in WORK."""
    return f"evidence/{run_id}/sample.json"


def _publish(
    services: Services,
    prefix: str,
    edition: _Edition,
    view: Mapping[str, Any],
    render: Callable[[Mapping[str, Any]], str],
) -> None:
    data = json.dumps(view, indent=2, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    _put(services, prefix + DATA, data, "application/json", edition)
    _put(
        services,
        prefix + PAGE,
        render(view).encode("utf-8", "replace"),
        _HTML,
        edition,
    )


def _put(services: Services, name: str, data: bytes, content_type: str, edition: _Edition) -> None:
    """Write unless what stands is newer, or the same; whoever loses the race looks again."""
    bucket = services.settings.reports_bucket
    for attempt in range(_TRIES):
        looks = attempt > 0 or not edition.is_first
        standing = _standing(services, bucket, name) if looks else None
        if standing and not edition.follows(standing.metadata):
            return
        try:
            services.store.write(
                bucket,
                name,
                data,
                if_generation=standing.generation if standing else 0,
                content_type=content_type,
                metadata={"version": str(edition.version), "about": edition.about},
            )
        except PreconditionFailedError:
            continue
        return


def _standing(services: Services, bucket: str, name: str) -> ObjectInfo | None:
    try:
        return services.store.stat(bucket, name)
    except NotFoundError:
        return None
