"""`tunedrop snippet`: calling code for the champion, in a language that can call it."""

import pytest

from support.commands import commanded, tunedrop
from support.promoting import LOCATION, endpoint, model, settled
from support.world import World, settings
from tunedrop.reports.calling import snippet

CONTEXT = "Be 'brief';\nand \"kind\""


@pytest.fixture
def world():
    with commanded(World()) as world:
        yield world


def test_the_champion_s_code_is_printed(world):
    runs = [settled(world, "one", "always"), settled(world, "two", "manual")]

    result = tunedrop("snippet", "bot")

    assert (0, "") == (result.exit_code, result.stderr)
    assert result.stdout.startswith("curl ")
    assert f"{endpoint('one')}:predict" in result.stdout
    assert endpoint("two") in tunedrop("snippet", runs[1].run_id).stdout


def test_without_a_champion_the_newest_model_s_code_is_printed_with_a_note(world):
    settled(world, "one", "manual")

    result = tunedrop("snippet", "bot", "--lang", "vertexai")

    assert "bot has no champion" in result.stderr
    assert repr(model("one")) in result.stdout
    assert "Deprecated" in result.stdout


def test_google_genai_is_refused_for_the_code_models_with_the_reason(world):
    settled(world, "one", "always")

    result = tunedrop("snippet", "bot", "--lang", "google-genai")

    assert (2, "") == (result.exit_code, result.stdout)
    assert "google-genai calls generateContent" in result.stderr
    assert "--lang rest" in result.stderr


def test_what_there_is_no_code_for_is_wrong_usage(world):
    assert 2 == tunedrop("snippet", "nobody").exit_code
    assert 2 == tunedrop("snippet", "nobody", "--lang", "cobol").exit_code


@pytest.mark.parametrize(
    ("language", "dataset_format", "context"),
    [
        ("google-genai", "gemini", CONTEXT),
        ("vertexai", "gemini", CONTEXT),
        ("vertexai", "code-chat", CONTEXT),
        ("vertexai", "code-generation", None),
    ],
)
def test_what_is_printed_is_python_for_the_cloud_and_for_the_local_one(
    language, dataset_format, context
):
    hosts = ("", ""), ("127.0.0.1:1", "127.0.0.1:2")
    for grpc, rest in hosts:
        text = snippet(
            settings(vertex_emulator_host=grpc, vertex_emulator_rest_host=rest),
            language,
            endpoint=f"{LOCATION}/endpoints/8'; import os",
            tuned_model=f"{LOCATION}/models/7@1",
            dataset_format=dataset_format,
            context=context,
        )

        compile(text, "snippet", "exec")
        assert (context is not None) is (repr(context) in text)
        assert ("127.0.0.1:2" in text) is bool(rest)
