"""What is said about a run in words: its state in a line, what went wrong, and what happens next.

Decides nothing; a code without words of its own is shown as it is.
"""

import shlex
from typing import Any

from tunedrop.domain import naming
from tunedrop.domain.endings import NOTES as JOB_NOTES
from tunedrop.domain.job_errors import places_of
from tunedrop.domain.runs import (
    ANSWERED,
    BEFORE_LAUNCH,
    DECIDED,
    GOOD_ENDS,
    HOLDING,
    RETRYABLE,
    SERVED,
    Run,
    RunState,
)
from tunedrop.job_errors import explanation_of
from tunedrop.reports.calling import QUESTION
from tunedrop.reports.model_words import is_champion, recipe_of, why_of
from tunedrop.reports.run_advice import ENDS, HOLDS, NOTES, UNKNOWN, WAITS
from tunedrop.reports.views import Part
from tunedrop.reports.words import usd

IT_WORKS = "It works."
IT_IS_CHAMPION = "It works, and it is the champion."
CALL_IT = "Call it like this."
STATES: dict[RunState, tuple[str, str, str]] = {
    RunState.ACCEPTED: ("Accepted. The launch is next.", "wait", "Accepted"),
    RunState.HELD: ("Held. Somebody has to approve it.", "wait", "Held"),
    RunState.QUEUED: ("Queued. It is launched by itself.", "wait", "Queued"),
    RunState.LAUNCHING: ("Launching the tuning job.", "wait", "Launch begun"),
    RunState.LAUNCHED: ("Launched. The job waits to run.", "wait", "Job created"),
    RunState.RUNNING: ("Tuning.", "wait", "Job running"),
    RunState.SUCCEEDED: ("Tuned. The model is being made ready.", "wait", "Job succeeded"),
    RunState.LOADING: ("Tuned. Its endpoint is being prepared.", "wait", "Endpoint under way"),
    RunState.REGISTERED: ("It works. What it is worth is found out next.", "good", "Registered"),
    RunState.EVALUATING: ("It works. It is being evaluated.", "good", "Evaluation begun"),
    RunState.EVALUATED: ("It works. Who is champion is decided next.", "good", "Evaluated"),
    RunState.PROMOTED: (f"{IT_IS_CHAMPION} {CALL_IT}", "good", "Promoted"),
    RunState.KEPT: (f"{IT_WORKS} {CALL_IT}", "good", "Kept"),
    RunState.FAILED: ("Failed.", "bad", "Failed"),
    RunState.LOAD_FAILED: ("Tuned, but it cannot be called.", "bad", "Loading failed"),
    RunState.CANCELLED: ("Cancelled.", "plain", "Cancelled"),
    RunState.REFUSED: ("Refused by an operator.", "plain", "Refused"),
    RunState.SUPERSEDED: ("Superseded by a newer dataset.", "plain", "Superseded"),
    RunState.REHEARSED: ("Rehearsed. This would have been launched.", "plain", "Rehearsed"),
}
"""Headline, tone and the name of the step in the timeline."""

_ADVICE = {RunState.QUEUED: WAITS, RunState.RUNNING: NOTES}
_STOPPABLE = BEFORE_LAUNCH | HOLDING
_TITLE, _TO_DO = "What happens next", "What to do"
_NEXT: dict[RunState, str] = {
    RunState.ACCEPTED: "The launcher takes it up within minutes.",
    RunState.QUEUED: "Somebody let it go on: it is launched as soon as there is room for it.",
    RunState.LAUNCHING: (
        "The job is being created. If the answer got lost, the job is looked for before anything"
        " is tried again, so that there is never a second one."
    ),
    RunState.LAUNCHED: "The service starts it when there is room; this page follows.",
    RunState.RUNNING: "The tuned model is looked for, served and asked once when the job has ended.",
    RunState.SUCCEEDED: "An endpoint is made sure of, the model is asked a question and registered.",
    RunState.LOADING: "The model is asked a question and registered as soon as its endpoint answers.",
    RunState.REGISTERED: "It is held against others, and then promoted or kept.",
    RunState.EVALUATING: "It is asked the held-out questions, and so are those it is compared with.",
    RunState.EVALUATED: "It is promoted or kept, as its recipe says.",
    RunState.PROMOTED: "Three ways to ask it a question:",
    RunState.KEPT: "Three ways to ask it a question:",
    RunState.REHEARSED: (
        "Nothing: a recipe in this folder is for rehearsals. The same files in a folder outside"
        f" {naming.REHEARSAL_FOLDER}/ are a run of their own, and are launched."
    ),
}


def problem_of(run: Run) -> dict[str, Any] | None:
    """What stopped the run, or makes it wait: in words, with what to do; None if nothing does."""
    detail = run.last.detail
    code = str(detail.get("code", ""))
    is_noted = run.state is RunState.RUNNING and code in JOB_NOTES
    if code in DECIDED or not (is_noted or run.state in RETRYABLE | {RunState.QUEUED}):
        return None
    meaning, remedy = _ADVICE.get(run.state, ENDS).get(code, UNKNOWN)
    known = explanation_of(run)
    to_do = known if run.ended else None  # what waits goes on by itself
    return {
        "code": code,
        "meaning": known.words if known else meaning,
        "remedy": to_do.next if to_do else remedy,
        "command": to_do.command if to_do else "",
        "class": str(detail.get("class", "")),
        "where": places_of(detail.get("lines") or ()),
        "task": str(detail.get("task", "")),
        "job_state": str(detail.get("job_state", "")),
        "message": str(detail.get("message", "")),
        "violations": [str(text) for text in detail.get("violations", [])],
        "reason": str(detail.get("reason", "")),
        "claimed_by": str(detail.get("claimed_by", "")),
    }


