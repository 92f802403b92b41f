"""What is shown of a check on somebody's own machine: the drop's page without an upload and a run.

A function of a published result and the file's name; reads and writes nothing.
"""

from typing import Any

from tunedrop.reports.check_view import check_view, rejection_of
from tunedrop.reports.mending import FIXED_FILE, advice_for, command
from tunedrop.reports.views import SCHEMA_VERSION, Part
from tunedrop.reports.words import counted

_NEXT, _TO_DO = "What happens next", "What to do"
_BLOCKED = "Nothing will be tuned on it."
"""How `next` begins where the file is good and something else stands in the way of a run."""


def check_page_view(result: Part, *, name: str) -> dict[str, Any]:
    """Everything that a check found out about one file, for its page.

    Args:
        result: As `CheckResult.to_json` publishes it.
        name: The file, as it was named on the command line; `-` for standard input.
    """
    headline, tone = _headline(result)
    accepted = result["verdict"] == "accepted"
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "check",
        "outcome": result["verdict"],
        "headline": headline,
        "tone": tone,
        "summary": _accepted(result) if accepted else rejection_of(result),
        "name": "standard input" if name == "-" else name,
        "check": check_view(result),
        "next": _next(result, name),
    }


def _headline(result: Part) -> tuple[str, str]:
    if result["verdict"] != "accepted":
        return "Rejected. It cannot be tuned on yet.", "bad"
    if _is_blocked(result):
        return "The file is good, but nothing will be tuned on it yet.", "wait"
    return "Accepted. It can be tuned on.", "good"


def _is_blocked(result: Part) -> bool:
    return str(result.get("next", "")).startswith(_BLOCKED)


def _accepted(result: Part) -> str:
    lines = result["lines"]
    examples = counted(lines["used"] + lines["fixed"], "usable example", "usable examples")
    model = result.get("base_model")
    held_to = f", held against the limits of {model}" if model else ""
    return f"{examples}, {result['format']}{held_to}."


def _next(result: Part, name: str) -> dict[str, Any]:
    said, file = str(result.get("next") or ""), "FILE" if name == "-" else name
    if result["verdict"] == "accepted":
        blocked = _is_blocked(result)
        return {
            "title": _TO_DO if blocked else _NEXT,
            "text": said or "Nothing was uploaded, and nothing was spent.",
            "commands": [] if blocked else [command("tunedrop", "drop", file)],
        }
    advice = advice_for(result, file, upload=command("tunedrop", "drop", FIXED_FILE))
    faulty = any(finding["severity"] == "error" for finding in result.get("findings", []))
    # Without an error in the file it is refused for what it is to be tuned with, which only `next` says.
    text = advice.text if faulty or not said else said
    return {"title": _TO_DO, "text": text, "commands": list(advice.commands)}
