"""The warm gcloud is the real one: same answers, found on PATH, at home wherever its caller is."""

import json
import os
import subprocess

import pytest

from support.recorder import Recorder, environment
from support.warm_gcloud import GCLOUD

NAME = "projects/test-project-1/topics/t"
DESCRIBE = ("pubsub", "topics", "describe", "t", "--format=json")
pytestmark = [
    pytest.mark.gcloud,
    pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed"),
]


@pytest.fixture
def recorder():
    with Recorder() as recorder:
        for api in ("pubsub", "monitoring", "cloudresourcemanager"):
            recorder.state["serviceusage"][f"{api}.googleapis.com"] = {}
        recorder.state["pubsub"][NAME] = {"name": NAME, "labels": {"a": "b"}}
        yield recorder


@pytest.fixture
def variables(recorder, tmp_path):
    return os.environ | environment(recorder, tmp_path)


def lines(recorder):
    found = [request.line for request in recorder.requests]
    recorder.clear()
    return found


@pytest.mark.parametrize(
    "words",
    [DESCRIBE, ("pubsub", "topics", "describe", "nowhere"), (*DESCRIBE, "--bogus")],
    ids=["good", "absent", "bad-flag"],
)
def test_it_answers_and_asks_as_a_process_of_its_own_does(
    warm, recorder, variables, tmp_path, words
):
    answer, asked = warm.execute(words, variables, tmp_path), lines(recorder)
    cold = subprocess.run(
        [GCLOUD, *words], env=variables, capture_output=True, text=True, check=False
    )

    assert (cold.returncode, cold.stdout, cold.stderr) == answer
    assert lines(recorder) == asked


def test_it_judges_lines_as_a_process_of_its_own_does(warm, variables, tmp_path):
    """Of one tree of commands for all lines, where gcloud itself makes two for each."""
    good = "gcloud pubsub topics create t --labels=a=b"
    wrong = (
        f"{good} --bogus",
        "gcloud pubsub topics",
        "gcloud pubsub topics create",
        "gcloud no such",
    )
    lines = [good, *wrong, f"{good} u"]
    path = tmp_path / "lines.json"
    path.write_text(json.dumps([{"command_string": line} for line in lines]))
    words = ("meta", "lint-gcloud-commands", f"--commands-file={path}")

    answer = warm.execute(words, variables, tmp_path)
    cold = subprocess.run([GCLOUD, *words], env=variables, capture_output=True, check=True)

    judged, expected = (
        [{k: v for k, v in one.items() if k != "args_structure"} for one in json.loads(text)]
        for text in (answer.stdout, cold.stdout)
    )
    assert [True, False, False, False, False, True] == [one["success"] for one in expected]
    assert expected == judged


def test_it_is_found_on_the_path_and_reads_files_where_its_caller_is(
    warm, recorder, variables, tmp_path
):
    variables |= {"PATH": f"{warm.folder}:{os.environ['PATH']}"}
    (tmp_path / "alert.json").write_text("{")

    def run(*words):
        return subprocess.run(
            ["gcloud", *words],
            env=variables,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    good = run("projects", "describe", "test-project-1", "--format=value(projectNumber)")
    bad = run("alpha", "monitoring", "policies", "create", "--policy-from-file=alert.json")

    assert (0, f"{recorder.world.number}\n") == (good.returncode, good.stdout)
    assert 1 == bad.returncode
    assert "(gcloud.alpha.monitoring.policies.create) Could not parse" in bad.stderr


def test_it_keeps_nothing_of_the_caller_before(warm, recorder, variables, tmp_path):
    with Recorder() as other:
        other.state["serviceusage"]["pubsub.googleapis.com"] = {}
        elsewhere = os.environ | environment(other, tmp_path / "other")

        first = warm.execute(DESCRIBE, variables, tmp_path)
        second = warm.execute(DESCRIBE, elsewhere, tmp_path)

    assert (0, 1) == (first.code, second.code)
    assert "NOT_FOUND" in second.stderr


def test_gcloud_gets_over_a_service_that_is_away_for_a_moment(warm, recorder, variables, tmp_path):
    recorder.fail(r"^GET /pubsub/.*/topics/", 503)

    assert 0 == warm.execute(DESCRIBE, variables, tmp_path).code
    assert [[503], [200]] == [request.answered for request in recorder.requests]
