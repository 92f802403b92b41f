"""`tunedrop evaluate`, over a whole deployment in memory: the table, and the evidence judged again."""

import hashlib
import json

import pytest
from click.testing import CliRunner

from support.commands import commanded
from support.evaluating import RECIPE, WORK, detail, evaluated, expected, knows, tuned
from support.world import World
from tunedrop.cli.evaluate import SAME
from tunedrop.cli.main import cli
from tunedrop.domain import scoring
from tunedrop.domain.naming import canonical_json
from tunedrop.domain.runs import RunState


@pytest.fixture
def world():
    with commanded(World()) as world:
        world.predictor.answer = knows(tuned=expected, base=lambda _: "I do not know.")
        yield world


@pytest.fixture
def run_id(world):
    return evaluated(world)


def evaluate(*arguments):
    return CliRunner().invoke(cli, ["evaluate", *arguments])


def path_of(world, run_id):
    return detail(world, run_id, RunState.EVALUATED)["evidence"]


def forge(world, run_id, change):
    """Write other evidence, and have the run's record name its hash all the same."""
    path = path_of(world, run_id)
    content = json.loads(world.store.read(WORK, path, max_bytes=10**7))
    change(content)
    data = canonical_json(content)
    world.store.put(WORK, path, data)
    step = world.run(run_id).newest(RunState.EVALUATED)
    place = f"runs/{run_id}/{step.sequence:06d}.json"
    record = world.record(place)
    record["detail"]["evidence_sha256"] = hashlib.sha256(data).hexdigest()
    world.store.create_only = frozenset()
    world.store.put("test-ledger", place, canonical_json(record))


def test_the_table_shows_means_differences_and_who_was_not_asked(run_id):
    shown = evaluate(run_id).stdout

    tuned_line = next(line for line in shown.splitlines() if line.startswith("tuned"))
    assert ["tuned", "100.0", "100.0", "100.0"] == tuned_line.split()
    compared = next(line for line in shown.splitlines() if line.startswith("base, chrF"))
    assert compared.split()[-2:] == ["20", "better"]
    assert "champion: no champion" in shown
    assert "0.0099 USD" in shown


def test_json_is_what_the_record_says(world, run_id):
    said = json.loads(evaluate(run_id, "--json").stdout)

    assert {"run_id": run_id, **detail(world, run_id, RunState.EVALUATED)} == said


def test_a_replay_comes_to_the_same_verdict(world, run_id):
    asked = len(world.predictor.asked)

    done = evaluate(run_id, "--replay")

    assert (0, f"{SAME}\n", "") == (done.exit_code, done.stdout, done.stderr)
    assert asked == len(world.predictor.asked)


def test_a_replay_as_json_names_the_versions(run_id):
    said = json.loads(evaluate(run_id, "--replay", "--json").stdout)

    assert (True, []) == (said["same"], said["differences"])
    assert said["libraries"]["recorded"] == said["libraries"]["here"] == scoring.libraries()


def test_another_file_than_the_judged_one_is_not_replayed(world, run_id):
    path = path_of(world, run_id)
    data = world.store.read(WORK, path, max_bytes=10**7)
    world.store.put(WORK, path, data.replace(b"I do not know", b"I do know, so"))

    done = evaluate(run_id, "--replay")

    assert 1 == done.exit_code
    assert "sha256" in done.stdout


def test_another_file_is_not_even_read(world, run_id):
    world.store.put(WORK, path_of(world, run_id), b"[" * 100_000)

    done = evaluate(run_id, "--replay")

    assert (1, "") == (done.exit_code, done.stderr)
    assert "sha256" in done.stdout


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(libraries=[]),
        lambda content: content.update(rows=[{}]),
        lambda content: content.pop("verdict"),
        lambda content: content["rows"][0].update(answers={"tuned": None}),
    ],
)
def test_evidence_of_another_shape_is_named(world, run_id, change):
    forge(world, run_id, change)

    done = evaluate(run_id, "--replay")

    assert done.exit_code not in {0, 1}
    assert "expected a file of evidence" in done.stderr


def answer_worse(content):
    content["rows"][0]["answers"]["tuned"]["text"] = "Low tide."


def count_otherwise(content):
    content["verdict"]["rows"] = 19


def seed_otherwise(content):
    content["seed"] = "0" * 64


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (answer_worse, "verdict.comparisons.0.difference"),
        (seed_otherwise, "canonical JSON of the same"),
        (count_otherwise, "canonical JSON of the same"),
    ],
)
def test_what_a_replay_finds_different_is_named(world, run_id, change, said):
    forge(world, run_id, change)

    done = evaluate(run_id, "--replay")

    assert 1 == done.exit_code
    assert said in done.stdout
    assert "Low tide" not in done.stdout


def test_other_libraries_are_named(monkeypatch, run_id):
    here = {**scoring.libraries(), "sacrebleu": "9.9"}
    monkeypatch.setattr(scoring, "libraries", lambda: here)

    done = evaluate(run_id, "--replay")

    assert 0 == done.exit_code
    assert "note: scored with sacrebleu" in done.stderr
    assert "here it is 9.9" in done.stderr


def test_evidence_that_is_gone_cannot_be_replayed(world, run_id):
    world.store.delete(WORK, path_of(world, run_id))

    done = evaluate(run_id, "--replay")

    assert 2 == done.exit_code
    assert "expected the evidence" in done.stderr


def test_a_run_without_an_evaluation_says_why(world):
    bare = evaluated(world, recipe=RECIPE.partition("[evaluation]")[0])
    young = tuned(world, folder="other")

    said = [evaluate(run) for run in (bare, young, "nobody-0123456789abcdef")]

    assert [2, 2, 2] == [each.exit_code for each in said]
    assert "set evaluation.holdout" in said[0].stderr
    assert f"see `tunedrop show {young}`" in said[1].stderr
    assert "expected a run, found none" in said[2].stderr
