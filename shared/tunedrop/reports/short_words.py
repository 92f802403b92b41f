"""Outcomes of drops and states of runs in two or three words, for lists and for sentences about something else.

Tables and nothing else; what has no row is called what its record calls it.
"""

from tunedrop.domain.runs import RunState

_OUTCOMES = {
    "accepted": ("Accepted", "good"),
    "rejected": ("Rejected", "bad"),
    "waiting_for_recipe": ("Waits for a recipe", "wait"),
    "waiting_for_evaluation": ("Waits for its evaluation file", "wait"),
    "superseded": ("Superseded", "plain"),
    "recipe_accepted": ("A good recipe", "good"),
    "recipe_rejected": ("A faulty recipe", "bad"),
    "evaluation_file": ("An evaluation file", "good"),
    "ignored_not_a_dataset": ("Ignored", "plain"),
    "name_unusable": ("Its name cannot be used", "bad"),
}
_STOOD: dict[str, str] = {
    RunState.ACCEPTED: "accepted and not yet launched",
    RunState.HELD: "held for an approval",
    RunState.QUEUED: "in the queue",
    RunState.LAUNCHING: "being launched",
    RunState.LAUNCHED: "launched",
    RunState.RUNNING: "being tuned",
    RunState.SUCCEEDED: "tuned and not yet served",
    RunState.LOADING: "tuned and about to be served",
    RunState.REGISTERED: "registered",
    RunState.EVALUATING: "being evaluated",
    RunState.EVALUATED: "evaluated",
    RunState.PROMOTED: "promoted to its recipe's champion",
    RunState.KEPT: "tuned and kept beside the champion",
    RunState.FAILED: "failed",
    RunState.LOAD_FAILED: "tuned, and could not be called",
    RunState.CANCELLED: "cancelled",
    RunState.REFUSED: "refused",
    RunState.SUPERSEDED: "superseded by a newer dataset",
    RunState.REHEARSED: "rehearsed",
}


def outcome_words(outcome: str) -> tuple[str, str]:
    """What became of a drop, and its tone: `good`, `bad`, `wait` or `plain`."""
    return _OUTCOMES.get(outcome, (outcome, "plain"))


def stood(state: str) -> str:
    """How a run stood when a drop asked for it."""
    return _STOOD.get(state, state)
