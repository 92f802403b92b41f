"""`tunedrop check`: what it prints, what it goes by and how it ends."""

import json
import subprocess
import sys

import jsonschema
import pytest
from click.testing import CliRunner

from support.datasets import good_lines, row
from tunedrop.catalog import Route, load_catalog
from tunedrop.cli.main import cli
from tunedrop.domain.checks import RESULT_SCHEMA, check_dataset
from tunedrop.domain.formats import Format
from tunedrop.handlers.limits import training_limits
from tunedrop.planning.forecast import forecast
from tunedrop.recipes import recipe_from_mapping

GOOD = b"".join(good_lines(Format.GEMINI, 20))
BAD = b"".join(good_lines(Format.GEMINI, 20)) + b"oops\n[1]\n"
CODE = b"".join(good_lines(Format.CODE_GENERATION, 20))


@pytest.fixture(autouse=True)
def _no_deployment(monkeypatch):
    """Keep the caller's own deployment out."""
    monkeypatch.delenv("TUNEDROP_INTAKE_BUCKET", raising=False)
    monkeypatch.delenv("TUNEDROP_ENV_FILE", raising=False)


@pytest.fixture
def write(tmp_path):
    def write(name, data):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return str(path)

    return write


def run(*arguments, data=None):
    return CliRunner().invoke(cli, ["check", *arguments], input=data)


def published(data, base_model="gemini-3.5-flash"):
    """What the library itself says."""
    entry = load_catalog().find(base_model)
    result = check_dataset([data], limits_for=lambda _: training_limits(entry))
    recipe = recipe_from_mapping({"base_model": base_model}, source="test")
    return forecast(result, recipe=recipe, route=Route(entry, entry)).to_json()


@pytest.mark.parametrize("data", [GOOD, BAD, b""], ids=["good", "bad", "empty"])
def test_the_json_is_the_published_result(write, data):
    result = run("--json", "--for", "gemini-3.5-flash", write("train.jsonl", data))

    answer = json.loads(result.stdout)
    jsonschema.Draft202012Validator(RESULT_SCHEMA).validate(answer)
    assert published(data) == answer


def test_several_files_give_an_array_in_their_order(write):
    result = run("--json", write("good.jsonl", GOOD), write("bad.jsonl", BAD))

    assert [published(GOOD), published(BAD)] == json.loads(result.stdout)
    assert 1 == result.exit_code


@pytest.mark.parametrize(("data", "code"), [(GOOD, 0), (BAD, 1)], ids=["accepted", "rejected"])
def test_the_exit_code_is_the_verdict(write, data, code):
    assert code == run(write("train.jsonl", data)).exit_code


def test_a_hyphen_is_standard_input():
    result = run("--json", "-", data=GOOD)

    assert published(GOOD) == json.loads(result.stdout)


def test_a_pipe_from_another_process_is_read():
    command = [sys.executable, "-c", "from tunedrop.cli.main import main; main()"]
    done = subprocess.run(
        [*command, "check", "--json", "-"], input=BAD, capture_output=True, check=False
    )

    assert published(BAD) == json.loads(done.stdout)
    assert 1 == done.returncode


def test_people_get_each_code_with_its_lines_and_remedy(write):
    result = run(write("train.jsonl", BAD))

    assert "rejected" in result.stdout
    assert "22 = 20 used + 0 fixed + 2 rejected + 0 blank" in result.stdout
    assert ":21:1: error not_json: " in result.stdout
    assert "Make each line one JSON object." in result.stdout


def test_nothing_of_a_dataset_is_printed(write):
    marked = BAD + json.dumps({"contents": "mark-4711"}).encode() + b"\n" + b'{"mark-4711'
    path = write("train.jsonl", marked)

    assert "mark-4711" not in run(path).output + run("--json", path).output


def test_the_nearest_recipe_upwards_says_whose_limits_hold(write):
    write("bot/recipe.toml", 'base_model = "gemini-2.5-flash"')
    result = run("--json", write("bot/2026/train.jsonl", GOOD))

    assert "gemini-2.5-flash" == json.loads(result.stdout)["base_model"]


