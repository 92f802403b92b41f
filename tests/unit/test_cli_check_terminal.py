"""`tunedrop check` before people's eyes: on a real terminal, and in a pipe."""

import subprocess

import pytest

from support.datasets import good_lines
from support.terminal import PROGRAM, environment, in_terminal, without_escapes
from tunedrop.domain.finding_rules import RULES, Code
from tunedrop.domain.formats import Format

GOOD = b"".join(good_lines(Format.GEMINI, 20))
BAD = GOOD + b'oops\n[1]\n{"contents": 1}\n' + b"[2]\n" * 40
BOX = "\u2500\u2501\u2502\u250c\u2578"


@pytest.fixture(scope="module")
def bad_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("check") / "bad.jsonl"
    path.write_bytes(BAD)
    return str(path)


@pytest.fixture(scope="module")
def on_terminal(bad_file):
    code, sent = in_terminal(["check", bad_file])
    return code, sent, without_escapes(sent)


@pytest.fixture(scope="module")
def in_pipe(bad_file):
    return subprocess.run(
        [*PROGRAM, "check", bad_file],
        capture_output=True,
        check=False,
        env=environment(),
        text=True,
    )


def test_a_terminal_gets_a_coloured_table(on_terminal, bad_file):
    code, sent, text = on_terminal

    assert 1 == code
    assert "\x1b[1;31m" in sent
    lines = text.splitlines()
    assert f"{bad_file}: rejected".startswith(lines[0])
    header = next(place for place, each in enumerate(lines) if each.startswith("severity"))
    assert ["severity", "code", "count", "lines"] == lines[header].split()
    assert set(lines[header + 1]) == {"\u2500"}
    rows = [each.split() for each in lines if each.startswith(("error", "warning", "note"))]
    assert ["error", "not_object", "41", "22,", "24-63"] in rows
    assert ["error", "not_json", "1", "21"] in rows


def test_a_terminal_of_80_columns_holds_every_line(on_terminal):
    _, _, text = on_terminal

    assert [] == [each for each in text.splitlines() if len(each) > 80]
    words = " ".join(text.split())
    assert "line 22, column 1: expected an object, found an array" in words
    assert RULES[Code.NOT_JSON].remedy in words


def test_what_happens_next_comes_last(on_terminal, in_pipe):
    _, _, text = on_terminal

    assert text.rstrip().splitlines()[-1].startswith(("next", " "))
    assert in_pipe.stdout.rstrip().splitlines()[-1].startswith("next: ")


def test_no_colour_is_shown_where_none_is_wanted(bad_file):
    _, sent = in_terminal(["check", bad_file], NO_COLOR="1")

    assert "not_object" in sent
    assert "[31m" not in sent
    assert "[1;31m" not in sent


def test_a_bar_shows_how_far_a_large_file_is(tmp_path):
    path = tmp_path / "large.jsonl"
    path.write_bytes(b"x" * (1 << 20) + b"\n")
    with path.open("ab") as file:
        file.truncate(9 << 20)
    code, sent = in_terminal(["check", str(path)])

    text = without_escapes(sent)
    assert 1 == code
    assert "reading" in text
    assert "\u2501" in text
    assert "/9.0 MiB" in text
    assert "\x1b[2K" in sent


def test_a_bar_shows_that_standard_input_is_read():
    code, sent = in_terminal(["check", "-"], data=GOOD)

    text = without_escapes(sent)
    assert 0 == code
    assert "reading -" in text
    assert "-: accepted" in text


def test_a_small_file_needs_no_bar(on_terminal):
    _, _, text = on_terminal

    assert "reading" not in text
    assert "\u2501" not in text


def test_a_pipe_gets_a_paragraph_for_each_finding(in_pipe, bad_file):
    paragraphs = in_pipe.stdout.split("\n\n")

    assert 1 == in_pipe.returncode
    assert paragraphs[0].startswith(f"{bad_file}: rejected\n  lines ")
    found = [each.splitlines() for each in paragraphs[1:] if not each.startswith("next: ")]
    assert [3] * len(found) == [len(each) for each in found]
    assert f"{bad_file}:21:1: error not_json: " in found[0][0]
    assert "  1 found: line 21" == found[0][1]
    assert f"  {RULES[Code.NOT_JSON].remedy}" == found[0][2]


def test_a_pipe_gets_neither_colours_nor_boxes_nor_a_bar(in_pipe):
    assert "\x1b" not in in_pipe.stdout + in_pipe.stderr
    assert [] == [character for character in BOX if character in in_pipe.stdout]
    assert "reading" not in in_pipe.stderr


def test_a_finding_about_the_file_stands_at_no_line(tmp_path):
    path = tmp_path / "empty.jsonl"
    path.write_bytes(b"")
    done = subprocess.run(
        [*PROGRAM, "check", path], capture_output=True, check=False, env=environment(), text=True
    )

    assert f"\n{path}: error empty_file: " in done.stdout
    assert "  1 found: the file as a whole\n" in done.stdout
