"""The stand-in's own switches: the clock, the script, what was received, what is to be told.

Served under `/_tunedrop/` of the REST face; no client of Google's ever asks here.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tunedrop.local.vertex import wire
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.errors import ApiError, invalid
from tunedrop.local.vertex.script import Rule

Answer = dict[str, Any]

_MOST = 1e9


def parse_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object; anything else is INVALID_ARGUMENT, no body at all is an empty one."""
    try:
        content: object = json.loads(body or b"{}")
    except ValueError as error:
        raise invalid("Invalid JSON payload received. The body is not JSON.") from error
    if not isinstance(content, dict):
        raise invalid("Invalid JSON payload received. The body is not an object.")
    return content


def administer(core: Core, verb: str, switch: str, body: bytes) -> Answer:
    """Answer one of the switches.

    Raises:
        ApiError: NOT_FOUND for a switch that there is not, INVALID_ARGUMENT for a bad body.
    """
    found = _SWITCHES.get((verb, switch))
    if found is None:
        known = ", ".join(f"{v} /_tunedrop/{s}" for v, s in _SWITCHES)
        raise ApiError("NOT_FOUND", f"Nothing is served at {verb} {switch}; there is: {known}.")
    return found(core, parse_object(body))


def _health(core: Core, _: Answer) -> Answer:
    return {"now": wire.rfc3339(core.clock.now())}


def _skip_clock(core: Core, content: Answer) -> Answer:
    core.clock.skip(_number(content, "seconds"))
    return _health(core, content)


def _set_script(core: Core, content: Answer) -> Answer:
    lines = content.get("rules")
    if not isinstance(lines, list):
        raise invalid('Expected {"rules": [...]}.')
    rules = [Rule.from_json(line) for line in lines]
    with core.transaction():
        core.script.set(rules)
    return {"rules": len(rules)}


def _get_script(core: Core, _: Answer) -> Answer:
    with core.transaction():
        return {"rules": [rule.to_json() for rule in core.script.rules()]}


def _requests(core: Core, _: Answer) -> Answer:
    with core.transaction():
        return {"requests": [line for _, line in core.journal.lines("requests")]}


def _events(core: Core, _: Answer) -> Answer:
    core.tick()
    with core.transaction():
        lines = core.journal.lines("outbox")
    return {"events": [{"number": number, "entry": entry} for number, entry in lines]}


def _delivered(core: Core, content: Answer) -> Answer:
    with core.transaction():
        core.journal.remove("outbox", int(_number(content, "number")))
    return {}


def _number(content: Mapping[str, Any], field: str) -> float:
    value = content.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        raise invalid(f"{field} must be a number from 0 to {_MOST:.0f}.")
    return float(value)


_SWITCHES: Mapping[tuple[str, str], Callable[[Core, Answer], Answer]] = {
    ("GET", "healthz"): _health,
    ("POST", "clock:skip"): _skip_clock,
    ("GET", "script"): _get_script,
    ("POST", "script"): _set_script,
    ("GET", "requests"): _requests,
    ("GET", "events"): _events,
    ("POST", "events:delivered"): _delivered,
}
