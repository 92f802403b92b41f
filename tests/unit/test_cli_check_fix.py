"""`tunedrop check --fix`: what would be trained on, what was left out, and where each line came from."""

import json
import os
import subprocess

import pytest
from click.testing import CliRunner

from support.datasets import good_lines
from support.terminal import PROGRAM, environment
from tunedrop.cli.main import cli
from tunedrop.domain.formats import Format
from tunedrop.domain.staging import LineMap
from tunedrop.errors import RetryableError

LINES = good_lines(Format.GEMINI, 20)
BAD = b"".join(
    [
        b"\xef\xbb\xbf" + LINES[0],
        b"\n",
        LINES[1][:-1] + b"\r\n",
        b'["mark-4711"]\n',
        *LINES[2:19],
        b"caf\xe9\n",
        LINES[19][:-1],
    ]
)


@pytest.fixture(autouse=True)
def _no_deployment(monkeypatch):
    monkeypatch.delenv("TUNEDROP_INTAKE_BUCKET", raising=False)
    monkeypatch.delenv("TUNEDROP_ENV_FILE", raising=False)


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_bytes(BAD)
    return path


@pytest.fixture
def out(tmp_path):
    return tmp_path / "fixed.jsonl"


def run(*arguments, data=None):
    return CliRunner().invoke(cli, ["check", *map(str, arguments)], input=data)


def rejects(out):
    text = out.with_name(f"{out.name}.rejects.jsonl").read_text()
    return [json.loads(each) for each in text.splitlines()]


def test_the_kept_lines_are_written_and_nothing_else(bad, out):
    result = run("--fix", out, bad)

    assert 0 == result.exit_code
    assert b"".join(LINES) == out.read_bytes()
    assert (
        f"{out}: accepted, 20 of 23 lines kept, 2 rejected, 1 blank: see {out}.rejects.jsonl"
        in (result.stderr)
    )
    assert f"{bad}: rejected" in result.stdout


def test_what_was_left_out_is_told_without_the_rows(bad, out):
    run("--fix", out, bad)

    told = [(each["line"], each["code"]) for each in rejects(out)]
    assert [(4, "not_object"), (22, "not_utf8")] == told
    assert all(each["remedy"] and "row" not in each for each in rejects(out))


def test_the_rows_are_told_where_that_is_wanted(bad, out):
    run("--fix", out, "--with-rows", bad)

    assert ['["mark-4711"]', "caf\N{REPLACEMENT CHARACTER}"] == [
        each["row"] for each in rejects(out)
    ]


def test_each_line_leads_back_to_the_users(bad, out):
    run("--fix", out, bad)

    line_map = LineMap.from_bytes((out.parent / "fixed.jsonl.lines").read_bytes())
    assert [1, 3, *range(5, 22), 23] == [line_map.source_line(n) for n in range(1, 21)]


def test_what_is_left_has_to_be_enough(tmp_path, out):
    few = tmp_path / "few.jsonl"
    few.write_bytes(b"".join(good_lines(Format.CODE_GENERATION, 9)) + b"oops\n")
    result = run("--fix", out, "--for", "code-bison@002", few)

    assert 1 == result.exit_code
    assert f"{out}: rejected" in result.stdout
    assert "too_few_examples" in result.stdout.partition(f"{out}: rejected")[2]
    assert 9 == len(out.read_bytes().splitlines())


def test_a_file_of_which_nothing_is_left_is_not_written(tmp_path, out):
    hopeless = tmp_path / "hopeless.jsonl"
    hopeless.write_bytes(b"oops\n")
    result = run("--fix", out, hopeless)

    assert 1 == result.exit_code
    assert "not written, since no line is kept" in result.stderr
    assert ["hopeless.jsonl"] == [each.name for each in tmp_path.iterdir()]


def test_a_good_file_comes_back_as_it_was(tmp_path, out):
    good = tmp_path / "good.jsonl"
    good.write_bytes(b"".join(LINES))
    result = run("--fix", out, good)

    assert 0 == result.exit_code
    assert good.read_bytes() == out.read_bytes()
    assert [] == rejects(out)


def test_what_a_recipe_tolerates_can_be_left_out_all_the_same(bad, out):
    (bad.parent / "recipe.toml").write_text('base_model = "gemini-3.5-flash"\ntolerate = 0.2')
    result = run("--fix", out, bad)

    assert 0 == result.exit_code
    assert f"{bad}: accepted" in result.stdout
    assert b"".join(LINES) == out.read_bytes()


def test_standard_output_is_the_first_checks_json(bad, out):
    plain, fixing = run("--json", bad), run("--json", "--fix", out, bad)

    assert json.loads(plain.stdout) == json.loads(fixing.stdout)
    assert (1, 0) == (plain.exit_code, fixing.exit_code)


@pytest.mark.parametrize("name", ["train.jsonl", "fixed.jsonl.rejects.jsonl", "fixed.jsonl.lines"])
def test_an_input_is_never_written_over(tmp_path, out, name):
    path = tmp_path / name
    path.write_bytes(BAD)
    target = path if name == "train.jsonl" else out
    result = run("--fix", target, path)

    assert 2 == result.exit_code
    assert BAD == path.read_bytes()
    assert [name] == [each.name for each in tmp_path.iterdir()]


def test_an_input_is_never_written_over_by_another_name(bad, tmp_path):
    other = tmp_path / "other.jsonl"
    other.hardlink_to(bad)

    assert 2 == run("--fix", other, bad).exit_code
    assert BAD == bad.read_bytes()


def test_what_was_there_is_replaced_whole_or_stays(bad, out, monkeypatch):
    out.write_bytes(b"an earlier one\n")

    def broken(_self):
        raise OSError("no space left")

    monkeypatch.setattr(LineMap, "to_bytes", broken)
    result = run("--fix", out, bad)

    assert 3 == result.exit_code
    assert b"an earlier one\n" == out.read_bytes()
    assert ["fixed.jsonl", "train.jsonl"] == sorted(each.name for each in bad.parent.iterdir())


def test_a_file_that_changes_between_two_reads_is_not_written(bad, out, tmp_path):
    from tunedrop.cli.checking import Checker, Wanted
    from tunedrop.cli.fixing import Outputs, write_fixed

    checked = Checker(None, Wanted()).check(str(bad))
    bad.write_bytes(b"".join(LINES[:3]))

    with pytest.raises(RetryableError, match="changed while it was read"):
        write_fixed(
            checked,
            Outputs(out),
            read=lambda path: [bad.read_bytes()],
            source=str(bad),
            with_rows=False,
        )
    assert ["train.jsonl"] == [each.name for each in tmp_path.iterdir()]


def test_a_pipe_is_read_once_and_mended(out):
    done = subprocess.run(
        [*PROGRAM, "check", "--fix", out, "--with-rows", "-"],
        input=BAD,
        capture_output=True,
        check=False,
        env=environment(),
    )

    assert 0 == done.returncode
    assert b"".join(LINES) == out.read_bytes()
    assert '["mark-4711"]' == rejects(out)[0]["row"]
    assert b"mark-4711" not in done.stdout + done.stderr


def test_what_a_shell_hands_over_as_a_file_is_read_once_and_mended(out):
    reading, writing = os.pipe()
    os.write(writing, BAD)
    os.close(writing)
    result = run("--fix", out, f"/dev/fd/{reading}")
    os.close(reading)

    assert 0 == result.exit_code
    assert b"".join(LINES) == out.read_bytes()
