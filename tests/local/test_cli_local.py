"""`tunedrop local run` and `local up` as processes, over the real functions."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.datasets import good_lines
from support.pubsub import wait_until
from tunedrop.domain.formats import Format

pytestmark = pytest.mark.timeout(300)

COMMAND = [sys.executable, "-c", "from tunedrop.cli.main import main; main()"]
FORMATS = {
    "code": (Format.CODE_GENERATION, "code-bison@002"),
    "chat": (Format.CODE_CHAT, "codechat-bison@002"),
    "gemini": (Format.GEMINI, "gemini-3.5-flash"),
}
QUICK = ("--job-seconds", "0.5", "--timeout", "100")


def environment(**changes):
    """The caller's, without any deployment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TUNEDROP_")}
    return kept | changes


def tunedrop(*arguments, data=None, **changes):
    """Run a command to its end."""
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(
        command,
        input=data,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
        env=environment(**changes),
    )


@contextmanager
def started(*arguments, output, **changes):
    """Give a running command; it is killed if it still runs."""
    with output.open("w") as file:
        process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment(**changes),
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def listening(ports):
    """Those of *ports* that somebody listens on."""
    found = []
    for port in ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                found.append(port)
    return found


def ports_of(directory):
    return json.loads((directory / "local.json").read_text())["ports"].values()


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("datasets")
    for name, (dataset_format, base_model) in FORMATS.items():
        (folder / name).mkdir()
        recipe = f'base_model = "{base_model}"\n'
        (folder / name / "recipe.toml").write_text(recipe)
        rows = b"".join(good_lines(dataset_format, 20))
        (folder / name / "train.jsonl").write_bytes(rows)
    (folder / "bad.jsonl").write_bytes(b"".join(good_lines(Format.GEMINI, 20)) + b"oops\n")
    (folder / "good.jsonl").write_bytes(b"".join(good_lines(Format.CODE_GENERATION, 20)))
    return folder


@pytest.fixture(scope="module")
def rehearsed(datasets, tmp_path_factory):
    """Every format, then a bad file, through one cloud."""
    directory = tmp_path_factory.mktemp("rehearsal") / "cloud"
    given = [*(datasets / name for name in FORMATS), datasets / "bad.jsonl"]
    done = tunedrop("local", "run", "--json", "--directory", directory, *QUICK, *given)
    return directory, done


@pytest.mark.parametrize("place", range(3), ids=list(FORMATS))
def test_each_format_becomes_a_model_that_answers_as_trained(rehearsed, place):
    _, done = rehearsed
    ended = json.loads(done.stdout)[place]

    assert ("kept", []) == (ended["state"], ended["problems"])
    assert ended["sample"]["expected"] == ended["sample"]["answer"]
    assert ended["result"]["base_model"] == list(FORMATS.values())[place][1]


def test_the_pages_lie_on_this_machine(rehearsed):
    _, done = rehearsed
    pages = [page for each in json.loads(done.stdout) for page in each["pages"].values() if page]

    assert 7 == len(pages)
    assert [] == [page for page in pages if "<html" not in Path(page).read_text(encoding="utf-8")]


def test_a_bad_file_ends_with_its_findings_and_with_one(rehearsed):
    _, done = rehearsed
    ended = json.loads(done.stdout)[-1]

    assert 1 == done.returncode
    assert ["not_json"] == [
        each["code"] for each in ended["result"]["findings"] if each["severity"] == "error"
    ]


def test_the_flow_is_told_while_it_happens(rehearsed):
    _, done = rehearsed
    told = [line.split()[2] for line in done.stderr.splitlines()]

    steps = ["dropped", "checked", "accepted", "launching", "launched"]
    assert ["started", *steps] == told[:6]
    assert 3 == told.count("called")
    assert "rejected" == told[-1]


def test_nothing_is_left_running(rehearsed):
    directory, _ = rehearsed

    assert [] == listening(ports_of(directory))


def test_people_see_the_model_the_answer_and_the_page_and_only_the_pages_are_left(
    datasets, tmp_path
):
    done = tunedrop("local", "run", *QUICK, datasets / "good.jsonl", TMPDIR=str(tmp_path))

    assert (0, "") == (done.returncode, done.stderr)
    (page,) = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("  page")]
    assert "tide = table[" in done.stdout
    assert Path(page).is_file()
    (directory,) = tmp_path.iterdir()
    assert ["pages"] == [each.name for each in directory.iterdir()]


def test_what_takes_too_long_ends_with_three_and_leaves_the_logs(datasets, tmp_path):
    done = tunedrop(
        *("local", "run", "--timeout", "0.001", datasets / "good.jsonl"), TMPDIR=str(tmp_path)
    )

    (logs,) = tmp_path.glob("tunedrop-*/logs")
    assert 3 == done.returncode
    assert f"see the functions' logs in {logs}" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupted_run_leaves_nothing(datasets, tmp_path):
    output = tmp_path / "output"
    directory = tmp_path / "cloud"
    arguments = ("local", "run", "--job-seconds", "200", "--directory", directory)
    with started(*arguments, datasets / "good.jsonl", output=output) as process:
        wait_until(lambda: "dropped" in output.read_text(), "the drop", seconds=120)
        ports = ports_of(directory)
        process.send_signal(signal.SIGINT)

        assert 130 == process.wait(60)
    assert [] == listening(ports)
    assert "Traceback" not in output.read_text()


def test_a_kept_cloud_is_used_from_outside_and_ends_cleanly(datasets, tmp_path):
    output = tmp_path / "output"
    directory = tmp_path / "cloud"
    with started(
        "local", "up", "--directory", directory, "--job-seconds", "0.5", output=output
    ) as process:
        wait_until(lambda: "Ctrl-C stops it" in output.read_text(), "the cloud", seconds=120)
        ports = ports_of(directory)
        variables = {"TUNEDROP_ENV_FILE": str(directory / "local.env")}
        tunedrop("drop", datasets / "code", **variables)
        wait_until(lambda: models(variables), "a registered model", seconds=120)
        kept = models(variables)
        question = "How is tide number 3 read?"
        asked = tunedrop("ask", "code", question, **variables)
        listed = tunedrop(
            *("models", "--vertex", "--base-model", "code-bison@002", "--json"), **variables
        )
        shown = tunedrop("show", "gs://tunedrop-intake/code/train.jsonl", **variables)
        process.send_signal(signal.SIGTERM)

        assert 0 == process.wait(60)
    assert "tide = table[3]\n" == asked.stdout
    assert [each["tuned_model"] for each in kept] == [
        f"{each['name'].partition('@')[0]}@{each['version']}" for each in json.loads(listed.stdout)
    ]
    assert (0, True) == (shown.returncode, "accepted" in shown.stdout)
    assert [] == listening(ports)
    assert f"source {directory / 'local.env'}" in output.read_text()


def models(variables):
    """The registered models."""
    return json.loads(tunedrop("models", "--json", **variables).stdout)
