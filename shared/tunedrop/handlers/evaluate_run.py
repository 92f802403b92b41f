"""Holds a tuned model against its base model and its recipe's champion, on rows that it never saw.

Bounded: each look asks a few questions, writes the answers once, and asks for the next look.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from tunedrop import time_left
from tunedrop.contracts import JobTick, ModelComparison, ModelEvaluated, ModelKept
from tunedrop.domain import naming, places
from tunedrop.domain.runs import Run, RunState
from tunedrop.errors import CorruptRecordError
from tunedrop.handlers import champions, evidence, questionnaire
from tunedrop.handlers.evaluation_look import Look
from tunedrop.handlers.evidence import Evidence
from tunedrop.handlers.questionnaire import Questionnaire
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import advance
from tunedrop.services import Services, Vertex

TIMED_OUT = "evaluation_timeout"


def begin(services: Services, vertex: Vertex, run: Run) -> Run:
    """Say what a registered model is held against; a run with nothing to ask stays as it is.

    Raises:
        RetryableError: A service did not answer; nothing is recorded.
    """
    if not run.accepted.get("evaluation"):
        return run
    if _is_late(services, run.last.at):
        return _timed_out(services, run)
    champion = champions.newest(services, str(run.accepted["recipe"]["name"]))
    prefix = _prefix(run, champion.sequence if champion else 0)
    asked = questionnaire.read(services, prefix)
    if asked is None:
        drawn_up = questionnaire.draw_up(services, vertex, run, champion)
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
        RetryableError: A service did not answer; what was answered before stands.
    """
    if _is_late(services, run.last.at):
        return _timed_out(services, run)
    prefix = _prefix(run, int(run.last.detail["champion_sequence"]))
    asked = questionnaire.read(services, prefix)
    if asked is None:
        msg = f"run {run.run_id}: expected its questions under {prefix} in WORK, found none"
        raise CorruptRecordError(msg)
    look = Look(services, asked, prefix)
    if not look.is_over and not look.go_on(vertex):
        return run
    if not look.is_over or time_left.is_short(services.clock):
        _ask_for_next_look(services, run, asked, look.answered)
        return run
    found = evidence.standing(services, prefix) or evidence.gathered(
        services, run, prefix, asked, look.answers()
    )
    return _judged(services, run, asked, found)


def _prefix(run: Run, champion_sequence: int) -> str:
    return places.comparison_prefix(run.run_id, run.attempt, champion_sequence)


def _is_late(services: Services, since: datetime) -> bool:
    deadline = services.settings.timings.evaluation_deadline_seconds
    return services.clock.now() - since > timedelta(seconds=deadline)


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
        "skipped": dict(asked.skipped),
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
    """Keep the model: what nobody answers for a day, such as a rival that is gone, holds nothing up."""
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
