"""Writes the pages that are generated from code; a test holds each of them to what this gives."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tunedrop.cli.reference import page as cli_page
from tunedrop.config import Settings, Timings, variable_name
from tunedrop.contracts import COMMANDS, FACTS
from tunedrop.wire import event_type

DOCS = Path(__file__).parent


def pages() -> Iterator[tuple[Path, str]]:
    """Every generated page with its text."""
    for contract in (*COMMANDS, *FACTS):
        schema = {"$id": event_type(contract), **contract.model_json_schema(mode="validation")}
        yield (
            DOCS / "messages" / f"{contract.__name__}.schema.json",
            json.dumps(schema, indent=2) + "\n",
        )
    yield DOCS / "messages" / "README.md", messages_page()
    yield DOCS / "settings.md", settings_page()
    yield DOCS / "cli.md", cli_page()
    yield DOCS / "observability.md", observability_page()


def messages_page() -> str:
    """The table of messages."""
    rows = [
        f"| [`{c.__name__}`]({c.__name__}.schema.json) | `{c.topic}` | `{event_type(c)}` | "
        f"{(c.__doc__ or '').splitlines()[0]} | [example]({c.__name__}.example.json) |"
        for c in (*COMMANDS, *FACTS)
    ]
    head = [
        "# Messages",
        "",
        "Bodies are JSON. Attributes are those of CloudEvents' Pub/Sub binding (`ce-type`, `ce-id`, `ce-source`,",
        "`ce-time`, `ce-subject`, `content-type`), and `traceparent` where a message goes on with a trace; a repeat",
        "of a message has the same `ce-id`. Commands refuse unknown keys; facts may gain fields. 64-bit integers",
        "are strings of digits.",
        "",
        "| message | topic `<deployment>-…` | `ce-type` | what it says | |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def settings_page() -> str:
    """The tables of settings."""
    head = [
        "# Settings",
        "",
        "Environment variables of the functions and of the command line. An empty value means unset; lists are",
        "separated by commas; all faults are reported together. Two more belong to Google's clients and point them",
        "at the local cloud: `STORAGE_EMULATOR_HOST` and `PUBSUB_EMULATOR_HOST`.",
        "",
        "| variable | default | what it is |",
        "|---|---|---|",
    ]
    timings = [
        "",
        "`TUNEDROP_TIMINGS` holds pairs such as `lease_seconds=660,call_timeout_seconds=30`:",
        "",
        "| timing | default | what it is |",
        "|---|---|---|",
    ]
    rows = [_row(variable_name(name), field) for name, field in Settings.model_fields.items()]
    timing_rows = [_row(name, field) for name, field in Timings.model_fields.items()]
    return "\n".join([*head, *rows, *timings, *timing_rows]) + "\n"


def observability_page() -> str:
    """The page with its tables of metrics and alerts, which are those of the deploy tool's files."""
    text = (DOCS / "observability.md").read_text(encoding="utf-8")
    metrics = ["| metric | counts | labels |", "|---|---|---|"]
    for name, metric in _watching("metrics"):
        labels = ", ".join(f"`{label}`" for label in metric.get("labelExtractors", {}))
        metrics.append(f"| `{name}` | {metric['description']} | {labels} |")
    alerts = ["| alert | what it means |", "|---|---|"]
    for _, alert in _watching("alerts"):
        title = alert["displayName"].partition(": ")[2]
        meaning = alert["documentation"]["content"].partition("\n")[0]
        alerts.append(f"| {title} | {meaning.replace('<heartbeat_minutes>', '30')} |")
    for name, rows in (("metrics", metrics), ("alerts", alerts)):
        start, end = f"<!-- {name}: generated -->\n", "<!-- end -->"
        before, _, rest = text.partition(start)
        text = before + start + "\n".join(rows) + "\n" + end + rest.partition(end)[2]
    return text


def _watching(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    files = DOCS.parent / "deploy" / "observability" / folder
    for path in sorted(files.glob("*.json")):
        yield path.stem, json.loads(path.read_text(encoding="utf-8"))


def _row(name: str, field: object) -> str:
    required = getattr(field, "is_required", bool)()
    default = getattr(field, "default", None)
    simple = isinstance(default, str | int | float | bool) and default != ""
    shown = "required" if required else f"`{str(default).lower()}`" if simple else ""
    return f"| `{name}` | {shown} | {getattr(field, 'description', '')} |"


if __name__ == "__main__":
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
