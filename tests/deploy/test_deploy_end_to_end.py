"""Apply, verify and destroy with the real gcloud against the recorder: stopped anywhere, broken anywhere."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from support.breaking import broken, leaves
from support.deploy_bench import ROOT, Bench
from support.pubsub import wait_until
from support.recorder import Recorder
from support.recorder.given import give, give_secret
from support.warm_gcloud import GCLOUD, WarmGcloud
from tunedrop.topology import BUCKETS
from tunedrop_deploy_lib.applying import AS_IT_SHOULD_BE, apply, bring_about
from tunedrop_deploy_lib.errors import RefusedError
from tunedrop_deploy_lib.gcloud import Gcloud
from tunedrop_deploy_lib.removing import destroy
from tunedrop_deploy_lib.surveying import look_at
from tunedrop_deploy_lib.verifying import deviations

pytestmark = [
    pytest.mark.gcloud,
    pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed"),
    pytest.mark.timeout(300),
]


@dataclass
class Moment:
    """The project right after a change."""

    step: int
    """Place of the step that made it."""
    state: dict[str, Any]


class Story:
    """A bench on which the plan is applied by the tool's own engine, remembering every moment."""

    def __init__(self, bench):
        self.bench, self.steps = bench, bench.deployment.steps
        self.moments, self.after = [], {}
        self.said = []

    def gcloud(self, execute=None):
        bench = self.bench
        return Gcloud(
            bench.deployment.facts,
            execute=execute or bench.run,
            sleep=bench.waits.append,
            say=self.said.append,
        )

    def apply(self, execute=None):
        return apply(
            self.bench.deployment,
            self.gcloud(execute),
            say=self.said.append,
            sleep=self.bench.waits.append,
        )

    def deviations(self):
        return [(one.key, one.what) for one in deviations(self.bench.deployment, self.gcloud())]

    def tell(self):
        """Apply from nothing; where a value is a person's to give, stop there as the tool does, and give it."""
        give(self.bench.recorder, self.bench.deployment.config)
        with pytest.raises(RefusedError, match="gcloud secrets versions add"):
            self.apply(self.remembering())
        give_secret(self.bench.recorder, self.bench.names.webhook_secret)
        self.apply(self.remembering())

    def remembering(self):
        """Run commands, and keep the project as it is after each that changes it."""

        def run(arguments):
            before = len(self.bench.recorder.changes)
            answer = self.bench.run(arguments)
            if len(self.bench.recorder.changes) > before:
                self.moments.append(Moment(self.place(), self.bench.recorder.snapshot()))
            return answer

        return run

    def place(self):
        """The step that is being brought about, by what the tool said last."""
        said = [line for line in self.said if line.startswith(("    making ", "    correcting "))]
        makes = said[-1].split(" ", 5)[5]
        return next(n for n, step in enumerate(self.steps) if step.makes == makes)


@pytest.fixture(scope="module")
def warm():
    with WarmGcloud() as warm:
        yield warm


@pytest.fixture(scope="module")
def story(warm, config_texts, tmp_path_factory):
    """The configuration that uses every field, applied."""
    folder = tmp_path_factory.mktemp("story")
    with ExitStack() as stack:
        recorder = stack.enter_context(Recorder())
        told = Story(Bench(config_texts["full"], folder, warm, recorder))
        told.tell()
        told.end = recorder.snapshot()
        yield told


@pytest.fixture(autouse=True)
def put_back(story):
    """What a test changes is as before afterwards."""
    yield
    story.bench.recorder.restore(story.end)
    story.bench.recorder.heal()


def test_what_was_applied_is_as_the_plan_says(story):
    assert [] == story.deviations()
    assert [] == story.bench.waits
    assert [] == [request.line for request in story.bench.recorder.unknown]


def test_applying_again_sends_nothing_that_changes_anything(story):
    story.bench.recorder.clear()

    outcome = story.apply()

    assert len(story.steps) == outcome.counts[AS_IT_SHOULD_BE]
    assert [] == [request.line for request in story.bench.recorder.changes]


SERVERS_OWN = {"etag", "updateTime", "createTime", "metageneration", "updated", "timeCreated"}
NOT_COMPARED = {"operations", "objects", "published"}


def comparable(value):
    """A project without what its services stamp on it."""
    if isinstance(value, dict):
        return {k: comparable(v) for k, v in sorted(value.items()) if k not in SERVERS_OWN}
    return value


