"""Registers a tuned model that has answered a call: our own record first, then the service's registry.

Whatever a crash leaves undone the next pass completes: the record is found again by run and attempt.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from tunedrop import __version__, registry
from tunedrop.contracts import ModelRegistered
from tunedrop.domain import naming, places
from tunedrop.domain.billing import Bill, bill_by_tokens
from tunedrop.domain.cost import tokens_of
from tunedrop.domain.registered import Registered
from tunedrop.domain.runs import Run, RunState, Transition
from tunedrop.errors import (
    CorruptRecordError,
    InvalidRequestError,
    NotFoundError,
    RetryableError,
    TunedropError,
)
from tunedrop.handlers import keep_curves
from tunedrop.handlers.crowning import ALIASES_UNSUPPORTED
from tunedrop.handlers.reporting import reported
from tunedrop.handlers.run_facts import fact
from tunedrop.handlers.steps import advance
from tunedrop.services import Services, Vertex

CANDIDATE = "candidate"
"""Alias of a recipe's newest version in the service's registry."""
NOT_ANNOTATED = "not_annotated"
"""The service's registry would take no label or description; the model is registered all the same."""
_VERSION_TRIES = 100
_REFUSALS: tuple[type[TunedropError], ...] = (InvalidRequestError, NotFoundError)


class Taken(Struct, frozen=True):
    """The registry of a run's recipe as it stands."""

    versions: tuple[Registered, ...]
    highest: int
    """Number that was taken last; 0 while there is none."""
    own: Registered | None
    """The version that this attempt has already taken, if it has."""


def look_up(services: Services, run: Run) -> Taken:
    """Read the recipe's versions; one that cannot be read is reported, and stops none."""
    versions, highest = [], 0
    for info in services.ledger.walk(places.registry_prefix(str(run.accepted["recipe"]["name"]))):
        highest = max(highest, places.number_in(info.name))
        with reported():
            versions.append(registry.told(services, info))
    mine = (each for each in versions if (each.run_id, each.attempt) == (run.run_id, run.attempt))
    return Taken(tuple(versions), highest, next(mine, None))


def register(
    services: Services,
    vertex: Vertex,
    run: Run,
    succeeded: Transition,
    taken: Taken,
    *,
    endpoint: str,
    is_late: bool = False,
) -> Run:
    """Record the model, tell the service's registry of it, and take the step.

    *is_late*: what the service's registry does not take by now is a note as well, and no reason to wait.
    """
    recipe = str(run.accepted["recipe"]["name"])
    if taken.own is None:
        record = _record(services, run, succeeded, endpoint)
        version = _recorded(services, record, after=taken.highest)
    else:
        version = taken.own.version
    tuned_model = str(succeeded.detail["tuned_model"])
    refusals = (*_REFUSALS, RetryableError) if is_late else _REFUSALS
    notes = _tell_service(vertex, services, run, tuned_model, version, taken.versions, refusals)
    said = fact(
        services,
        run,
        ModelRegistered,
        recipe=recipe,
        version=version,
        tuned_model=tuned_model,
        endpoint=endpoint,
        base_model=run.accepted["plan"]["base_model"],
    )
    detail = {
        "version": version,
        "tuned_model": tuned_model,
        "endpoint": endpoint,
        "notes": notes,
    }
    return advance(services, run, RunState.REGISTERED, detail, facts=[said])


def _recorded(services: Services, record: Mapping[str, Any], *, after: int) -> int:
    """Take the recipe's next version number; two workers of one attempt take one."""
    for version in range(after + 1, after + 1 + _VERSION_TRIES):
        numbered = {**record, "version": version}
        path = places.registry_path(record["recipe"], version)
        written = services.ledger.create(path, numbered, metadata=registry.metadata_of(numbered))
        taken_by = (written.record.get("run_id"), written.record.get("attempt"))
        if written.ours or taken_by == (record["run_id"], record["attempt"]):
            return version
    msg = f"registry of {record['recipe']!r}: {_VERSION_TRIES} version numbers in a row were taken"
    raise CorruptRecordError(msg)


def _tell_service(
    vertex: Vertex,
    services: Services,
    run: Run,
    tuned_model: str,
    version: int,
    standing: Sequence[Registered],
    refusals: tuple[type[TunedropError], ...],
) -> list[str]:
    """Label, describe and name the model in the service's registry; what that refuses for good is a note.

    Whether it keeps the models of every location, and their aliases, is not known.
    """
    notes = []
    labels = naming.labels_of(
        deployment=services.settings.deployment, run=run.run_id, attempt=run.attempt
    )
    recipe = run.accepted["recipe"]["name"]
    description = (
        f"{recipe}, version {version}: run {run.run_id}, attempt {run.attempt}, of tunedrop"
    )
    try:
        vertex.models.annotate(tuned_model, labels=labels, description=description)
    except refusals:
        notes.append(NOT_ANNOTATED)
    others = [each for each in standing if each.version != version]
    before = max(others, key=lambda each: each.version, default=None)
    if before is not None and before.version > version:  # a later one is the candidate by now
        return notes
    try:
        vertex.models.move_alias(
            CANDIDATE, to=tuned_model, away_from=before.tuned_model if before else ""
        )
    except refusals:
        notes.append(ALIASES_UNSUPPORTED)
    return notes