def test_a_recipe_named_goes_before_the_one_that_lies_there(write):
    write("recipe.toml", 'base_model = "gemini-2.5-flash"')
    named = write("elsewhere.toml", 'base_model = "gemini-3.5-flash-lite"\ntolerate = 0.2')
    result = run("--json", "--recipe", named, write("train.jsonl", BAD))

    answer = json.loads(result.stdout)
    assert ("gemini-3.5-flash-lite", "accepted") == (answer["base_model"], answer["verdict"])


def test_a_base_model_named_goes_before_the_recipes_own(write):
    write("recipe.toml", 'base_model = "gemini-2.5-flash"\ntolerate = 0.2')
    result = run("--json", "--for", "gemini-2.5-pro", write("train.jsonl", BAD))

    answer = json.loads(result.stdout)
    assert ("gemini-2.5-pro", "accepted") == (answer["base_model"], answer["verdict"])


def test_a_recipe_that_cannot_be_used_is_explained(write):
    recipe = write("recipe.toml", 'base_model = "gemini-3.5-flash"\n[tuning]\nepoch = 3')
    result = run(write("train.jsonl", GOOD))

    assert 1 == result.exit_code
    assert f"tunedrop: {recipe}: tuning.epoch" in result.stderr
    assert "did you mean 'epochs'?" in result.stderr


def test_an_unknown_base_model_is_wrong_usage_with_a_suggestion(write):
    result = run("--for", "gemini-3.5-flsh", write("train.jsonl", GOOD))

    assert 2 == result.exit_code
    assert "did you mean 'gemini-3.5-flash'?" in result.stderr


def test_a_retired_base_model_is_a_note(write):
    result = run("--json", "--for", "code-bison@002", write("train.jsonl", CODE))

    answer, expected = json.loads(result.stdout), published(CODE, "code-bison@002")
    assert 0 == result.exit_code
    assert expected | {"next": answer["next"]} == answer
    assert answer["next"].startswith("Nothing will be tuned on it. ")
    assert "note: code-bison@002 retired on" in result.stderr


def test_rows_that_the_base_model_cannot_be_given_are_rejected(write):
    result = run("--json", "--for", "code-bison@002", write("train.jsonl", GOOD))

    answer = json.loads(result.stdout)
    assert (1, "rejected") == (result.exit_code, answer["verdict"])
    assert "code-bison@002 is tuned on code-generation rows" in answer["next"]


def test_an_evaluation_file_is_held_to_its_own_limits(write):
    write("recipe.toml", 'base_model = "code-bison@002"\n[evaluation]\ndataset = "held.jsonl"')
    few = b"".join(good_lines(Format.CODE_GENERATION, 260))

    findings = {
        name: {
            each["code"] for each in json.loads(run("--json", write(name, few)).stdout)["findings"]
        }
        for name in ("held.jsonl", "x.eval.jsonl", "train.jsonl")
    }
    assert "too_many_examples" in findings["held.jsonl"] & findings["x.eval.jsonl"]
    assert "too_many_examples" not in findings["train.jsonl"]


def test_a_bucket_can_be_allowed_for_file_parts(write):
    rows = [row(Format.GEMINI, number) for number in range(20)]
    part = {"fileData": {"mimeType": "image/png", "fileUri": "gs://tide-pictures/a.png"}}
    rows[3]["contents"][0]["parts"].append(part)
    path = write("train.jsonl", b"".join(json.dumps(each).encode() + b"\n" for each in rows))

    assert 1 == run(path).exit_code
    assert 0 == run("--bucket", "tide-pictures", path).exit_code


def test_a_deployment_in_the_environment_lends_its_defaults(write, monkeypatch):
    roles = ("intake", "work", "ledger", "state", "reports")
    monkeypatch.setenv("TUNEDROP_PROJECT", "acme-tuning")
    for role in roles:
        monkeypatch.setenv(f"TUNEDROP_{role.upper()}_BUCKET", f"acme-{role}")
    monkeypatch.setenv("TUNEDROP_DEFAULT_BASE_MODELS", "gemini=gemini-2.5-pro")
    result = run("--json", write("train.jsonl", GOOD))

    assert "gemini-2.5-pro" == json.loads(result.stdout)["base_model"]


