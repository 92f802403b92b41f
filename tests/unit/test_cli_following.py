"""Following a drop, what goes with it, and how its ending is told."""

import json
import re
import time

import pytest

from support.datasets import good_lines
from support.world import World
from tunedrop.cli.cases import cases_of
from tunedrop.cli.endings import Finished, as_data, print_ending, save_pages
from tunedrop.cli.following import Follower, TooLateError
from tunedrop.cli.narrating import PlainNarrator
from tunedrop.domain.formats import Format
from tunedrop.errors import UsageError
from tunedrop.handlers.drops import Drop
from tunedrop.reports.publishing import sample_path

RECIPE = 'base_model = "gemini-3.5-flash"\n'
GOOD = b"".join(good_lines(Format.GEMINI, 20))
BAD = GOOD + b"oops\n"
MODEL = "projects/test-project/locations/us/models/1@1"
ENDPOINT = "projects/test-project/locations/us/endpoints/7"


class Notebook:
    """A narrator that keeps what it is told."""

    def __init__(self):
        self.told = []
        self.waited = []

    def tell(self, what, text=""):
        self.told.append((what, text))

    def wait_for(self, text, *, done=None, total=None):
        self.waited.append(text)


@pytest.fixture
def world():
    return World()


def follow(world, name, *, patience=0.3):
    """Follow a drop that has come as far as it will; the notebook and the ending."""
    notebook = Notebook()
    follower = Follower(
        world.services, world.vertex, notebook, patience_seconds=patience, logs="/the/logs"
    )
    info = world.store.stat("test-intake", name)
    return notebook, follower.follow(Drop(info.bucket, info.name, info.generation))


