"""What is shown of a run: its steps, and what was asked for, as one JSON value.

Reads transitions and the settings; looks at no clock, so that equal records make equal pages.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

from msgspec import Struct

from tunedrop.config import Settings
from tunedrop.domain.curves import Series
from tunedrop.domain.runs import GOOD_ENDS, Run, RunState, Transition
from tunedrop.reports.addresses import drop_report_uri, index_uri, run_report_uri
from tunedrop.reports.curve import curves_view
from tunedrop.reports.evaluation_view import answers_view, evaluation_view
from tunedrop.reports.model_view import (
    bill_view,
    calling_view,
    champion_view,
    lineage_view,
    model_view,
)
from tunedrop.reports.model_words import why_of
from tunedrop.reports.run_advice import NOTES
from tunedrop.reports.run_words import (
    STATES,
    headline_of,
    next_of,
    problem_of,
    rehearsal_of,
    summary_of,
)
from tunedrop.reports.views import (
    SCHEMA_VERSION,
    Part,
    asked_view,
    link,
    page_view,
    plan_view,
    staged_view,
)

_CONSOLE = "https://console.cloud.google.com/vertex-ai"


class Known(Struct, frozen=True):
    """What is known of a run besides its steps; None where there is nothing, or nothing that a page may show."""

    sample: Part | None = None
    """A question of the dataset, the expected and the given answer."""
    evidence: Part | None = None
    """The evidence of its evaluation, which holds texts of the dataset as well."""
    champion: Part | None = None
    """The present champion of its recipe, as recorded."""
    registered: Part | None = None
    """Its record in the registry."""
    check: Part | None = None
    """What the check of its dataset published."""
    curves: tuple[Series, ...] = ()
    """Metrics of its job."""


NOTHING = Known()


def run_view(settings: Settings, run: Run, known: Known = NOTHING) -> dict[str, Any]:
    """Everything that is known about a run, for its page and its `report.json`."""
    _, tone, _ = STATES[run.state]
    accepted, problem = run.accepted, problem_of(run)
    evaluated = evaluation_view(settings, run)
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "run",
        "run_id": run.run_id,
        "run_key": run.run_key,
        "state": run.state.value,
        "ended": run.ended,
        "headline": headline_of(run, known.champion),
        "tone": tone,
        "summary": summary_of(run, problem),
        "deployment": settings.deployment,
        "at": run.last.at.isoformat(),
        "attempt": run.attempt,
        "timeline": list(_timeline(run)),
        "total_seconds": _seconds(run.transitions[0], run.last),
        "expected_end": _expected_end(run),
        "waits_until": _waits_until(settings, run),
        "superseded_by": _superseded_by(settings, run),
        "asked": asked_view(accepted.get("asked", {})),
        "dataset": _dataset(settings, accepted),
        "account": _account(known.check),
        "recipe": dict(accepted.get("recipe") or {}),
        "training": staged_view(settings, accepted.get("training")),
        "evaluation": staged_view(settings, accepted.get("evaluation")),
        "plan": plan_view(accepted.get("plan")),
        "limits": _limits(settings, accepted),
        "job": _job(settings, run),
        "problem": problem,
        "rehearsal": rehearsal_of(run),
        "model": model_view(run),
        "champion": champion_view(settings, run, known.champion),
        "billed": bill_view(known.registered),
        "curves": curves_view(known.curves),
        "evaluated": evaluated,
        "answers": answers_view(known.evidence),
        "sample": _sample(known.sample),
        "calling": calling_view(settings, run),
        "lineage": lineage_view(settings, run, evaluated),
        "next": next_of(run, problem, known.champion),
        "index": link(settings, index_uri(settings)),
        "report": page_view(settings, run_report_uri(settings, run.run_id)),
    }


def _timeline(run: Run) -> Iterator[dict[str, Any]]:
    """The steps, each with the seconds until the one after it; None where nothing followed yet."""
    lasted = [_seconds(step, after) for step, after in pairwise(run.transitions)]
    for step, seconds in zip(run.transitions, [*lasted, None], strict=True):
        code = str(step.detail.get("code", ""))
        yield {
            "sequence": step.sequence,
            "state": step.state.value,
            "label": STATES[step.state][2],
            "at": step.at.isoformat(),
            "seconds": seconds,
            "attempt": step.attempt,
            "code": "" if code == step.state.value else code,
            "note": _note(step, code),
            "job": str(step.detail.get("job_name", "")),
            "reason": str(step.detail.get("reason", "")),
            "claimed_by": str(step.detail.get("claimed_by", "")),
        }


def _note(step: Transition, code: str) -> str:
    """What a step is about that the name of its state does not say."""
    if step.state is RunState.RUNNING:
        return NOTES.get(code, ("", ""))[0]
    return why_of(step) if step.state in GOOD_ENDS else ""


def _seconds(before: Transition, after: Transition) -> float:
    return round((after.at - before.at).total_seconds(), 3)


def _expected_end(run: Run) -> str | None:
    """When the job should end, while there is one that has not."""
    launched = run.launched
    seconds = run.accepted.get("plan", {}).get("expected_seconds")
    if launched is None or seconds is None or run.state not in {launched.state, RunState.RUNNING}:
        return None
    return (launched.at + timedelta(seconds=seconds)).isoformat()


def _waits_until(settings: Settings, run: Run) -> str | None:
    """When a held run is refused unless somebody decides, or a queued one is tried again at the earliest."""
    if run.state is RunState.HELD:
        return (run.last.at + timedelta(seconds=settings.timings.hold_deadline_seconds)).isoformat()
    return run.last.detail.get("not_before") if run.state is RunState.QUEUED else None


def _superseded_by(settings: Settings, run: Run) -> dict[str, Any] | None:
    """The run of the newer dataset that took this one's place."""
    if run.state is not RunState.SUPERSEDED:
        return None
    by = str(run.last.detail["by_run_id"])
    return {"run_id": by, "report": page_view(settings, run_report_uri(settings, by))}


