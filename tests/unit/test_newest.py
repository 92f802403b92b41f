"""Folders of which only the newest dataset counts: who replaces whom, and who comes back."""

import json
from datetime import datetime

import pytest

from support.launching import (
    at_the_next_write,
    break_run,
    code,
    decide,
    drop,
    end_jobs,
    launch,
    lose_messages,
    queue,
    requests,
    rows,
    start,
    steps,
)
from support.world import World
from tunedrop.domain.runs import RunState
from tunedrop.handlers import create_job
from tunedrop.handlers.steps import advance

RECIPE = 'base_model = "code-bison@002"\n'


@pytest.fixture
def world():
    """A folder `bot` of which the newest dataset counts, and a job of another folder in the only slot."""
    world = World()
    world.drop("bot/recipe.toml", f'{RECIPE}datasets = "newest"\n'.encode())
    launch(world, drop(world, "busy"))
    lose_messages(world)
    return world


def dropped(world, words, *, folder="bot/", data=None):
    """Drop a dataset a second later than the last; its run."""
    world.clock.skip(1)
    return drop(world, words, folder=folder, data=data)


def test_a_newer_drop_replaces_one_that_waits(world):
    old, new = (dropped(world, words) for words in ("old", "new"))
    launch(world, old)

    assert "no_slot" == launch(world, new)

    assert ("superseded", "superseded") == code(world, old)
    by = world.run(old).last.detail
    drop_id = json.loads(requests(world, new)[0])["drop_id"]
    assert (new, drop_id, world.clock.now()) == (
        by["by_run_id"],
        by["by_drop_id"],
        datetime.fromisoformat(by["by_dropped_at"]),
    )
    assert [new] == queue(world)
    assert "superseded" == json.loads(world.publisher.bodies("run-failed")[0])["code"]
    assert old not in world.open_runs()


@pytest.mark.parametrize("state", [RunState.ACCEPTED, RunState.HELD, RunState.QUEUED])
def test_whatever_waits_is_replaced(world, state):
    old = dropped(world, "old")
    run = start(world, old)
    if state is not RunState.ACCEPTED:
        advance(world.services, run, state, {"code": "because"})

    launch(world, dropped(world, "new"))

    assert RunState.SUPERSEDED is world.run(old).state


def test_of_several_that_wait_the_newest_alone_is_left(world):
    runs = [dropped(world, f"w{number}") for number in range(4)]

    for run_id in runs:
        launch(world, run_id)

    assert ["superseded"] * 3 + ["queued"] == [steps(world, run_id)[-1] for run_id in runs]
    assert [runs[-1]] == queue(world)


def test_an_older_drop_that_arrives_late_is_itself_replaced(world):
    old, new = (dropped(world, words) for words in ("old", "new"))
    launch(world, new)

    assert "nothing_to_launch" == launch(world, old)
    assert ("superseded", "superseded") == code(world, old)
    assert new == world.run(old).last.detail["by_run_id"]
    assert [new] == queue(world)


def test_a_late_one_gives_way_to_one_that_runs_already(world):
    end_jobs(world, "FAILED")
    lose_messages(world)
    old, new = (dropped(world, words) for words in ("old", "new"))
    assert "launched" == launch(world, new)

    launch(world, old)

    assert RunState.SUPERSEDED is world.run(old).state


def test_a_run_with_a_job_is_not_replaced(world):
    end_jobs(world, "FAILED")
    lose_messages(world)
    old, new = (dropped(world, words) for words in ("old", "new"))
    launch(world, old)

    assert "no_slot" == launch(world, new)
    assert RunState.LAUNCHED is world.run(old).state


def test_a_run_that_somebody_approved_is_not_replaced(world):
    old = dropped(world, "old")
    launch(world, old)
    advance(world.services, world.run(old), RunState.SUPERSEDED, replaced_by(world))
    decide(world, "retry", old)

    launch(world, dropped(world, "new"))

    assert RunState.QUEUED is world.run(old).state


def replaced_by(world):
    return {
        "code": "superseded",
        "by_run_id": "bot-00000000000000aa",
        "by_drop_id": "aa" * 16,
        "by_dropped_at": world.clock.now().isoformat(),
    }


def test_folders_that_want_each_dataset_keep_each():
    world = World()
    world.drop("bot/recipe.toml", RECIPE.encode())
    launch(world, drop(world, "busy"))
    runs = [dropped(world, words) for words in ("old", "new")]

    for run_id in runs:
        launch(world, run_id)

    assert runs == queue(world)


