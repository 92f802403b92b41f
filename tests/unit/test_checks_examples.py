"""The examples are what their README says."""

import re
import tomllib
from pathlib import Path

import pytest

from tunedrop.domain.checks import Limits, Outcome, check_dataset
from tunedrop.domain.formats import Format, read_example

EXAMPLES = Path(__file__).parents[2] / "examples"
GOOD = {
    "tide-code/train.jsonl": (Format.CODE_GENERATION, 24),
    "tide-code/eval.jsonl": (Format.CODE_GENERATION, 10),
    "tide-chat/train.jsonl": (Format.CODE_CHAT, 16),
    "tide-gemini/train.jsonl": (Format.GEMINI, 24),
}


def check(path):
    """Check an example with the floor of the bison models."""
    return check_dataset([path.read_bytes()], limits_for=lambda _format: Limits(min_examples=10))


@pytest.mark.parametrize(
    ("name", "dataset_format", "rows"), [(k, *v) for k, v in GOOD.items()], ids=GOOD
)
def test_a_good_example_has_no_finding(name, dataset_format, rows):
    result = check(EXAMPLES / name)

    assert ("accepted", dataset_format, ()) == (
        result.verdict,
        result.dataset_format,
        result.findings,
    )
    assert result.lines.used == result.lines.physical >= rows


def test_the_bad_example_gives_exactly_the_documented_findings():
    readme = (EXAMPLES / "README.md").read_text("utf-8")
    table = re.findall(r"^\| (\d+|file) \| `([a-z0-9_]+)` \|", readme, re.MULTILINE)
    documented = {(None if line == "file" else int(line), code) for line, code in table}

    result = check(EXAMPLES / "bad" / "train.jsonl")

    found = {(line, f.code.value) for f in result.findings for line in f.lines or [None]}
    assert documented == found
    assert len(documented) >= 13
    assert ("rejected", 1) == (result.verdict, result.lines.to_json()[Outcome.BLANK])


@pytest.mark.parametrize("folder", ["tide-code", "tide-chat", "tide-gemini"])
def test_the_python_in_the_answers_parses(folder):
    path = EXAMPLES / folder / "train.jsonl"
    dataset_format = GOOD[f"{folder}/train.jsonl"][0]
    examples = [read_example(line, dataset_format) for line in path.read_bytes().splitlines()]
    texts = [
        turn.text for example in examples for turn in example.turns if turn.role == "assistant"
    ]
    blocks = [
        block for text in texts for block in re.findall(r"```python\r?\n(.*?)```", text, re.DOTALL)
    ]

    for block in blocks:
        compile(block, folder, "exec")
    assert len(blocks) >= 10


@pytest.mark.parametrize("folder", ["tide-code", "tide-chat", "tide-gemini"])
def test_every_good_folder_has_a_recipe(folder):
    recipe = tomllib.loads((EXAMPLES / folder / "recipe.toml").read_text("utf-8"))

    assert recipe["base_model"]
    assert all(
        (EXAMPLES / folder / name).exists()
        for name in [recipe.get("evaluation", {}).get("dataset", ".")]
    )
