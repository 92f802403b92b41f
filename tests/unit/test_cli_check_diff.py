"""`tunedrop check --diff`: whether a version is better than another, and what differs."""

import json
from array import array
from collections import Counter

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from support.datasets import good_lines, line, row
from tunedrop.cli.comparing import DIFF_SCHEMA, shared_count
from tunedrop.cli.main import cli
from tunedrop.domain.formats import Format

LINES = good_lines(Format.GEMINI, 20)
GOOD = b"".join(LINES)
TWICE = b"".join([*LINES, LINES[0]])
ALIKE = b"".join([*LINES[1:], line(row(Format.GEMINI, 99, question="same", answer="same"))])


@pytest.fixture(autouse=True)
def _no_deployment(monkeypatch):
    monkeypatch.delenv("TUNEDROP_INTAKE_BUCKET", raising=False)
    monkeypatch.delenv("TUNEDROP_ENV_FILE", raising=False)


@pytest.fixture
def compare(tmp_path):
    def compare(old, new, *arguments):
        paths = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
        for path, data in zip(paths, (old, new), strict=True):
            path.write_bytes(data)
        words = ["check", *arguments, "--diff", str(paths[0]), str(paths[1])]
        return CliRunner().invoke(cli, words)

    return compare


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(GOOD, GOOD, "same", id="the same bytes"),
        pytest.param(GOOD + b"oops\n", GOOD, "better", id="accepted now"),
        pytest.param(GOOD, GOOD + b"oops\n", "worse", id="rejected now"),
        pytest.param(GOOD + b"oops\n" * 3, GOOD + b"oops\n", "better", id="fewer errors"),
        pytest.param(GOOD + b"oops\n", GOOD + b"[1]\n", "mixed", id="another error"),
        pytest.param(GOOD + b"oops\n", GOOD + b"oops\n[1]\n", "worse", id="an error more"),
        pytest.param(TWICE, GOOD, "better", id="a warning less"),
        pytest.param(TWICE, ALIKE, "mixed", id="another warning"),
        pytest.param(TWICE + b"oops\n", GOOD, "better", id="the verdict before the warnings"),
        pytest.param(GOOD, TWICE.replace(LINES[3], b""), "worse", id="a warning more"),
        pytest.param(GOOD, GOOD.replace(b"\n", b"\r\n"), "same", id="notes do not count"),
        pytest.param(GOOD, b"".join(LINES[:15]), "same", id="other examples, no fault"),
    ],
)
def test_one_word_says_whether_it_is_better(compare, old, new, expected):
    answer = json.loads(compare(old, new, "--json").stdout)

    jsonschema.Draft202012Validator(DIFF_SCHEMA).validate(answer)
    assert expected == answer["conclusion"]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(DIFF_SCHEMA)


def test_examples_are_told_apart_by_what_they_say(compare):
    respelt = json.dumps(row(Format.GEMINI, 1), indent=None, separators=(" , ", " : ")).encode()
    new = b"".join(
        [LINES[5], respelt + b"\n", *LINES[6:20], *good_lines(Format.GEMINI, 3, start=70)]
    )
    changes = json.loads(compare(GOOD, new, "--json").stdout)["changes"]

    assert {"old": 20, "new": 19, "delta": -1, "added": 3, "removed": 4} == changes["examples"]


def test_another_format_of_the_same_examples_changes_none(compare):
    old = b"".join(good_lines(Format.PROMPT_COMPLETION, 20))
    changes = json.loads(compare(old, GOOD, "--json").stdout)["changes"]

    assert (0, 0) == (changes["examples"]["added"], changes["examples"]["removed"])


def test_each_code_is_told_with_what_became_of_it(compare):
    old = GOOD + b"oops\n[1]\n[2]\n" + b'{"contents": 1}\n'
    new = GOOD + b"[1]\n" + b'{"contents": 1}\n' * 2 + b"caf\xe9\n"
    changes = json.loads(compare(old, new, "--json").stdout)["changes"]

    assert [
        ("not_utf8", 0, 1, "new"),
        ("not_json", 1, 0, "gone"),
        ("not_object", 2, 1, "fewer"),
        ("wrong_type", 1, 2, "more"),
    ] == [
        (each["code"], each["old"], each["new"], each["change"])
        for each in changes["findings"]
        if each["severity"] == "error"
    ]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [(GOOD + b"oops\n", GOOD, 0), (GOOD, GOOD + b"oops\n", 1), (b"", b"", 1)],
    ids=["accepted", "rejected", "both rejected"],
)
def test_the_exit_code_is_the_new_files(compare, old, new, code):
    assert code == compare(old, new).exit_code


def test_people_get_the_word_first_and_the_numbers(compare):
    text = compare(TWICE + b"oops\n", GOOD).stdout

    first, *rest = text.splitlines()
    assert "/new.jsonl: better than " in first
    assert "  verdict     rejected, now accepted" in rest
    assert "  examples    21, now 20 (-1): 0 added, 1 removed" in rest
    assert "  duplicates  1, now 0 (-1)" in rest
    table = [each.split() for each in rest]
    assert ["gone", "error", "not_json", "1", "0", "-1"] in table
    assert ["gone", "warning", "exact_duplicate", "1", "0", "-1"] in table


def test_both_are_held_to_the_rules_of_the_new_one(tmp_path):
    for folder, model in (("old", "gemini-2.5-pro"), ("new", "gemini-2.5-flash")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "recipe.toml").write_text(f'base_model = "{model}"')
        (tmp_path / folder / "x.jsonl").write_bytes(GOOD)
    words = [
        "check",
        "--json",
        "--diff",
        str(tmp_path / "old/x.jsonl"),
        str(tmp_path / "new/x.jsonl"),
    ]
    answer = json.loads(CliRunner().invoke(cli, words).stdout)

    assert ["gemini-2.5-flash"] * 2 == [answer[each]["base_model"] for each in ("old", "new")]


def test_the_old_version_may_be_standard_input(tmp_path):
    path = tmp_path / "new.jsonl"
    path.write_bytes(GOOD)
    result = CliRunner().invoke(cli, ["check", "--json", "--diff", "-", str(path)], input=TWICE)

    assert "better" == json.loads(result.stdout)["conclusion"]


HASHES = st.lists(st.integers(0, 5) | st.integers(2**64 - 3, 2**64 - 1), max_size=30)


@given(HASHES, HASHES)
def test_hashes_are_shared_as_often_as_both_hold_them(old, new):
    both = Counter(old) & Counter(new)

    assert both.total() == shared_count(array("Q", old), array("Q", new))
