"""Evidence from a simulated world."""

import json
from datetime import timedelta

from simulation.broker import FINALIZED
from simulation.evidence import Delivered, Evidence, Kept, Published, SeenJob
from simulation.intake import CANARY
from simulation.storage import digest_of
from support.memory import START
from tunedrop.domain import places


def instant(seconds):
    return START + timedelta(seconds=seconds)


def evidence_of(world, lines=()):
    """Everything that a world leaves behind."""
    objects = world.storage.objects
    return Evidence(
        records={
            name: Kept(name, json.loads(data), info.created_at, info.generation)
            for name, (info, data) in objects["test-ledger"].items()
        },
        state={name: info.metadata for name, (info, _) in objects["test-state"].items()},
        jobs=[_job(world, job, backend) for backend, job in _jobs(world)],
        uploads=_answerable(world),
        staged={
            name: digest_of(data)
            for name, (_, data) in objects["test-work"].items()
            if name.startswith("staged/")
        },
        messages=[_delivered(world, message) for message in world.broker.messages],
        published=[
            Published(instant(at), role, attributes.get("ce-id", ""), data)
            for at, role, data, attributes, _ in world.broker.published
        ],
        pages={
            name.split("/")[1]: json.loads(data)["state"]
            for name, (_, data) in objects["test-reports"].items()
            if name.startswith("runs/") and name.endswith("/report.json")
        },
        logs=lines,
        outside=world.outside,
        overwritten=[f"{bucket}/{name}: {what}" for bucket, name, what in world.storage.refused],
        secrets=[CANARY],
        creates=_creates(world),
        calls_of_delivery={caller.key: caller.count for _, caller, _, _ in world.deliveries},
        cap=world.setup.cap,
        usd_per_day=world.setup.usd_per_day,
        calm_since=instant(world.setup.busy_seconds),
        at_rest=world.still,
    )


def _answerable(world):
    """The uploads of which the functions could know: told of, or still there."""
    told = {
        json.loads(message.data)["generation"]
        for message in world.broker.messages
        if message.role == FINALIZED and message.settled == "acknowledged"
    }
    live = {info.generation for info, _ in world.storage.objects["test-intake"].values()}
    return [
        (info.bucket, info.name, info.generation)
        for info in world.uploads
        if str(info.generation) in told or info.generation in live
    ]


def _jobs(world):
    yield from (("pipeline_job", job) for job in world.pipelines.jobs.values() if job.ours)
    yield from (("tuning_job", job) for job in world.tunings.jobs.values())


def _job(world, job, backend):
    body = job.body
    parameters = body.get("runtimeConfig", {}).get("parameterValues", {})
    uri = (
        body.get("supervisedTuningSpec", {}).get("trainingDatasetUri") or parameters["dataset_uri"]
    )
    ended = job.live_until <= world.scheduler.now
    jobs = world.pipelines if backend == "pipeline_job" else world.tunings
    return SeenJob(
        name=job.name,
        backend=backend,
        labels=job.labels,
        dataset_uri=uri,
        state=job.raw(world.scheduler.now),
        created_at=instant(job.created),
        ended_at=instant(job.live_until) if ended else None,
        tuned_model=jobs.seen(job).tuned_model,
        cancel_asked_at=None if job.cancel_asked is None else instant(job.cancel_asked),
        late=job.late,
    )


def _delivered(world, message):
    acknowledged = [at for at, _, code in message.ends if not code]
    return Delivered(
        key=message.key,
        role=message.role,
        record_path=places.message_path(message.role, message.id),
        about=_about(message),
        settled=message.settled,
        acknowledged_at=instant(acknowledged[0]) if acknowledged else None,
        ends=[(instant(at), code) for at, _, code in message.ends],
        most_attempts=world.setup.most_attempts,
    )


def _about(message):
    try:
        body = json.loads(message.data)
    except ValueError:
        return {}
    if message.role == FINALIZED:
        path = places.receipt_path(body["bucket"], body["name"], int(body["generation"]))
        return {"receipt": path}
    return {key: str(body[key]) for key in ("run_id", "action", "kind", "drop_id") if key in body}


def _creates(world):
    return [
        (instant(at), labels["tunedrop-run"], labels["tunedrop-attempt"], answer)
        for jobs in (world.pipelines, world.tunings)
        for at, method, labels, answer, _ in jobs.calls
        if method == "create"
    ]
