"""The tool as people start it, with the real gcloud: killed in the middle, and run again."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest

from support.deploy_bench import ROOT, Bench
from support.pubsub import wait_until
from support.recorder import Recorder
from support.warm_gcloud import GCLOUD

pytestmark = [
    pytest.mark.gcloud,
    pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed"),
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not os.environ.get("TUNEDROP_TEST_LARGE"),
        reason="takes a minute; test_deploy_apply.py kills the tool too: set TUNEDROP_TEST_LARGE=1",
    ),
]


@pytest.fixture
def bench(warm, config_texts, tmp_path):
    with Recorder() as recorder:
        yield Bench(config_texts["small"], tmp_path, warm, recorder)


def run_tool(bench, command):
    """The tool as people start it, with the real gcloud first on PATH."""
    tool = [sys.executable, str(ROOT / "deploy" / "tunedrop_deploy.py"), command]
    path = f"{bench.warm.folder}:{os.environ['PATH']}"
    return subprocess.Popen(
        [*tool, "--config", str(bench.config)],
        env=bench.environment | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finished(process):
    said, _ = process.communicate(timeout=240)
    return process.returncode, said


def test_the_tool_itself_is_killed_and_goes_on(bench):
    recorder = bench.recorder

    killed = run_tool(bench, "apply")
    wait_until(lambda: len(recorder.changes) >= 60 or killed.poll() is not None, "60 changes", 120)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(killed.pid, signal.SIGKILL)
    code, first = finished(killed)
    resumed, then = finished(run_tool(bench, "apply"))
    verified, told = finished(run_tool(bench, "verify"))

    assert (-signal.SIGKILL, 0, 0) == (code, resumed, verified), first + then + told
    assert "Everything is as the plan says." == told.splitlines()[-1]
