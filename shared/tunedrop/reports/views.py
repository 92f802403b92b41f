"""What the views of drops and runs have in common: addresses, plans, findings, requesters.

Records in, plain JSON values out; holds no dataset text and no markup.
"""

from collections.abc import Mapping
from typing import Any

from tunedrop.config import Settings
from tunedrop.reports.addresses import DATA, PAGE, browser_address

SCHEMA_VERSION = 1
Part = Mapping[str, Any]

_PLAN_FIELDS = (
    "backend",
    "requested_base_model",
    "base_model",
    "dataset_format",
    "project",
    "region",
    "compute_region",
    "serving_location",
    "template_uri",
    "epochs",
    "train_steps",
    "pre_tuned_model",
    "encryption_key",
    "service_account",
    "sends_evaluation",
    "expected_seconds",
    "deadline_seconds",
)


def page_view(settings: Settings, uri: str) -> dict[str, str]:
    """Addresses of a page and of the data beside it."""
    data = uri.removesuffix(PAGE) + DATA
    return {
        "uri": uri,
        "link": link(settings, uri),
        "data_uri": data,
        "data_link": link(settings, data),
    }


def link(settings: Settings, uri: str) -> str:
    """What to click for a report of this deployment.

    The browser's address of Cloud Storage leads on to another host, where a relative address would
    lead nowhere; the local cloud serves pages where they lie, two folders deep.
    """
    if not settings.vertex_emulator_host:
        return browser_address(uri)
    return "../../" + uri.removeprefix(f"gs://{settings.reports_bucket}/")


def asked_view(*asked: Part) -> dict[str, Any]:
    """Who asked, and for what besides the bare dataset; later records fill in what earlier ones leave out."""
    known: dict[str, Any] = {}
    for part in asked:
        known |= {key: value for key, value in part.items() if key not in known}
    return {
        "requester": known.get("requester", ""),
        "correlation_id": known.get("correlation_id", ""),
        "priority": known.get("priority"),
        "recipe": known.get("recipe"),
        "inline_recipe": known.get("inline_recipe"),
        "overrides": known.get("overrides", {}),
    }


def plan_view(plan: Part | None) -> dict[str, Any] | None:
    """What a launch sends and what it will cost and take."""
    if not plan:
        return None
    return {
        **{field: plan.get(field) for field in _PLAN_FIELDS},
        "parameters": dict(plan.get("parameters", {})),
        "cost": dict(plan.get("cost", {})),
        "quota": [dict(need) for need in plan.get("quota", [])],
        "notes": [dict(note) for note in plan.get("notes", [])],
    }


def findings_view(result: Part | None) -> list[dict[str, Any]]:
    """The findings of a check, errors first, each with its first occurrence in words."""
    found = []
    for finding in (result or {}).get("findings", []):
        first = finding.get("first", {})
        found.append(
            {
                "code": finding["code"],
                "severity": finding["severity"],
                "count": finding["count"],
                "lines": list(finding["lines"]),
                "first_line": first.get("line"),
                "column": first.get("column"),
                "message": first.get("message", ""),
                "remedy": first.get("remedy", ""),
            }
        )
    return found


def check_view(result: Part | None) -> dict[str, Any] | None:
    """What a check read: the line account and the sizes."""
    if not result:
        return None
    statistics = result.get("statistics", {})
    return {
        "format": result.get("format"),
        "digest": result.get("dataset_digest", ""),
        "lines": dict(result.get("lines", {})),
        "examples": statistics.get("examples"),
        "duplicates": statistics.get("duplicates"),
        "tokens": statistics.get("tokens", {}).get("total"),
        "tokens_estimator": statistics.get("tokens", {}).get("estimator", ""),
        "findings": findings_view(result),
    }


def staged_view(settings: Settings, staged: Part | None) -> dict[str, Any] | None:
    """One file that a job reads."""
    if not staged:
        return None
    return {
        "uri": f"gs://{settings.work_bucket}/{staged['path']}",
        "rows": staged["rows"],
        "digest": staged["digest"],
    }
