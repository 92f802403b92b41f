"""The self-test with the real gcloud and the real functions: healthy, and with each hop cut in turn."""

import base64
import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.drops import Drops
from support.pubsub import clients_of, wait_until
from support.recorder import Recorder, environment
from support.warm_gcloud import GCLOUD
from tunedrop.local.cloud import LocalCloud
from tunedrop.local.deployment import PROJECT, Options
from tunedrop.local.storage.faults import FailNext
from tunedrop.local.vertex.script import Rule
from tunedrop_deploy_lib import selftest
from tunedrop_deploy_lib.cli import main
from tunedrop_deploy_lib.config_file import load_config
from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.gcloud import Gcloud
from tunedrop_deploy_lib.hops import HOPS

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.gcloud,
    pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed"),
]
ALLOWED = ("gemini-3.5-flash", "code-bison@002")
"""By the functions; the configuration names one more."""
CONFIG = f"""
project = "{PROJECT}"
region = "us-central1"
bucket_location = "us-central1"
bucket_prefix = "tunedrop"
allow = {{ base_models = ["gemini-3.5-flash", "code-bison@002", "gemini-2.5-flash"] }}
"""


class Bench:
    """A running local cloud, the recorder between gcloud and it, and the tool on top."""

    def __init__(self, cloud, recorder, folder):
        self.cloud, self.recorder, self.folder = cloud, recorder, folder
        self.drops = Drops(cloud)
        self.config = folder / "config.toml"
        self.config.write_text(CONFIG)
        self.deployment = Deployment(load_config(self.config), folder)

    def tool(self, capsys, *flags, patience=30):
        """The exit code and the lines that a self-test printed."""
        arguments = ["selftest", "--config", str(self.config), f"--patience={patience}", *flags]
        code = main(arguments, root=self.folder)
        captured = capsys.readouterr()
        return code, captured.out.splitlines() + captured.err.splitlines()

    def left_in(self, role, start=""):
        bucket = getattr(self.drops.settings, f"{role}_bucket")
        return [info.name for info in self.drops.services.store.list(bucket, prefix=start)]


@pytest.fixture(scope="module")
def bench(warm, tmp_path_factory):
    """Only a scheduler job that is run by hand ticks, so that each hop is somebody's doing."""
    folder = tmp_path_factory.mktemp("selftest")
    for name in ("functions", "shared"):
        shutil.copytree(ROOT / name, folder / name)
    options = Options(tick_seconds=3600.0, settings={"allowed_base_models": ALLOWED})
    with ExitStack() as stack:
        cloud = stack.enter_context(LocalCloud(folder / "cloud", options))
        recorder = Recorder(
            project=PROJECT,
            storage_url=cloud.storage.url,
            on_publish=lambda topic, messages: hand_on(cloud, topic, messages),
            on_tick=lambda job: hand_on(
                cloud, job["pubsubTarget"]["topicName"], [job["pubsubTarget"]]
            ),
        )
        stack.enter_context(recorder)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(selftest, "RESTS_SECONDS", (0.2,))
        patch.setenv("PATH", f"{warm.folder}:{os.environ['PATH']}")
        for name, value in environment(recorder, folder).items():
            patch.setenv(name, value)
        found = Bench(cloud, recorder, folder)
        deploy(found)
        yield found


def hand_on(cloud, topic, messages):
    """Publish what gcloud published on the local cloud's broker; the ids that it gives."""
    with clients_of(cloud.pubsub.address) as clients:
        return [
            clients.publisher.publish(topic, base64.b64decode(one.get("data", ""))).result()
            for one in messages
        ]


def deploy(bench):
    """What the self-test looks at besides records: the launcher as deployed, and the scheduler's job."""
    bench.deployment.stage()
    gcloud = Gcloud(bench.deployment.facts)
    wanted = ("apis", "account/", "topic/job-events", "function/launches", "tick")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(bench.folder)
        for step in bench.deployment.steps:
            if step.key.startswith(wanted):
                for command in step.create:
                    gcloud.change(command)
    for role in ("control", "requests"):
        bench.recorder.state["pubsub"][bench.drops.settings.topic(role)] = {}


