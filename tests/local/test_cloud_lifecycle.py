"""How a local cloud begins and ends: whole, and with nothing left behind, however it ends."""

import os
import shutil
import signal
import socket
import subprocess
import threading

import pytest

from support.cloud import (
    FUNCTIONS,
    cloud_script,
    groups_of,
    is_alive,
    living_members,
    message_data,
    recorded_cloud,
    recording_options,
    started_processes,
)
from support.pubsub import clients_of, wait_until
from tunedrop.errors import UsageError
from tunedrop.local.cloud import LocalCloud
from tunedrop.local.deployment import Redelivery
from tunedrop.local.layout import running_environment
from tunedrop.local.processes import FunctionStartError
from tunedrop.local.wiring import watch_name


def test_stop_leaves_no_process_no_thread_and_no_port(tmp_path):
    threads = set(threading.enumerate())
    with recorded_cloud(tmp_path / "cloud") as world:
        world.upload("a.jsonl")
        world.wait_for("on_finalized", "a.jsonl")
        groups, ports = groups_of(world.cloud), dict(world.cloud.ports)

    assert living_members(groups) == []
    assert [name for name, port in ports.items() if is_open(port)] == []
    wait_until(lambda: not (set(threading.enumerate()) - threads), "the end of every thread")


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_stop_ends_a_function_that_does_not_react(tmp_path):
    with recorded_cloud(tmp_path / "cloud") as world:
        groups = groups_of(world.cloud)
        os.killpg(groups[0], signal.SIGSTOP)

    assert living_members(groups) == []


def test_a_second_cloud_on_the_directory_is_refused(tmp_path):
    with (
        recorded_cloud(tmp_path / "cloud") as world,
        pytest.raises(UsageError, match="expected no other local cloud on this directory"),
    ):
        LocalCloud(tmp_path / "cloud", recording_options(world.notes)).start()


def test_a_restart_delivers_what_was_left_and_keeps_the_addresses(tmp_path):
    with recorded_cloud(tmp_path / "cloud") as world, world.cloud.restarts_paused():
        first = dict(world.cloud.environment)
        world.cloud.kill("validator")
        world.cloud.kill("launcher")
        world.upload("left.jsonl")
        world.publish("launches", b"left", mark="left-launch")

    with recorded_cloud(tmp_path / "cloud") as world:
        assert len(world.wait_for("on_finalized", "left.jsonl")) == 1
        (note,) = world.wait_for("on_launch", "left-launch")
        assert message_data(note) == b"left"
        assert world.cloud.environment == first


def test_functions_end_with_a_supervisor_that_was_killed_and_the_next_one_goes_on(tmp_path):
    body = "cloud.start(); cloud.kill('validator'); tell(); import time; time.sleep(600)"
    with cloud_script(tmp_path / "cloud", body) as (process, groups):
        assert len(living_members(groups)) > 0
        process.send_signal(signal.SIGKILL)
        wait_until(lambda: not living_members(groups), "the end of the functions")

    with recorded_cloud(tmp_path / "cloud") as world:
        world.upload("after.jsonl")
        assert len(world.wait_for("on_finalized", "after.jsonl")) == 1


@pytest.mark.parametrize(
    ("body", "number", "code"),
    [
        pytest.param("cloud.start(); tell()", None, 0, id="without-stop"),
        pytest.param(
            "import time\nwith cloud:\n    tell()\n    time.sleep(600)",
            signal.SIGINT,
            -signal.SIGINT,
            id="interrupted",
        ),
    ],
)
def test_a_program_that_ends_takes_its_cloud_along(tmp_path, body, number, code):
    with cloud_script(tmp_path / "cloud", body) as (process, groups):
        if number:
            process.send_signal(number)
        returncode = process.wait(timeout=60)

        assert (returncode, living_members(groups)) == (code, [])


def test_a_start_that_fails_half_way_leaves_nothing_and_says_where_to_look(tmp_path):
    functions = shutil.copytree(FUNCTIONS, tmp_path / "functions")
    (functions / "status" / "main.py").write_text("raise RuntimeError('broken on purpose')\n")
    notes = tmp_path / "cloud-notes"
    options = recording_options(notes, functions_directory=functions)

    with pytest.raises(FunctionStartError, match=r"(?s)status-.*\.log.*broken on purpose"):
        LocalCloud(tmp_path / "cloud", options).start()
    assert len(started_processes(notes)) > 0
    assert [each for each in started_processes(notes) if is_alive(each)] == []
    with recorded_cloud(tmp_path / "cloud") as world:
        assert len(groups_of(world.cloud)) == 5


def test_a_message_that_fails_too_often_ends_among_the_dead_letters(tmp_path):
    redelivery = Redelivery(first_rest_seconds=0.05, longest_rest_seconds=0.1, max_attempts=5)
    with (
        recorded_cloud(tmp_path / "cloud", redelivery=redelivery) as world,
        world.failing("on_control", "doomed"),
        clients_of(world.cloud.pubsub.address) as clients,
    ):
        world.publish("control", b"x", mark="doomed")
        (received,) = clients.pull(watch_name(world.cloud.settings, "dead-letters"))

    attempts = received.message.attributes["CloudPubSubDeadLetterSourceDeliveryCount"]
    assert (attempts, len(world.received("on_control"))) == ("5", 5)


def test_other_programs_find_the_cloud_by_its_files(tmp_path):
    with recorded_cloud(tmp_path / "cloud") as world:
        command = f". '{world.cloud.layout.shell_file}' && env -0"
        output = subprocess.run(["sh", "-c", command], check=True, capture_output=True, env={})
        found = dict(line.split("=", 1) for line in output.stdout.decode().split("\0") if line)

        assert world.cloud.environment.items() <= found.items()
        assert running_environment(tmp_path / "cloud") == world.cloud.environment
    with pytest.raises(UsageError, match="tunedrop local up"):
        running_environment(tmp_path / "cloud")


def test_a_stopped_cloud_says_so(tmp_path):
    cloud = LocalCloud(tmp_path / "cloud")
    cloud.stop()

    with pytest.raises(UsageError, match="expected a started local cloud"):
        cloud.kill("launcher")
