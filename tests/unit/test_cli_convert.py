"""`tunedrop convert`: what it writes, what it says and when it writes nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from support.datasets import good_lines, line, row
from tunedrop.cli.convert import TARGETS
from tunedrop.cli.converting import Request, convert_file
from tunedrop.cli.main import cli
from tunedrop.domain.checks import split_lines
from tunedrop.domain.formats import WRITABLE, Format
from tunedrop.domain.staging import stage_lines
from tunedrop.errors import RetryableError

CODE, CHAT, GEMINI = WRITABLE
OPENAI = Format.OPENAI
GOOD = b"".join(good_lines(OPENAI, 3))
NAMED = line({"messages": [{**message, "name": "Ada"} for message in row(OPENAI, 7)["messages"]]})
BAD = GOOD + b"oops\n\n" + line({"messages": []})


@pytest.fixture(autouse=True)
def _no_deployment(monkeypatch):
    """Keep the caller's own deployment out."""
    monkeypatch.delenv("TUNEDROP_INTAKE_BUCKET", raising=False)
    monkeypatch.delenv("TUNEDROP_ENV_FILE", raising=False)


@pytest.fixture
def files(tmp_path):
    """A function that writes FROM and gives the paths of FROM and TO."""

    def write(data):
        (tmp_path / "from.jsonl").write_bytes(data)
        return str(tmp_path / "from.jsonl"), str(tmp_path / "to.jsonl")

    return write


def run(*arguments, data=None):
    return CliRunner().invoke(cli, ["convert", *arguments], input=data)


def written(path):
    """The objects of a file."""
    return [json.loads(each) for each in Path(path).read_bytes().splitlines()]


def staged(data, source, target, **options):
    """The bytes that a deployment would train on."""
    lines = stage_lines(
        split_lines([data], 10**6), source_format=source, target_format=target, **options
    )
    return b"".join(each.data for each in lines if each.part == "training")


def test_the_targets_are_the_formats_that_can_be_written():
    assert tuple(WRITABLE) == TARGETS


@pytest.mark.parametrize("target", WRITABLE)
@pytest.mark.parametrize("source", Format)
def test_what_is_written_is_what_a_deployment_trains_on(files, source, target, tmp_path):
    data = b"\xef\xbb\xbf" + b"\r\n".join(each.rstrip() for each in good_lines(source, 3))
    from_file, to_file = files(data)

    result = run(from_file, to_file, "--to", target.value)

    assert 0 == result.exit_code
    assert staged(data, source, target) == (tmp_path / "to.jsonl").read_bytes()
    assert f"to.jsonl: 3 lines of {target} written" in result.stdout
    assert "lossy" not in result.stdout


def test_each_kind_of_loss_is_told_with_its_lines(files):
    result = run(*files(GOOD + NAMED + b"\n" + NAMED), "--to", "gemini")

    assert 0 == result.exit_code
    assert "lossy: 2 lines: the `name` of a message is left out: 4, 6" in result.stdout


def test_a_line_that_cannot_be_converted_leaves_no_file(files, tmp_path):
    from_file, to_file = files(BAD)

    result = run(from_file, to_file, "--to", "gemini")

    assert 1 == result.exit_code
    assert ["from.jsonl"] == [path.name for path in tmp_path.iterdir()]
    assert "to.jsonl: not written" in result.stderr
    assert "not_json: 4: expected a value" in result.stderr
    assert "no_turns: 6: " in result.stderr
    assert "Correct the JSON at the column named" in result.stderr
    assert "--drop-rejected" in result.stderr


def test_rejected_lines_can_be_left_out(files):
    from_file, to_file = files(BAD)

    result = run(from_file, to_file, "--to", "gemini", "--drop-rejected")

    assert 0 == result.exit_code
    assert 3 == len(written(to_file))
    assert "not_json: 4" in result.stdout


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"\x1f\x8b", "gzip_or_binary: the file as a whole", id="gzip"),
        pytest.param(b'{"question": 1}\n', "unrecognised_format", id="unknown"),
        pytest.param(b"", "empty_file", id="empty"),
        pytest.param(b'{"messages": [{"role": "user"}]}\n', "missing_key: 1", id="nothing-left"),
    ],
)
def test_a_file_with_nothing_to_convert_is_no_file_even_then(files, data, words):
    from_file, to_file = files(data)

    result = run(from_file, to_file, "--to", "gemini", "--drop-rejected")

    assert 1 == result.exit_code
    assert words in result.stderr
    assert not Path(to_file).exists()