def said_of(lines):
    """The word that was said of each hop, in order."""
    return [
        line.split("  ")[0] for line in lines if line.startswith(("spoke", "SILENT", "not tried"))
    ]


def spoken(*silent, untried=()):
    """What is said of all hops when these ones, by their places, stay silent."""
    words = ["spoke"] * len(HOPS)
    for place in silent:
        words[place] = "SILENT"
    for place in untried:
        words[place] = "not tried"
    return words


UPLOAD, RECEIPT, REHEARSAL, SERVICE, TICK, REQUEST, CONTROL, PAGE = range(len(HOPS))


@pytest.mark.parametrize("base_model", ["gemini-3.5-flash", "code-bison@002"])
def test_a_healthy_deployment_speaks_at_every_hop_and_is_left_as_it_was(bench, capsys, base_model):
    before = left_behind(bench)

    code, lines = bench.tool(capsys, f"--base-model={base_model}")

    assert (0, spoken()) == (code, said_of(lines)), "\n".join(lines)
    assert f"All {len(HOPS)} hops spoke." in lines
    assert before == left_behind(bench)
    assert [] == bodies(bench)
    assert [] == bench.recorder.unknown


MENDABLE = ("intake", "work", "state", "reports")
"""Buckets in which things can be taken away again."""


def left_behind(bench):
    """What lies there, but for where the sweep remembers to go on, and the deployment's index."""
    return {
        name
        for role in MENDABLE
        for name in bench.left_in(role)
        if not name.startswith(("cursors/", "index."))
    }


def bodies(bench):
    """What the stand-in was asked to create."""
    return [line["body"] for line in bench.cloud.vertex.requests()]


def accepted_run(bench, lines):
    """The run that a self-test's lines name, once it has ended."""
    (line,) = [line for line in lines if "accepted as run" in line]
    run_id = line.partition("accepted as run ")[2].partition(";")[0]
    runbook = bench.drops.services.runbook
    wait_until(lambda: (run := runbook.load(run_id)) and run.ended, f"the end of {run_id}")
    return runbook.load(run_id)


def test_what_would_be_sent_is_recorded(bench, capsys):
    code, lines = bench.tool(capsys)

    run = accepted_run(bench, lines)
    assert 0 == code
    assert 12 == run.accepted["training"]["rows"]
    assert "supervisedTuningSpec" in run.last.detail["request"]


NOTHING_AFTER_UPLOAD = (REHEARSAL, SERVICE, TICK, PAGE)
NOTHING_AFTER_RECEIPT = (SERVICE, TICK, PAGE)


def test_without_the_right_to_upload_what_follows_it_is_not_tried(bench, capsys):
    bench.cloud.storage.faults.queue(FailNext(lambda request: request.method == "POST", 403))

    code, lines = bench.tool(capsys)

    untried = (RECEIPT, *NOTHING_AFTER_UPLOAD, REQUEST)
    assert (1, spoken(UPLOAD, untried=untried)) == (code, said_of(lines)), "\n".join(lines)
    assert any("ask to be named in people.uploaders" in line for line in lines)
    assert [] == bench.left_in("intake")


def test_a_dead_validator_is_silent_after_the_upload(bench, capsys):
    with bench.cloud.restarts_paused():
        bench.cloud.kill("validator-finalized")
        code, lines = bench.tool(capsys, patience=3)
        bench.cloud.restart("validator-finalized")

    told = "\n".join(lines)
    assert (1, spoken(RECEIPT, untried=NOTHING_AFTER_UPLOAD)) == (code, said_of(lines)), told
    assert "no receipt after 3 s" in told
    assert "look:    gcloud logging read" in told
    assert "tunedrop-finalized" in told


