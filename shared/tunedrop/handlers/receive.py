"""What arrives at the validator: every object gets a receipt, and datasets that can be checked are.

Decides what an arrival is and what it has to wait for; the check itself is `check_dataset`.
"""

from msgspec import Struct
from msgspec.structs import replace

from tunedrop import logs
from tunedrop.contracts import TuningRequested
from tunedrop.delivery import Outcome
from tunedrop.domain import naming, places
from tunedrop.domain.naming import GsUri, ObjectRole
from tunedrop.errors import NotFoundError, PermanentError, Problem, RecipeError, RefusedError
from tunedrop.events import ObjectFinalized, PubsubDelivery
from tunedrop.handlers.check_dataset import answer_again, check_drop, refuse_drop, say_refused
from tunedrop.handlers.drops import (
    WAITING_FOR_EVALUATION,
    WAITING_FOR_RECIPE,
    Asked,
    Drop,
    problems_as_data,
    read_receipt,
    write_receipt,
)
from tunedrop.handlers.find_recipe import Chosen, NoRecipe, find_recipe, read_recipe
from tunedrop.handlers.wake import scope_of_evaluation, wake
from tunedrop.ledger import Record
from tunedrop.ports import ObjectInfo
from tunedrop.reports.publishing import publish_drop_report
from tunedrop.services import Services
from tunedrop.wire import decode

_IGNORED = {
    ObjectRole.PLACEHOLDER: "ignored_placeholder",
    ObjectRole.UPLOAD_PART: "ignored_upload_part",
    ObjectRole.OTHER: "ignored_not_a_dataset",
}
_WITHOUT_PAGE = frozenset({ObjectRole.PLACEHOLDER, ObjectRole.UPLOAD_PART})


class _Missing(Struct, frozen=True):
    """What a dataset waits for."""

    what: str
    missing: str
    problems: tuple[Problem, ...]


def receive_object(services: Services, event: ObjectFinalized) -> Outcome:
    """Answer a finalize event."""
    if event.bucket != services.settings.intake_bucket:
        msg = (
            f"expected an object of {services.settings.intake_bucket}, found one of another bucket"
        )
        raise RefusedError(msg, code="foreign_bucket")
    return consider(services, Drop(event.bucket, event.name, event.generation))


def receive_request(services: Services, delivery: PubsubDelivery) -> Outcome:
    """Answer a request message."""
    request = decode(TuningRequested, delivery.data)
    try:
        uri = _allowed(services, request.dataset_uri)
        info = _existing(services, uri, request.dataset_generation)
    except PermanentError as error:
        say_refused(services, request, error.code)
        raise
    asked = Asked(
        recipe=request.recipe,
        inline_recipe=request.inline_recipe,
        overrides=request.overrides,
        priority=request.priority,
        requester=request.requester,
        correlation_id=request.correlation_id,
    )
    drop = Drop(uri.bucket, uri.name, info.generation, asked)
    return consider(services, _question(services, drop, info, delivery.message_id))


def _existing(services: Services, uri: GsUri, generation: int | None) -> ObjectInfo:
    try:
        return services.store.stat(uri.bucket, uri.name, generation=generation)
    except NotFoundError:
        msg = "expected dataset_uri to name an object that exists, found none; upload it first"
        raise PermanentError(msg, code="dataset_not_found") from None


def _question(services: Services, drop: Drop, info: ObjectInfo, message_id: str) -> Drop:
    """What a message asks is decided once: its redelivery after an edit asks no other question."""
    basis = _edited_basis(services, drop, info)
    record = {"kind": "request", "code": "asked", "drop_id": drop.drop_id, "basis": basis}
    standing = services.ledger.create(places.message_path("requests", message_id), record).record
    return replace(drop, asked=replace(drop.asked, basis=str(standing.get("basis", ""))))


def _edited_basis(services: Services, drop: Drop, info: ObjectInfo) -> str:
    """What the answer would stand on now, if that is not what the standing verdict stands on."""
    verdict = services.ledger.read(places.verdict_path(drop.drop_id))
    if verdict is None:
        return ""
    try:
        chosen = find_recipe(services, drop, info)
        named = None if isinstance(chosen, NoRecipe) else _evaluation_file(drop, chosen)
        evaluation = services.store.stat(named.bucket, named.name) if named else None
    except (RecipeError, NotFoundError):
        return ""
    if isinstance(chosen, NoRecipe):
        return ""
    basis = chosen.basis(evaluation)
    return "" if basis == verdict["recipe"]["basis"] else basis


def consider(services: Services, drop: Drop) -> Outcome:
    """Answer a drop once; a repeat is given the answer that stands."""
    logs.label(object=drop.uri, drop_id=drop.drop_id)
    standing = read_receipt(services, drop)
    if standing is not None:
        return _answered(services, drop, standing)
    role = naming.object_role(drop.name)
    if role not in _WITHOUT_PAGE and not GsUri.fits(drop.bucket, drop.name):
        reason = "the name holds control characters; upload the object under another one"
        return write_receipt(services, drop, "name_unusable", reason=reason)
    if role in _IGNORED:
        return write_receipt(services, drop, _IGNORED[role], report=role not in _WITHOUT_PAGE)
    try:
        info = services.store.stat(drop.bucket, drop.name)
    except NotFoundError:
        return write_receipt(
            services, drop, "superseded", reason="the object was deleted before it was looked at"
        )
    if info.generation != drop.generation:
        return _superseded(services, drop)
    return _receive_content(services, drop, role, info)


