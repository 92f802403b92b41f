"""Holds a tuned model against its base model and its recipe's champion, on rows that it never saw.

Bounded: each look asks a few questions, writes the answers once, and asks for the next look.
"""

from datetime import timedelta
from typing import Any

import msgspec

from tunedrop import time_left
from tunedrop.contracts import JobTick, ModelComparison, ModelEvaluated, ModelKept
from tunedrop.domain import naming, places
from tunedrop.domain.evaluation import BASE, CHAMPION, TUNED
from tunedrop.domain.promotion import MANUAL
from tunedrop.domain.runs import Run, RunState
from tunedrop.errors import CorruptRecordError
from tunedrop.handlers import champions, evidence, questionnaire
from tunedrop.handlers.evaluation_look import Look
from tunedrop.handlers.evaluation_rivals import AWAY, Doorbell
from tunedrop.handlers.evidence import Evidence
from tunedrop.handlers.questionnaire import Questionnaire
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import advance
from tunedrop.services import Services, Vertex

TIMED_OUT = "evaluation_timeout"
"""Of an evaluation that went on without the models that had not answered by then, or came to nothing at all."""
_GIVEN_UP = 2
"""After so many deadlines, whatever stands in the way, nothing is asked any more."""


def begin(services: Services, vertex: Vertex, run: Run) -> Run:
    """Say what a registered model is held against; a run with nothing to ask stays as it is.

    Raises:
        RetryableError: A model that is waited for did not answer; nothing is recorded.
    """
    if not run.accepted.get("evaluation") or _is_late(services, run, deadlines=_GIVEN_UP):
        return run
    champion = champions.newest(services, str(run.accepted["recipe"]["name"]))
    prefix = _prefix(run, champion.sequence if champion else 0)
    asked = questionnaire.read(services, prefix)
    if asked is None:
        bell = Doorbell(services, vertex, _waits_for(services, run, has_champion=bool(champion)))
        drawn_up = questionnaire.draw_up(services, run, champion, bell)
        if drawn_up is None:
            return run
        asked = questionnaire.keep(services, prefix, drawn_up)
    detail = {
        "questions": len(asked.questions),
        "models": msgspec.to_builtins(asked.models),
        "skipped": dict(asked.skipped),
        "champion_sequence": asked.champion_sequence,
        "champion_version": asked.champion_version,
        "estimated_usd": asked.estimated_usd,
    }
    return advance(services, run, RunState.EVALUATING, detail)


def go_on(services: Services, vertex: Vertex, run: Run) -> Run:
    """Ask the next questions; after the last one, judge.

    Raises:
        RetryableError: A model that is waited for did not answer; what was answered before stands.
    """
    if _is_late(services, run, deadlines=_GIVEN_UP):
        return _timed_out(services, run)
    prefix = _prefix(run, int(run.last.detail["champion_sequence"]))
    asked = questionnaire.read(services, prefix)
    if asked is None:
        msg = f"run {run.run_id}: expected its questions under {prefix} in WORK, found none"
        raise CorruptRecordError(msg)
    look, is_late = Look(services, asked, prefix), _is_late(services, run)
    waits_for = _waits_for(services, run, has_champion=bool(asked.champion_sequence))
    ends_here = False
    try:
        if not look.is_over and not look.go_on(vertex, waits_for):
            if time_left.is_short(services.clock):  # else whoever was first goes on
                _ask_for_next_look(services, run, asked, look.answered)
            return run
    except AWAY:
        if not is_late:
            raise
        ends_here = True
    if not (look.is_over or ends_here) or time_left.is_short(services.clock):
        _ask_for_next_look(services, run, asked, look.answered)
        return run
    found = evidence.standing(services, prefix) or evidence.gathered(
        services, run, prefix, look.answers_stand_for, look.answers()
    )
    return _judged(services, run, asked, found)


def _prefix(run: Run, champion_sequence: int) -> str:
    return places.comparison_prefix(run.run_id, run.attempt, champion_sequence)


def _is_late(services: Services, run: Run, *, deadlines: int = 1) -> bool:
    seconds = services.settings.timings.evaluation_deadline_seconds * deadlines
    return services.clock.now() - run.last.at > timedelta(seconds=seconds)


def _waits_for(services: Services, run: Run, *, has_champion: bool) -> frozenset[str]:
    """The models that are not done without: those that the recipe's policy needs, until the time is up.

    A person decides by all there is to see, and nothing waits for them: `manual` waits for every model.
    """
    if _is_late(services, run):
        return frozenset({TUNED})
    effective = run.accepted["recipe"]["effective"]
    policy = effective.get("promotion", {}).get("policy", MANUAL)
    rivals = {
        "always": (),
        "better-than-base": (BASE,),
        "better-than-champion": (CHAMPION if has_champion else BASE,),
    }
    return frozenset({TUNED, *rivals.get(policy, (BASE, CHAMPION))})


def _ask_for_next_look(services: Services, run: Run, asked: Questionnaire, first: int) -> None:
    """Have the run looked after at once; a message that gets lost is made up for by the sweep."""
    services.post.send(
        JobTick(kind="run", run_id=run.run_id),
        event_id=f"evaluate/{run.run_id}/{run.attempt}/{asked.champion_sequence}/{first}",
        subject=run.run_id,
    )


def _judged(services: Services, run: Run, asked: Questionnaire, found: Evidence) -> Run:
    verdict = found.content["verdict"]
    detail = {
        **verdict,
        **({"code": TIMED_OUT} if _is_late(services, run) else {}),
        "skipped": found.content["skipped"],
        "champion_sequence": asked.champion_sequence,
        "champion_version": asked.champion_version,
        "evidence": found.path,
        "evidence_sha256": found.sha256,
        "calls": asked.calls,
        "estimated_usd": asked.estimated_usd,
    }
    said = fact(
        services,
        run,
        ModelEvaluated,
        **_model_of(run),
        rows=verdict["rows"],
        comparisons=[ModelComparison.model_validate(each) for each in verdict["comparisons"]],
        evidence_uri=str(naming.GsUri(services.settings.work_bucket, found.path)),
    )
    return advance(services, run, RunState.EVALUATED, detail, facts=[said])


def _timed_out(services: Services, run: Run) -> Run:
    """Keep the model of which nothing could be found out, so that the run ends."""
    model, told = _model_of(run), run.last.detail
    detail = {
        "code": TIMED_OUT,
        "version": model["version"],
        "champion_sequence": told.get("champion_sequence", 0),
        "champion_version": told.get("champion_version"),
        "previous_version": None,
        "notes": [],
    }
    said = fact(
        services,
        run,
        ModelKept,
        **model,
        code=TIMED_OUT,
        champion_version=detail["champion_version"],
    )
    return advance(services, run, RunState.KEPT, detail, facts=[said])


def _model_of(run: Run) -> dict[str, Any]:
    """Recipe and version of the registered model."""
    registered = run.newest(RunState.REGISTERED)
    version = int(registered.detail["version"]) if registered else 0
    return {"recipe": str(run.accepted["recipe"]["name"]), "version": version}
