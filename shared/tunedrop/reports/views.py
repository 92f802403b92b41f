"""What the views of drops and runs have in common: addresses, plans, staged files, requesters.

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


def staged_view(settings: Settings, staged: Part | None) -> dict[str, Any] | None:
    """One file that a job reads."""
    if not staged:
        return None
    return {
        "uri": f"gs://{settings.work_bucket}/{staged['path']}",
        "rows": staged["rows"],
        "digest": staged["digest"],
    }