def _receive_content(services: Services, drop: Drop, role: ObjectRole, info: ObjectInfo) -> Outcome:
    match role:
        case ObjectRole.RECIPE:
            return _receive_recipe(services, drop)
        case ObjectRole.EVALUATION:
            return _receive_evaluation(services, drop)
        case _:
            return _receive_dataset(services, drop, info)


def _answered(services: Services, drop: Drop, standing: Record) -> Outcome:
    """Say again what is recorded to somebody who asked under another correlation id."""
    if drop.asked.correlation_id != standing["asked"].get("correlation_id", ""):
        answer_again(services, drop)
    if naming.object_role(drop.name) not in _WITHOUT_PAGE:
        publish_drop_report(services, standing)  # a crash after the receipt may have left none
    return Outcome(
        code="answered_before",
        record=drop.receipt_path(),
        drop_id=drop.drop_id,
        run_id=str(standing.get("run_id", "")),
    )


def _receive_recipe(services: Services, drop: Drop) -> Outcome:
    try:
        recipe = read_recipe(services, drop.bucket, drop.name, generation=drop.generation)
    except NotFoundError:
        return _superseded(services, drop)
    except RecipeError as error:
        return write_receipt(
            services, drop, "recipe_rejected", problems=problems_as_data(error.problems)
        )
    wake(services, drop, WAITING_FOR_RECIPE, naming.folder_of(drop.name))
    said = recipe.model_dump(mode="json", exclude_unset=True)
    return write_receipt(services, drop, "recipe_accepted", recipe=said)


def _receive_evaluation(services: Services, drop: Drop) -> Outcome:
    wake(services, drop, WAITING_FOR_EVALUATION, scope_of_evaluation(services, drop))
    return write_receipt(services, drop, "evaluation_file")


def _receive_dataset(services: Services, drop: Drop, info: ObjectInfo) -> Outcome:
    answer = _try_dataset(services, drop, info)
    if isinstance(answer, Outcome):
        return answer
    if drop.asked.question():
        return refuse_drop(
            services, drop, RecipeError([_missing_problem(answer)], code="file_missing")
        )
    waiting = write_receipt(
        services,
        drop,
        f"waiting_for_{answer.what}",
        waiting_for=answer.what,
        problems=problems_as_data(answer.problems),
        missing=answer.missing,
    )
    # What was missing may have arrived between the look and the receipt, and found nobody waiting.
    again = _try_dataset(services, drop, info)
    return again if isinstance(again, Outcome) else waiting


def _try_dataset(services: Services, drop: Drop, info: ObjectInfo) -> "Outcome | _Missing":
    try:
        chosen = find_recipe(services, drop, info)
    except RecipeError as error:
        return refuse_drop(services, drop, error)
    if isinstance(chosen, NoRecipe):
        return _Missing(WAITING_FOR_RECIPE, naming.RECIPE_FILE, chosen.problems)
    named = _evaluation_file(drop, chosen)
    if named == GsUri(drop.bucket, drop.name):
        return _receive_evaluation(services, drop)
    try:
        evaluation = services.store.stat(named.bucket, named.name) if named else None
    except NotFoundError:
        return _Missing(WAITING_FOR_EVALUATION, named.name if named else "", ())
    return check_drop(services, drop, info, chosen, evaluation)


def _missing_problem(answer: _Missing) -> Problem:
    """A request is answered at once: nothing that arrives later would bring it back."""
    return Problem(
        where="request",
        expected=f"{answer.missing} to lie where the dataset's folder or recipe says",
        found="no usable one" if answer.problems else "none",
        remedy="upload it first, then send the request again",
        code="file_missing",
    )


def _superseded(services: Services, drop: Drop) -> Outcome:
    reason = "another generation of the object is the live one, and gets an answer of its own"
    return write_receipt(services, drop, "superseded", reason=reason)


def _evaluation_file(drop: Drop, chosen: Chosen) -> GsUri | None:
    """The evaluation file lies beside the recipe's file, or beside the dataset of an inline recipe."""
    if chosen.recipe is None or chosen.recipe.evaluation.dataset is None:
        return None
    beside = chosen.file or GsUri(drop.bucket, drop.name)
    folder = naming.folder_of(beside.name)
    return GsUri(beside.bucket, naming.in_folder(folder, chosen.recipe.evaluation.dataset))


def _allowed(services: Services, text: str) -> GsUri:
    try:
        uri = GsUri.parse(text)
    except ValueError as error:
        raise RefusedError(f"dataset_uri: {error}", code="uri_invalid") from None
    if uri.bucket not in services.settings.dataset_buckets:
        allowed = ", ".join(sorted(services.settings.dataset_buckets))
        msg = f"dataset_uri: expected an object in one of {allowed}, found another bucket; copy the dataset there"
        raise RefusedError(msg, code="bucket_not_allowed")
    return uri
