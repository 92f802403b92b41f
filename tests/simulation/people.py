"""What happens from outside: uploads, requests, decisions, forgeries, missing permissions, lost hints."""

import json

from simulation.broker import ARRIVED, FINALIZED
from simulation.intake import content_of
from tunedrop.domain import naming
from tunedrop.errors import AccessDeniedError, UpstreamUnavailableError

INTAKE = "test-intake"
_GENERATIONS = 1000
"""Apart from one event's to the next's."""


def happen(world, event):
    """Carry out one event of a setup."""
    _DEEDS[event["do"]](world, event)


def _upload(world, event):
    generation = event["id"] * _GENERATIONS
    data = content_of(event["content"])
    info = world.storage.upload_by_hand(INTAKE, event["name"], data, generation, {})
    world.uploads.append(info)
    body = {"bucket": INTAKE, "name": info.name, "generation": str(generation)}
    if event.get("untold"):
        return
    world.broker.post(FINALIZED, body, {}, name=str(event["id"]), menu=ARRIVED)


def _delete(world, event):
    if event["name"] in world.storage.objects[INTAKE]:
        world.storage.delete(INTAKE, event["name"])


def _request(world, event):
    asks = {
        "same": {},
        "slow": {"overrides": {"tuning.epochs": 4}},
        "folder": {"recipe": naming.folder_of(event["name"])},
    }[event["asks"]]
    body = {
        "dataset_uri": f"gs://{INTAKE}/{event['name']}",
        "correlation_id": f"c{event['id']}",
        **asks,
    }
    world.broker.post("requests", body, {}, name=f"e{event['id']}")


def _control(world, event):
    body = {"action": event["action"], "claimed_by": "ops", "reason": "because"}
    if event["action"] not in {"pause", "resume", "sweep"}:
        runs = world.run_ids()
        wanted = _WANTED.get(event["action"], ())
        fitting = [run for run in runs if world.state_of(run) in wanted] or runs
        if not fitting:
            return
        body["run_id"] = fitting[world.draws.bits(f"choose:{event['id']}") % len(fitting)]
    world.broker.post("control", body, {}, name=f"e{event['id']}")


_WANTED = {
    "approve": {"held"},
    "refuse": {"held"},
    "cancel": {"launching", "launched", "running", "queued", "held"},
    "retry": {"failed", "cancelled", "refused", "superseded", "load_failed"},
}


def _forge(world, event):
    """What whoever may publish, and means ill, can send."""
    runs = world.run_ids()
    run = runs[0] if runs else "bot-0123456789abcdef"
    unknown = "bot-fedcba9876543210"
    drop = next(iter(world.verdict_ids()), "0" * 32)
    role, body = {
        "launch_unknown": ("launches", {"drop_id": "f" * 32, "run_id": unknown}),
        "launch_other_run": ("launches", {"drop_id": drop, "run_id": unknown}),
        "log_of_unknown": ("job-events", _log_entry(f"tunedrop-{unknown}-a1")),
        "log_of_known": ("job-events", _log_entry(f"tunedrop-{run}-a1")),
        "garbage": ("launches", b"{\x00"),
        "not_utf8": ("job-events", b"\xff\xfe\xfd"),
        "tick_of_unknown": ("job-events", {"kind": "run", "run_id": unknown}),
        "stale_tick": ("job-events", {"kind": "sweep"}),
    }[event["what"]]
    name = f"e{event['id']}"
    if event["what"] == "stale_tick":
        world.broker.post(role, body, {}, name=name, menu=(("delay", 900, 900),))
    world.broker.post(role, body, {}, name=name)


def _log_entry(job_id):
    return {
        "resource": {
            "type": "aiplatform.googleapis.com/PipelineJob",
            "labels": {"pipeline_job_id": job_id},
        },
        "jsonPayload": {"state": "PIPELINE_STATE_SUCCEEDED"},
    }


def tell_of_end(world, job):
    """The log sink's entry about a pipeline job."""
    name = job.name.rsplit("/", 1)[-1]
    world.broker.post("job-events", _log_entry(name), {}, name=f"log:{name}")


def _deny(world, event):
    """A permission that is missing for a while, or a service that is away."""
    error = UpstreamUnavailableError if event.get("away") else AccessDeniedError
    world.denials.append((event["what"], world.scheduler.now + event["seconds"], error))


def _lose_hints(world, event):
    """STATE is lost: everything in it but the pause switch can be rebuilt."""
    for name in list(world.storage.objects["test-state"]):
        if name != "paused" and not name.startswith("deploying/"):
            world.storage.delete("test-state", name)


_DEEDS = {
    "upload": _upload,
    "delete": _delete,
    "request": _request,
    "control": _control,
    "forge": _forge,
    "deny": _deny,
    "lose_hints": _lose_hints,
}


def tick(world, number):
    """The scheduler's message."""
    world.broker.post(
        "job-events", json.dumps({"kind": "sweep"}).encode(), {}, name=f"tick{number}"
    )
