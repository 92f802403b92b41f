"""What the command line shows of runs that wait, over a whole deployment in memory."""

from datetime import datetime, timedelta

import pytest

from support.commands import answer, commanded, tunedrop
from support.datasets import good_lines
from support.world import World
from tunedrop.domain.formats import Format
from tunedrop.handlers import waiting

RECIPE = 'base_model = "gemini-3.5-flash"\n[tuning]\nepochs = 2\n'
DEAR = f"{RECIPE}[budget]\nmax_usd_per_run = 0.000001\n"
MODEL = {
    "tuned_model": "projects/test-project/locations/us/models/1@1",
    "endpoint": "projects/test-project/locations/us/endpoints/7",
}


@pytest.fixture
def world():
    with commanded(World(max_concurrent_jobs=1)) as world:
        yield world


def dropped(world, folder, recipe=RECIPE, priority=None):
    """Drop a dataset of its own with its recipe, and let it be launched if it can; the run's id."""
    world.clock.skip(1)
    world.drop(f"{folder}/recipe.toml", recipe)
    data = b"".join(good_lines(Format.GEMINI, 20, start=sum(folder.encode())))
    info = world.store.put("test-intake", f"{folder}/train.jsonl", data)
    if priority is None:
        run_id = world.finalize(info).run_id
    else:
        run_id = world.request(dataset_uri=info.uri, priority=priority).run_id
    world.deliver()
    return run_id


def test_a_queued_run_is_shown_with_its_place_its_reason_and_no_known_start(world):
    dropped(world, "first")
    queued = [dropped(world, folder) for folder in ("second", "third")]
    lines = {line["run_id"]: line for line in answer("runs")}

    assert [("queued", 1, 2, "no_slot", None), ("queued", 2, 2, "no_slot", None)] == [
        tuple(lines[run_id][key] for key in ("state", "position", "of", "why", "expected_start"))
        for run_id in queued
    ]
    text = tunedrop("runs").stdout
    assert "2 of 2" in text
    assert "unknown" in text


def test_a_start_is_expected_after_what_jobs_of_the_base_model_took(world):
    waiting.note_duration(world.services, "gemini-3.5-flash", 600.0, "an-earlier-run")
    dropped(world, "first")
    started = world.clock.now()
    second, third = (dropped(world, folder) for folder in ("second", "third"))
    lines = {line["run_id"]: line for line in answer("runs")}

    starts = [datetime.fromisoformat(lines[run]["expected_start"]) for run in (second, third)]
    assert timedelta(minutes=10) == starts[1] - starts[0]
    assert starts[0] - started <= timedelta(minutes=10)
    assert lines[second]["expected_start"] == answer("show", second)["queue"]["expected_start"]


def test_held_runs_come_first_with_what_lets_them_go_on(world):
    held = dropped(world, "dear", DEAR)
    newer = dropped(world, "first")

    assert [(held, f"tunedrop approve {held}"), (newer, "")] == [
        (line["run_id"], line["next"]) for line in answer("runs")
    ]
    assert f"over_budget  tunedrop approve {held}" in tunedrop("runs").stdout


def test_what_waits_is_shown_in_the_order_of_the_queue(world):
    dropped(world, "first")
    late = dropped(world, "late")
    held = dropped(world, "dear", DEAR)
    urgent = dropped(world, "urgent", priority=0)
    waits = answer("runs", "--waiting")

    assert [(held, None, None), (urgent, 1, 0), (late, 2, 5)] == [
        (line["run_id"], line["position"], line["priority"]) for line in waits
    ]
    lines = tunedrop("runs", "--waiting").stdout.splitlines()
    assert [held, urgent, late] == [line.split()[0] for line in lines[1:]]


def test_a_queued_run_that_has_lost_its_place_is_still_listed_as_waiting(world):
    dropped(world, "first")
    run_id = dropped(world, "second")
    waiting.leave(world.services, world.run(run_id))
    (line,) = answer("runs", "--waiting")

    assert (run_id, None, "no_slot") == (line["run_id"], line["position"], line["why"])


def test_a_step_that_cannot_be_read_hides_no_run(world):
    run_id = dropped(world, "dear", DEAR)
    torn = f"runs/{run_id}/000003.json"
    world.store.put("test-ledger", torn, b"torn", state="held", attempt="1")

    assert [(run_id, "corrupt_record")] == [
        (line["run_id"], line["why"]) for line in answer("runs")
    ]


def test_a_pause_is_said_wherever_runs_are_listed(world):
    quiet = tunedrop("runs").stderr
    world.control(action="pause", claimed_by="ann")

    assert "" == quiet
    assert "launches are paused; `tunedrop resume`" in tunedrop("runs").stderr


def test_a_queued_run_is_shown_with_its_place_and_who_asked_for_it(world):
    dropped(world, "first")
    run_id = dropped(world, "second")
    view = answer("show", run_id)

    assert {"position": 1, "of": 1, "priority": 5, "expected_start": None} == view["queue"]
    assert ["gs://test-intake/second/train.jsonl"] == [one["uri"] for one in view["askers"]]
    text = tunedrop("show", run_id).stdout
    assert "1 of 1" in text
    assert "As many jobs as the deployment runs at once are running" in text
    assert "asked for by    gs://test-intake/second/train.jsonl#" in text


def test_a_held_run_is_shown_with_both_decisions(world):
    run_id = dropped(world, "dear", DEAR)

    text = tunedrop("show", run_id).stdout
    assert all(f"tunedrop {word} {run_id} --reason why" in text for word in ("approve", "refuse"))


def test_a_retried_run_shows_both_attempts_and_no_job_of_the_first_as_its_own(world):
    run_id = dropped(world, "first")
    world.tunings.end("JOB_STATE_FAILED")
    world.tick(60)
    before = answer("show", run_id)
    world.control(action="pause", claimed_by="ann")
    world.control(action="retry", run_id=run_id, claimed_by="ann")
    view = answer("show", run_id)

    assert (1, [f"tunedrop retry {run_id}"]) == (before["attempt"], before["next"]["commands"])
    assert (2, "", "queued") == (view["attempt"], view["job_name"], view["state"])
    assert [1, 1, 1, 1, 2] == [step["attempt"] for step in view["steps"]]


def test_a_registered_run_names_its_model_and_nothing_to_do(world):
    run_id = dropped(world, "first")
    world.tunings.end("JOB_STATE_SUCCEEDED", **MODEL)
    world.tick(60)

    assert answer("show", run_id)["next"] is None


def test_a_drop_of_what_had_failed_before_names_the_retry(world):
    run_id = dropped(world, "first")
    world.tunings.end("JOB_STATE_FAILED")
    world.tick(60)
    again = dropped(world, "first")
    text = tunedrop("show", "gs://test-intake/first/train.jsonl").stdout

    assert run_id == again
    assert "failed" in text
    assert f"tunedrop retry {run_id}" in text
