"""Twelve rows in the reserved folder, over the real functions: rehearsed to the request, and no job made."""

import json

import pytest

from support.datasets import good_lines
from support.drops import PATIENCE_SECONDS, Drops
from support.pubsub import clients_of, wait_until
from tunedrop.domain import naming, places
from tunedrop.domain.formats import Format
from tunedrop.domain.runs import ENDED, RunState
from tunedrop.local.cloud import LocalCloud
from tunedrop.local.deployment import Options
from tunedrop.local.vertex.script import Rule
from tunedrop.local.wiring import watch_name

CASES = {
    "gemini": (Format.GEMINI, 'base_model = "gemini-3.5-flash"\n'),
    "code": (Format.CODE_GENERATION, 'base_model = "code-bison@002"\non_retired = "try"\n'),
}


@pytest.fixture(scope="module")
def drops(tmp_path_factory):
    """A cloud in which base models retire as the catalog says."""
    options = Options(vertex={"seconds_per_job": 1.0}, tick_seconds=0.5, retirement=True)
    with LocalCloud(tmp_path_factory.mktemp("rehearsals") / "cloud", options) as cloud:
        yield Drops(cloud)


def dropped(drops, folder, name):
    """Upload a recipe and twelve rows; the one run that they make, once it has ended."""
    dataset_format, recipe = CASES[name]
    drops.upload(folder, "recipe.toml", recipe)
    drops.upload(folder, "train.jsonl", b"".join(good_lines(dataset_format, 12)))
    return drops.the_run(naming.safe(folder, 33), *ENDED)


def jobs_of(drops, run):
    """Every job in the stand-in that carries the run's label, of either kind."""
    labels = {"tunedrop-run": run.run_id}
    return [
        job
        for service in drops.vertex.jobs.values()
        for job in service.find(region="us-central1", labels=labels)
    ]


def page_of(drops, run):
    """The run's page, which is written after its record."""
    bucket, prefix = drops.settings.reports_bucket, places.run_report_prefix(run.run_id)
    wait_until(
        lambda: len(list(drops.services.store.list(bucket, prefix=prefix))) == 2,
        "the page and its data",
        seconds=PATIENCE_SECONDS,
    )
    return drops.services.store.read(bucket, f"{prefix}index.html", max_bytes=10**6).decode()


def facts_about(drops, run):
    """The types of the facts on the events topic about a run; what is read is gone from the topic."""
    found = []
    with clients_of(drops.cloud.pubsub.address) as clients:
        name = watch_name(drops.settings, "events")
        while received := clients.pull_now(name):
            messages = [each.message for each in received]
            found += [m.attributes["ce-type"] for m in messages if run.run_id.encode() in m.data]
            clients.acknowledge(name, received)
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_is_rehearsed_is_what_a_real_run_of_the_same_rows_sends(drops, name):
    run = dropped(drops, f"tunedrop-selftest/{name}", name)
    real = dropped(drops, f"real-{name}", name)

    said, intent = run.last.detail, real.newest(RunState.LAUNCHING).detail
    (sent,) = drops.bodies_of(real)
    would_send = json.loads(json.dumps(said["request"]).replace(run.run_id, real.run_id))
    assert [RunState.ACCEPTED, RunState.REHEARSED] == [step.state for step in run.transitions]
    assert sent == intent["request"] == would_send
    assert [intent[key] for key in ("backend", "region")] == [said["backend"], said["region"]]
    assert f"tunedrop-{run.run_id}-a1" == said["job_id"]
    assert ("", "answered", "") == (said["would_hold"], said["service"], said["message"])
    assert ([], [], 1) == (drops.bodies_of(run), jobs_of(drops, run), len(jobs_of(drops, real)))
    assert run.accepted["training"] == {
        **real.accepted["training"],
        "line_map": run.accepted["training"]["line_map"],
    }
    assert "Rehearsed. This would have been launched." in page_of(drops, run)


def test_a_tick_takes_the_open_mark_away_and_the_fact_is_told_once(drops):
    run = dropped(drops, "tunedrop-selftest/closed", "gemini")

    wait_until(
        lambda: drops.services.runbook.marks.find(run.run_id) is None,
        "the tick that closes the run",
        seconds=PATIENCE_SECONDS,
    )
    assert 1 == facts_about(drops, run).count("dev.tunedrop.run-rehearsed.v1")


@pytest.mark.parametrize(
    ("name", "method"),
    [("gemini", "ListTuningJobs"), ("code", "ListPipelineJobs")],
    ids=["gemini", "code"],
)
def test_a_permission_that_the_launcher_lacks_is_told_by_the_run(drops, name, method):
    drops.cloud.vertex.script(
        Rule(
            "refuse",
            method=method,
            code="PERMISSION_DENIED",
            message="Permission 'aiplatform.jobs.list' denied.",
            times=1_000,  # the sweep looks for jobs as well
        )
    )
    run = dropped(drops, f"tunedrop-selftest/denied-{name}", name)

    assert (RunState.REHEARSED, "access_denied") == (run.state, run.last.detail["service"])
    assert "aiplatform.jobs.list" in run.last.detail["message"]
    assert "a real run would not get through" in page_of(drops, run)
    assert [] == drops.bodies_of(run)
