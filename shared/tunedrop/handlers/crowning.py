"""Makes a registered model its recipe's champion: what is recorded of it, and the service's alias.

Knows the records of runs and champions; decides nothing about who deserves it.
"""

from typing import Literal, TypeVar

from tunedrop import logs
from tunedrop.contracts import ModelFact, ModelPromoted
from tunedrop.domain import places
from tunedrop.domain.redaction import redacted
from tunedrop.domain.runs import Run, RunState
from tunedrop.errors import (
    AccessDeniedError,
    CorruptRecordError,
    InvalidRequestError,
    NotFoundError,
    QuotaExhaustedError,
    UpstreamUnavailableError,
)
from tunedrop.handlers import champions
from tunedrop.handlers.champions import Champion
from tunedrop.handlers.reporting import reported
from tunedrop.handlers.run_facts import fact
from tunedrop.listed import from_metadata, to_metadata
from tunedrop.reports.model_words import recipe_of
from tunedrop.services import Services, Vertex

F = TypeVar("F", bound=ModelFact)

ALIAS = "champion"
ALIASES_UNSUPPORTED = "aliases_unsupported"
"""The location knows no aliases of versions; our own records say who is champion."""
ALIAS_PENDING = "alias_pending"
"""The service did not answer; the sweep moves the alias later."""
_LOOKED_BACK = 6


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

    A service that does not answer, or does not let us, holds nobody up: the sweep tries again.
    """
    try:
        return _pointed(services, vertex, recipe)
    except (UpstreamUnavailableError, QuotaExhaustedError, AccessDeniedError) as error:
        logs.warning(f"alias of {recipe!r}: {redacted(str(error))}", code=error.code)
        path = places.pending_alias_path(recipe)
        services.store.write(
            services.settings.state_bucket,
            path,
            b"{}",
            if_generation=None,
            metadata=to_metadata({"recipe": recipe}),
        )
        return [ALIAS_PENDING]


def point_pending_aliases(services: Services, vertex: Vertex) -> None:
    """Try again what `point_alias` put off."""
    for info in services.store.list(services.settings.state_bucket, prefix=places.ALIASES):
        with reported(f"{info.name}: "):
            recipe = from_metadata(info.metadata).get("recipe", "")
            if not recipe or ALIAS_PENDING not in point_alias(services, vertex, recipe):
                services.store.delete(info.bucket, info.name, if_generation=info.generation)


def _pointed(services: Services, vertex: Vertex, recipe: str) -> list[str]:
    """Go by the records, and look at them again: of two that move the alias at once, the later one corrects both."""
    chain = champions.history(services, recipe)
    while chain:
        present = chain[-1]
        # Of the last few: whoever stood still between its record and the alias has left one further back.
        former = {each.tuned_model for each in chain[-_LOOKED_BACK:]} - {present.tuned_model}
        try:
            for name in sorted(former) or [""]:
                vertex.models.move_alias(ALIAS, to=present.tuned_model, away_from=name)
        except (InvalidRequestError, NotFoundError):
            return [ALIASES_UNSUPPORTED]
        chain = champions.history(services, recipe)
        if chain[-1].sequence == present.sequence:
            break
    return []


def champion_fact(
    services: Services, run: Run, champion: Champion, contract: type[F], **said: object
) -> F:
    """A fact about who became champion, at the instant of the record that decided it."""
    told = fact(
        services,
        run,
        contract,
        recipe=champion.recipe,
        version=champion.version,
        champion_sequence=champion.sequence,
        tuned_model=champion.tuned_model,
        endpoint=champion.endpoint,
        base_model=champion.base_model,
        previous_version=champion.previous_version,
        claimed_by=champion.claimed_by,
        **said,
    )
    return told.model_copy(update={"occurred_at": champion.at})


def promotion_fact(services: Services, run: Run, champion: Champion) -> ModelPromoted:
    """What is said of a promotion."""
    return champion_fact(services, run, champion, ModelPromoted, code=champion.code)
