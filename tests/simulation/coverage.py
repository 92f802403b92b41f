"""Which rare branches a world went through, counted from its records, its log and its services."""

from collections import Counter
from itertools import pairwise

_IN_LOG = {
    "fenced step": '"event": "run.fenced"',
    "adopted by label": '"found_by": "label"',
    "adopted by id": '"found_by": "id"',
    "stale tick dropped": '"code": "stale_tick"',
    "out of time": '"code": "out_of_time"',
}
_STEPS = {
    ("failed", "job_id_taken"): "somebody else has the job's id",
    ("queued", "quota_exhausted"): "queued again by 429",
    ("queued", "access_denied"): "queued again by 403",
    ("queued", "no_slot"): "waited for a slot",
    ("queued", "daily_budget"): "waited for money",
    ("queued", "paused"): "waited because of a pause",
    ("queued", "approved"): "approved",
    ("queued", "retried"): "retried",
    ("loading", "retried"): "loaded again",
    ("promoted", "always"): "promoted",
    ("refused", "hold_expired"): "hold expired",
    ("held", "burst"): "held by a burst",
    ("held", "over_budget"): "held by its cost",
    ("held", "price_unknown"): "held without a price",
    ("failed", "deadline_exceeded"): "stuck job cancelled",
    ("failed", "launch_timeout"): "launch given up",
    ("failed", "job_deleted"): "job deleted",
    ("cancelled", "cancelled"): "cancelled before a job",
}
_LONG_SECONDS = 600


def counted(world, evidence, lines):
    """How often each branch was reached."""
    text = "".join(lines)
    reached = Counter({name: text.count(mark) for name, mark in _IN_LOG.items()})
    for steps in evidence.transitions.values():
        reached.update(_of_steps([step.record for step in steps]))
    reached.update(_of_records(evidence))
    reached.update(_of_services(world, evidence))
    reached.update(f"fault: {fault.kind}" for fault in world.faults.met.values())
    return +reached


def _of_steps(records):
    states = [record["state"] for record in records]
    yield f"run {states[-1]}"
    for record in records:
        named = _STEPS.get((record["state"], record["detail"].get("code")))
        if named:
            yield named
    if any(pair == ("launching", "launching") for pair in pairwise(states)):
        yield "lease taken over"
    if "superseded" in states[:-1]:
        yield "superseded run opened again"


def _of_records(evidence):
    for path, kept in evidence.records.items():
        if path.startswith("cancels/"):
            yield "cancel while launching"
        elif path.startswith("drops/") and kept.record.get("outcome") == "superseded":
            yield "overwritten or deleted before its check"
        elif path.startswith("messages/") and kept.record.get("kind") == "refused_delivery":
            yield "message refused"


def _of_services(world, evidence):
    receipts = {path.rpartition("/")[2] for path in evidence.records if path.startswith("drops/")}
    for message in world.broker.messages:
        if message.settled == "dead":
            yield "dead letter"
        if message.settled == "lost" and f"{message.key.split(':')[1]}000.json" in receipts:
            yield "lost event found by the sweep"
    for place in ("slots", "budget", "runs", "verdicts"):
        if world.storage.races[f"test-ledger/{place}"]:
            yield f"race lost: {place}"
    for job in (*world.pipelines.jobs.values(), *world.tunings.jobs.values()):
        if job.ours and world.scheduler.now >= job.ends <= job.live_until:
            yield f"job came to: {job.ending}"
    if any(seconds > _LONG_SECONDS for *_, seconds in world.frozen):
        yield "zombie woke up"
    for jobs in evidence.jobs_of.values():
        yield from _of_jobs(jobs)


def _of_jobs(jobs):
    if len(jobs) > 1:
        yield "extra job created by a zombie"
        if any(job.cancel_asked_at for job in jobs):
            yield "extra job cancelled by the sweep"
    for job in jobs:
        if job.ended_at is not None and job.state == "CANCELLED" and job.cancel_asked_at:
            yield "job cancelled by us"
