"""The rare branches that a set of seeds has to reach, and for the rarest a world in which each is likely."""

from simulation.decisions import Fault
from simulation.judging import judge
from simulation.scenarios import BY_NAME
from simulation.setups import KINDS
from simulation.story import calls_of

_STORM = {"fault_rate": 0.03, "kinds": KINDS}
_ONE_TUNING, _ONE_PIPELINE = "one drop, tuning job", "one drop, pipeline job"
_TWO_RUNS = "two runs, one slot"
_FROZEN = {"quota": 2, "longest_job": 4000.0, "busy_seconds": 4200.0, "frozen_at_create": True}
_AWAY = {"at": 0.5, "do": "deny", "what": "tunings.create", "away": True, "seconds": 8 * 3600}

COMMON = (
    "adopted by label",
    "approved",
    "cancel while launching",
    "cancelled before a job",
    "dead letter",
    "fenced step",
    "held by a burst",
    "held by its cost",
    "held without a price",
    "hold expired",
    "job came to: cancelled",
    "job came to: deleted",
    "job came to: expired",
    "job came to: failed",
    "job came to: failed_with_model",
    "job came to: partially_succeeded",
    "job came to: paused",
    "job came to: succeeded",
    "job came to: succeeded_without_endpoint",
    "job came to: succeeded_without_model",
    "job came to: unknown",
    "job cancelled by us",
    "job deleted",
    "lease taken over",
    "lost event found by the sweep",
    "message refused",
    "out of time",
    "overwritten or deleted before its check",
    "queued again by 429",
    "promoted",
    "race lost: runs",
    "race lost: verdicts",
    "retried",
    "run superseded",
    "somebody else has the job's id",
    "stale tick dropped",
    "stuck job cancelled",
    "superseded run opened again",
    "waited because of a pause",
    "waited for a slot",
    "waited for money",
    "zombie woke up",
    *(f"fault: {kind}" for kind in KINDS),
)
"""Reached by a few hundred seeds together."""
RARE = {
    "adopted by id": (_ONE_PIPELINE, {**_STORM, "list_lag": 4000.0, "kinds": ("lost",)}),
    "extra job created by a zombie": (_ONE_TUNING, _FROZEN),
    "extra job cancelled by the sweep": (_ONE_TUNING, _FROZEN),
    "launch given up": (_ONE_TUNING, {"more_events": (_AWAY,), "busy_seconds": 7.5 * 3600}),
    "loaded again": ("a model that answers nothing, tried again", {}),
    "queued again by 403": (
        _ONE_TUNING,
        {"more_events": ({**_AWAY, "away": False, "seconds": 900},)},
    ),
    "race lost: budget": ("money for one run", {**_STORM, "kinds": ("delay", "duplicate")}),
    "race lost: slots": (_TWO_RUNS, {**_STORM, "kinds": ("delay", "duplicate")}),
}
"""Branch to the scenario, and what is changed in it, in which it is likely."""
_MOST_TRIES = 300


def reach(branch):
    """Tell a branch's own scenario under ever other seeds until it is reached; every judgement on the way."""
    name, changes = RARE[branch]
    frozen = changes.get("frozen_at_create", False)
    changes = {field: value for field, value in changes.items() if field != "frozen_at_create"}
    for number in range(_MOST_TRIES):
        setup = BY_NAME[name].setup(**{**changes, "seed": f"{branch} {number}"})
        judgement = judge(setup, _frozen(setup, 1000.0 + number) if frozen else None)
        yield judgement
        if judgement.reached[branch]:
            return


def _frozen(setup, seconds):
    """The launcher stands still just before its create call, until another one has taken over."""
    key = next(key for key, what in calls_of(judge(setup, {}).world) if what == "tunings.create")
    return {key: Fault("freeze", seconds)}
