"""What the index shows: rows of drops, runs and champions in words, each with the page that it leads to.

A function of the index's data, the settings and the catalog; looks at no clock, since the data names its day.
"""

from datetime import date, timedelta
from typing import Any

from tunedrop.catalog import Catalog
from tunedrop.config import Settings
from tunedrop.domain.runs import ENDED, RunState
from tunedrop.reports.addresses import (
    INDEX,
    INDEX_DATA,
    PAGE,
    browser_address,
    index_uri,
    run_report_uri,
)
from tunedrop.reports.index_data import (
    MOST_DROPS,
    MOST_RUNS,
    ChampionRow,
    DropRow,
    Index,
    RunRow,
)
from tunedrop.reports.run_words import STATES
from tunedrop.reports.short_words import outcome_words

MOST_CHAMPIONS = 500
SOON = timedelta(days=60)
"""How long before its base model retires a champion is marked."""


def index_view(settings: Settings, catalog: Catalog, index: Index) -> dict[str, Any]:
    """Everything on the index's page."""
    shown = index.champions[:MOST_CHAMPIONS]
    uri = index_uri(settings)
    return {
        "deployment": settings.deployment,
        "day": index.day.isoformat(),
        "champions": [_champion(settings, catalog, index.day, row) for row in shown],
        "more_champions": len(index.champions) - len(shown),
        "runs": [_run(settings, row) for row in index.runs],
        "most_runs": MOST_RUNS,
        "drops": [_drop(settings, row) for row in index.drops],
        "most_drops": MOST_DROPS,
        "report": {"uri": uri, "data_link": _link(settings, uri.removesuffix(INDEX) + INDEX_DATA)},
    }


def _link(settings: Settings, uri: str) -> str:
    """What to click on the index, which lies in the root of REPORTS."""
    if not settings.vertex_emulator_host:
        return browser_address(uri)
    return uri.removeprefix(f"gs://{settings.reports_bucket}/")


def _run_link(settings: Settings, run_id: str) -> str:
    return _link(settings, run_report_uri(settings, run_id))


def _champion(settings: Settings, catalog: Catalog, day: date, row: ChampionRow) -> dict[str, Any]:
    return {
        "recipe": row.recipe,
        "version": row.version,
        "run_id": row.run_id,
        "link": _run_link(settings, row.run_id),
        "base_model": row.base_model,
        "since": row.at.isoformat(),
        "by_roll_back": row.action == "rolled_back",
        "retires": retirement_words(catalog, row.base_model, day),
    }


def retirement_words(catalog: Catalog, base_model: str, day: date) -> str:
    """What to say of a base model that retires within 60 days of *day*, or has; nothing of any other."""
    entry = catalog.entries.get(base_model)
    if entry is None:
        return ""
    if entry.is_retired(day):
        return f"retired on {entry.retirement.on}"
    on = entry.retirement.on
    return f"retires on {on}" if on is not None and on - day <= SOON else ""


def _run(settings: Settings, row: RunRow) -> dict[str, Any]:
    known = row.state in {state.value for state in RunState}
    _, tone, label = STATES[RunState(row.state)] if known else ("", "plain", row.state)
    return {
        "run_id": row.run_id,
        "link": _run_link(settings, row.run_id),
        "state": row.state,
        "label": label,
        "tone": tone,
        "open": not known or RunState(row.state) not in ENDED,
        "attempt": row.attempt,
        "at": row.at.isoformat(),
    }


def _drop(settings: Settings, row: DropRow) -> dict[str, Any]:
    label, tone = outcome_words(row.outcome)
    return {
        "name": row.name,
        "bucket": row.bucket,
        "link": _link(settings, f"gs://{settings.reports_bucket}/{row.page}{PAGE}"),
        "outcome": row.outcome,
        "label": label,
        "tone": tone,
        "run_id": row.run_id,
        "run_link": _run_link(settings, row.run_id) if row.run_id else "",
        "at": row.at.isoformat(),
    }
