"""The page about operations says what is: its commands are understood, its codes are all, its day is one that passes."""

import os
import re
import shlex
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from support.datasets import good_lines
from support.gcloud_lint import lint
from support.warm_gcloud import GCLOUD, WarmGcloud
from support.world import World
from tunedrop import bootstrap
from tunedrop.cli.main import cli
from tunedrop.domain.formats import Format
from tunedrop.domain.job_states import ENDED, job_state
from tunedrop.domain.runs import RETRYABLE
from tunedrop.reports.run_advice import HOLDS, WAITS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()
LINES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line and not line.startswith("#")
]
SHOWN = re.findall(r"```console\n\$ (tunedrop .+)\n((?:.*\n)*?)```", PAGE)
RECIPE = b'base_model = "gemini-3.5-flash"\n'
RECIPES = {
    "support": RECIPE + b'datasets = "newest"\n',
    "dear": RECIPE + b"[budget]\nmax_usd_per_run = 0.01\n",
}
ENDPOINT = "projects/test-project/locations/us/endpoints/7"


def section(heading):
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def codes(heading):
    """What stands in the first cells of a section's table."""
    cells = re.findall(r"^\| (`.+?) \|", section(heading), re.MULTILINE)
    return {code for cell in cells for code in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("tunedrop ")])
def test_every_command_is_understood(line):
    assert understood(cli, shlex.split(line)[1:])


def understood(command, words, parent=None):
    """The context of a command line; below its parents, for a command remembers how its help was first asked for."""
    if not isinstance(command, click.Group):
        return command.make_context(command.name, words, parent=parent)
    context = click.Context(command, parent=parent, **command.context_settings)
    name, *rest = words
    return understood(command.commands[name], rest, context)


@pytest.mark.gcloud
@pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")
def test_gcloud_accepts_its_commands(tmp_path):
    lines = [line for line in LINES if line.startswith("gcloud ")]

    assert lines
    with WarmGcloud() as warm:
        assert [] == lint(lines, tmp_path, warm)


def test_every_other_line_is_the_deploy_tool_s():
    others = [line for line in LINES if not line.startswith(("tunedrop ", "gcloud "))]

    assert {"python deploy/tunedrop_deploy.py"} >= {" ".join(line.split()[:2]) for line in others}


def test_every_reason_for_a_hold_and_for_waiting_is_in_its_table():
    assert {*HOLDS} == codes("A run is held")
    assert {*WAITS, "approved", "retried"} == codes("A run waits for long")


def test_every_state_that_can_be_retried_is_in_its_table():
    assert {state.value for state in RETRYABLE} == codes("A run ended without a model")


class Day:
    """A deployment that runs one job at once, and what happens to it from eight in the morning."""

    def __init__(self):
        self.world = World(max_concurrent_jobs=1)
        self.at(8)
        self.seeds = iter(range(0, 10_000, 100))

    def at(self, hour, minute=0):
        self.world.clock.instant = datetime(2026, 11, 23, hour, minute, tzinfo=UTC)

    def drop(self, folder, name="train.jsonl", priority=None):
        """Drop a dataset of its own; the run's id."""
        self.world.clock.skip(60)
        if not self.world.store.names("test-intake", f"{folder}/recipe.toml"):
            self.world.drop(f"{folder}/recipe.toml", RECIPES.get(folder, RECIPE))
        data = b"".join(good_lines(Format.GEMINI, 50, start=next(self.seeds)))
        info = self.world.store.put("test-intake", f"{folder}/{name}", data)
        if priority is None:
            outcome = self.world.finalize(info)
        else:
            outcome = self.world.request(dataset_uri=info.uri, priority=priority)
        self.world.deliver()
        return outcome.run_id

    def end_job(self, state, **fields):
        """The job that runs ends, and a tick comes."""
        jobs = self.world.tunings.jobs
        (running,) = (job for job in jobs.values() if job.state not in ENDED)
        jobs[running.name] = replace(running, state=job_state(state), raw_state=state, **fields)
        self.world.tick()
        self.world.deliver()

    def succeed(self):
        self.world.clock.skip(40 * 60)
        model = ENDPOINT.replace("endpoints", "models")
        self.world.models.labels.clear()  # each job makes a model of its own
        self.end_job("JOB_STATE_SUCCEEDED", tuned_model=model, endpoint=ENDPOINT)

    def decide(self, action, run_id):
        self.world.control(action=action, run_id=run_id, claimed_by="ann")
        self.world.deliver()


@pytest.fixture(scope="module")
def printed():
    """What `tunedrop runs` prints in the morning and in the evening."""
    zone = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    day = Day()
    bootstrap.using(day.world.services, day.world.vertex)
    yield {moment: CliRunner().invoke(cli, ["runs"]).stdout for moment in lived(day)}
    bootstrap.forget()
    os.environ.pop("TZ")
    if zone is not None:
        os.environ["TZ"] = zone
    time.tzset()


def lived(day):
    """Ten drops; yields whenever somebody looks."""
    day.drop("tide")
    day.drop("harbour")
    day.drop("support", "monday.jsonl")
    held = day.drop("dear")
    day.drop("moor")
    day.drop("support", "tuesday.jsonl")
    failing = day.drop("dune", priority=0)
    for folder in ("heath", "creek", "marsh"):
        day.drop(folder)
    day.succeed()
    day.world.clock.skip(timedelta(minutes=5).total_seconds())
    day.end_job("JOB_STATE_FAILED")
    day.world.clock.skip(timedelta(minutes=5).total_seconds())
    day.decide("retry", failing)
    yield "morning"
    day.decide("approve", held)
    while day.world.open_runs():
        day.succeed()
    yield "evening"


def test_the_day_that_is_shown_is_one_that_passes(printed):
    assert ["tunedrop runs"] * 2 == [command for command, _ in SHOWN]
    assert [output for _, output in SHOWN] == [bare(output) for output in printed.values()]


def bare(text):
    """Without the blanks that fill a table's last column."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def test_the_day_has_what_the_page_says_of_it(printed):
    morning, evening = printed.values()

    assert 10 == len(morning.splitlines()) - 1 == len(evening.splitlines()) - 1
    assert (1, 1, 6) == tuple(morning.count(f" {s} ") for s in ("held", "superseded", "queued"))
    assert (0, 1, 9) == tuple(evening.count(f" {s} ") for s in ("queued", "superseded", "kept"))
