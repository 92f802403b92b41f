"""What is said about a run in words: its state in a line, what went wrong, and what happens next.

Decides nothing; a code without words of its own is shown as it is.
"""

import shlex
from typing import Any

from tunedrop.domain import naming
from tunedrop.domain.runs import ANSWERED, BEFORE_LAUNCH, WITH_JOB, Run, RunState
from tunedrop.reports.views import Part

STATES: dict[RunState, tuple[str, str, str]] = {
    RunState.ACCEPTED: ("Accepted. The launch is next.", "wait", "Accepted"),
    RunState.HELD: ("Held. Somebody has to approve it.", "wait", "Held"),
    RunState.QUEUED: ("Queued. It is launched by itself.", "wait", "Queued"),
    RunState.LAUNCHING: ("Launching the tuning job.", "wait", "Launch begun"),
    RunState.LAUNCHED: ("Launched. The job waits to run.", "wait", "Job created"),
    RunState.RUNNING: ("Tuning.", "wait", "Job running"),
    RunState.SUCCEEDED: ("Tuned. The model is being made ready.", "wait", "Job succeeded"),
    RunState.LOADING: ("Tuned. Its endpoint is being prepared.", "wait", "Endpoint under way"),
    RunState.REGISTERED: ("It works. Call it like this.", "good", "Registered"),
    RunState.FAILED: ("Failed.", "bad", "Failed"),
    RunState.LOAD_FAILED: ("Tuned, but it cannot be called.", "bad", "Loading failed"),
    RunState.CANCELLED: ("Cancelled.", "plain", "Cancelled"),
    RunState.REFUSED: ("Refused by an operator.", "plain", "Refused"),
    RunState.REHEARSED: ("Rehearsed. This would have been launched.", "plain", "Rehearsed"),
}
"""Headline, tone and the name of the step in the timeline."""

_AGAIN = (
    "Then upload the dataset again. The same rows under the same recipe are this same run, so"
    " something of either has to change."
)
_ADVICE: dict[str, tuple[str, str]] = {
    "quota_exhausted": (
        "A quota of the service is used up.",
        (
            "Nothing to do: the launch is tried again by itself, at growing intervals. If it never"
            " gets through, ask for more of the quotas that the plan below names."
        ),
    ),
    "access_denied": (
        "tunedrop's own service account lacks a permission.",
        "An operator has to grant it; the launch is then tried again by itself.",
    ),
    "launch_refused": (
        "Vertex AI refused the request for good; no job was created.",
        f"Change what the message names, in the recipe or in the deployment. {_AGAIN}",
    ),
    "job_id_taken": (
        "Another job, which is not this run's, has the job id of this attempt.",
        f"Look at that job in the project, and give the recipe's folder another name. {_AGAIN}",
    ),
    "launch_not_found": (
        "The launch names something that does not exist, such as a template or a base model.",
        f"Check base_model, template and region in the recipe. {_AGAIN}",
    ),
    "job_failed": (
        "The tuning job failed.",
        f"Read the message and the job's own log, and mend what they name. {_AGAIN}",
    ),
    "no_tuned_model": (
        "The job says that it succeeded, and names no tuned model.",
        (
            "Look at the job in the project: a model may lie in its model registry all the same."
            f" Otherwise change the recipe. {_AGAIN}"
        ),
    ),
    "job_expired": (
        "The job expired before it could end.",
        f"Make the dataset or the number of epochs smaller. {_AGAIN}",
    ),
    "job_deleted": (
        "Somebody deleted the job before it ended.",
        f"If that was not meant, find out who did. {_AGAIN}",
    ),
    "deadline_exceeded": (
        "The job took far longer than expected and was asked to stop.",
        f"Look at the job for what it waited for: a quota, most often. {_AGAIN}",
    ),
    "job_cancelled": ("The job was cancelled.", f"To tune after all, change the recipe. {_AGAIN}"),
    "cancelled": ("Somebody cancelled the run.", f"To tune after all, change the recipe. {_AGAIN}"),
    "refused": (
        "Somebody refused the run; nothing was spent.",
        f"Make it cheaper, or settle with them what it may cost. {_AGAIN}",
    ),
    "load_timeout": (
        "The job made a tuned model, but it answered no call in time.",
        "Look at its endpoint in the project: the model is kept, and may yet come up.",
    ),
    "load_failed": (
        "The job made a tuned model, but it could not be served, or did not answer a call.",
        (
            "The model is kept in the model registry of the project: deploy it there by hand and"
            " ask it a question."
        ),
    ),
}
_UNKNOWN = (
    "The run ended for a reason that this page has no words for.",
    f"Look at the job and at the functions' logs under the code. {_AGAIN}",
)
_HOLDS = {
    "over_budget": "Its estimated price is above what a run may cost without an approval.",
    "price_unknown": "Its price is not known, and unknown is not zero.",
}
_STOPPABLE = BEFORE_LAUNCH | WITH_JOB
_TITLE = "What happens next"
_ENDED_BADLY = frozenset(
    {RunState.FAILED, RunState.LOAD_FAILED, RunState.CANCELLED, RunState.REFUSED}
)
_NEXT: dict[RunState, str] = {
    RunState.ACCEPTED: "The launcher takes it up within minutes.",
    RunState.QUEUED: "It is approved, and launched within minutes.",
    RunState.LAUNCHING: (
        "The job is being created. If the answer got lost, the job is looked for before anything"
        " is tried again, so that there is never a second one."
    ),
    RunState.LAUNCHED: "The service starts it when there is room; this page follows.",
    RunState.RUNNING: "The tuned model is looked for, served and asked once when the job has ended.",
    RunState.SUCCEEDED: "An endpoint is made sure of, the model is asked a question and registered.",
    RunState.LOADING: "The model is asked a question and registered as soon as its endpoint answers.",
    RunState.REGISTERED: "Three ways to ask it a question:",
    RunState.REHEARSED: (
        "Nothing: a recipe in this folder is for rehearsals. The same files in a folder outside"
        f" {naming.REHEARSAL_FOLDER}/ are a run of their own, and are launched."
    ),
}