def test_folders_do_not_replace_one_anothers(world):
    world.drop("bot-2/recipe.toml", f'{RECIPE}datasets = "newest"\n'.encode())
    first = dropped(world, "first")
    second = dropped(world, "second", folder="bot-2/")

    launch(world, first)
    launch(world, second)

    assert [first, second] == queue(world)


def test_a_run_that_another_drop_wants_in_any_case_is_not_replaced(world):
    old = dropped(world, "old")
    launch(world, old)
    world.drop("bot/recipe.toml", RECIPE.encode())
    again = dropped(world, "again", data=rows("old"))
    launch(world, again, which=-1)
    world.drop("bot/recipe.toml", f'{RECIPE}datasets = "newest"\n'.encode())

    launch(world, dropped(world, "new"))

    assert old == again
    assert RunState.QUEUED is world.run(old).state


def test_a_run_stands_with_the_newest_of_those_who_asked_for_it(world):
    old, other = dropped(world, "old"), dropped(world, "other")
    again = dropped(world, "again", data=rows("old"))
    launch(world, other)

    launch(world, old)
    assert RunState.SUPERSEDED is world.run(old).state
    launch(world, again, which=-1)

    assert old == again
    assert (RunState.QUEUED, 2) == (world.run(old).state, world.run(old).attempt)
    assert RunState.SUPERSEDED is world.run(other).state


def replaced(world):
    """A run that was replaced, and the one that replaced it."""
    old, new = (dropped(world, words) for words in ("old", "new"))
    launch(world, old)
    launch(world, new)
    return old, new


def test_a_replaced_dataset_that_is_dropped_again_opens_the_next_attempt(world):
    old, new = replaced(world)
    again = dropped(world, "again", data=rows("old"))

    assert "no_slot" == launch(world, again, which=-1)

    assert old == again
    assert ["accepted", "queued", "superseded", "accepted", "queued"] == steps(world, old)
    run = world.run(old)
    assert (2, "dropped_again") == (run.attempt, run.steps_of_attempt[0].detail["code"])
    assert RunState.SUPERSEDED is world.run(new).state
    assert [old] == queue(world)
    assert old in world.open_runs()


def test_a_redelivered_request_of_a_replaced_drop_opens_nothing(world):
    old, _ = replaced(world)

    assert ["nothing_to_launch"] * 3 == [launch(world, old) for _ in range(3)]
    assert ["accepted", "queued", "superseded"] == steps(world, old)
    assert old not in world.open_runs()


def test_a_reopened_runs_own_requests_change_nothing_when_they_come_again(world):
    old, new = replaced(world)
    again = dropped(world, "again", data=rows("old"))
    launch(world, again, which=-1)

    launch(world, old)
    launch(world, new)

    assert (RunState.QUEUED, 2) == (world.run(old).state, world.run(old).attempt)
    assert RunState.SUPERSEDED is world.run(new).state


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_dataset_that_failed_and_is_dropped_again_waits_for_a_retry(world, state):
    end_jobs(world, "FAILED")
    old = dropped(world, "old")
    launch(world, old)
    end_jobs(world, state)
    again = dropped(world, "again", data=rows("old"))

    assert "nothing_to_launch" == launch(world, again, which=-1)
    assert 1 == world.run(old).attempt


def test_of_two_at_once_the_newer_is_left(world):
    old, new = (dropped(world, words) for words in ("old", "new"))
    at_the_next_write(world, f"runs/{new}/000001", lambda: launch(world, old))

    launch(world, new)

    assert ["superseded", "queued"] == [steps(world, run_id)[-1] for run_id in (old, new)]


def test_one_that_is_launched_at_this_very_moment_stays(world):
    old, new = (dropped(world, words) for words in ("old", "new"))
    launch(world, old)
    at_the_next_write(world, f"runs/{old}/000003", lambda: _launch_next(world, old))

    assert "no_slot" == launch(world, new)

    assert RunState.LAUNCHED is world.run(old).state


def _launch_next(world, run_id):
    end_jobs(world, "FAILED")
    _, answer = create_job.attempt(world.services, world.vertex, world.run(run_id))
    assert "launched" == answer


def test_a_rehearsal_replaces_nothing(world):
    folder = "tunedrop-selftest/7f3a/"
    world.drop(f"{folder}recipe.toml", f'{RECIPE}datasets = "newest"\n'.encode())
    runs = [dropped(world, words, folder=folder) for words in ("old", "new")]

    assert ["rehearsed"] * 2 == [launch(world, run_id) for run_id in runs]


def test_a_run_that_cannot_be_read_stops_no_newer_one_of_its_folder(world):
    break_run(world, "bot-0123456789abcdef")

    assert "no_slot" == launch(world, dropped(world, "new"))
