"""The source page's SDK snippets, and google-genai, against the stand-in's REST face."""

import importlib.util
import warnings

import pytest
from google.auth.credentials import AnonymousCredentials
from google.oauth2.credentials import Credentials

from support.vertex import PARENT, PROJECT, chat_job, code_job, running_vertex
from tunedrop.adapters.vertex_clients import VertexClients
from tunedrop.adapters.vertex_models import VertexModels

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def world(tmp_path):
    with running_vertex(tmp_path) as started:
        yield started


@pytest.fixture
def language_models(world):
    """Import the module that the page's snippets use, pointed at the stand-in."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        vertexai = pytest.importorskip("vertexai", reason="the vertexai SDK is not installed")
        module = pytest.importorskip(
            "vertexai.language_models", reason="this vertexai SDK has no language models"
        )
    vertexai.init(
        project="local-dev",
        location="us-central1",
        api_endpoint=world.rest_url,
        api_transport="rest",
        credentials=AnonymousCredentials(),
    )
    return module


def test_the_page_s_snippet_lists_loads_and_calls_a_tuned_code_model(world, language_models):
    world.run_pipeline()
    base = language_models.CodeGenerationModel.from_pretrained("code-bison@002")

    (name,) = base.list_tuned_model_names()
    model = language_models.CodeGenerationModel.get_tuned_model(name)

    assert name.startswith(f"{PARENT}/models/")
    assert "answer 3" == model.predict(prefix="write task 3").text


def test_the_page_s_snippet_chats_with_a_tuned_model(world, language_models):
    world.run_pipeline(chat_job())
    base = language_models.CodeChatModel.from_pretrained("codechat-bison@002")

    (name,) = base.list_tuned_model_names()
    chat = language_models.CodeChatModel.get_tuned_model(name).start_chat()

    assert "first 4" == chat.send_message("open topic 4").text
    assert "second 4" == chat.send_message("go on").text


def test_a_chat_may_be_given_a_context(world, language_models):
    world.run_pipeline(chat_job())
    base = language_models.CodeChatModel.from_pretrained("codechat-bison@002")
    (name,) = base.list_tuned_model_names()

    chat = language_models.CodeChatModel.get_tuned_model(name).start_chat(context="be brief")

    assert "first 4" == chat.send_message("open topic 4").text


@pytest.mark.parametrize(
    ("kind", "base_model", "job"),
    [
        ("CodeGenerationModel", "code-bison@002", code_job()),
        ("CodeChatModel", "codechat-bison@002", chat_job()),
    ],
    ids=["code", "chat"],
)
def test_a_model_that_was_registered_is_listed_and_loaded_as_before(
    world, language_models, kind, base_model, job
):
    world.run_pipeline(job)
    (model,) = world.grpc.models.list_models(parent=PARENT, timeout=30)
    clients = VertexClients(
        credentials=None, timeout_seconds=5, emulator_host=f"127.0.0.1:{world.server.grpc_port}"
    )
    ours = VertexModels(clients=clients, project=PROJECT)
    ours.annotate(f"{model.name}@1", labels={"tunedrop-run": "r1"}, description="bot, version 1")
    ours.move_alias("candidate", to=f"{model.name}@1")
    snippet = getattr(language_models, kind)

    names = snippet.from_pretrained(base_model).list_tuned_model_names()

    assert [model.name] == names
    assert snippet.get_tuned_model(names[0])


def test_a_tuned_model_without_an_endpoint_is_deployed_by_the_snippet(world, language_models):
    world.run_pipeline()
    (model,) = world.grpc.models.list_models(parent=PARENT, timeout=30)
    (reference,) = model.deployed_models
    world.grpc.endpoints.undeploy_model(
        endpoint=reference.endpoint, deployed_model_id=reference.deployed_model_id, timeout=30
    ).result(timeout=30)

    tuned = language_models.CodeGenerationModel.get_tuned_model(model.name)

    assert "answer 3" == tuned.predict(prefix="write task 3").text


def test_the_page_s_tuning_snippet_names_what_it_lacks(language_models):
    if importlib.util.find_spec("yaml"):
        pytest.skip("PyYAML is installed: the SDK would go and fetch the template itself")
    base = language_models.CodeGenerationModel.from_pretrained("code-bison@002")

    with pytest.raises(ImportError, match="PyYAML"):
        base.tune_model(
            training_data="gs://work/code.jsonl",
            tuning_job_location="us-central1",
            tuned_model_location="us-central1",
        )


@pytest.fixture
def genai_client(world):
    """Build google-genai's own client."""
    genai = pytest.importorskip("google.genai", reason="google-genai is not installed")
    options = genai.types.HttpOptions(base_url=world.rest_url, api_version="v1")
    return genai.Client(
        vertexai=True,
        project="local-dev",
        location="us-central1",
        credentials=Credentials(token="local"),
        http_options=options,
    )


def test_google_genai_tunes_waits_and_asks(world, genai_client):
    job = genai_client.tunings.tune(
        base_model="gemini-3.5-flash",
        training_dataset={"gcs_uri": "gs://work/gemini.jsonl"},
        config={"epoch_count": 2, "adapter_size": "ADAPTER_SIZE_FOUR"},
    )
    world.skip()
    ended = genai_client.tunings.get(name=job.name)
    listed = list(genai_client.tunings.list())

    assert "JOB_STATE_SUCCEEDED" == ended.state.name
    assert [job.name] == [found.name for found in listed]
    answer = genai_client.models.generate_content(
        model=ended.tuned_model.endpoint, contents="write task 3"
    )
    assert "answer 3" == answer.text
