"""Carries out what operators decide about champions: promoting a model by hand, and going back to another.

Each is one record of the recipe's chain, found again by the decision's id; policy has no say here.
"""

from msgspec import structs

from tunedrop.contracts import ControlRequested, ModelFact, ModelRolledBack
from tunedrop.domain import places
from tunedrop.domain.formats import Example, Format, Turn, predict_instance
from tunedrop.domain.promotion import version_before
from tunedrop.domain.runs import SERVED, Run
from tunedrop.errors import (
    FencedError,
    InvalidRequestError,
    NotFoundError,
    PermanentError,
    RefusedError,
)
from tunedrop.handlers import champions
from tunedrop.handlers.champions import Champion
from tunedrop.handlers.crowning import candidate, champion_fact, point_alias, promotion_fact
from tunedrop.handlers.reporting import reported_unless_retryable
from tunedrop.handlers.run_pages import publish_run_report
from tunedrop.reports.model_words import recipe_of
from tunedrop.services import Services, Vertex

DONE = {"promote": "promoted", "rollback": "rolled_back"}
"""What is recorded of a decision about a champion that was carried out."""
BY_HAND = "by_hand"
_QUESTION = "Is anybody there?"


def decide(services: Services, vertex: Vertex, request: ControlRequested, decision_id: str) -> str:
    """Append the record that the decision asks for, and do what follows from it; its code.

    Raises:
        FencedError: Another model became champion meanwhile; the decision has to be looked at again.
        PermanentError: There is no such run, recipe or version.
        RefusedError: The model is champion already, or cannot be called.
    """
    run = _run(services, request.run_id) if request.action == "promote" else None
    recipe = recipe_of(run) if run else request.recipe or ""
    past = champions.history(services, recipe)
    own = next((each for each in past if each.decision_id == decision_id), None)
    if own is None:
        run = run or _target(services, recipe, past, request.version)
        own = _crown(services, vertex, run, past, request, decision_id)
    _go_on(services, vertex, own)
    return DONE[request.action]


def _target(services: Services, recipe: str, past: list[Champion], version: int | None) -> Run:
    """The run of the version that is to be champion again, any that was registered."""
    if not past:
        msg = f"recipe {recipe!r}: expected a champion to go back from, found none; see `tunedrop models`"
        raise PermanentError(msg, code="no_champion")
    wanted = version or version_before(past)
    if wanted is None:
        msg = f"recipe {recipe!r}: expected a champion before version {past[-1].version}, found none; name one with --to"
        raise PermanentError(msg, code="no_earlier_champion")
    record = services.ledger.read(places.registry_path(recipe, wanted))
    if record is None:
        msg = f"recipe {recipe!r}: expected a registered version {wanted}, found none; see `tunedrop models`"
        raise PermanentError(msg, code="unknown_version")
    return _run(services, str(record["run_id"]))


def _crown(
    services: Services,
    vertex: Vertex,
    run: Run,
    past: list[Champion],
    request: ControlRequested,
    decision_id: str,
) -> Champion:
    if run.state not in SERVED:
        msg = f"run {run.run_id}: expected a model that can be called, found it {run.state.value}"
        raise RefusedError(msg, code="wrong_state")
    present = past[-1] if past else None
    promotes = request.action == "promote"
    champion = candidate(
        services,
        run,
        after=present,
        code=BY_HAND,
        action="promoted" if promotes else "rolled_back",
    )
    if present is not None and present.version == champion.version:
        msg = f"recipe {champion.recipe!r}: expected another version than the champion, found {champion.version}"
        raise RefusedError(msg, code="already_champion")
    _expect_served(vertex, champion)
    decided = structs.replace(
        champion, reason=request.reason, claimed_by=request.claimed_by, decision_id=decision_id
    )
    if not champions.append(services, decided):
        msg = f"recipe {champion.recipe!r}: another model became champion meanwhile"
        raise FencedError(msg)
    return decided


def _expect_served(vertex: Vertex, champion: Champion) -> None:
    """See to it that the model can be called: it is listed at its endpoint, or answers there.

    The registry does not say of every kind of model where it is deployed, so the call decides.
    """
    dataset_format = Format(champion.dataset_format)
    question = predict_instance(Example(turns=(Turn("user", _QUESTION),)), dataset_format)
    try:
        if champion.endpoint not in vertex.models.get(champion.tuned_model).endpoints:
            vertex.predictor.ask(champion.endpoint, question, dataset_format=dataset_format)
    except (NotFoundError, InvalidRequestError) as error:
        msg = (
            f"version {champion.version}: expected {champion.endpoint} to serve {champion.tuned_model},"
            f" found {error.code}; deploy the model there again, or choose another version"
        )
        raise RefusedError(msg, code="not_served") from None


def _go_on(services: Services, vertex: Vertex, own: Champion) -> None:
    """What follows from the record; done again after a crash."""
    run = _run(services, own.run_id)
    chain = places.champions_prefix(own.recipe).rstrip("/").removeprefix(places.CHAMPIONS)
    event_id = f"champion/{chain}/{own.sequence:06d}"
    services.post.send(_said(services, run, own), event_id=event_id, subject=own.run_id)
    point_alias(services, vertex, own.recipe)
    _show(services, run)
    before = [
        each for each in champions.history(services, own.recipe) if each.sequence < own.sequence
    ]
    if before and before[-1].run_id != own.run_id:
        _show(services, _run(services, before[-1].run_id))


def _show(services: Services, run: Run) -> None:
    with reported_unless_retryable(f"page of run {run.run_id}: "):
        publish_run_report(services, run)


def _said(services: Services, run: Run, own: Champion) -> ModelFact:
    if own.action == "promoted":
        return promotion_fact(services, run, own)
    return champion_fact(services, run, own, ModelRolledBack, reason=own.reason)


def _run(services: Services, run_id: str | None) -> Run:
    run = services.runbook.load(run_id) if run_id else None
    if run is None:
        msg = "run_id: expected a run of this deployment, found none; see `tunedrop runs`"
        raise PermanentError(msg, code="unknown_run")
    return run
