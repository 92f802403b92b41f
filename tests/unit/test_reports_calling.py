"""The ways to call a model that a page offers do work, as they are copied from it."""

import contextlib
import io
import json
import shutil
import subprocess

import pytest

from support.vertex import chat_job, running_vertex
from support.world import settings
from tunedrop.domain.hosts import host_of, location_of
from tunedrop.reports.calling import QUESTION, ways_to_call

FORMATS = ("code-generation", "code-chat", "gemini")


def ways(endpoint, dataset_format, **changes):
    """The texts by the first word of what follows "With"."""
    found = ways_to_call(
        settings(project="local-dev", **changes),
        run_id="bot-0123456789abcdef",
        endpoint=endpoint,
        project="local-dev",
        dataset_format=dataset_format,
        context=None,
    )
    return {way["title"].removeprefix("With "): way["text"] for way in found}


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("us-central1", "us-central1-aiplatform.googleapis.com"),
        ("us", "aiplatform.us.rep.googleapis.com"),
        ("eu", "aiplatform.eu.rep.googleapis.com"),
        ("global", "aiplatform.googleapis.com"),
    ],
)
@pytest.mark.parametrize("dataset_format", FORMATS)
def test_a_call_goes_to_the_host_of_the_endpoint_s_own_location(location, host, dataset_format):
    endpoint = f"projects/local-dev/locations/{location}/endpoints/8"

    offered = ways(endpoint, dataset_format)

    assert host == host_of(location_of(endpoint))
    verb = "generateContent" if dataset_format == "gemini" else "predict"
    assert f"https://{host}/v1/{endpoint}:{verb}" in offered["curl"]
    assert (repr(location) if dataset_format == "gemini" else repr(host)) in offered["Python"]


@pytest.mark.parametrize("name", ["", "endpoints/8", "projects/p/locations//endpoints/8"])
def test_a_name_without_a_location_is_refused(name):
    with pytest.raises(ValueError, match="expected a resource name"):
        location_of(name)


@pytest.mark.parametrize("dataset_format", FORMATS)
def test_the_python_is_python(dataset_format):
    offered = ways("projects/p/locations/us/endpoints/8", dataset_format)

    compile(offered["Python"], "page", "exec")


def test_a_hostile_endpoint_name_stays_inside_its_quotes():
    endpoint = "projects/p/locations/us/endpoints/8'; import os; $(id) \""

    offered = ways(endpoint, "code-generation")

    assert f"endpoint={endpoint!r}," in offered["Python"]
    words = subprocess.run(
        [
            "sh",
            "-c",
            'curl() { for a; do :; done; printf %s "$a"; }; gcloud() { :; }; ' + offered["curl"],
        ],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert words.endswith(f"/v1/{endpoint}:predict")


def test_tunedrop_itself_asks_by_the_run():
    offered = ways("projects/p/locations/us/endpoints/8", "gemini")

    assert "tunedrop ask bot-0123456789abcdef 'Your question'" == offered["tunedrop"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with running_vertex(tmp_path_factory.mktemp("vertex")) as started:
        yield started


@pytest.fixture(scope="module")
def endpoints(world):
    """An endpoint for each format, tuned on the stand-in's files."""
    world.run_pipeline()
    (code,) = world.grpc.endpoints.list_endpoints(parent="projects/local-dev/locations/us-central1")
    world.run_pipeline(chat_job(), "job-2")
    (chat,) = (
        found
        for found in world.grpc.endpoints.list_endpoints(
            parent="projects/local-dev/locations/us-central1"
        )
        if found.name != code.name
    )
    gemini = world.run_tuning().tuned_model.endpoint
    return {"code-generation": code.name, "code-chat": chat.name, "gemini": gemini}


ASKED = {
    "code-generation": ("write task 3", "answer 3"),
    "code-chat": ("open topic 4", "first 4"),
    "gemini": ("write task 3", "answer 3"),
}


def local_ways(world, endpoints, dataset_format):
    emulator = f"127.0.0.1:{world.server.grpc_port}"
    offered = ways(
        endpoints[dataset_format],
        dataset_format,
        vertex_emulator_host=emulator,
        vertex_emulator_rest_host=f"127.0.0.1:{world.server.rest_port}",
    )
    question, answer = ASKED[dataset_format]
    return {name: text.replace(QUESTION, question) for name, text in offered.items()}, answer


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dataset_format", FORMATS)
def test_the_local_cloud_s_python_gets_the_tuned_answer(world, endpoints, dataset_format):
    if dataset_format == "gemini":
        pytest.importorskip("google.genai", reason="google-genai is not installed")
    offered, answer = local_ways(world, endpoints, dataset_format)

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(offered["Python"], "page", "exec"), {})

    assert f"{answer}\n" == printed.getvalue()


@pytest.mark.parametrize("dataset_format", FORMATS)
def test_the_local_cloud_s_curl_gets_the_tuned_answer(world, endpoints, dataset_format):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    offered, answer = local_ways(world, endpoints, dataset_format)

    said = subprocess.run(
        ["sh", "-c", offered["curl"]], capture_output=True, check=True, text=True, timeout=60
    ).stdout

    assert answer in json.dumps(json.loads(said))