def problem_of(run: Run) -> dict[str, Any] | None:
    """What stopped the run, or makes it wait: in words, with what to do; None if nothing does."""
    if (
        run.state not in _ENDED_BADLY | {RunState.QUEUED}
        or run.last.detail.get("code") == "approved"
    ):
        return None
    detail = run.last.detail
    code = str(detail.get("code", ""))
    meaning, remedy = _ADVICE.get(code, _UNKNOWN)
    return {
        "code": code,
        "meaning": meaning,
        "remedy": remedy,
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
        return _HOLDS.get(str(run.last.detail.get("code", "")), "An approval is asked for.")
    if run.state is RunState.REGISTERED:
        recipe = (run.accepted.get("recipe") or {}).get("name", "")
        return f"Version {run.last.detail['version']} of {recipe} is registered, served, and has answered a call."
    if run.state is RunState.REHEARSED:
        return _rehearsed(run.last.detail)
    return "A rehearsal: everything is done but the create call." if run.is_rehearsal else ""


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
        "hold": _HOLDS.get(hold, ""),
        "service": service,
        "service_answered": service == ANSWERED,
        "message": detail["message"],
    }


def next_of(run: Run, problem: Part | None) -> dict[str, Any]:
    """What happens next, or what to do, and the commands for it."""
    cancel = shlex.join(["tunedrop", "cancel", run.run_id])
    if problem is not None and run.ended:
        return _next("What to do", problem["remedy"], [])
    if problem is not None:
        return _next(_TITLE, problem["remedy"], [cancel])
    if run.state is RunState.HELD:
        decide = [
            shlex.join(["tunedrop", word, run.run_id, "--reason", "why"])
            for word in ("approve", "refuse")
        ]
        return _next(
            "What to do",
            "Nothing is launched, and nothing spent, until somebody approves it or refuses it.",
            decide,
        )
    return _next(_TITLE, _NEXT[run.state], [cancel] if run.state in _STOPPABLE else [])


def _next(title: str, text: str, commands: list[str]) -> dict[str, Any]:
    return {"title": title, "text": text, "commands": commands}