def registered(world):
    world.drop("bot/recipe.toml", RECIPE)
    world.drop("bot/train.jsonl", GOOD)
    world.deliver()
    world.tunings.end("JOB_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)
    world.tick(60)


def test_a_drop_is_followed_to_a_model_that_was_called(world):
    registered(world)
    notebook, ending = follow(world, "bot/train.jsonl")

    steps = ["accepted", "launching", "launched", "succeeded", "registered", "kept"]
    assert ["checked", *steps, "called"] == [what for what, _ in notebook.told]
    assert ending.good
    assert "an answer" == ending.sample["answer"]


def test_a_rejected_drop_ends_with_its_verdict(world):
    world.drop("bot/recipe.toml", RECIPE)
    world.drop("bot/train.jsonl", BAD)
    notebook, ending = follow(world, "bot/train.jsonl")

    assert [("rejected", "not_json")] == notebook.told[1:]
    assert (False, "rejected", 1) == (
        ending.good,
        ending.state,
        ending.verdict["result"]["lines"]["rejected"],
    )


def test_a_drop_that_waits_for_what_nobody_brings_ends(world):
    world.drop("bot/train.jsonl", GOOD)
    _, ending = follow(world, "bot/train.jsonl")

    assert (False, "waiting_for_recipe") == (ending.good, ending.state)


def test_a_failed_run_ends_with_its_error(world):
    world.drop("bot/recipe.toml", RECIPE)
    world.drop("bot/train.jsonl", GOOD)
    world.deliver()
    world.tunings.end("JOB_STATE_FAILED")
    world.tick(60)
    notebook, ending = follow(world, "bot/train.jsonl")

    assert ("failed", "job_failed") == notebook.told[-1]
    assert not ending.good


def test_a_held_run_waits_for_a_person_and_ends_the_following():
    world = World(allow_unpriced=False, max_usd_per_run=0.000001)
    world.drop("bot/recipe.toml", RECIPE)
    world.drop("bot/train.jsonl", GOOD)
    world.deliver()
    notebook, ending = follow(world, "bot/train.jsonl")

    assert "held" == notebook.told[-1][0]
    assert "held" == ending.state


def test_a_rehearsed_run_ends_neither_badly_nor_with_a_model(world, tmp_path, capsys):
    world.drop("tunedrop-selftest/recipe.toml", RECIPE)
    world.drop("tunedrop-selftest/train.jsonl", GOOD)
    world.deliver()
    notebook, ending = follow(world, "tunedrop-selftest/train.jsonl")
    ended = finished(world, tmp_path, "tunedrop-selftest/train.jsonl")
    print_ending(ended)

    job_id = f"tunedrop-{ending.run.run_id}-a1"
    told = f"{job_id} would have been created in us-central1"
    assert ("rehearsed", told) == notebook.told[-1]
    assert (False, True) == (ending.good, ending.rehearsed)
    assert (None, None, job_id) == (
        as_data(ended)["error"],
        as_data(ended)["tuned_model"],
        as_data(ended)["rehearsal"]["job_id"],
    )
    text = capsys.readouterr().out
    assert "train.jsonl: rehearsed, not launched" in text
    assert told in text


def test_what_takes_too_long_says_where_it_stood_and_where_to_look(world):
    world.store.put("test-intake", "bot/train.jsonl", GOOD)

    with pytest.raises(TooLateError, match=r"0.3 s.*not yet answered.*/the/logs.*--timeout"):
        follow(world, "bot/train.jsonl")


def test_a_job_that_takes_too_long_is_named_with_its_state(world):
    world.drop("bot/recipe.toml", RECIPE)
    outcome = world.drop("bot/train.jsonl", GOOD)
    world.deliver()

    with pytest.raises(TooLateError, match=f"run {outcome.run_id} launched"):
        follow(world, "bot/train.jsonl")


def test_pages_are_saved_in_the_tree_that_their_links_expect(world, tmp_path):
    registered(world)
    _, ending = follow(world, "bot/train.jsonl")
    info = world.store.stat("test-intake", "bot/train.jsonl")
    pages = save_pages(world.services, info, ending, tmp_path)

    kept = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert set(world.store.names("test-reports")) >= kept
    assert {pages.drop, pages.run, tmp_path / "index.html"} == set(tmp_path.rglob("index.html"))
    assert ending.run.run_id in pages.run.read_text(encoding="utf-8")


def finished(world, tmp_path, name="bot/train.jsonl"):
    _, ending = follow(world, name)
    info = world.store.stat("test-intake", name)
    pages = save_pages(world.services, info, ending, tmp_path)
    return Finished("train.jsonl", info.uri, ending, pages, 1.25)


def test_a_good_ending_tells_the_model_the_sample_and_the_page(world, tmp_path, capsys):
    registered(world)
    ended = finished(world, tmp_path)
    print_ending(ended)

    text = capsys.readouterr().out
    sample = json.loads(
        world.store.read("test-work", sample_path(ended.ending.run.run_id), max_bytes=10**6)
    )
    told = (MODEL, sample["question"], "an answer", str(ended.pages.run))
    assert [] == [words for words in told if words not in text]
    assert {"state": "kept", "tuned_model": MODEL, "error": None}.items() <= as_data(ended).items()


def test_a_bad_ending_tells_the_findings(world, tmp_path, capsys):
    world.drop("bot/recipe.toml", RECIPE)
    world.drop("bot/train.jsonl", BAD)
    ended = finished(world, tmp_path)
    print_ending(ended)

    text = capsys.readouterr().out
    assert "train.jsonl: rejected" in text
    assert "not_json" in text
    assert "rejected" == as_data(ended)["state"]


def test_a_recipe_that_cannot_be_used_is_told_with_its_problems(world, tmp_path, capsys):
    world.drop("bot/recipe.toml", RECIPE + "tolerance = 0.1")
    world.drop("bot/train.jsonl", GOOD)
    print_ending(finished(world, tmp_path))

    assert "did you mean 'tolerate'?" in capsys.readouterr().out


def test_a_pipe_gets_a_line_for_each_thing_that_happened(capsys):
    narrator = PlainNarrator(stderr=True, started=time.monotonic())
    narrator.wait_for("something", done=1, total=2)
    narrator.tell("dropped", "gs://a/\x1bb")

    out, err = capsys.readouterr()
    assert "" == out
    assert re.fullmatch(r" +\d+\.\d s  dropped +gs://a/\\x1bb\n", err)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "bot"
    folder.mkdir()
    (folder / "recipe.toml").write_text(f'{RECIPE}[evaluation]\ndataset = "held.jsonl"')
    for name in ("a.jsonl", "b.jsonl", "held.jsonl", "c.eval.jsonl"):
        (folder / name).write_bytes(GOOD)
    return folder


def names(uploads):
    return [upload.name for upload in uploads]


def test_a_file_goes_with_the_recipe_and_evaluation_files_beside_it(folder):
    (case,) = cases_of([str(folder / "a.jsonl")], None)

    assert ["bot/recipe.toml", "bot/c.eval.jsonl", "bot/held.jsonl"] == names(case.support)
    assert ["bot/a.jsonl"] == names(case.datasets)


def test_a_folder_goes_whole(folder):
    (case,) = cases_of([str(folder)], None)

    assert {"bot/recipe.toml", "bot/c.eval.jsonl", "bot/held.jsonl"} == set(names(case.support))
    assert ["bot/a.jsonl", "bot/b.jsonl"] == names(case.datasets)


def test_a_recipe_named_takes_the_place_of_the_one_that_lies_there(folder, tmp_path):
    own = tmp_path / "quick.toml"
    own.write_text(RECIPE)
    cases = cases_of([str(folder / "a.jsonl"), str(folder)], own)

    recipes = [upload for case in cases for upload in case.support if "recipe" in upload.name]
    assert [("quick/recipe.toml", str(own)), ("bot/recipe.toml", str(own))] == [
        (upload.name, upload.path) for upload in recipes
    ]
    assert ["quick/a.jsonl"] == names(cases[0].datasets)


@pytest.mark.parametrize("given", ["alone.jsonl", "-"], ids=["a file", "standard input"])
def test_without_a_recipe_it_goes_to_the_root(tmp_path, monkeypatch, given):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "alone.jsonl").write_bytes(GOOD)
    (case,) = cases_of([given], None)

    assert () == case.support
    assert [given.replace("-", "stdin.jsonl")] == names(case.datasets)


@pytest.mark.parametrize("name", ["held.jsonl", "c.eval.jsonl", "recipe.toml"])
def test_what_is_never_trained_on_is_no_case(folder, name):
    with pytest.raises(UsageError, match="expected a dataset"):
        cases_of([str(folder / name)], None)
