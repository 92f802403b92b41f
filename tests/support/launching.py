"""Runs at every point of the launch protocol: dropped, waiting, in doubt, with a job, ended.

Drives the real handlers of a `World`; judges nothing.
"""

import json

from tunedrop.domain import naming, places
from tunedrop.domain.runs import RunState
from tunedrop.errors import InvalidRequestError, UpstreamUnavailableError
from tunedrop.events import PubsubDelivery
from tunedrop.handlers import askers, launch_run, track_runs
from tunedrop.handlers.decide import receive_control
from tunedrop.handlers.steps import advance

MODEL = "projects/test-project/locations/us-central1/models/7@1"
ENDPOINT = "projects/test-project/locations/us-central1/endpoints/8"
A_DAY = 24 * 3600
LONG = 10_000
"""Seconds after which any lease, list lag and grace is over, and no other deadline."""


def rows(words="x", count=20):
    """A code-generation dataset, priced by nobody, that is another one for other *words*."""
    lines = [
        json.dumps({"input_text": f"question {n} of {words}", "output_text": f"answer {n}"})
        for n in range(count)
    ]
    return "".join(f"{line}\n" for line in lines)


def gemini_rows(words="x", count=20):
    """The same for Gemini, whose jobs take no id and have a price."""
    lines = [
        json.dumps(
            {
                "contents": [
                    {"role": "user", "parts": [{"text": f"question {n} of {words}"}]},
                    {"role": "model", "parts": [{"text": f"answer {n}"}]},
                ]
            }
        )
        for n in range(count)
    ]
    return "".join(f"{line}\n" for line in lines)


def drop(world, words="x", *, data=None, folder="", **metadata):
    """Have a dataset accepted, its launch request undelivered; the run's id."""
    outcome = world.drop(f"{folder}{words}.jsonl", data or rows(words), **metadata)
    return world.record(outcome.record)["run_id"]


def asked(world, words, priority, *, data=None):
    """The same by a request with a priority."""
    info = world.store.put("test-intake", f"{words}.jsonl", data or rows(words))
    outcome = world.request(dataset_uri=info.uri, priority=priority)
    return world.record(outcome.record)["run_id"]


def lose_messages(world):
    """Have nothing delivered that was published so far."""
    world._delivered = len(world.publisher.sent)


def requests(world, run_id):
    """The launch requests of a run so far."""
    return [
        body
        for body in world.publisher.bodies("launch-requested")
        if json.loads(body)["run_id"] == run_id
    ]


def launch(world, run_id, which=0):
    """Deliver one of a run's launch requests, whether it was delivered before or not; the outcome's code."""
    delivery = PubsubDelivery("l1", requests(world, run_id)[which], {})
    return launch_run.receive_launch(world.services, world.vertex, delivery).code


def event(world, run_id, attempt=1):
    """Deliver a log entry of a run's pipeline job."""
    job_id = naming.job_id(run_id, attempt)
    entry = {"resource": {"labels": {"pipeline_job_id": job_id}}}
    return track_runs.receive_job_event(world.services, world.vertex, world.message(entry))


def decide(world, action, run_id="", *, at=None, message_id=None):
    """Deliver a control message, published at an instant; the outcome's code."""
    fields = {"action": action, "reason": "because", "claimed_by": "ada"}
    body = json.dumps(fields | ({"run_id": run_id} if run_id else {})).encode()
    message_id = message_id or f"c{next(world._messages)}"
    delivery = PubsubDelivery(message_id, body, {}, published_at=at)
    return receive_control(world.services, world.vertex, delivery).code


def start(world, run_id):
    """Have a run take its first step, as a launcher that crashes right after it."""
    drop_id = json.loads(requests(world, run_id)[0])["drop_id"]
    verdict = world.record(places.verdict_path(drop_id))
    askers.record(world.services, run_id, verdict)
    asked_for = launch_run._asked_for(verdict)
    run = world.services.runbook.start(run_id, verdict["run_key"], asked_for)
    world.services.runbook.announce(run)
    return run


def end_jobs(world, state, **fields):
    """Put every pipeline job into a state, and look after everything."""
    world.pipelines.end(f"PIPELINE_STATE_{state}", **fields)
    world.tick()


def _waits(state, code):
    def bring(world, run_id):
        advance(world.services, start(world, run_id), state, {"code": code})

    return bring


