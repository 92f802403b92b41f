"""Reads the catalogue of the service's error messages, and explains a failed run by it.

Kept from knowing services and records' places; the messages stand in `job_errors.toml`.
"""

import tomllib
from functools import cache
from pathlib import Path

from msgspec import convert

from tunedrop.domain.job_errors import Explanation, JobErrors
from tunedrop.domain.runs import Run

BUILT_IN = Path(__file__).with_name("job_errors.toml")


@cache
def known_errors() -> JobErrors:
    """The catalogue, read at the first error."""
    return convert(tomllib.loads(BUILT_IN.read_text(encoding="utf-8")), JobErrors)


def explanation_of(run: Run) -> Explanation | None:
    """What is known about the error that a run's newest step tells of; None if nothing is."""
    detail, accepted = run.last.detail, run.accepted
    known = str(detail.get("known", ""))
    if not known:
        return None
    plan = accepted.get("plan") or {}
    facts = {
        "run": run.run_id,
        "dataset": str(accepted.get("dataset_uri", "")),
        "region": str(plan.get("region", "")),
        "project": str(plan.get("project", "")),
        "base_model": str(plan.get("base_model", "")),
        "metric": str(detail.get("metric", "")),
    }
    return known_errors().explanation(known, facts)
