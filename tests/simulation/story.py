"""A history that a person can read: when, who, what, and what went wrong."""

from collections import Counter
from datetime import timedelta

from simulation.calls import SIDE_EFFECTS
from support.memory import START


def told(judgement):
    """The whole story, a line each."""
    world = judgement.world
    lines = [*_events(world), *_deliveries(world), *_calls(world), *_jobs(world)]
    yield f"seed {world.setup.seed}, cap {world.setup.cap}, quota {world.setup.quota}, money a day {world.setup.usd_per_day}"
    for at, text in sorted(lines, key=lambda line: line[0]):
        yield f"{START + timedelta(seconds=at):%d %H:%M:%S}  {text}"
    for broken in judgement.violations:
        yield f"{broken.invariant} is broken: {broken.text}"


def plain_trace(world):
    """What happened, as values that can be compared."""
    calls = [
        (round(at, 6), who, what, _target(what, args, kwargs), fault and fault.kind)
        for at, who, what, args, kwargs, fault in world.trace
    ]
    ends = [(round(begun, 6), caller.key, code) for begun, caller, _, code in world.deliveries]
    return calls, ends


def calls_of(world):
    """Every call under the key of its fault."""
    counts = Counter()
    for _, who, what, *_ in world.trace:
        counts[who] += 1
        yield f"{who}/{counts[who]}", what


def _events(world):
    for event in world.setup.events:
        said = {key: value for key, value in event.items() if key not in {"at", "do", "id"}}
        about = " ".join(f"{key}={value}" for key, value in said.items())
        yield event["at"], f"PEOPLE     {event['do']} {about}"


def _deliveries(world):
    for begun, caller, ended, code in world.deliveries:
        if caller.key.startswith("job-events:tick") and not (code or caller.effects):
            continue
        yield begun, f"DELIVERY   {caller.key}"
        if ended is not None:
            yield ended, f"           {caller.key}: {'again: ' + code if code else 'acknowledged'}"


def _calls(world):
    for at, who, what, args, kwargs, fault in world.trace:
        wrong = f"  !! {fault.kind} {fault.seconds or ''}" if fault else ""
        if fault or (what in SIDE_EFFECTS and not _is_page(what, args)):
            yield at, f"           {who}: {what} {_target(what, args, kwargs)}{wrong}"


def _jobs(world):
    for job in (*world.pipelines.jobs.values(), *world.tunings.jobs.values()):
        late = ", late" if job.late else ""
        yield (
            job.created,
            f"JOB        {job.name.rsplit('/', 1)[-1]} created for {job.labels.get('tunedrop-run')}{late}",
        )
        if job.live_until != float("inf"):
            end = "CANCELLED" if job.live_until == job.cancelled else job.ending
            yield job.live_until, f"JOB        {job.name.rsplit('/', 1)[-1]}: {end}"


def _is_page(what, args):
    return what == "store.write" and args[0] == "test-reports"


def _target(what, args, kwargs):
    if what.startswith("store."):
        return _object(what, args, kwargs)
    if what == "publisher.publish":
        attributes = args[2]
        kind = attributes.get("ce-type", "").removeprefix("dev.tunedrop.")
        return f"{kind} {attributes.get('ce-subject', '')}"
    if what.endswith(".create"):
        return kwargs["job_id"]
    if "labels" in kwargs and "region" in kwargs:
        return kwargs["labels"].get("tunedrop-run", "all")
    return getattr(args[0], "run_id", str(args[0])) if args else ""


def _object(what, args, kwargs):
    if what == "store.copy":
        return f"{args[0].name} -> {args[1]}/{args[2]}"
    if what == "store.list":
        return f"{args[0]}/{kwargs['prefix']}"
    state = (kwargs.get("metadata") or {}).get("state")
    return f"{args[0]}/{args[1]}" + (f" ({state})" if state else "")
