"""Where a tuned model comes from, and what became of a dataset: both told from records alone.

Reads listings, and a few records of whatever was asked about; asks no service.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from tunedrop import registry
from tunedrop.domain import places
from tunedrop.domain.naming import GsUri
from tunedrop.domain.registered import (
    Registered,
    descendants,
    is_same_model,
    newest_versions,
    without_project,
)
from tunedrop.domain.runs import Run
from tunedrop.errors import UsageError
from tunedrop.handlers import champions
from tunedrop.ports import ObjectInfo
from tunedrop.services import Services

MOST_MODELS, MOST_RECEIPTS, MOST_ASKERS = 20, 500, 100
"""How many are read one by one, the newest first; a view says what it left out."""
_CROWNED = ("sequence", "at", "action", "code", "claimed_by", "reason")

View = dict[str, Any]


def trace(services: Services, what: str) -> View:
    """Tell about an endpoint, a model, a run, a recipe's version, or a dropped object.

    Returns:
        Plain values: `models`, newest first, each with its dataset, its verdict and who asked for
        it; `runs` without a registered model; of an object also `drops`, the answers about it.

    Raises:
        UsageError: Nothing is known of it; says what was looked for, and where.
    """
    if what.startswith("gs://"):
        return _of_object(services, what)
    if "/endpoints/" in what or "/models/" in what:
        return _of_resource(services, what)
    run = services.runbook.load(what) if "/" not in what else None
    if run is not None:
        return _of_run(services, what, run)
    return _of_recipe(services, what)


def _of_resource(services: Services, what: str) -> View:
    every = registry.versions(services)
    if "/endpoints/" in what:
        found = [m for m in every if without_project(m.endpoint) == without_project(what)]
    else:
        found = [m for m in every if is_same_model(what, m.tuned_model)]
    if not found:
        raise UsageError(
            f"{what}: expected the endpoint or the model of a registered version, found none among"
            f" {len(every)} in the registry; see `tunedrop models`"
        )
    return _view(services, what, found, every)


def _of_run(services: Services, what: str, run: Run) -> View:
    every = registry.versions(services)
    found = [model for model in every if model.run_id == run.run_id]
    if found:
        return _view(services, what, found, every)
    accepted, training = run.accepted, run.accepted["training"]
    told = {
        "run_id": run.run_id,
        "state": run.state.value,
        "recipe": accepted["recipe"]["name"],
        "base_model": accepted["plan"]["base_model"],
        "job_name": str(run.launched.detail["job_name"]) if run.launched else "",
        "dataset": {
            "uri": accepted["dataset_uri"],
            "generation": accepted["generation"],
            "drop_id": accepted["drop_id"],
            "digest": training["digest"],
            "rows": training["rows"],
        },
        "verdict": _verdict(services, str(accepted["drop_id"])),
        **_asked_by(services, run.run_id),
    }
    return {"what": what, "models": [], "runs": [told], "left_out": 0}


def _of_recipe(services: Services, what: str) -> View:
    """A version of a recipe; of one that is named alone the champion, or the newest while there is none."""
    every = registry.versions(services)
    recipe, _, number = what.rpartition("@")
    version = int(number) if recipe and number.isdecimal() else None
    if version is None or any(model.recipe == what for model in every):
        recipe, version = what, _told_first(services, what, every)
    found = [model for model in every if (model.recipe, model.version) == (recipe, version)]
    if not found:
        raise UsageError(
            f"{what}: expected an endpoint, a model, a run, RECIPE@VERSION or gs://BUCKET/OBJECT; found no"
            f" run and none of {len(every)} registered versions of that name; see `tunedrop models`"
        )
    return _view(services, what, found, every)


def _told_first(services: Services, recipe: str, every: Sequence[Registered]) -> int | None:
    champion = champions.newest(services, recipe)
    newest = newest_versions(every).get(recipe)
    return champion.version if champion else newest.version if newest else None


def _of_object(services: Services, what: str) -> View:
    uri, receipts = _receipts(services, what)
    every = registry.versions(services)
    newest = sorted(receipts, key=lambda info: info.created_at, reverse=True)
    drops = [_drop(services, info) for info in newest[:MOST_RECEIPTS]]
    run_ids = list(dict.fromkeys(drop["run_id"] for drop in drops if drop["run_id"]))
    trained = [model for model in every if model.run_id in run_ids]
    later = descendants(every, trained)
    registered = {model.run_id for model in trained}
    runs = [
        {"run_id": run_id, "state": services.runbook.state_of(run_id)}
        for run_id in run_ids
        if run_id not in registered
    ]
    crowned = {(each.recipe, each.version) for each in champions.every(services)}
    return {
        "what": str(uri),
        "drops": drops,
        "runs": runs,
        "models": [_line(model, crowned) for model in [*trained, *later]],
        "left_out": max(0, len(newest) - MOST_RECEIPTS),
    }


def _line(model: Registered, crowned: Iterable[tuple[str, int]]) -> View:
    is_champion = (model.recipe, model.version) in crowned
    return {**msgspec.structs.asdict(model), "champion": is_champion}


def _receipts(services: Services, what: str) -> tuple[GsUri, list[ObjectInfo]]:
    """The object that is meant, and the answers about it, or about one of its generations."""
    name, _, generation = what.rpartition("#")
    readings = [(name, generation)] if name and generation.isdecimal() else []
    for text, wanted in [*readings, (what, "")]:
        try:
            uri = GsUri.parse(text)
        except ValueError as error:
            raise UsageError(f"{error}; write it as gs://BUCKET/OBJECT[#GENERATION]") from None
        folder = places.receipt_path(uri.bucket, uri.name, 0).rpartition("/")[0] + "/"
        found = [
            info
            for info in services.ledger.list(folder)
            if wanted in {"", info.name.removeprefix(folder).partition(".")[0]}
        ]
        if found:
            return uri, found
    raise UsageError(
        f"{what}: expected an object that the deployment has answered about, found no receipt of it;"
        " see `tunedrop show gs://BUCKET/OBJECT`"
    )


def _drop(services: Services, info: ObjectInfo) -> View:
    receipt = services.ledger.read(info.name) or {}
    return {
        "drop_id": str(receipt.get("drop_id", "")),
        "generation": str(receipt.get("generation", "")),
        "at": info.created_at,
        "outcome": str(receipt.get("outcome", "")),
        "run_id": str(receipt.get("run_id", "")),
    }


def _view(
    services: Services, what: str, found: Sequence[Registered], every: Sequence[Registered]
) -> View:
    newest = sorted(found, key=lambda model: model.at, reverse=True)
    told = [_model(services, model, every) for model in newest[:MOST_MODELS]]
    left_out = max(0, len(newest) - MOST_MODELS)
    return {"what": what, "models": told, "runs": [], "left_out": left_out}


def _model(services: Services, model: Registered, every: Sequence[Registered]) -> View:
    record = registry.read(services, model)
    past = champions.history(services, model.recipe)
    crowned = [each for each in past if each.version == model.version]
    later = descendants(every, [model])
    return {
        **msgspec.structs.asdict(model),
        "job_name": record["job_name"],
        "dataset": record["dataset"],
        "evaluation": record["evaluation"],
        "settings": record["settings"],
        "verdict": _verdict(services, str(record["dataset"]["drop_id"])),
        **_asked_by(services, model.run_id),
        "champion": bool(past) and past[-1].version == model.version,
        "champion_history": [{key: getattr(each, key) for key in _CROWNED} for each in crowned],
        "comes_from": _ancestors(model, every),
        "went_into": [_short(each) for each in later],
    }


def _ancestors(model: Registered, every: Iterable[Registered]) -> list[View]:
    """The tuned models that it was tuned on from, the nearest first; of one that is not ours only its name."""
    found: list[View] = []
    parents = list(every)
    name = model.pre_tuned_model
    while name:
        fitting = [each for each in parents if is_same_model(name, each.tuned_model)]
        if not fitting:
            return [*found, {"tuned_model": name}]
        parent = max(fitting, key=lambda each: each.at)
        parents.remove(parent)
        found.append(_short(parent))
        name = parent.pre_tuned_model
    return found


def _short(model: Registered) -> View:
    return {
        "recipe": model.recipe,
        "version": model.version,
        "run_id": model.run_id,
        "tuned_model": model.tuned_model,
        "dataset_digest": model.dataset_digest,
    }


def _verdict(services: Services, drop_id: str) -> View | None:
    path = places.verdict_path(drop_id)
    verdict = services.ledger.read(path)
    if verdict is None:
        return None
    lines: Mapping[str, Any] = (verdict.get("result") or {}).get("lines", {})
    return {"path": path, "outcome": verdict["outcome"], "at": verdict["at"], "lines": dict(lines)}


def _asked_by(services: Services, run_id: str) -> View:
    """The drops that asked for a run, the oldest first, and how many more there are."""
    prefix = places.askers_prefix(run_id)
    listed = sorted(services.ledger.list(prefix), key=lambda info: info.created_at)
    told = []
    for info in listed[:MOST_ASKERS]:
        asker = services.ledger.read(info.name) or {}
        told.append({key: asker.get(key) for key in ("drop_id", "uri", "generation", "dropped_at")})
    return {"asked_by": told, "more_askers": max(0, len(listed) - MOST_ASKERS)}
