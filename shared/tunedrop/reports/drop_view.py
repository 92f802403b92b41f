"""What is shown of a drop: its receipt and its verdict, as one JSON value.

Reads two records and the settings; what happens next is worded in `drop_words`.
"""

from typing import Any

from tunedrop.config import Settings
from tunedrop.reports.addresses import PAGE, drop_report_uri, index_uri, run_report_uri
from tunedrop.reports.check_view import check_view
from tunedrop.reports.drop_words import (
    headline_of,
    is_launched,
    is_rehearsal,
    next_of,
    summary_of,
)
from tunedrop.reports.short_words import stood
from tunedrop.reports.views import (
    SCHEMA_VERSION,
    Part,
    asked_view,
    link,
    page_view,
    plan_view,
    staged_view,
)


def drop_view(settings: Settings, receipt: Part, verdict: Part | None) -> dict[str, Any]:
    """Everything that is known about a drop, for its page and its `report.json`."""
    judged: Part = verdict or {}
    headline, tone = headline_of(receipt, judged)
    bucket, name = str(receipt["bucket"]), str(receipt["name"])
    page = drop_report_uri(settings, bucket, name)
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "drop",
        "outcome": receipt["outcome"],
        "rehearsal": is_rehearsal(judged),
        "launched": is_launched(receipt, judged),
        "code": receipt.get("code", ""),
        "headline": headline,
        "tone": tone,
        "summary": summary_of(receipt, judged),
        "deployment": settings.deployment,
        "at": receipt["at"],
        "drop_id": receipt["drop_id"],
        "object": {
            "uri": f"gs://{bucket}/{name}",
            "bucket": bucket,
            "name": name,
            "generation": receipt["generation"],
            "size_bytes": judged.get("size_bytes"),
        },
        "asked": asked_view(receipt.get("asked", {}), judged.get("asked", {})),
        "recipe": _recipe(receipt, judged),
        "check": check_view(judged.get("result")),
        "evaluation_check": check_view(judged.get("evaluation_result")),
        "rejects": _rejects(settings, page, judged.get("rejects")),
        "problems": [
            dict(problem) for problem in (*receipt.get("problems", ()), *judged.get("problems", ()))
        ],
        "training": staged_view(settings, judged.get("training")),
        "evaluation": staged_view(settings, judged.get("evaluation")),
        "held_out": (judged.get("split") or {}).get("count"),
        "plan": plan_view(judged.get("plan")),
        "run": _run(settings, receipt),
        "next": next_of(settings, receipt, judged),
        "index": link(settings, index_uri(settings)),
        "report": page_view(settings, page),
    }


def _rejects(settings: Settings, page: str, rejects: Part | None) -> dict[str, Any] | None:
    """Where the list of rejected lines lies, beside the page."""
    if not rejects:
        return None
    uri = page.removesuffix(PAGE) + str(rejects["name"])
    return {
        "uri": uri,
        "link": link(settings, uri),
        "count": rejects["count"],
        "with_rows": rejects.get("with_rows", False),
    }


def _recipe(receipt: Part, judged: Part) -> dict[str, Any] | None:
    """The recipe that a dataset was judged by, or the recipe that was dropped."""
    if "recipe" in receipt:
        source = f"gs://{receipt['bucket']}/{receipt['name']}"
        return {"name": "", "source": source, "effective": dict(receipt["recipe"])}
    recipe = judged.get("recipe") or {}
    return dict(recipe) if recipe.get("source") else None


def _run(settings: Settings, receipt: Part) -> dict[str, Any] | None:
    """The run that the drop asked for, and how it had ended or stood before."""
    run_id = str(receipt.get("run_id", ""))
    if not run_id:
        return None
    return {
        "run_id": run_id,
        "state_before": str(receipt.get("run_state", "")),
        "stood": stood(str(receipt.get("run_state", ""))),
        "report": page_view(settings, run_report_uri(settings, run_id)),
    }