def project_of(snapshot):
    kept = {k: v for k, v in snapshot.items() if v and k not in NOT_COMPARED}
    return json.loads(json.dumps(comparable(kept)))


def test_each_step_that_was_killed_after_its_first_change_is_brought_to_the_same_end(story):
    """All steps before it read back as fine, as the test of a second apply shows: so by induction an apply that
    is killed anywhere and run again ends where one that was not killed does."""
    recorder, wrong = story.bench.recorder, []
    ends = {moment.step: project_of(moment.state) for moment in story.moments}
    firsts = {moment.step: moment for moment in reversed(story.moments)}
    for moment in firsts.values():
        recorder.restore(moment.state)
        step = story.steps[moment.step]
        gcloud = story.gcloud()
        seen = look_at(step, gcloud)
        bring_about(seen, gcloud, say=story.said.append, sleep=story.bench.waits.append)
        wrong += [] if project_of(recorder.snapshot()) == ends[moment.step] else [step.key]

    assert len(firsts) > 80
    assert [] == wrong


def run_tool(story, command, *flags):
    """The tool as people start it, with the real gcloud first on PATH."""
    tool = [sys.executable, str(ROOT / "deploy" / "tunedrop_deploy.py"), command, *flags]
    path = f"{story.bench.warm.folder}:{os.environ['PATH']}"
    return subprocess.Popen(
        [*tool, "--config", str(story.bench.config)],
        env=story.bench.environment | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finished(process):
    said, _ = process.communicate(timeout=240)
    return process.returncode, said


def test_the_tool_itself_is_killed_and_goes_on(story):
    recorder = story.bench.recorder
    recorder.restore({})
    recorder.clear()
    give(recorder, story.bench.deployment.config)

    killed = run_tool(story, "apply")
    wait_until(lambda: len(recorder.changes) >= 60 or killed.poll() is not None, "60 changes", 120)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(killed.pid, signal.SIGKILL)
    code, first = finished(killed)
    stopped, said = finished(run_tool(story, "apply"))
    give_secret(recorder, story.bench.names.webhook_secret)
    resumed, then = finished(run_tool(story, "apply"))
    verified, told = finished(run_tool(story, "verify"))

    assert (-signal.SIGKILL, 2, 0, 0) == (code, stopped, resumed, verified), (
        first + said + then + told
    )
    assert "gcloud secrets versions add" in said
    assert "Everything is as the plan says." == told.splitlines()[-1]


UNJUDGED = {
    # What services give, or say of themselves.
    "name", "id", "uid", "kind", "selfLink", "uri", "url", "service", "resourceName", "writerIdentity",
    "projectId", "uniqueId", "oauth2ClientId", "email", "trigger", "revision", "locationType", "type",
    "deployment-tool", "LOG_EXECUTION_ID", "effectiveTime", "currencyCode", "version", "scheduleTime",
    "userUpdateTime",
    # What the plan leaves at the service's own choice.
    "storageClass", "allTrafficOnLatestRevision", "environment", "dockerRepository", "generation",
    "maxBackoffDuration", "maxDoublings", "maxRetryDuration", "minBackoffDuration", "calendarPeriod",
    "creditTypesTreatment", "ownershipScope", "annotations",
}  # fmt: skip
ELSEWHERE = (
    ("storage", "gcf-v2-", ()),  # where the runtime keeps uploads
    ("storage", "", ("iamConfiguration", "bucketPolicyOnly")),  # an older name of uniform access
    ("functions", "", ("buildConfig", "source")),  # a label says which source it is
    ("functions", "", ("buildConfig", "environmentVariables")),
    ("pubsub", "eventarc-", ("labels",)),  # Eventarc's own part of the trigger's subscription
    ("pubsub", "eventarc-", ("pushConfig",)),
    ("pubsub", "eventarc-", ("topic",)),
    ("pubsub", "", ("state",)),
    ("secretmanager", "", ("payload",)),  # nobody's to read
)
"""Settings that somebody else answers for: API, beginning of the name's last part, beginning of the path."""
JUDGED = (
    "storage",
    "pubsub",
    "functions",
    "iam",
    "logging",
    "scheduler",
    "billingbudgets",
    "secretmanager",
)


def readers(story):
    """The steps whose look asks for a thing, by the thing's API and the last part of its name."""
    found = []
    for step in story.steps:
        story.bench.recorder.clear()
        look_at(step, story.gcloud())
        lines = [request.line for request in story.bench.recorder.requests]
        found.append((step, lines))

    def asked(prefix, name):
        last = name.rpartition("/")[2]
        return [
            step
            for step, lines in found
            if any(
                f"/{prefix}/" in line and (last in line or "list" in step.look) for line in lines
            )
        ]

    return asked


def settings_of(story):
    """Every setting of every thing that the plan made: its API, its name, and where the setting lies in it."""
    given = {story.bench.deployment.config.tuning_service_account}
    given |= {*story.bench.deployment.config.allowed_service_accounts}
    for prefix in JUDGED:
        for name, thing in story.bench.recorder.state[prefix].items():
            last = name.rpartition("/")[2]
            if last in given or last in story.bench.deployment.config.dataset_buckets:
                continue
            for path in leaves(thing):
                theirs = any(
                    prefix == api and last.startswith(start) and path[: len(beginning)] == beginning
                    for api, start, beginning in ELSEWHERE
                )
                if not theirs and path[-1] not in UNJUDGED | SERVERS_OWN:
                    yield prefix, name, path


def test_each_single_setting_that_is_broken_is_found(story):
    asked, missed, count = readers(story), [], 0
    for prefix, name, path in list(settings_of(story)):
        holder = story.bench.recorder.state[prefix][name]
        for part in path[:-1]:
            holder = holder[part]
        good = holder[path[-1]]
        holder[path[-1]] = broken(good)
        count += 1
        if all(look_at(step, story.gcloud()).fine for step in asked(prefix, name)):
            missed.append((prefix, name.rpartition("/")[2], ".".join(path)))
        holder[path[-1]] = good

    assert count > 150
    assert [] == missed
    assert [] == story.deviations()


def test_each_single_right_that_is_missing_or_too_much_is_found(story):
    asked, missed, count = readers(story), [], 0
    theirs = {f"storage/{name}" for name in story.bench.deployment.config.dataset_buckets}
    for key, policy in list(story.bench.recorder.state["policies"].items()):
        prefix, _, name = key.partition("/")
        steps = [step for step in asked(prefix, name) if "get-iam-policy" in step.look]
        for binding in policy["bindings"] if steps else []:
            good = list(binding["members"])
            fewer = [
                [x for x in good if x != one]
                for one in good
                if is_judged(one, is_ours=key not in theirs)
            ]
            more = [] if key in theirs else [[*good, "allUsers"]]
            for members in (*fewer, *more):
                binding["members"] = members
                count += 1
                if all(look_at(step, story.gcloud()).fine for step in steps):
                    missed.append((key, binding["role"], members))
            binding["members"] = good

    assert count > 100
    assert [] == missed
    assert [] == story.deviations()


def is_judged(member, *, is_ours):
    """Whether the plan says anything of a member: never of owners, nor of what a foreign bucket lets in by itself."""
    return not member.startswith("projectOwner:" if is_ours else "project")


def test_destroying_keeps_the_buckets_and_purging_leaves_nothing_of_ours(story):
    destroy(story.bench.deployment, story.gcloud(), purge=False, say=story.said.append)
    kept = left(story)
    destroy(story.bench.deployment, story.gcloud(), purge=True, say=story.said.append)

    buckets = {f"storage/{story.bench.names.bucket(role)}" for role in BUCKET_ROLES}
    assert buckets == kept
    assert set() == left(story)
    assert any(
        "costs as long as it serves" in line or "enabled APIs" in line for line in story.said
    )
    assert [] == [request.line for request in story.bench.recorder.unknown]


BUCKET_ROLES = [bucket.role for bucket in BUCKETS]
NOT_OURS = {*NOT_COMPARED, "policies", "serviceusage", "agents", "cloudkms", "artifactregistry"}


def left(story):
    """What is there that was not given, and is not marked as deleted."""
    config = story.bench.deployment.config
    given = {config.tuning_service_account, config.notification_channel}
    given |= {*config.allowed_service_accounts, *config.dataset_buckets}
    return {
        f"{prefix}/{name}"
        for prefix, things in story.bench.recorder.state.items()
        for name, thing in things.items()
        if prefix not in NOT_OURS
        and not any(one and name.endswith(one) for one in given)
        and not name.startswith("gcf-")
        and not thing.get("deleted")
    }
