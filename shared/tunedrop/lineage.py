"""Where a tuned model comes from, and what became of a dataset: both told from records alone.

Reads listings, and a few records of whatever was asked about; asks no service.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from tunedrop import registry
from tunedrop.domain import places
from tunedrop.domain.registered import (
    Family,
    Registered,
    is_same_model,
    newest_versions,
    without_project,
)
from tunedrop.domain.runs import Run
from tunedrop.errors import UsageError
from tunedrop.handlers import champions
from tunedrop.receipts import drop_of, receipts_of
from tunedrop.services import Services

MOST_MODELS, MOST_RECEIPTS, MOST_ASKERS = 20, 500, 100
"""How many are read one by one, the newest first; a view says what it left out."""
MOST_RELATIVES, MOST_LEARNERS = 100, 1000
"""How many models are named that one comes from, or went into; and that learnt from an object."""
_CROWNED = ("sequence", "at", "action", "code", "claimed_by", "reason")

View = dict[str, Any]


class _Known(Struct, frozen=True):
    """All registered versions that can be read."""

    services: Services
    versions: Sequence[Registered]
    family: Family
    broken: list[str]
    """A line for each record that cannot be read."""


def trace(services: Services, what: str) -> View:
    """Tell about an endpoint, a model, a run, a recipe's version, or a dropped object.

    Returns:
        Plain values: `models`, newest first, each with its dataset, its verdict and who asked for
        it; `runs` without a registered model; of an object also `drops`, the answers about it.
        `unreadable` names records of the registry that are missing in it.

    Raises:
        UsageError: Nothing is known of it; says what was looked for, and where.
    """
    broken: list[str] = []
    versions = registry.versions(services, broken=broken)
    view = _told(_Known(services, versions, Family(versions), broken), what)
    return {"what": what, "runs": [], "left_out": 0, **view, "unreadable": broken}


def _told(known: _Known, what: str) -> View:
    if what.startswith("gs://"):
        return _of_object(known, what)
    if "/endpoints/" in what or "/models/" in what:
        return _of_resource(known, what)
    run = known.services.runbook.load(what) if "/" not in what else None
    return _of_run(known, run) if run is not None else _of_recipe(known, what)


def _of_resource(known: _Known, what: str) -> View:
    if "/endpoints/" in what:
        found = [m for m in known.versions if without_project(m.endpoint) == without_project(what)]
    else:
        found = [m for m in known.versions if is_same_model(what, m.tuned_model)]
    if not found:
        raise UsageError(
            f"{what}: expected the endpoint or the model of a registered version, found none among"
            f" {len(known.versions)} that can be read; see `tunedrop models`"
        )
    return _view(known, found)


def _of_run(known: _Known, run: Run) -> View:
    services = known.services
    found = [model for model in known.versions if model.run_id == run.run_id]
    if found:
        return _view(known, found)
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
    return {"models": [], "runs": [told]}


def _of_recipe(known: _Known, what: str) -> View:
    """A version of a recipe; of one that is named alone the champion, or the newest while there is none."""
    recipe, _, number = what.rpartition("@")
    version = int(number) if recipe and number.isdecimal() else None
    if version is None or any(model.recipe == what for model in known.versions):
        recipe, version = what, _told_first(known, what)
    found = [
        model for model in known.versions if (model.recipe, model.version) == (recipe, version)
    ]
    if not found:
        raise UsageError(
            f"{what}: expected an endpoint, a model, a run, RECIPE@VERSION or gs://BUCKET/OBJECT; found no"
            f" run and none of {len(known.versions)} readable versions of that name; see `tunedrop models`"
        )
    return _view(known, found)


def _told_first(known: _Known, recipe: str) -> int | None:
    champion = champions.newest(known.services, recipe)
    newest = newest_versions(known.versions).get(recipe)
    return champion.version if champion else newest.version if newest else None


def _of_object(known: _Known, what: str) -> View:
    services = known.services
    uri, receipts = receipts_of(services, what)
    newest = sorted(receipts, key=lambda info: info.created_at, reverse=True)
    drops = [drop_of(services, info) for info in newest[:MOST_RECEIPTS]]
    run_ids = dict.fromkeys(drop["run_id"] for drop in drops if drop["run_id"])
    trained = [model for model in known.versions if model.run_id in run_ids]
    learnt = [*trained, *known.family.descendants(trained)]
    registered = {model.run_id for model in trained}
    runs = [
        {"run_id": run_id, "state": services.runbook.state_of(run_id)}
        for run_id in run_ids
        if run_id not in registered
    ]
    certain = champions.certain(services, broken=known.broken)
    crowned = {(each.recipe, each.version) for each in certain}
    return {
        "what": str(uri),
        "drops": drops,
        "runs": runs,
        "models": [_line(model, crowned) for model in learnt[:MOST_LEARNERS]],
        "more_models": max(0, len(learnt) - MOST_LEARNERS),
        "left_out": max(0, len(newest) - MOST_RECEIPTS),
    }


def _line(model: Registered, crowned: Container[tuple[str, int]]) -> View:
    is_champion = (model.recipe, model.version) in crowned
    return {**msgspec.structs.asdict(model), "champion": is_champion}


def _view(known: _Known, found: Sequence[Registered]) -> View:
    newest = sorted(found, key=lambda model: model.at, reverse=True)
    told = [_model(known, model) for model in newest[:MOST_MODELS]]
    return {"models": told, "left_out": max(0, len(newest) - MOST_MODELS)}


def _model(known: _Known, model: Registered) -> View:
    services = known.services
    record = registry.read(services, model)
    past = champions.history(services, model.recipe)
    crowned = [each for each in past if each.version == model.version]
    before, later = _ancestors(known, model), known.family.descendants([model])
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
        "comes_from": before[:MOST_RELATIVES],
        "went_into": [_short(each) for each in later[:MOST_RELATIVES]],
        "more_relatives": sum(max(0, len(each) - MOST_RELATIVES) for each in (before, later)),
    }


def _ancestors(known: _Known, model: Registered) -> list[View]:
    """The tuned models that it was tuned on from, the nearest first; of one that is not ours only its name."""
    found = known.family.ancestors(model)
    foreign = (found[-1] if found else model).pre_tuned_model
    return [*map(_short, found), *([{"tuned_model": foreign}] if foreign else [])]


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
