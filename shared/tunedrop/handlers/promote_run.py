"""Decides, by its recipe's policy, whether a tuned model becomes the recipe's champion.

Reads what the evaluation came to; asks no model.
"""

from collections.abc import Sequence

from tunedrop.contracts import ModelKept
from tunedrop.domain import promotion
from tunedrop.domain.runs import Run, RunState
from tunedrop.errors import BusyError
from tunedrop.handlers import champions, evaluate_run
from tunedrop.handlers.champions import Champion
from tunedrop.handlers.crowning import candidate, point_alias, promotion_fact
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import advance
from tunedrop.reports.model_words import recipe_of
from tunedrop.services import Services, Vertex

MAX_ROUNDS = 3
"""How often a model is held against a champion that changes meanwhile."""
_TRIES = 10


def settle(services: Services, vertex: Vertex, run: Run) -> Run:
    """Promote or keep; or hold the model against a champion that is newer than its evaluation.

    The champion's record comes first and is the decision: a crash after it is gone on with from there.

    Raises:
        BusyError: Other endings of the recipe came first, time and again.
    """
    for _ in range(_TRIES):
        past = champions.history(services, recipe_of(run))
        own = _own(past, run)
        if own is not None:
            return _promoted(services, vertex, run, own)
        present = past[-1] if past else None
        decision = _decision(run, present)
        if decision.code == promotion.CHAMPION_CHANGED and _rounds(run) < MAX_ROUNDS:
            again = _evaluated_again(services, vertex, run)
            if again.last.sequence > run.last.sequence:
                return (
                    settle(services, vertex, again) if again.state is RunState.EVALUATED else again
                )
        if not decision.promote:
            return _kept(services, run, decision.code, present)
        champions.append(services, candidate(services, run, after=present, code=decision.code))
    msg = f"run {run.run_id}: {_TRIES} times in a row another model became champion first"
    raise BusyError(msg)


def _own(past: Sequence[Champion], run: Run) -> Champion | None:
    """The newest record that made the run's model champion, whoever decided it."""
    own = (
        each for each in reversed(past) if (each.run_id, each.attempt) == (run.run_id, run.attempt)
    )
    return next(own, None)


def _decision(run: Run, present: Champion | None) -> promotion.Decision:
    effective, evaluated = run.accepted["recipe"]["effective"], run.newest(RunState.EVALUATED)
    return promotion.decide(
        effective.get("promotion", {}).get("policy", promotion.MANUAL),
        version=_version(run),
        champion=present,
        evaluated=evaluated.detail if evaluated else None,
    )


def _evaluated_again(services: Services, vertex: Vertex, run: Run) -> Run:
    """Hold the model against the champion that came meanwhile, as far as that goes now."""
    run = evaluate_run.begin(services, vertex, run)
    return evaluate_run.go_on(services, vertex, run) if run.state is RunState.EVALUATING else run


def _rounds(run: Run) -> int:
    return sum(step.state is RunState.EVALUATED for step in run.steps_of_attempt)


def _version(run: Run) -> int:
    registered = run.newest(RunState.REGISTERED)
    return int(registered.detail["version"]) if registered else 0


def _promoted(services: Services, vertex: Vertex, run: Run, own: Champion) -> Run:
    notes = point_alias(services, vertex, own.recipe)
    detail = {
        "code": own.code,
        "version": own.version,
        "champion_sequence": own.sequence,
        "champion_version": own.version,
        "previous_version": own.previous_version,
        "notes": notes,
    }
    # What somebody decided was said when they did.
    said = [] if own.decision_id else [promotion_fact(services, run, own)]
    return advance(services, run, RunState.PROMOTED, detail, facts=said)


def _kept(services: Services, run: Run, code: str, present: Champion | None) -> Run:
    version = present.version if present else None
    detail = {
        "code": code,
        "version": _version(run),
        "champion_sequence": present.sequence if present else 0,
        "champion_version": version,
        "previous_version": None,
        "notes": [],
    }
    said = fact(
        services,
        run,
        ModelKept,
        recipe=recipe_of(run),
        version=_version(run),
        code=code,
        champion_version=version,
    )
    return advance(services, run, RunState.KEPT, detail, facts=[said])
