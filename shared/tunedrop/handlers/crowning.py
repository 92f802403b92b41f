"""Makes a registered model its recipe's champion: what is recorded of it, and the service's alias.

Knows the records of runs and champions; decides nothing about who deserves it.
"""

from typing import Literal

from tunedrop.contracts import ModelPromoted
from tunedrop.domain.runs import Run, RunState
from tunedrop.errors import CorruptRecordError, InvalidRequestError, NotFoundError
from tunedrop.handlers import champions
from tunedrop.handlers.champions import Champion
from tunedrop.handlers.run_facts import fact
from tunedrop.reports.model_words import recipe_of
from tunedrop.services import Services, Vertex

ALIAS = "champion"
ALIASES_UNSUPPORTED = "aliases_unsupported"
"""The location knows no aliases of versions; our own records say who is champion."""


def candidate(
    services: Services,
    run: Run,
    *,
    after: Champion | None,
    code: str,
    action: Literal["promoted", "rolled_back"] = "promoted",
) -> Champion:
    """The record that makes a run's registered model champion *after* the present one; nothing is written.

    Raises:
        CorruptRecordError: The run has no registered model.
    """
    registered, evaluated = run.newest(RunState.REGISTERED), run.newest(RunState.EVALUATED)
    if registered is None:
        msg = f"run {run.run_id}: expected a registered step, found none"
        raise CorruptRecordError(msg)
    plan, proof = run.accepted["plan"], evaluated.detail if evaluated else {}
    return Champion(
        sequence=1 + (after.sequence if after else 0),
        at=services.clock.now(),
        recipe=recipe_of(run),
        version=int(registered.detail["version"]),
        run_id=run.run_id,
        attempt=run.attempt,
        tuned_model=str(registered.detail["tuned_model"]),
        endpoint=str(registered.detail["endpoint"]),
        base_model=str(plan["base_model"]),
        dataset_format=str(plan["dataset_format"]),
        action=action,
        code=code,
        evidence=str(proof.get("evidence", "")),
        evidence_sha256=str(proof.get("evidence_sha256", "")),
        previous_version=after.version if after else None,
    )


def point_alias(services: Services, vertex: Vertex, recipe: str) -> list[str]:
    """Have the service's alias say who a recipe's champion is, and return codes of what could not be done.

    Goes by the records, and looks at them again once the alias is moved: of two that move it at once,
    the later one corrects both.
    """
    chain = champions.history(services, recipe)
    away_from = chain[-2].tuned_model if len(chain) > 1 else ""
    while True:
        present = chain[-1]
        try:
            vertex.models.move_alias(ALIAS, to=present.tuned_model, away_from=away_from)
        except (InvalidRequestError, NotFoundError):
            return [ALIASES_UNSUPPORTED]
        chain = champions.history(services, recipe)
        if chain[-1].sequence == present.sequence:
            return []
        away_from = present.tuned_model


def promotion_fact(services: Services, run: Run, champion: Champion) -> ModelPromoted:
    """What is said of a promotion."""
    return fact(
        services,
        run,
        ModelPromoted,
        recipe=champion.recipe,
        version=champion.version,
        tuned_model=champion.tuned_model,
        endpoint=champion.endpoint,
        base_model=champion.base_model,
        code=champion.code,
        previous_version=champion.previous_version,
        claimed_by=champion.claimed_by,
    )