def test_a_base_model_that_the_functions_do_not_allow_is_told(bench, capsys):
    code, lines = bench.tool(capsys, "--base-model=gemini-2.5-flash")

    told = "\n".join(lines)
    assert (1, spoken(RECEIPT, untried=NOTHING_AFTER_UPLOAD)) == (code, said_of(lines)), told
    assert "not accepted but rejected: not_allowed" in told


def test_a_dead_launcher_is_silent_after_the_receipt(bench, capsys):
    with bench.cloud.restarts_paused():
        bench.cloud.kill("launcher")
        code, lines = bench.tool(capsys, patience=3)
        bench.cloud.restart("launcher")
    accepted_run(bench, lines)  # by the repeat that the next test would meet otherwise

    told = "\n".join(lines)
    assert (1, spoken(REHEARSAL, untried=NOTHING_AFTER_RECEIPT)) == (code, said_of(lines)), told
    assert "the launcher took no step after 3 s" in told


def test_a_launcher_that_may_not_list_jobs_is_told_by_its_own_words(bench, capsys):
    bench.cloud.vertex.script(
        Rule("refuse", method="ListTuningJobs", code="PERMISSION_DENIED", message="tuningJobs.list")
    )

    code, lines = bench.tool(capsys)

    told = "\n".join(lines)
    assert (1, spoken(SERVICE)) == (code, said_of(lines)), told
    assert "launcher to Vertex AI: access_denied: " in told
    assert "lacks its custom role" in told


def test_a_scheduler_job_that_may_not_be_run_is_told(bench, capsys):
    bench.recorder.fail(r":run", 403, "cloudscheduler.jobs.run denied")

    code, lines = bench.tool(capsys)

    told = "\n".join(lines)
    assert (1, spoken(TICK)) == (code, said_of(lines)), told
    assert "cloudscheduler.jobs.run denied" in told


def test_a_tick_that_nobody_passes_on_leaves_the_mark(bench, capsys, monkeypatch):
    monkeypatch.setattr(bench.recorder.world, "on_tick", lambda job: None)

    code, lines = bench.tool(capsys, patience=3)

    told = "\n".join(lines)
    assert (1, spoken(TICK)) == (code, said_of(lines)), told
    assert "the run's mark is still there after 3 s" in told


@pytest.mark.parametrize(("role", "place"), [("requests", REQUEST), ("control", CONTROL)])
def test_a_topic_that_the_caller_may_not_publish_on_is_told(bench, capsys, role, place):
    bench.recorder.fail(rf"topics/tunedrop-{role}:publish", 403, "pubsub.topics.publish denied")

    code, lines = bench.tool(capsys)

    told = "\n".join(lines)
    assert (1, spoken(place)) == (code, said_of(lines)), told
    assert "you may not publish on" in told


@pytest.mark.parametrize(("role", "place"), [("requests", REQUEST), ("control", CONTROL)])
def test_messages_that_never_arrive_are_told(bench, capsys, monkeypatch, role, place):
    handed_on = bench.recorder.world.on_publish

    def lossy(topic, messages):
        return ["0"] if topic.endswith(f"-{role}") else handed_on(topic, messages)

    monkeypatch.setattr(bench.recorder.world, "on_publish", lossy)

    code, lines = bench.tool(capsys, patience=3)

    told = "\n".join(lines)
    assert (1, spoken(place)) == (code, said_of(lines)), told
    assert "left no record after 3 s" in told


def test_another_launcher_than_this_checkouts_is_not_given_a_dataset(bench, capsys):
    kept = bench.recorder.snapshot()
    (function,) = bench.recorder.state["functions"].values()
    function["labels"]["tunedrop-source"] = "0" * 16

    code, lines = bench.tool(capsys)
    bench.recorder.restore(kept)

    assert 2 == code
    assert "run apply first" in "\n".join(lines)
    assert [] == bench.left_in("intake")


def test_a_base_model_that_the_catalog_does_not_know_is_refused(bench, capsys):
    code, lines = bench.tool(capsys, "--base-model=nobody-1")

    assert 2 == code
    assert "expected a base model of shared/tunedrop/catalog.toml" in "\n".join(lines)
