"""Says what a job's error and its notes about rows mean for whoever uploaded the dataset: class, lines, metric.

Reads the line maps in WORK; what it gives back may be recorded and sent, since no dataset text is left in it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tunedrop import logs
from tunedrop.ai_ports import JobError, RowNote
from tunedrop.domain.job_errors import Classified
from tunedrop.domain.redaction import redacted
from tunedrop.domain.runs import Run
from tunedrop.errors import InvalidRequestError, NotFoundError
from tunedrop.job_errors import known_errors
from tunedrop.services import Services

if TYPE_CHECKING:
    from tunedrop.domain.staging import LineMap

MOST_NOTES = 100
UNKNOWN_ERROR = "unknown_job_error"
_MOST_VIOLATIONS = 20
_MAP_BYTES = 64 * 1024 * 1024
_TASK = re.compile(r"[\w.-]{1,128}", re.ASCII)


def explained(services: Services, run: Run, error: JobError | None) -> dict[str, Any]:
    """What a failed step records of the service's error; the words for it are looked up when they are shown."""
    error = error or JobError(code=0, message="")
    found = known_errors().classify(error.message, code=error.code, said=error.violations)
    return {
        "task": error.task if _TASK.fullmatch(error.task) else "",
        "message": redacted(error.message),
        "class": found.error_class,
        "known": found.known,
        "violations": [redacted(text) for text in error.violations[:_MOST_VIOLATIONS]],
        "lines": _lines(services, run, found),
        "metric": found.metric,
    }


def count_unknown(run: Run, detail: Mapping[str, Any]) -> None:
    """Leave a line in the log about an error that nobody knows, so that somebody writes an entry for it."""
    if not detail["known"]:
        text = (
            f"run {run.run_id}: an error without an entry in job_errors.toml: {detail['message']}"
        )
        labels = {"task": detail["task"], "class": detail["class"]}
        logs.warning(text, code=UNKNOWN_ERROR, run_id=run.run_id, **labels)


def noted_rows(services: Services, run: Run, notes: Sequence[RowNote]) -> list[dict[str, Any]]:
    """The first notes of a job about rows of its training file, each with the user's own line."""
    notes = notes[:MOST_NOTES]
    numbers = _own_lines(services, run, "training", [note.row for note in notes])
    return [
        {"row": note.row, "line": line, "reason": redacted(note.reason)}
        for note, line in zip(notes, numbers, strict=True)
    ]


def _lines(services: Services, run: Run, found: Classified) -> list[dict[str, Any]]:
    if found.row is None:
        return []
    file = _file_of(run, found.total)
    line = _own_lines(services, run, file, [found.row])[0] if file else None
    return [{"row": found.row, "line": line, "file": file or "training"}]


def _file_of(run: Run, total: int | None) -> str:
    """Which of its files a job means by a row, by how many there are; empty if it can be neither."""
    rows = {name: (run.accepted.get(name) or {}).get("rows") for name in ("training", "evaluation")}
    if total is None or rows["training"] in {None, total}:
        return "training"
    return "evaluation" if rows["evaluation"] == total else ""


def _own_lines(services: Services, run: Run, file: str, rows: Sequence[int]) -> list[int | None]:
    """The lines of the user's file that rows of a staged one were made of; None where that is not known."""
    staged = run.accepted[file]
    if not staged.get("line_map"):
        most = staged.get("rows")
        return [row if row >= 1 and (most is None or row <= most) else None for row in rows]
    return _mapped(services, str(staged["line_map"]), rows) if rows else []


def _mapped(services: Services, path: str, rows: Sequence[int]) -> list[int | None]:
    """Look rows up in a line map of WORK; a lost or broken one knows none of them."""
    # Late, since it brings the checks along, of which the launcher and the sweep know nothing else.
    from tunedrop.domain.staging import LineMap  # noqa: PLC0415

    try:
        data = services.store.read(services.settings.work_bucket, path, max_bytes=_MAP_BYTES)
        line_map = LineMap.from_bytes(data)
    except (NotFoundError, InvalidRequestError, ValueError, OverflowError):
        line_map = LineMap()
    return [_source_line(line_map, row) for row in rows]


def _source_line(line_map: "LineMap", row: int) -> int | None:
    try:
        return line_map.source_line(row)
    except IndexError:
        return None
