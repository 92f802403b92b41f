"""`tunedrop ask` and who is asked: the champion, the newest, a run's, the base model, or all side by side."""

import json

import pytest

from support.commands import answer, commanded, tunedrop
from support.evaluating import retire, tuned
from support.launching import bring
from support.promoting import LOCATION, endpoint, settled
from support.world import World
from tunedrop.domain.runs import RunState
from tunedrop.errors import NotFoundError

BASE = f"{LOCATION}/publishers/google/models/code-bison@002"


@pytest.fixture
def world():
    with commanded(World()) as world:
        yield world


@pytest.fixture
def versions(world):
    """A champion, and a newer version that was kept."""
    runs = [settled(world, "one", "always"), settled(world, "two", "manual")]
    world.predictor.answer = lambda target, instance: f"I am {target}\x1b[2J"
    world.predictor.asked.clear()
    return runs


def asked(world):
    return [target for target, _, _ in world.predictor.asked]


def test_the_champion_of_a_recipe_is_asked(world, versions):
    result = tunedrop("ask", "bot", "who are you?")

    assert (f"I am {endpoint('one')}\\x1b[2J\n", "") == (result.stdout, result.stderr)
    assert (endpoint("one"), {"prefix": "who are you?"}, "code-generation") == tuple(
        world.predictor.asked[-1]
    )


def test_without_a_champion_the_newest_is_asked_and_a_note_says_so(world):
    run = settled(world, "one", "manual")
    result = tunedrop("ask", "bot", "who?")

    assert "an answer\n" == result.stdout
    assert "note: bot has no champion" in result.stderr
    assert f"`tunedrop promote {run.run_id}`" in result.stderr


@pytest.mark.parametrize("by_option", [True, False])
def test_the_model_of_a_run_is_asked(world, versions, by_option):
    run_id = versions[1].run_id
    given = ["bot", "--run", run_id] if by_option else [run_id]

    said = answer("ask", *given, "who?")

    assert ("run", 2, run_id, endpoint("two"), "who?") == tuple(
        said[key] for key in ("model", "version", "run_id", "endpoint", "question")
    )
    assert [endpoint("two")] == asked(world)


def test_the_base_model_is_asked_where_the_tuned_one_is_served(world, versions):
    said = answer("ask", "bot", "--base", "who?")

    assert ("base", "code-bison@002", None, BASE) == tuple(
        said[key] for key in ("model", "base_model", "version", "endpoint")
    )
    assert [BASE] == asked(world)


def test_base_champion_and_newest_are_asked_side_by_side(world, versions):
    text = tunedrop("ask", "bot", "--compare", "who?").stdout

    assert [
        "== base code-bison@002",
        f"I am {BASE}\\x1b[2J",
        "",
        f"== champion, version 1, run {versions[0].run_id}",
        f"I am {endpoint('one')}\\x1b[2J",
        "",
        f"== newest, version 2, run {versions[1].run_id}",
        f"I am {endpoint('two')}\\x1b[2J",
    ] == text.splitlines()
    answers = answer("ask", "bot", "--compare", "who?")["answers"]
    assert ["base", "champion", "newest"] == [each["model"] for each in answers]
    answers = answer("ask", versions[1].run_id, "--compare", "who?")["answers"]
    assert ["base", "champion", "run"] == [each["model"] for each in answers]


def test_a_champion_that_is_the_newest_is_asked_once(world):
    settled(world, "one", "always")

    answers = answer("ask", "bot", "--compare", "who?")["answers"]

    assert ["base", "champion"] == [each["model"] for each in answers]


def test_what_one_model_cannot_answer_hides_no_other_s_answer(world, versions):
    gone = NotFoundError("no such\x1b[2J model")
    world.predictor.answer = lambda target, instance: gone if target == BASE else "here"

    result = tunedrop("ask", "bot", "--compare", "who?")

    assert (0, 2) == (result.exit_code, result.stdout.splitlines().count("here"))
    assert "no answer: not_found: no such\\x1b[2J model" in result.stdout
    answers = answer("ask", "bot", "--compare", "who?")["answers"]
    assert [(None, "not_found: no such\x1b[2J model"), ("here", None), ("here", None)] == [
        (each["answer"], each["error"]) for each in answers
    ]


def test_a_comparison_that_nobody_answers_ends_with_an_error(world, versions):
    world.predictor.answer = NotFoundError("gone")

    result = tunedrop("ask", "bot", "--compare", "who?")

    assert (3, 3) == (result.exit_code, result.stdout.count("no answer: not_found: gone"))


def test_a_question_for_all_is_read_from_standard_input(world, versions):
    said = answer("ask", "bot", "--compare", "-", data="who\nare you?\n")

    assert "who\nare you?" == said["question"]


UNDER_A_CONTEXT = """base_model = "codechat-bison@002"
on_retired = "reroute"
[tuning]
default_context = "You know tides."
[promotion]
policy = "always"
"""
CHATS = "".join(
    json.dumps(
        {
            "messages": [
                {"author": "user", "content": f"Why is tide {n}?"},
                {"author": "assistant", "content": f"The moon, {n}."},
            ]
        }
    )
    + "\n"
    for n in range(20)
)
INSTANCES = {
    False: {"messages": [{"author": "user", "content": "why?"}], "context": "You know tides."},
    True: {
        "contents": [{"role": "user", "parts": [{"text": "why?"}]}],
        "systemInstruction": {"role": "system", "parts": [{"text": "You know tides."}]},
    },
}


@pytest.mark.parametrize("is_rerouted", INSTANCES, ids=["chat", "gemini"])
def test_models_are_asked_and_called_by_code_under_the_context_of_their_rows(world, is_rerouted):
    if is_rerouted:
        retire(world, "codechat-bison@002")
    run_id = tuned(world, data=CHATS, recipe=UNDER_A_CONTEXT)
    world.tick()
    world.predictor.asked.clear()

    for words in (["bot"], [run_id], ["bot", "--base"], ["bot", "--compare"]):
        assert 0 == tunedrop("ask", *words, "why?").exit_code

    assert [INSTANCES[is_rerouted]] * 5 == [instance for _, instance, _ in world.predictor.asked]
    assert "You know tides." in tunedrop("snippet", "bot").stdout
    page = world.store.read("test-reports", f"runs/{run_id}/report.json", max_bytes=10**6)
    calling = [way["text"] for way in json.loads(page)["calling"]]
    assert [False, True, True] == ["You know tides." in text for text in calling]


def test_what_cannot_be_asked_is_wrong_usage(world, versions):
    failed = bring(world, RunState.FAILED)
    stranger = bring(world, RunState.KEPT, "stranger")
    world.predictor.asked.clear()
    for words in (
        ["nobody", "who?"],
        [failed, "who?"],
        ["bot", "--run", failed, "who?"],
        ["bot", "--run", stranger, "who?"],
        ["bot", "--run", "a/b", "who?"],
        ["bot", "--base", "--compare", "who?"],
    ):
        assert 2 == tunedrop("ask", *words).exit_code, words
    assert [] == asked(world)