def summary_of(run: Run, problem: Part | None) -> str:
    """What the headline leaves open, in a sentence; empty where nothing is."""
    if problem is not None:
        return str(problem["meaning"])
    if run.state is RunState.HELD:
        return HOLDS.get(str(run.last.detail.get("code", "")), "An approval is asked for.")
    if run.state in SERVED:
        return _worth(run)
    if run.state is RunState.REHEARSED:
        return _rehearsed(run.last.detail)
    return "A rehearsal: everything is done but the create call." if run.is_rehearsal else ""


def _worth(run: Run) -> str:
    registered = run.newest(RunState.REGISTERED)
    version = registered.detail["version"] if registered else 0
    works = f"Version {version} of {recipe_of(run)} is registered, served, and has answered a call."
    return f"{works} {why_of(run.last)}" if run.state in GOOD_ENDS else works


def _rehearsed(detail: Part) -> str:
    said = ["Everything was done but the create call: no job exists, and nothing was spent."]
    if detail["would_hold"]:
        said.append("A real run would first wait for an approval.")
    if detail["service"] != ANSWERED:
        said.append("The AI service did not answer, so that a real run would not get through.")
    return " ".join(said)


def rehearsal_of(run: Run) -> dict[str, Any] | None:
    """What a rehearsed run would have sent, and what stood in its way; None for every other run."""
    if run.state is not RunState.REHEARSED:
        return None
    detail = run.last.detail
    hold, service = str(detail["would_hold"]), str(detail["service"])
    return {
        "job_id": detail["job_id"],
        "backend": detail["backend"],
        "region": detail["region"],
        "request": dict(detail["request"]),
        "would_hold": hold,
        "hold": HOLDS.get(hold, ""),
        "service": service,
        "service_answered": service == ANSWERED,
        "message": detail["message"],
    }


def headline_of(run: Run, champion: Part | None) -> str:
    """The state in a line; of a run that ended well, whether its model is champion now and not only then."""
    if run.state not in GOOD_ENDS or champion is None:
        return STATES[run.state][0]
    return f"{IT_IS_CHAMPION if is_champion(run, champion) else IT_WORKS} {CALL_IT}"


def next_of(run: Run, problem: Part | None, champion: Part | None = None) -> dict[str, Any]:
    """What happens next, or what to do, and the commands for it.

    *champion*: the present one of the run's recipe, where that is known.
    """
    if run.state in GOOD_ENDS:
        is_it = run.state is RunState.PROMOTED if champion is None else is_champion(run, champion)
        return _as_champion(run) if is_it else _beside_champion(run)
    if problem is not None and run.ended:
        commands = dict.fromkeys([problem["command"], _command("retry", run)])
        return _next(
            _TO_DO, f"{problem['remedy']} {again_of(run)}", [line for line in commands if line]
        )
    if run.state is RunState.HELD:
        decide = [_command(word, run, "--reason", "why") for word in ("approve", "refuse")]
        text = "Nothing is launched, and nothing spent, until somebody approves it or refuses it."
        return _next(_TO_DO, text, decide)
    text = problem["remedy"] if problem is not None else _NEXT[run.state]
    looks = [_command("show", run)] if run.state is RunState.QUEUED else []
    stops = [_command("cancel", run)] if run.state in _STOPPABLE else []
    return _next(_TITLE, text, looks + stops)


def _as_champion(run: Run) -> dict[str, Any]:
    recipe = recipe_of(run)
    text = (
        "Whoever asks the recipe asks this model, until another one takes its place. The second command"
        " goes back to the champion before it."
    )
    commands = (("ask", recipe, QUESTION), ("rollback", recipe, "--reason", "why"))
    return _next(_TITLE, text, [shlex.join(["tunedrop", *words]) for words in commands])


def _beside_champion(run: Run) -> dict[str, Any]:
    text = (
        "It stays as it is, and can be called. The second command makes it the recipe's champion, whatever"
        " its evaluation says."
    )
    ask = shlex.join(["tunedrop", "ask", run.run_id, QUESTION])
    return _next(_TITLE, text, [ask, _command("promote", run, "--reason", "why")])


def again_of(run: Run) -> str:
    """What `tunedrop retry` would do with a run that ended, and what that costs."""
    if run.state is RunState.LOAD_FAILED:
        return "A retry loads the model again; it makes no new job."
    price = usd(((run.accepted.get("plan") or {}).get("cost") or {}).get("usd"))
    cost = "whose cost is not known" if price == usd(None) else f"estimated at {price}"
    return f"A retry makes attempt {run.attempt + 1} of the same run, {cost}."


def _command(word: str, run: Run, *options: str) -> str:
    return shlex.join(["tunedrop", word, run.run_id, *options])


def _next(title: str, text: str, commands: list[str]) -> dict[str, Any]:
    return {"title": title, "text": text, "commands": commands}
