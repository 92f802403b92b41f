"""Judges the five entry points: deployed, running, under their own accounts, and told of new objects again and again.

Pure; who may call them is judged elsewhere.
"""

from collections.abc import Iterator
from typing import Any

from tunedrop.doctor.lines import GOOD, Facts, Line, Need, State, Verdict
from tunedrop.doctor.subject import APPLY, Subject
from tunedrop.topology import FUNCTIONS

_RETRY = "RETRY_POLICY_RETRY"


def function_lines(subject: Subject, facts: Facts) -> Iterator[Line]:
    """Whether each function runs, as whom, and how the intake bucket's trigger is set."""
    deployed = {each["name"].rpartition("/")[2]: each for each in facts.value("functions") or ()}
    for function in FUNCTIONS:
        name = subject.function(function)
        found = deployed.get(name)
        need = Need(f"function.{function.name}.state", name, function.why)
        verdict = _state(found)
        yield need.if_seen(facts["functions"], verdict)
        if found is None:
            continue
        need = Need(
            f"function.{function.name}.account",
            f"account of {name}",
            "Each function runs as an account that may do what it does, and nothing else.",
        )
        yield need.is_(_account(subject.account(function.source), found))
        if not function.topic:
            yield from _trigger(facts, name, found)


def _state(found: dict[str, Any] | None) -> Verdict:
    if found is None:
        return Verdict(State.MISSING, "not deployed", (APPLY,))
    state = found.get("state", "STATE_UNSPECIFIED")
    if state == "ACTIVE":
        return GOOD
    messages = "; ".join(str(each.get("message", "")) for each in found.get("stateMessages", ()))
    return Verdict(State.UNFIT, f"{state}{': ' if messages else ''}{messages}", (APPLY,))


def _account(expected: str, found: dict[str, Any]) -> Verdict:
    email = found.get("serviceConfig", {}).get("serviceAccountEmail", "the default account")
    if email == expected:
        return GOOD
    return Verdict(State.UNFIT, f"it runs as {email}, expected {expected}", (APPLY,))


def _trigger(facts: Facts, name: str, found: dict[str, Any]) -> Iterator[Line]:
    trigger = found.get("eventTrigger", {})
    need = Need(
        "function.finalized.retry",
        f"retries of {name}",
        "Without them an event that fails once is lost, and its drop with it.",
    )
    is_retried = trigger.get("retryPolicy") == _RETRY
    yield need.is_(GOOD if is_retried else Verdict(State.UNFIT, "switched off", (APPLY,)))
    need = Need(
        "function.finalized.location",
        f"trigger location of {name}",
        "A trigger hears only of buckets in its own location.",
    )
    region = str(trigger.get("triggerRegion", "")).lower()

    def judge(bucket: Any) -> Verdict:  # noqa: ANN401 — JSON
        location = str((bucket or {}).get("location", "")).lower()
        if location == region:
            return GOOD
        words = f"the trigger is in {region or 'no location'}, the intake bucket in {location}"
        remedy = "set bucket_location in the deploy tool's configuration to where the bucket lies"
        return Verdict(State.UNFIT, words, (APPLY,), remedy)

    yield need.seen_in(facts["bucket/intake"], judge)