def test_a_conversation_too_long_for_the_target_is_named(files):
    turns = row(CHAT)["messages"] * 2

    result = run(
        *files(b"".join(good_lines(CHAT, 2)) + line({"messages": turns})), "--to", CODE.value
    )

    assert 1 == result.exit_code
    assert "not_convertible: 3: code-generation holds one question and one answer" in result.stderr


def test_a_file_is_not_written_over_unasked(files, tmp_path):
    from_file, to_file = files(GOOD)
    (tmp_path / "to.jsonl").write_text("mine")

    refused = run(from_file, to_file, "--to", "gemini")
    assert 2 == refused.exit_code
    assert "add --force" in refused.stderr
    assert "mine" == (tmp_path / "to.jsonl").read_text()

    assert 0 == run(from_file, to_file, "--to", "gemini", "--force").exit_code
    assert 3 == len(written(to_file))


def test_nothing_is_written_over_what_is_read(files):
    from_file, _ = files(GOOD)

    result = run(from_file, from_file, "--to", "gemini", "--force")

    assert 2 == result.exit_code
    assert GOOD == Path(from_file).read_bytes()


def test_a_default_context_goes_into_gemini_lines_without_one(files):
    data = line({**row(CHAT), "context": "own"}) + line(row(CHAT, 1))
    from_file, to_file = files(data)

    run(from_file, to_file, "--to", "gemini", "--default-context", "ours")

    assert ["own", "ours"] == [
        each["systemInstruction"]["parts"][0]["text"] for each in written(to_file)
    ]


def test_a_default_context_for_a_chat_model_is_wrong_usage(files):
    result = run(*files(GOOD), "--to", "code-chat", "--default-context", "ours")

    assert 2 == result.exit_code
    assert "a setting of the job" in result.stderr


@pytest.mark.parametrize("buckets", [(), ("--bucket", "tide-files")], ids=["none", "named"])
def test_file_parts_may_point_into_named_buckets_only(files, buckets):
    value = row(GEMINI)
    value["contents"][0]["parts"].append(
        {"fileData": {"mimeType": "text/plain", "fileUri": "gs://tide-files/a"}}
    )

    result = run(*files(line(value)), "--to", "gemini", *buckets)

    assert (0 if buckets else 1) == result.exit_code
    assert buckets or "foreign_uri: 1" in result.stderr


def test_a_pipe_gets_the_lines_alone():
    command = [sys.executable, "-c", "from tunedrop.cli.main import main; main()"]
    done = subprocess.run(
        [*command, "convert", "-", "-", "--to", "gemini", "--drop-rejected"],
        input=BAD,
        capture_output=True,
        check=False,
    )

    assert 0 == done.returncode
    assert staged(GOOD, OPENAI, GEMINI) == done.stdout
    assert b"-: 3 lines of gemini written" in done.stderr


def test_a_hyphen_is_standard_output_and_takes_nothing_else(files):
    from_file, _ = files(GOOD)

    result = run(from_file, "-", "--to", "gemini")

    assert staged(GOOD, OPENAI, GEMINI) == result.stdout_bytes
    assert "-: 3 lines of gemini written" in result.stderr


def test_a_file_that_changes_meanwhile_is_not_written(files):
    from_file, to_file = files(GOOD)
    readings = iter([[GOOD], [GOOD[:-1], b"oops"]])
    request = Request(GEMINI, None, frozenset(), drops_rejected=False)

    with pytest.raises(RetryableError, match="changed while it was read"):
        convert_file(from_file, to_file, request, lambda _path: next(readings))

    assert not Path(to_file).exists()


def test_of_many_lines_with_a_loss_the_first_are_named(files):
    result = run(*files(NAMED * 150), "--to", "gemini")

    assert "lossy: 150 lines: the `name` of a message is left out: 1-100 + 50 more" in result.stdout


def test_no_text_of_the_dataset_is_told(files):
    secret = "XYZZY-PLUGH"
    data = GOOD + line({"messages": [{"role": secret, secret: secret}]}) + secret.encode()

    result = run(*files(data), "--to", "gemini")

    assert 1 == result.exit_code
    assert secret not in result.output