def _record(services: Services, run: Run, succeeded: Transition, endpoint: str) -> dict[str, Any]:
    plan, found = run.accepted["plan"], succeeded.detail
    return {
        "kind": "tuned_model",
        "at": services.clock.now().isoformat(),
        "recipe": str(run.accepted["recipe"]["name"]),
        "run_id": run.run_id,
        "attempt": run.attempt,
        "job_name": str(run.launched.detail["job_name"]) if run.launched else "",
        "tuned_model": str(found["tuned_model"]),
        "endpoint": endpoint,
        "base_model": plan["base_model"],
        "pre_tuned_model": plan.get("pre_tuned_model") or "",
        "dataset_format": plan["dataset_format"],
        "dataset": _dataset(services, run),
        "evaluation": _file(run.accepted["evaluation"]),
        "settings": _settings(run),
        "metrics": _last_values(services, run),
        "cost": {"estimated": plan["cost"], "billed": _billed(services, run, found)},
        "rows": {"dropped": found.get("dropped_rows")},
        "adopted": found.get("adopted", False),
        "asked": {key: run.accepted["asked"][key] for key in ("requester", "correlation_id")},
        "decided": _decided(run),
        "versions": {"tunedrop": __version__},
    }


def _dataset(services: Services, run: Run) -> dict[str, Any]:
    """The bytes that the job read and the object that they come from, with its own digest where they differ."""
    accepted, training = run.accepted, run.accepted["training"]
    verdict = services.ledger.read(places.verdict_path(str(accepted["drop_id"]))) or {}
    result = verdict.get("result") or {}
    return {
        "uri": accepted["dataset_uri"],
        "generation": accepted["generation"],
        "drop_id": accepted["drop_id"],
        "dropped_at": verdict.get("dropped_at"),
        "object_digest": result.get("dataset_digest"),
        "token_estimate": _token_estimate(result, training["rows"]),
        **_file(training),
    }


def _token_estimate(result: Mapping[str, Any], rows: int) -> int | None:
    """About how many tokens so many of the rows hold; None where the check did not count characters."""
    characters = (result.get("statistics", {}).get("characters") or {}).get("total")
    lines = result.get("lines", {})
    kept = lines.get("used", 0) + lines.get("fixed", 0)
    return tokens_of(characters * rows // kept) if characters and kept else None


def _file(staged: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: staged[key] for key in ("digest", "path", "rows")} if staged else {}


def _settings(run: Run) -> dict[str, Any]:
    """What the recipe said, and what of it reached the request."""
    effective, plan = run.accepted["recipe"]["effective"], run.accepted["plan"]
    return {
        "digest": naming.digest(naming.canonical_json(effective).decode()),
        "source": run.accepted["recipe"].get("source", ""),
        "effective": effective,
        "sent": plan["parameters"],
        "region": plan["region"],
        "epochs": plan["epochs"],
        "train_steps": plan["train_steps"],
    }


def _last_values(services: Services, run: Run) -> dict[str, Any]:
    series = keep_curves.read(services, run)
    lasts = ((each.metric, each.points[-1]) for each in series if each.points)
    return {metric: {"step": last.step, "value": last.value} for metric, last in lasts}


def _billed(services: Services, run: Run, found: Mapping[str, Any]) -> dict[str, Any]:
    plan = run.accepted["plan"]
    entry = services.catalog.entries.get(plan["base_model"])
    bill: Bill = bill_by_tokens(
        found.get("billable_tokens"),
        plan["epochs"],
        usd_per_million=entry.price.usd_per_million_training_tokens if entry else None,
        source=entry.price.source if entry else "",
        as_of=entry.price.as_of if entry else None,
    )
    return {"usd": bill.usd, "basis": bill.basis}


def _decided(run: Run) -> list[dict[str, Any]]:
    """Who let the attempt go on where somebody had to."""
    return [
        {
            "code": step.detail.get("code", ""),
            "claimed_by": step.detail.get("claimed_by", ""),
            "at": step.at.isoformat(),
        }
        for step in run.steps_of_attempt
        if step.detail.get("decision_id")
    ]
