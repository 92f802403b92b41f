"""Checks a drop once, records the verdict, and only then says what it is.

A verdict that stands is read and acted on; it is never made twice. The receipt comes last, so that a
drop with a final receipt is one that everybody has been told about.
"""

from typing import Any

from msgspec.structs import asdict

from tunedrop.contracts import (
    DatasetAccepted,
    DatasetRejected,
    LaunchRequested,
    LineCounts,
    TuningRequested,
)
from tunedrop.delivery import Outcome
from tunedrop.domain import naming, places
from tunedrop.domain.checks import CheckResult
from tunedrop.errors import NotFoundError, RecipeError, UpstreamUnavailableError
from tunedrop.handlers.drops import Drop, problems_as_data, write_receipt
from tunedrop.handlers.find_recipe import Chosen
from tunedrop.handlers.judge_dataset import Accepted, Case, Rejected, judge
from tunedrop.handlers.publish_rejects import Rejects, publish_rejects
from tunedrop.ledger import Record
from tunedrop.ports import ObjectInfo
from tunedrop.reports.addresses import drop_report_uri
from tunedrop.services import Services


def check_drop(
    services: Services, drop: Drop, info: ObjectInfo, chosen: Chosen, evaluation: ObjectInfo | None
) -> Outcome:
    """Give a dataset its verdict, or act again on the one that stands."""
    standing = services.ledger.read(places.verdict_path(drop.drop_id))
    if standing is None:
        try:
            judgement = judge(services, Case(drop.drop_id, info, chosen, evaluation))
            rejects = publish_rejects(services, drop, info, chosen, judgement.result)
        except NotFoundError as error:
            return _superseded(services, drop, error)
        record = _verdict(
            services,
            drop,
            judgement,
            info=info,
            chosen=chosen,
            evaluation=evaluation,
            rejects=rejects,
        )
        standing = _record(services, record)
    return _conclude(services, drop, standing)


def _record(services: Services, verdict: Record) -> Record:
    """Write a verdict down unless one stands, so that a listing shows which run it allows; what stands."""
    told = {"outcome": str(verdict["outcome"]), "run_id": str(verdict.get("run_id", ""))}
    path = places.verdict_path(str(verdict["drop_id"]))
    return services.ledger.create(path, verdict, metadata=told).record


def _superseded(services: Services, drop: Drop, error: NotFoundError) -> Outcome:
    """Tell a dataset that is gone from an evaluation file or a bucket of ours that is.

    Raises:
        UpstreamUnavailableError: The dataset is still there; what is missing may be back later.
    """
    try:
        live = services.store.stat(drop.bucket, drop.name)
    except NotFoundError:
        live = None
    if live and live.generation == drop.generation:
        raise UpstreamUnavailableError(f"checking {drop.uri}: {error}") from None
    reason = "the object was overwritten or deleted while it was checked"
    return write_receipt(services, drop, "superseded", reason=reason)


def refuse_drop(services: Services, drop: Drop, error: RecipeError) -> Outcome:
    """Give a drop the verdict that what is asked about it cannot be done, without reading it."""
    rejected = Rejected(error.problems[0].code, problems=error.problems)
    record = _verdict(services, drop, rejected)
    standing = _record(services, record)
    return _conclude(services, drop, standing)


def answer_again(services: Services, drop: Drop) -> None:
    """Say the standing verdict again, to whoever asked under another correlation id."""
    verdict = services.ledger.read(places.verdict_path(drop.drop_id))
    if verdict is not None:
        _say(services, drop, verdict)


def say_refused(services: Services, request: TuningRequested, code: str) -> None:
    """Tell whoever sent a request that could be read why nothing will come of it."""
    generation = request.dataset_generation or 0
    drop_id = naming.drop_id("", request.dataset_uri, generation)
    fact = DatasetRejected(
        deployment=services.settings.deployment,
        occurred_at=services.clock.now(),
        correlation_id=request.correlation_id,
        drop_id=drop_id,
        dataset_uri=request.dataset_uri,
        dataset_generation=generation,
        recipe=request.recipe or "",
        code=code,
    )
    asker = naming.digest(request.correlation_id)[:12]
    services.post.send(fact, event_id=f"refused/{drop_id}/{asker}", subject=request.dataset_uri)


