"""Every snippet that the command line prints gets the tuned model's answer from the stand-in, as it is printed."""

import contextlib
import io
import json
import shutil
import subprocess

import pytest

from support.vertex import PARENT, chat_job, running_vertex
from support.world import settings
from tunedrop.reports.calling import QUESTION, snippet

pytestmark = pytest.mark.filterwarnings("ignore")

ASKED = {
    "code-generation": ("write task 3", "answer 3"),
    "code-chat": ("open topic 4", "first 4"),
    "gemini": ("write task 3", "answer 3"),
}
CONTEXTS = {"code-generation": None, "code-chat": "You know 'tides'.", "gemini": 'Be "brief".'}
SDKS = {
    "code-generation": "vertexai.language_models",
    "code-chat": "vertexai.language_models",
    "gemini": "vertexai.generative_models",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with running_vertex(tmp_path_factory.mktemp("vertex")) as started:
        yield started


@pytest.fixture(scope="module")
def tuned(world):
    """A tuned model and its endpoint for each format."""
    world.run_pipeline()
    code = newest_model(world)
    world.run_pipeline(chat_job(), "job-2")
    chat = newest_model(world, but=code)
    gemini = world.run_tuning().tuned_model
    return {
        "code-generation": code,
        "code-chat": chat,
        "gemini": (gemini.model, gemini.endpoint),
    }


def newest_model(world, but=("", "")):
    """Name with version, and endpoint, of the one model that is not *but*."""
    (model,) = (
        found
        for found in world.grpc.models.list_models(parent=PARENT, timeout=30)
        if found.name != but[0].partition("@")[0]
    )
    return f"{model.name}@{model.version_id}", model.deployed_models[0].endpoint


def printed(world, tuned, language, dataset_format):
    """The snippet with a question that the stand-in knows, and the answer that it has to get."""
    tuned_model, endpoint = tuned[dataset_format]
    text = snippet(
        settings(
            project="local-dev",
            vertex_emulator_host=f"127.0.0.1:{world.server.grpc_port}",
            vertex_emulator_rest_host=f"127.0.0.1:{world.server.rest_port}",
        ),
        language,
        endpoint=endpoint,
        tuned_model=tuned_model,
        dataset_format=dataset_format,
        context=CONTEXTS[dataset_format],
    )
    question, answer = ASKED[dataset_format]
    return text.replace(QUESTION, question), answer


def run(text):
    """What a snippet prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(text, "snippet", "exec"), {})
    return out.getvalue()


@pytest.mark.parametrize("dataset_format", ASKED)
def test_rest_gets_the_tuned_answer(world, tuned, dataset_format):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    text, answer = printed(world, tuned, "rest", dataset_format)

    said = subprocess.run(
        ["sh", "-c", text], capture_output=True, check=True, text=True, timeout=60
    ).stdout

    assert answer in json.dumps(json.loads(said))


def test_google_genai_gets_the_tuned_answer(world, tuned):
    pytest.importorskip("google.genai", reason="google-genai is not installed")
    text, answer = printed(world, tuned, "google-genai", "gemini")

    assert f"{answer}\n" == run(text)


@pytest.mark.parametrize("dataset_format", ASKED)
def test_vertexai_gets_the_tuned_answer(world, tuned, dataset_format):
    pytest.importorskip(SDKS[dataset_format], reason="this vertexai SDK has no such models")
    text, answer = printed(world, tuned, "vertexai", dataset_format)

    assert f"{answer}\n" == run(text)