def test_the_structure_alone_can_be_looked_at(write):
    twice = write("train.jsonl", GOOD + GOOD)

    whole, quick = (
        json.loads(run("--json", *option, twice).stdout) for option in ([], ["--structure-only"])
    )
    assert "exact_duplicate" in {found["code"] for found in whole["findings"]}
    assert "exact_duplicate" not in {found["code"] for found in quick["findings"]}
    assert whole["lines"] == quick["lines"]


def test_a_recipe_can_make_the_check_stricter(write):
    write("recipe.toml", 'base_model = "gemini-3.5-flash"\n[severities]\nexact_duplicate = "error"')
    result = run("--json", write("train.jsonl", GOOD + GOOD))

    answer = json.loads(result.stdout)
    assert (1, "rejected") == (result.exit_code, answer["verdict"])


EVALUATED = 'base_model = "gemini-3.5-flash"\n[evaluation]\ndataset = "held.eval.jsonl"'


def test_the_recipes_evaluation_file_is_checked_first_and_held_against(write):
    write("recipe.toml", EVALUATED)
    write("held.eval.jsonl", b"".join(good_lines(Format.GEMINI, 12, start=15)))
    path = write("train.jsonl", GOOD)
    answer, shown = json.loads(run("--json", path).stdout), run(path)

    (overlap,) = [
        found for found in answer["findings"] if found["code"] == "overlap_with_evaluation"
    ]
    assert [16, 17, 18, 19, 20] == overlap["lines"]
    assert 0 == shown.exit_code
    assert 1 == shown.stdout.count("held.eval.jsonl: accepted\n")
    assert shown.stdout.index("held.eval.jsonl: accepted") > shown.stdout.index("train.jsonl: ")


def test_an_evaluation_file_that_is_rejected_stands_in_the_way(write):
    write("recipe.toml", EVALUATED)
    write("held.eval.jsonl", BAD)
    result = run("--json", write("train.jsonl", GOOD))

    assert (1, "accepted") == (result.exit_code, json.loads(result.stdout)["verdict"])
    assert "held.eval.jsonl, the recipe's evaluation file, is rejected" in result.stderr


def test_an_evaluation_file_that_is_named_itself_is_told_once(write):
    write("recipe.toml", EVALUATED)
    held = write("held.eval.jsonl", b"".join(good_lines(Format.GEMINI, 12, start=50)))
    result = run(write("a.jsonl", GOOD), write("b.jsonl", GOOD), held)

    assert 1 == result.stdout.count("held.eval.jsonl: accepted\n")


def test_an_evaluation_file_that_is_not_there_is_noted(write):
    write("recipe.toml", EVALUATED)
    result = run(write("train.jsonl", GOOD))

    assert 0 == result.exit_code
    assert "note: held.eval.jsonl, the recipe's evaluation file, is not at hand" in result.stderr


def test_a_page_is_one_file_without_a_row(write, tmp_path):
    out = tmp_path / "page.html"
    result = run("--html", str(out), write("train.jsonl", BAD))

    page = out.read_text()
    assert 1 == result.exit_code
    assert page.lower().startswith("<!doctype html>")
    assert "not_json" in page
    assert "tide = table" not in page
    assert ["page.html", "train.jsonl"] == sorted(each.name for each in tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-file.jsonl"],
        ["--colour", "-"],
        ["."],
        ["--html", "page.html", "-", "-"],
        ["-", "-"],
        ["--diff", "-", "-"],
        ["--diff", "-", "--structure-only", __file__],
        ["--diff", "-", "--fix", "out.jsonl", __file__],
        ["--with-rows", "-"],
        ["--html", "no-such-folder/page.html", "-"],
        ["--html", __file__, __file__],
    ],
    ids=[
        "no file",
        "a missing file",
        "an unknown option",
        "a folder",
        "one page for two files",
        "standard input twice",
        "standard input against itself",
        "a comparison without texts",
        "a comparison and a mended file",
        "rows of nothing",
        "a page in no folder",
        "a page over the dataset",
    ],
)
def test_wrong_usage_ends_with_two(arguments):
    assert 2 == run(*arguments).exit_code