def _conclude(services: Services, drop: Drop, verdict: Record) -> Outcome:
    _say(services, drop, verdict)
    if verdict["outcome"] != "accepted":
        return write_receipt(services, drop, "rejected", code=verdict["code"])
    request = LaunchRequested(
        drop_id=drop.drop_id, run_id=verdict["run_id"], correlation_id=drop.asked.correlation_id
    )
    services.post.send(request, event_id=f"launch/{drop.drop_id}", subject=verdict["run_id"])
    return write_receipt(
        services, drop, "accepted", run_id=verdict["run_id"], run_state=verdict["run_state"]
    )


def _say(services: Services, drop: Drop, verdict: Record) -> None:
    result = verdict["result"] or {}
    common: dict[str, Any] = {
        "deployment": services.settings.deployment,
        "occurred_at": services.clock.now(),
        "correlation_id": drop.asked.correlation_id,
        "drop_id": drop.drop_id,
        "dataset_uri": drop.uri,
        "dataset_generation": drop.generation,
        "recipe": verdict["recipe"]["name"],
        "base_model": result.get("base_model") or "",
        "dataset_format": result.get("format") or "",
        "lines": LineCounts(**result.get("lines", {})),
        "report_uri": drop_report_uri(services.settings, drop.bucket, drop.name),
    }
    if verdict["outcome"] == "accepted":
        fact: DatasetAccepted | DatasetRejected = DatasetAccepted(
            dataset_digest=verdict["training"]["digest"],
            run_id=verdict["run_id"],
            run_state=verdict["run_state"],
            estimated_usd=verdict["plan"]["cost"]["usd"],
            **common,
        )
    else:
        counts = {finding["code"]: finding["count"] for finding in result.get("findings", [])}
        fact = DatasetRejected(code=verdict["code"], finding_counts=counts, **common)
    asker = f"/{naming.digest(drop.asked.correlation_id)[:12]}" if drop.asked.correlation_id else ""
    services.post.send(fact, event_id=f"verdict/{drop.drop_id}{asker}", subject=drop.uri)


def _verdict(
    services: Services,
    drop: Drop,
    judgement: Accepted | Rejected,
    *,
    info: ObjectInfo | None = None,
    chosen: Chosen | None = None,
    evaluation: ObjectInfo | None = None,
    rejects: Rejects | None = None,
) -> dict[str, Any]:
    record = {
        "kind": "verdict",
        "drop_id": drop.drop_id,
        "uri": drop.uri,
        "generation": str(drop.generation),
        "size_bytes": info.size_bytes if info else None,
        "dropped_at": info.created_at.isoformat() if info else None,
        "asked": {
            "priority": drop.asked.priority,
            "requester": drop.asked.requester,
            "correlation_id": drop.asked.correlation_id,
        },
        "recipe": {
            "name": chosen.name if chosen else "",
            "source": chosen.source if chosen else "",
            "basis": chosen.basis(evaluation) if chosen else "",
            "effective": {},
        },
        "result": _published(judgement.result),
        "evaluation_result": _published(judgement.evaluation_result),
        "rejects": asdict(rejects) if rejects else None,
    }
    if isinstance(judgement, Rejected):
        return record | {
            "outcome": "rejected",
            "code": judgement.code,
            "problems": problems_as_data(judgement.problems),
        }
    return record | _accepted(services, record["recipe"], judgement)


def _accepted(services: Services, recipe: Any, judgement: Accepted) -> dict[str, Any]:  # noqa: ANN401 — a part of the record
    key = naming.run_key(
        deployment=services.settings.deployment,
        recipe=recipe["name"],
        training_digest=judgement.training.digest,
        evaluation_digest=judgement.evaluation.digest if judgement.evaluation else "",
        identity=judgement.plan.identity(),
    )
    plan = judgement.plan.to_record()
    run_id = naming.run_id(recipe["name"], key)
    return {
        "outcome": "accepted",
        "code": "accepted",
        "recipe": recipe
        | {"effective": judgement.recipe.model_dump(mode="json", exclude_unset=True)},
        "dataset_format": judgement.result.dataset_format,
        "plan": plan,
        "training": asdict(judgement.training),
        "evaluation": asdict(judgement.evaluation) if judgement.evaluation else None,
        "split": judgement.holdout.to_json() if judgement.holdout else None,
        "holdout_hashes": asdict(judgement.held_out) if judgement.held_out else None,
        "run_key": key,
        "run_id": run_id,
        "run_state": services.runbook.state_of(run_id),
    }


def _published(result: CheckResult | None) -> dict[str, Any] | None:
    return result.to_json() if result else None
