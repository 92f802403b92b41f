"""What `tunedrop show` says of a run: how it stands, what it waits for or what to do, and its steps.

Reads the ledger, STATE for a run in the queue, and REPORTS for a training's metrics; prints.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import convert, to_builtins

from tunedrop.cli.curve import print_curves, shown_curves
from tunedrop.cli.output import (
    error_words,
    moment,
    print_pairs,
    print_table,
    rehearsal_words,
)
from tunedrop.cli.queueing import queue_places
from tunedrop.cli.uploading import page_link
from tunedrop.domain.curves import Series
from tunedrop.domain.places import askers_prefix
from tunedrop.domain.runs import GOOD_ENDS, RETRYABLE, Run, RunState
from tunedrop.errors import UsageError
from tunedrop.reports.addresses import run_report_uri
from tunedrop.reports.run_words import next_of, problem_of, summary_of
from tunedrop.services import Services

BAD_STATES = frozenset(state.value for state in RETRYABLE)
_SHOWN = (
    "run_id",
    "state",
    "attempt",
    "recipe",
    "dataset_uri",
    "base_model",
    "job_name",
    "tuned_model",
    "endpoint",
)


def run_view(deployment: Services, run_id: str) -> dict[str, Any]:
    """Return a run as plain values.

    Raises:
        UsageError: There is no such run.
    """
    run = deployment.runbook.load(run_id) if "/" not in run_id else None
    if run is None:
        raise UsageError(f"{run_id}: expected a run, found none; see `tunedrop runs`")
    page = run_report_uri(deployment.settings, run.run_id)
    problem = problem_of(run)
    return {
        "run_id": run.run_id,
        "state": run.state.value,
        "attempt": run.attempt,
        "recipe": run.accepted["recipe"]["name"],
        "dataset_uri": run.accepted["dataset_uri"],
        "base_model": run.accepted["plan"]["base_model"],
        **_found_on_the_way(run),
        "queue": _queue(deployment, run),
        "askers": _askers(deployment, run.run_id),
        "summary": summary_of(run, problem),
        "where": problem["where"] if problem else "",
        "next": None if run.state in GOOD_ENDS else next_of(run, problem),
        "page": page,
        "link": page_link(page),
        "curves": to_builtins(shown_curves(deployment, run.run_id)),
        "asked_for": dict(run.accepted),
        "steps": [
            {
                "sequence": step.sequence,
                "state": step.state.value,
                "at": step.at,
                "attempt": step.attempt,
                "detail": dict(step.detail) if step.sequence > 1 else {},
            }
            for step in run.transitions
        ],
    }


def print_run(view: Mapping[str, Any]) -> None:
    """Print a run for people."""
    plan, queue, follows = view["asked_for"]["plan"], view["queue"] or {}, view["next"] or {}
    usd = plan["cost"]["usd"]
    start = moment(queue["expected_start"]) if queue.get("expected_start") else "unknown"
    print_pairs(
        {
            **{name.replace("_", " "): view[name] for name in _SHOWN},
            "region": plan["region"],
            "train steps": plan["train_steps"],
            "epochs": plan["epochs"],
            "estimated": "price not known" if usd is None else f"{usd} USD",
            "position": f"{queue['position']} of {queue['of']}" if queue else "",
            "expected start": start if queue else "",
            "why": view["summary"],
            "error": error_words(view["error"] or {}),
            "where": view["where"],
            "rehearsal": rehearsal_words(view["rehearsal"]) if view["rehearsal"] else "",
            "next": follows.get("text"),
            "command": "; ".join(follows.get("commands", ())),
            "asked for by": ", ".join(
                f"{one['uri']}#{one['generation']}" for one in view["askers"]
            ),
            "page": view["link"],
        }
    )
    print_table(
        ("", "state", "at", "attempt", "what"),
        (
            (
                step["sequence"],
                step["state"],
                moment(step["at"]),
                step["attempt"],
                _short(step["detail"]),
            )
            for step in view["steps"]
        ),
    )
    print_curves(convert(view["curves"], tuple[Series, ...]))


def _queue(deployment: Services, run: Run) -> dict[str, Any] | None:
    """The place of a run that waits for its turn."""
    place = queue_places(deployment).get(run.run_id) if run.state is RunState.QUEUED else None
    if place is None:
        return None
    return {
        "position": place.number,
        "of": place.of,
        "priority": place.priority,
        "expected_start": place.expected_start,
    }


def _askers(deployment: Services, run_id: str) -> list[dict[str, Any]]:
    """The drops that asked for a run, oldest first."""
    names = [info.name for info in deployment.ledger.list(askers_prefix(run_id))]
    records = [record for name in names if (record := deployment.ledger.read(name))]
    kept = ("drop_id", "uri", "generation", "dropped_at", "datasets")
    askers = [{key: record.get(key, "") for key in kept} for record in records]
    return sorted(askers, key=lambda asker: (asker["dropped_at"], asker["drop_id"]))


def _found_on_the_way(run: Run) -> dict[str, Any]:
    """What the newest attempt's steps say about job, model, error and rehearsal."""
    found: dict[str, Any] = {}
    for step in run.steps_of_attempt:
        found |= {
            key: step.detail[key]
            for key in ("job_name", "tuned_model", "endpoint")
            if step.detail.get(key)
        }
    is_bad = run.state.value in BAD_STATES
    empty = {"job_name": "", "tuned_model": "", "endpoint": ""}
    last = dict(run.last.detail)
    return {
        **empty,
        **found,
        "error": last if is_bad else None,
        "rehearsal": last if run.state is RunState.REHEARSED else None,
    }


def _short(detail: Mapping[str, Any]) -> str:
    kept = ("code", "reason", "claimed_by", "job_name", "tuned_model", "version")
    return "  ".join(f"{key}={detail[key]}" for key in kept if detail.get(key))
