"""What is shown of a tuned model: what it is, whether it is the champion, what it cost, and where all of it comes from.

Records in, plain JSON values out; reads nothing and looks at no clock.
"""

from typing import Any

from tunedrop.config import Settings
from tunedrop.domain import places
from tunedrop.domain.runs import SERVED, Run, RunState
from tunedrop.domain.tuned_context import context_of
from tunedrop.reports.addresses import drop_report_uri, run_report_uri
from tunedrop.reports.calling import ways_to_call
from tunedrop.reports.model_words import NOTES, PROMOTED, is_champion, recipe_of
from tunedrop.reports.views import Part, page_view

_MOST_ROW_NOTES = 50


def model_view(run: Run) -> dict[str, Any] | None:
    """The model that the newest attempt's job made; None where there is none."""
    succeeded, registered = _of_attempt(run, RunState.SUCCEEDED), registered_of(run)
    if succeeded is None:
        return None
    known = {**succeeded, **(registered or {})}
    notes = list(known.get("row_notes") or [])
    codes = [*known.get("notes", []), *run.last.detail.get("notes", [])]
    return {
        "tuned_model": known.get("tuned_model", ""),
        "endpoint": known.get("endpoint", ""),
        "version": known.get("version"),
        "dropped_rows": known.get("dropped_rows", 0),
        "row_notes": [_row_note(note) for note in notes[:_MOST_ROW_NOTES]],
        "adopted": bool(known.get("adopted", False)),
        "notes": [NOTES[code] for code in dict.fromkeys(codes) if code in NOTES],
    }


def champion_view(settings: Settings, run: Run, champion: Part | None) -> dict[str, Any] | None:
    """Who is champion of the run's recipe now; None while nobody is, or where nobody looked."""
    if champion is None:
        return None
    reason = str(champion.get("reason", ""))
    return {
        "is_this": is_champion(run, champion),
        "was_this": run.state is RunState.PROMOTED,
        "version": champion["version"],
        "run_id": champion["run_id"],
        "report": page_view(settings, run_report_uri(settings, str(champion["run_id"]))),
        "since": champion["at"],
        "action": champion["action"],
        "why": PROMOTED.get(str(champion["code"]), ""),
        "reason": reason,
        "claimed_by": str(champion.get("claimed_by", "")),
    }


def bill_view(registered: Part | None) -> dict[str, Any] | None:
    """What the service billed, as the registry's record has it; None where nothing is registered."""
    billed = ((registered or {}).get("cost") or {}).get("billed")
    return {"usd": billed["usd"], "basis": billed["basis"]} if billed else None


def lineage_view(settings: Settings, run: Run, evaluated: Part | None) -> dict[str, Any] | None:
    """From the bytes to the endpoint; None of a run that made no model."""
    model = model_view(run)
    if model is None:
        return None
    accepted, plan = run.accepted, run.accepted.get("plan") or {}
    uri = str(accepted.get("dataset_uri", ""))
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    return {
        "dataset": f"{uri}#{accepted.get('generation', '')}",
        "check": page_view(settings, drop_report_uri(settings, bucket, name)),
        "verdict": f"gs://{settings.ledger_bucket}/{places.verdict_path(str(accepted.get('drop_id', '')))}",
        "digest": (accepted.get("training") or {}).get("digest", ""),
        "recipe": recipe_of(run),
        "base_model": plan.get("base_model", ""),
        "pre_tuned_model": plan.get("pre_tuned_model"),
        "job": str(run.launched.detail.get("job_name", "")) if run.launched else "",
        "tuned_model": model["tuned_model"],
        "endpoint": model["endpoint"],
        "version": model["version"],
        "evidence": evaluated["evidence"] if evaluated else "",
    }


def calling_view(settings: Settings, run: Run) -> list[dict[str, str]]:
    """How the model is called; nothing where it cannot be."""
    registered = registered_of(run)
    if registered is None or run.state not in SERVED:
        return []
    plan = run.accepted.get("plan", {})
    return ways_to_call(
        settings,
        run_id=run.run_id,
        endpoint=str(registered["endpoint"]),
        project=str(plan.get("project", settings.project)),
        dataset_format=str(plan.get("dataset_format", "")),
        context=context_of(run),
    )


def registered_of(run: Run) -> Part | None:
    """What the registering step of the newest attempt recorded."""
    return _of_attempt(run, RunState.REGISTERED)


def _of_attempt(run: Run, state: RunState) -> Part | None:
    step = run.newest(state)
    return step.detail if step is not None and step.attempt == run.attempt else None


def _row_note(note: Part) -> dict[str, Any]:
    return {"row": note["row"], "line": note.get("line"), "reason": str(note.get("reason", ""))}
