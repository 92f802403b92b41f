"""Deliberately broken protocols: each takes one thing away that the launch protocol stands on.

The simulation is worth something as long as it catches every one of them within a bounded number of histories.
"""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from unittest.mock import patch

from simulation.decisions import Fault
from simulation.judging import judge
from simulation.protocols_broken import (
    acknowledges_everything,
    adopts_whatever_has_its_id,
    answers_before_it_judges,
    creates_at_once,
    first_slot,
    frees_all,
    nothing,
    points_to_the_drop,
    replaced_by,
    says_before_it_records,
    stages_what_is_live,
    steps_from_wherever_the_run_is,
    takes_any_name_for_its_own,
    yes,
)
from simulation.scenarios import BY_NAME, play_all
from simulation.setups import KINDS, setup_for
from simulation.story import calls_of
from tunedrop import delivery, time_left
from tunedrop.handlers import (
    create_job,
    follow_run,
    job_requests,
    launch_run,
    money,
    receive,
    slots,
    stage_dataset,
    steps,
    sweep,
)
from tunedrop.ledger import Ledger
from tunedrop.runbook import Runbook

MOST_HISTORIES = 400


@dataclass(frozen=True)
class Mutation:
    """One broken protocol."""

    name: str
    changes: tuple
    """(owner, attribute, function of the original that gives the broken one)."""
    told: object
    """Gives the judgements of the histories in which it has to show."""

    def caught(self):
        """The first history that shows it, or None."""
        with ExitStack() as stack:
            for owner, name, broken in self.changes:
                stack.enter_context(patch.object(owner, name, broken(getattr(owner, name))))
            for number, judgement in enumerate(self.told(), start=1):
                if judgement.violations:
                    return judgement
                if number >= MOST_HISTORIES:
                    return None
        return None


def _seeds(**changes):
    """Worlds with many faults."""
    said = {"fault_rate": 0.03, "kinds": KINDS, **changes}
    return lambda: (judge(replace(setup_for(seed), **said)) for seed in range(MOST_HISTORIES))


def _storm(name, **changes):
    """One scenario with many faults, under ever other seeds."""
    said = {"fault_rate": 0.04, "kinds": KINDS, **changes}
    scenario = BY_NAME[name]
    return lambda: (judge(scenario.setup(**said, seed=f"storm {n}")) for n in range(MOST_HISTORIES))


def _each_fault(name):
    """One scenario with one fault at each of its side effects."""
    return lambda: (judgement for _, judgement in play_all(BY_NAME[name]))


def _frozen_before_money(scenario):
    """The launcher stands still before it takes the money, until another one has taken over."""

    def told():
        for number in range(MOST_HISTORIES):
            setup = scenario.setup(**_UNHURRIED, seed=f"frozen {number}")
            plain = judge(setup, {}).world
            keys = (
                key
                for (key, what), (*_, args, _, _) in zip(calls_of(plain), plain.trace, strict=True)
                if what == "store.write" and args[1].startswith("budget/")
            )
            yield judge(setup, {next(keys): Fault("freeze", 1000.0 + number)})

    return told


_GUARDS = (
    (time_left, "check", nothing),
    (create_job, "_create", replaced_by(creates_at_once)),
)
_TUNING, _TWO = "one drop, tuning job", "two runs, one slot"
_UNHURRIED = {"list_lag": 90.0, "longest_job": 4000.0, "quota": 3}

MUTATIONS = (
    Mutation(
        "a name that is taken counts as our own write",
        ((Ledger, "create", takes_any_name_for_its_own),),
        _storm(_TWO, **_UNHURRIED),
    ),
    Mutation(
        "steps are not fenced",
        ((Runbook, "step", steps_from_wherever_the_run_is),),
        _storm(_TWO, **_UNHURRIED),
    ),
    Mutation(
        "nobody looks for the job of an earlier intent",
        ((create_job, "_left_behind", nothing),),
        _storm(_TUNING, **_UNHURRIED),
    ),
    Mutation(
        "an intent is taken over at once",
        ((launch_run, "settled", yes), (follow_run, "settled", yes)),
        _storm(_TUNING, **_UNHURRIED),
    ),
    Mutation(
        "neither lease nor time left is looked at before a create",
        _GUARDS,
        _frozen_before_money(BY_NAME[_TUNING]),
    ),
    Mutation(
        "a job is adopted without a look at its labels",
        ((create_job, "_adopted", adopts_whatever_has_its_id),),
        _storm("one drop, pipeline job", squatters=1.0, fault_rate=0.0),
    ),
    Mutation(
        "a slot is taken without its chain",
        ((slots, "take", first_slot),),
        _storm("two slots, a quota of one", cap=1, quota=3),
    ),
    Mutation(
        "money is taken without a sum",
        ((money, "_fits", yes),),
        _storm("money for one run", fault_rate=0.0),
    ),
    Mutation(
        "slots are freed whoever has them",
        ((sweep, "free_slots", replaced_by(frees_all)),),
        _storm(_TWO, **_UNHURRIED),
    ),
    Mutation(
        "the sweep cancels no extras",
        ((sweep, "cancel_superfluous", nothing),),
        _storm(_TUNING, **{**_UNHURRIED, "longest_job": 9000.0}, kinds=("freeze",), fault_rate=0.1),
    ),
    Mutation(
        "the sweep looks for no lost objects",
        ((sweep, "hand_on_lost_objects", nothing),),
        _storm("the sweep finds what no event told"),
    ),
    Mutation(
        "the sweep looks for no lost verdicts",
        ((sweep, "say_lost_verdicts", nothing),),
        _storm(_TUNING, most_attempts=2, fault_rate=0.1),
    ),
    Mutation(
        "facts are said before they are recorded",
        ((Runbook, "step", says_before_it_records),),
        _each_fault(_TUNING),
    ),
    Mutation(
        "a receipt is written before the verdict",
        ((receive, "check_drop", answers_before_it_judges),),
        _seeds(),
    ),
    Mutation(
        "every delivery is acknowledged",
        ((delivery, "_settle", acknowledges_everything),),
        _seeds(),
    ),
    Mutation(
        "what is live is staged, whatever was checked",
        ((stage_dataset, "_give_final_name", stages_what_is_live),),
        _storm("overwritten while it is checked", fault_rate=0.0),
    ),
    Mutation(
        "a job reads the drop itself",
        ((job_requests, "_uri", points_to_the_drop),),
        _storm(_TUNING),
    ),
    Mutation(
        "what follows from a step is not made up for",
        (
            (steps, "follow_up", nothing),
            (follow_run, "follow_up", nothing),
            (launch_run, "follow_up", nothing),
        ),
        _storm(_TUNING, kinds=("crash_before",), fault_rate=0.1),
    ),
)
"""Documented in docs/guarantees.md."""
