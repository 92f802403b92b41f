"""A day in a deployment's life: the real functions under the real framework, and every log entry that they write."""

import contextlib
import io
import json

from msgspec.structs import replace

from support.log_filters import entry_of
from support.posting import RECEIVERS, post_finalized, push
from support.world import World
from tunedrop import bootstrap
from tunedrop.domain.job_states import job_state
from tunedrop.domain.runs import RunState
from tunedrop.errors import AccessDeniedError, UpstreamUnavailableError

STORY = "4bf92f3577b34da6a3ce929d0e0e4736"
HEADERS = {"traceparent": f"00-{STORY}-00f067aa0ba902b7-01"}
ENDPOINT = "projects/test-project/locations/us-central1/endpoints/8"
RECIPE = b'base_model = "code-bison@002"\n'


def rows(count=20, start=0):
    return "".join(
        json.dumps({"input_text": f"question {n}", "output_text": f"answer {n}"}) + "\n"
        for n in range(start, start + count)
    )


class Day:
    """What happens in order; `entries` holds what was written, `project` and services as deployed."""

    def __init__(self, **settings):
        self.world = World(**settings)
        self.deployment = self.world.settings.deployment
        self.entries, self.delivered, self.messages = [], 0, 0

    def _post(self, role, call, *arguments, **named):
        # pytest's own capture gives sys.stdout another object at each test, so it is taken over here.
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            answer = call(*arguments, **named)
        service = f"{self.deployment}-{role}"
        project = self.world.settings.project
        self.entries += [entry_of(line, service, project) for line in out.getvalue().splitlines()]
        return answer.status_code

    def drop(self, name, data, **named):
        info = self.world.store.put("test-intake", name, data)
        self.finalize(info, **named)
        return info

    def finalize(self, info, **named):
        return self._post("finalized", post_finalized, info, **named)

    def push(self, topic, body, **named):
        self.messages += 1
        named = {"message_id": f"{topic}-{self.messages}"} | named
        return self._post(topic, push, topic, body, **named)

    def deliver(self):
        """Push what was published to the functions that it is for."""
        while self.delivered < len(self.world.publisher.sent):
            topic, body, attributes = self.world.publisher.sent[self.delivered]
            self.delivered += 1
            if topic in RECEIVERS:
                self.push(topic, body, attributes=dict(attributes))

    def sweep(self):
        return self.push("job-events", {"kind": "sweep"})

    @contextlib.contextmanager
    def broken(self, port, method, error):
        """For a while, a port's method raises."""

        def raising(*_, **__):
            raise error

        whole = getattr(port, method)
        setattr(port, method, raising)
        try:
            yield
        finally:
            setattr(port, method, whole)


def whole_day(**settings):
    """Everything that the metrics count and the documented queries ask for, at least once each."""
    day = Day(**settings)
    bootstrap.using(day.world.services, day.world.vertex)
    good = day.drop("tide/recipe.toml", RECIPE) and day.drop(
        "tide/a.jsonl", rows(), headers=HEADERS
    )
    day.deliver()
    (day.run_id,) = day.world.runs()
    day.world.pipelines.end(
        "PIPELINE_STATE_SUCCEEDED",
        tuned_model=ENDPOINT.replace("endpoints", "models"),
        endpoint=ENDPOINT,
    )
    day.sweep()
    repeats(day, good)
    faults_of_people(day)
    decisions(day)
    faults_of_ours(day)
    bootstrap.forget()
    unusable_settings(day)
    return day


def repeats(day, good):
    """The same event, and the same launch, once more."""
    day.finalize(good)
    launch = next(body for topic, body, _ in day.world.publisher.sent if topic == "launches")
    day.push("launches", launch)


def faults_of_people(day):
    day.drop("tide/bad.jsonl", b"a secret row\n" * 20)
    day.drop("moor/recipe.toml", RECIPE + b"epoch = 1\n")
    day.drop("heath/a.jsonl", rows())
    day.drop("tide/.keep", b"")
    day.push("requests", b"not json")
    day.finalize(day.world.store.put("test-intake", "b.jsonl", b"x"), bucket="other-bucket")


def decisions(day):
    """A cancelled run, one that fails, and a decision about none."""
    day.drop("tide/b.jsonl", rows(start=100))
    day.deliver()
    day.cancelled = next(run for run in day.world.runs() if run != day.run_id)
    said = {"action": "cancel", "run_id": day.cancelled, "claimed_by": "ann@example.com"}
    day.push("control", said, message_id="decision-1")
    day.push("control", said, message_id="decision-1")
    day.push("control", said | {"run_id": "none-0123456789abcdef"})
    day.world.pipelines.end("PIPELINE_STATE_CANCELLED")
    day.sweep()


def faults_of_ours(day):
    store, pipelines = day.world.store, day.world.pipelines
    info = day.world.store.put("test-intake", "tide/c.jsonl", rows(start=200))
    with day.broken(store, "stat", UpstreamUnavailableError("storage: 503")):
        day.finalize(info, event_id="event-c")
    with day.broken(store, "stat", RuntimeError("a secret")):
        day.finalize(info, event_id="event-c")
    day.finalize(info, event_id="event-c")
    day.deliver()
    with day.broken(pipelines, "recent", AccessDeniedError("aiplatform: 403")):
        day.sweep()
    with day.broken(pipelines, "recent", RuntimeError("a secret")):
        day.sweep()
    raced(day)
    pipelines.end("PIPELINE_STATE_FAILED")
    day.sweep()


def raced(day):
    """Another worker takes the step between a look at the job and ours; and there is a second job of the attempt."""
    (run_id,) = day.world.open_runs()
    pipelines, runbook = day.world.pipelines, day.world.services.runbook
    look = pipelines.get

    def slow(name):
        pipelines.get = look
        with contextlib.redirect_stdout(io.StringIO()):
            runbook.step(runbook.load(run_id), RunState.RUNNING)
        return look(name)

    (job,) = (one for one in pipelines.jobs.values() if one.labels["tunedrop-run"] == run_id)
    raw = "PIPELINE_STATE_RUNNING"
    for name in (job.name, f"{job.name}-second"):
        pipelines.jobs[name] = replace(job, name=name, raw_state=raw, state=job_state(raw))
    pipelines.get = slow
    day.sweep()


def unusable_settings(day):
    """A revision that was deployed without its settings."""
    day.finalize(day.world.store.put("test-intake", "tide/d.jsonl", rows(start=300)))
