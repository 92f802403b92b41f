"""Log entries in Cloud Logging's fields, one JSON line each, on standard output; one for each delivery.

Knows the entries' shape and what they are about; is never given dataset text.
"""

import json
import re
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar

from msgspec import Struct, field
from msgspec.structs import replace

from tunedrop import tracing

MAX_ENTRY_BYTES = 64 * 1024
"""Cloud Logging takes longer ones, up to 256 KB by its quotas page (read 2026-11-23); nobody reads them."""
MAX_TEXT = 2_000
MAX_LABEL = 1_300
"""Room for the longest address of an object."""
MAX_FRAMES = 50

ERROR_EVENT = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"
"""Marks what Error Reporting shows: https://cloud.google.com/error-reporting/docs/formatting-error-messages."""
LABELS = "logging.googleapis.com/labels"
TRACE = "logging.googleapis.com/trace"
SPAN = "logging.googleapis.com/spanId"

SEVERITIES = {"done": "INFO", "refused": "NOTICE", "again": "WARNING", "bug": "ERROR"}
"""By the answer to a delivery: dealt with, at fault itself, asked for again, stopped by a fault of ours."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


class Origin(Struct, frozen=True):
    """Who writes: the deployment, and the service and revision as the platform names them."""

    project: str = ""
    deployment: str = ""
    service: str = ""
    revision: str = ""


class _Subject(Struct, frozen=True):
    origin: Origin = Origin()
    labels: Mapping[str, str] = field(default_factory=dict)


_NOBODY = _Subject()
_subject: ContextVar[_Subject | None] = ContextVar("subject", default=None)
"""None outside of every `about`, so that nothing is ever left behind for whoever comes next."""


@contextmanager
def about(**labels: str) -> Iterator[None]:
    """Give these labels to every entry written inside; what is labelled or traced inside ends here too."""
    token = _subject.set(_spoken_of())
    try:
        with tracing.keeping():
            label(**labels)
            yield
    finally:
        _subject.reset(token)


def label(**labels: str) -> None:
    """Add labels to every further entry until the surrounding `about` ends; nothing without one."""
    subject = _subject.get()
    if subject is not None:
        _subject.set(replace(subject, labels={**subject.labels, **labels}))


def speak_for(origin: Origin) -> None:
    """Name who writes every further entry until the surrounding `about` ends; nothing without one."""
    subject = _subject.get()
    if subject is not None:
        _subject.set(replace(subject, origin=origin))


def _spoken_of() -> _Subject:
    return _subject.get() or _NOBODY


def delivery_settled(
    answer: str,
    *,
    code: str,
    started: float,
    text: str = "",
    error: BaseException | None = None,
    **labels: str,
) -> None:
    """Write the one canonical line of a delivery.

    Args:
        answer: A key of `SEVERITIES`.
        code: What happened, in snake_case.
        started: A monotonic time in seconds.
        text: What else a person needs to know, without dataset text.
        error: The fault of ours that stopped the delivery, if one did.
        labels: Further ones, such as the run's id.
    """
    role = _spoken_of().labels.get("role", "unbuilt")
    _write(
        SEVERITIES[answer],
        f"{role}: {code}" + (f": {text}" if text else ""),
        {"role": role, "code": code, **labels},
        event="delivery.settled",
        answer=answer,
        seconds=round(time.monotonic() - started, 3),
        **(_report(error) if error else {}),
    )


def run_stepped(run_id: str, state: str, *, attempt: int, code: str, claimed_by: str) -> None:
    """Write one line about a step that a run has just taken."""
    labels = {"run_id": run_id, "state": state, "attempt": str(attempt)}
    _write(
        "INFO",
        f"run {run_id}: {state}" + (f": {code}" if code else ""),
        {**labels, "code": code, "claimed_by": claimed_by},
        event="run.stepped",
    )


def run_fenced(run_id: str, sequence: int) -> None:
    """Write one line about a step that another worker took first."""
    text = f"run {run_id}: another worker took step {sequence} first; nothing was changed"
    _write("INFO", text, {"run_id": run_id}, event="run.fenced")


def job_adopted(run_id: str, *, found_by: str) -> None:
    """Write one line about a job that an earlier call had made, found by its id or by its labels."""
    text = f"run {run_id}: the job that an earlier call made was found by its {found_by} and taken over"
    _write("INFO", text, {"run_id": run_id, "found_by": found_by}, event="job.adopted")


def job_superfluous(run_id: str, job_name: str) -> None:
    """Write one line about a job whose cancellation was asked for, since its attempt has another one or is over."""
    text = f"run {run_id}: {job_name} is not the job of a running attempt; its cancellation was asked for"
    _write("WARNING", text, {"run_id": run_id}, event="job.superfluous")


def bug(error: BaseException) -> None:
    """Write an entry that Error Reporting picks up, about a fault of ours that stopped less than a delivery."""
    name = type(error).__name__
    text = f"unexpected {name}; this is a fault of tunedrop's own"
    _write("ERROR", text, {}, event="bug", **_report(error))


def warning(message: str, **labels: str) -> None:
    """Write one line about something that a person may have to look at."""
    _write("WARNING", message, labels, event="warning")


def _report(error: BaseException) -> dict[str, object]:
    """Frames and type of an error; its text may quote anything and is left out."""
    origin = _spoken_of().origin
    frames = "".join(traceback.format_tb(error.__traceback__, limit=-MAX_FRAMES))
    context = {"service": origin.service or origin.deployment or "tunedrop"}
    return {
        "@type": ERROR_EVENT,
        "serviceContext": context | ({"version": origin.revision} if origin.revision else {}),
        "stack_trace": f"Traceback (most recent call last):\n{frames}{type(error).__name__}",
    }


def _write(severity: str, message: str, labels: Mapping[str, str], **fields: object) -> None:
    subject, trace = _spoken_of(), tracing.current()
    said = {key: value for key, value in labels.items() if value}
    everything = {"deployment": subject.origin.deployment, **subject.labels, **said}
    entry: dict[str, object] = {
        "severity": severity,
        "message": _clean(message, MAX_TEXT),
        **fields,
        LABELS: {key: _clean(value, MAX_LABEL) for key, value in everything.items() if value},
    }
    if trace and subject.origin.project:
        entry[TRACE] = f"projects/{subject.origin.project}/traces/{trace.trace_id}"
        entry[SPAN] = trace.span_id
    sys.stdout.write(_line(entry) + "\n")
    sys.stdout.flush()


def _clean(text: str, limit: int) -> str:
    """Text that cannot move a terminal's cursor, nor break the encoding of the line."""
    return _CONTROL.sub(" ", text[:limit]).encode("utf-8", "replace").decode()


def _line(entry: MutableMapping[str, object]) -> str:
    line = json.dumps(entry, ensure_ascii=True)
    while len(line) > MAX_ENTRY_BYTES:
        holder, key, text = max(_texts(entry), key=lambda place: len(place[2]))
        holder[key] = text[: len(text) // 2]
        line = json.dumps(entry, ensure_ascii=True)
    return line


def _texts(
    entry: MutableMapping[str, object],
) -> Iterator[tuple[MutableMapping[str, object], str, str]]:
    for key, value in entry.items():
        if isinstance(value, str):
            yield entry, key, value
        elif isinstance(value, dict):
            yield from _texts(value)