def _ended_by(raw, **fields):
    def bring(world, run_id):
        launch(world, run_id)
        end_jobs(world, raw, **fields)

    return bring


def _in_doubt(world, run_id):
    world.pipelines.refusals = [UpstreamUnavailableError("lost")]
    launch(world, run_id)


def _served_badly(error):
    def bring(world, run_id):
        world.predictor.answer = error
        _ended_by("SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)(world, run_id)
        world.predictor.answer = "an answer"

    return bring


def _superseded(world, run_id):
    detail = {
        "code": "superseded",
        "by_run_id": "bot-0123456789abcdef",
        "by_drop_id": "e4" * 16,
        "by_dropped_at": world.clock.now().isoformat(),
    }
    advance(world.services, start(world, run_id), RunState.SUPERSEDED, detail)


def _refused(world, run_id):
    _waits(RunState.HELD, "over_budget")(world, run_id)
    decide(world, "refuse", run_id)


_WAYS = {
    RunState.ACCEPTED: start,
    RunState.HELD: _waits(RunState.HELD, "over_budget"),
    RunState.QUEUED: _waits(RunState.QUEUED, "no_slot"),
    RunState.LAUNCHING: _in_doubt,
    RunState.LAUNCHED: launch,
    RunState.RUNNING: _ended_by("RUNNING"),
    RunState.SUCCEEDED: _served_badly(UpstreamUnavailableError("503")),
    RunState.LOADING: _ended_by("SUCCEEDED", tuned_model=MODEL),
    RunState.KEPT: _ended_by("SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT),
    RunState.FAILED: _ended_by("FAILED"),
    RunState.LOAD_FAILED: _served_badly(InvalidRequestError("blocked")),
    RunState.CANCELLED: _ended_by("CANCELLED"),
    RunState.REFUSED: _refused,
    RunState.SUPERSEDED: _superseded,
}


def bring(world, state, words="x"):
    """Bring a fresh run to a state by the real handlers, what it published undelivered; its id."""
    run_id = drop(world, words)
    _WAYS[state](world, run_id)
    assert state is world.run(run_id).state
    lose_messages(world)
    return run_id


def break_run(world, run_id="aaa-0123456789abcdef", *, mark=None):
    """Leave an open run whose first step nobody can read."""
    world.store.put("test-ledger", f"runs/{run_id}/000001.json", "{", state="queued")
    world.store.put("test-state", places.open_path(run_id), "{}", **(mark or {}))
    return run_id


def steps(world, run_id):
    """The states that a run went through."""
    return [step.state.value for step in world.run(run_id).transitions]


def code(world, run_id):
    """State and code of a run's newest step."""
    run = world.run(run_id)
    return run.state.value, run.last.detail.get("code", "")


def queue(world):
    """The runs that wait, in order, as the places in STATE tell."""
    return [name.split("-", 2)[-1] for name in world.store.names("test-state", "queue/")]


def slots(world):
    """Who has which slot, by the newest record of each chain."""
    chains = {}
    for info in world.store.list("test-ledger", prefix="slots/"):
        chains[int(info.name.split("/")[1])] = info.metadata
    return {
        number: said["run_id"] for number, said in chains.items() if said.get("state") == "taken"
    }


def money(world):
    """Every amount that was taken or given back, in order."""
    names = world.store.names("test-ledger", "budget/")
    return [float(world.store.stat("test-ledger", name).metadata["usd"]) for name in names]


def price(world, run_id):
    """What a run is estimated to cost, as its verdict says."""
    drop_id = json.loads(requests(world, run_id)[0])["drop_id"]
    return world.record(places.verdict_path(drop_id))["plan"]["cost"]["usd"]


def at_the_next_write(world, prefix, act, *, after=False):
    """Let somebody act right before, or right after, the next write under a prefix."""
    write = world.store.write

    def interrupted(bucket, name, *args, **kwargs):
        if not name.startswith(prefix):
            return write(bucket, name, *args, **kwargs)
        world.store.write = write
        if not after:
            act()
        info = write(bucket, name, *args, **kwargs)
        if after:
            act()
        return info

    world.store.write = interrupted


def raising(error):
    """A method that only raises."""

    def call(*_, **__):
        raise error

    return call