def _dataset(settings: Settings, accepted: Part) -> dict[str, Any]:
    uri = str(accepted.get("dataset_uri", ""))
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    return {
        "uri": uri,
        "generation": accepted.get("generation", ""),
        "format": accepted.get("dataset_format"),
        "report": page_view(settings, drop_report_uri(settings, bucket, name)),
    }


def _account(check: Part | None) -> dict[str, Any] | None:
    """Where every line of the dataset went, as its check counted."""
    if not check or not check.get("lines"):
        return None
    return {"lines": dict(check["lines"]), "findings": len(check.get("findings", []))}


def _limits(settings: Settings, accepted: Part) -> dict[str, float | None]:
    """What a run may cost without an approval."""
    effective = (accepted.get("recipe") or {}).get("effective") or {}
    return {
        "recipe_usd": (effective.get("budget") or {}).get("max_usd_per_run"),
        "deployment_usd": settings.max_usd_per_run,
    }


def _job(settings: Settings, run: Run) -> dict[str, str] | None:
    """The newest attempt's job; those of earlier ones stand in the timeline."""
    launched = run.launched
    if launched is None:
        return None
    name = str(launched.detail.get("job_name", ""))
    console = "" if settings.vertex_emulator_host else _console(name)
    return {"name": name, "console": console}


def _console(job_name: str) -> str:
    """Where the console shows a job; as google-cloud-aiplatform 2.7 builds the same addresses."""
    parts = job_name.split("/")
    if len(parts) != len(("projects", "p", "locations", "l", "kind", "id")):
        return ""
    _, project, _, location, kind, number = parts
    if kind == "pipelineJobs":
        return f"{_CONSOLE}/locations/{location}/pipelines/runs/{number}?project={project}"
    return (
        f"{_CONSOLE}/generative/language/locations/{location}/tuning/tuningJob/{number}"
        f"?project={project}"
    )


def _sample(sample: Part | None) -> dict[str, str] | None:
    if not sample:
        return None
    return {key: str(sample.get(key, "")) for key in ("question", "expected", "answer")}
