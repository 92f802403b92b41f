"""What is known of a dead letter: where it came from, what it is about, how that stands, and which logs to read.

Reads the ledger; takes no letter out of the box and puts none in.
"""

import base64
import json
import shlex
from collections.abc import Mapping
from typing import Any

from tunedrop import tracing
from tunedrop.contracts import ControlRequested, LaunchRequested, TuningRequested
from tunedrop.dead_letters import FINALIZED, DeadLetter, request_of_event, role_of
from tunedrop.domain import places
from tunedrop.domain.naming import GsUri
from tunedrop.errors import MalformedEventError
from tunedrop.message_kinds import Message
from tunedrop.services import Services
from tunedrop.wire import decode

JOB_EVENTS = "job-events"
_UNREADABLE = "something that cannot be read"
_CONTRACTS: Mapping[str, type[Message]] = {
    "requests": TuningRequested,
    "launches": LaunchRequested,
    "control": ControlRequested,
}
_WHY = "The function for {role} was called {times} and gave no answer that ends it."
_REPLAYED = " It had been sent again before, from dead letter {before}."


def letter_view(deployment: Services, letter: DeadLetter) -> dict[str, Any]:
    """Return a dead letter as plain values, without its body."""
    role = role_of(deployment.settings.deployment, letter)
    about, object_uri, run_id = _subject(role, letter)
    return {
        "id": letter.message_id,
        "given_up_at": letter.given_up_at,
        "role": role,
        "subscription": letter.subscription,
        "deliveries": letter.deliveries,
        "about": about,
        "object": object_uri,
        "run_id": run_id,
        "replayed_from": letter.replayed_from,
        "why": _why(role, letter),
        "stands": _standing(deployment, role, object_uri, run_id),
        "logs": _logs(deployment, role, letter),
    }


def whole_view(deployment: Services, letter: DeadLetter) -> dict[str, Any]:
    """Return the same with all attributes and the body: as JSON where it is, else in base64."""
    try:
        body = json.loads(letter.data)
    except (ValueError, RecursionError):
        body = {"base64": base64.b64encode(letter.data).decode()}
    view = letter_view(deployment, letter)
    return {**view, "attributes": dict(letter.attributes), "message": body}


def _subject(role: str, letter: DeadLetter) -> tuple[str, str, str]:
    """What a letter is about in words, and the object's address or the run's id where it names one."""
    try:
        message = _read(role, letter)
    except MalformedEventError:
        return _UNREADABLE, "", ""
    match message:
        case TuningRequested():
            return message.dataset_uri, message.dataset_uri, ""
        case LaunchRequested():
            return message.run_id, "", message.run_id
        case ControlRequested():
            return f"{message.action} {message.run_id or ''}".strip(), "", message.run_id or ""
    return "open runs", "", ""


def _read(role: str, letter: DeadLetter) -> Message | None:
    if role == FINALIZED:
        return request_of_event(letter)
    contract = _CONTRACTS.get(role)
    return decode(contract, letter.data) if contract else None


def _why(role: str, letter: DeadLetter) -> str:
    times = f"{letter.deliveries} times" if letter.deliveries else "many times"
    said = _WHY.format(role=role, times=times)
    return said + (_REPLAYED.format(before=letter.replayed_from) if letter.replayed_from else "")


def _standing(deployment: Services, role: str, object_uri: str, run_id: str) -> str:
    """What the ledger says by now of what the letter asked for."""
    if role == JOB_EVENTS:
        return "every sweep looks after all open runs: nothing is lost with it"
    if run_id:
        state = deployment.runbook.state_of(run_id)
        return f"the run is {state} by now" if state else "there is no such run yet"
    if object_uri:
        answered = _answered(deployment, GsUri.parse(object_uri))
        return "the object is answered by now" if answered else "the object has no answer yet"
    return ""


def _answered(deployment: Services, uri: GsUri) -> bool:
    receipts = places.receipt_path(uri.bucket, uri.name, 0).rpartition("/")[0]
    return bool(deployment.ledger.list(f"{receipts}/"))


def _logs(deployment: Services, role: str, letter: DeadLetter) -> str:
    """The command that shows what the functions said about it; none for a local cloud."""
    settings = deployment.settings
    if settings.vertex_emulator_host:
        return ""
    parent = tracing.read_parent(letter.attributes.get(tracing.ATTRIBUTE))
    which = (
        f'trace="projects/{settings.project}/traces/{parent.trace_id}"'
        if parent
        else f'labels.role="{role}" jsonPayload.answer=("again" OR "bug")'
    )
    words = f'labels.deployment="{settings.deployment}" {which}'
    project = f"--project={settings.project}"
    return shlex.join(["gcloud", "logging", "read", words, project, "--freshness=7d"])
