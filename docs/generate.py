"""Writes the pages that are generated from code; a test holds each of them to what this gives."""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, ModuleLoader
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tunedrop.cli.comparing import DIFF_SCHEMA
from tunedrop.cli.reference import page as cli_page
from tunedrop.config import Settings, variable_name
from tunedrop.contracts import COMMANDS, FACTS
from tunedrop.domain.checks import RESULT_SCHEMA
from tunedrop.domain.finding_rules import RULES, Rule, Scope, Severity
from tunedrop.reports.rendering import COMPILED, TEMPLATES, environment_over, made_of
from tunedrop.timings import Timings
from tunedrop.wire import event_type

DOCS = Path(__file__).parent
SEVERITIES = {
    Severity.ERROR: "Errors: they reject the line, or the file",
    Severity.WARNING: "Warnings: they reject nothing",
    Severity.NOTE: "Notes: they say what was mended, or what to know",
    Severity.OFF: "Off: looked for only where a recipe says so",
}
SCOPES = {Scope.LINE: "a line", Scope.ROWS: "lines beside each other", Scope.FILE: "the file"}


def pages() -> Iterator[tuple[Path, str]]:
    """Every generated page with its text."""
    for contract in (*COMMANDS, *FACTS):
        schema = {"$id": event_type(contract), **schema_of(contract)}
        yield (
            DOCS / "messages" / f"{contract.__name__}.schema.json",
            json.dumps(schema, indent=2) + "\n",
        )
    yield DOCS / "messages" / "README.md", messages_page()
    yield DOCS / "settings.md", settings_page()
    yield DOCS / "cli.md", cli_page()
    yield DOCS / "observability.md", observability_page()
    yield DOCS / "findings.md", findings_page()
    yield DOCS / "result.schema.json", json.dumps(RESULT_SCHEMA, indent=2) + "\n"
    yield DOCS / "diff.schema.json", json.dumps(DIFF_SCHEMA, indent=2) + "\n"
    yield from compiled_templates()


def compiled_templates() -> Iterator[tuple[Path, str]]:
    """The reports' templates as the modules that Jinja makes of them."""
    about = '"""The templates compiled; written by docs/generate.py, and not used once a template has changed."""'
    yield COMPILED / "__init__.py", f'{about}\n\nMADE_OF = "{made_of()}"\n'
    sources = FileSystemLoader(TEMPLATES)
    environment = environment_over(sources)
    for name in sources.list_templates():
        text, _, _ = sources.get_source(environment, name)
        code = environment.compile(text, name, name, raw=True, defer_init=True)
        yield COMPILED / ModuleLoader.get_module_filename(name), f"{code}\n"


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """A model's JSON Schema, described by what stands below its fields."""
    schema = model.model_json_schema(mode="validation")
    for name, text in field_docstrings(model).items():
        said = {**schema["properties"][name], "description": text}
        schema["properties"][name] = dict(sorted(said.items()))
    return schema


def field_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The strings below a model's fields and those that it inherits.

    Read here, and not by pydantic, which would read them at every start of a function.
    """
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if not issubclass(cls, BaseModel) or cls is BaseModel:
            continue
        body = ast.parse(inspect.getsource(cls)).body[0].body
        for field, below in pairwise(body):
            match field, below:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ) if name in model.model_fields:
                    found[name] = inspect.cleandoc(text)
    return found


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
    rows = [_row(variable_name(name), *of) for name, of in _described(Settings)]
    timing_rows = [_row(name, *of) for name, of in _described(Timings)]
    return "\n".join([*head, *rows, *timings, *timing_rows]) + "\n"


def findings_page() -> str:
    """Every finding by its severity, in the registry's order."""
    lines = [
        "# Findings",
        "",
        "Everything that a [check](checking.md) can find, by how grave it is unless a recipe says otherwise. Codes are",
        "never renamed. An error about a line rejects that line; one about the file, or about lines beside each other,",
        "rejects the file.",
    ]
    for severity, title in SEVERITIES.items():
        rules = [rule for rule in RULES.values() if rule.severity is severity]
        lines += ["", f"## {title}", "", "| code | about | meaning | remedy | example |"]
        lines += ["|---|---|---|---|---|", *map(_finding_row, rules)]
    return "\n".join(lines) + "\n"


def _finding_row(rule: Rule) -> str:
    cells = (
        f'<a id="{rule.code}"></a>`{rule.code}`',
        SCOPES[rule.scope],
        rule.meaning,
        rule.remedy,
        _code(rule.example),
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _code(text: str) -> str:
    """An example as code, whatever back ticks are in it."""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


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


def _described(model: type[BaseModel]) -> Iterator[tuple[str, tuple[FieldInfo, str]]]:
    said = field_docstrings(model)
    for name, field in model.model_fields.items():
        yield name, (field, said.get(name, ""))


def _row(name: str, field: FieldInfo, text: str) -> str:
    required, default = field.is_required(), field.default
    simple = isinstance(default, str | int | float | bool) and default != ""
    shown = "required" if required else f"`{str(default).lower()}`" if simple else ""
    return f"| `{name}` | {shown} | {text} |"


if __name__ == "__main__":
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
