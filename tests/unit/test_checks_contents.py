"""What the texts of an example say: where it is found, what is left alone, and that no text leaves the check."""

import pytest

from tunedrop.domain.checks.contents import Contents, Seen
from tunedrop.domain.checks.options import CheckOptions
from tunedrop.domain.findings import Code, Severity
from tunedrop.domain.formats import conversation

TOKEN = "ghp_" + "k3Vq8LwZ" + "R5tYb2Nc" + "J7uXd4Mf" + "H6pSg9Qe" + "W2aB"
LOOKED_FOR = (
    Code.SECRET_IN_TEXT,
    Code.UNCLOSED_FENCE,
    Code.CODE_DOES_NOT_PARSE,
    Code.ANSWER_EQUALS_PROMPT,
)


def pair(question="How?", answer="So."):
    return [(True, question), (False, answer)]


def examine(turns, context="", **options):
    contents = Contents(CheckOptions(**options))
    contents.begin(Seen(), is_first=True)
    return contents.examine(talk(turns, context))


def talk(turns, context=""):
    users, texts = zip(*turns, strict=True)
    return conversation(context, texts, users)


def messages(found):
    return [finding.message for finding in found]


def test_an_example_that_holds_nothing_of_note_has_no_findings():
    assert () == examine(
        pair("Which `tide`? See https://tides.example/a", "x = {'a': 1}\n"), "Be brief."
    )


@pytest.mark.parametrize(
    ("turns", "context", "place"),
    [
        (pair(question=TOKEN), "", "the question"),
        (pair(answer=f"use {TOKEN}"), "", "the answer"),
        (pair(), f"use {TOKEN}", "the instruction"),
        ([*pair(question=TOKEN), *pair()], "", "turn 1"),
        ([*pair(answer=TOKEN), *pair()], "", "turn 2"),
        ([*pair(), *pair(answer=TOKEN)], "", "the answer"),
        (pair(answer='\0p{"functionCall":{"args":{"a":"b\\n' + TOKEN + '"}}}'), "", "the answer"),
        (pair(question=f"naïve ключ {TOKEN} 🔑"), "", "the question"),
    ],
)
def test_a_secret_is_found_wherever_it_stands_and_the_message_says_where(turns, context, place):
    found = examine(turns, context)

    assert [Code.SECRET_IN_TEXT] == [finding.code for finding in found]
    assert [f"{place} holds what looks like a GitHub token"] == messages(found)


def test_a_kind_is_named_once_a_place_and_a_code_five_times_a_line():
    turns = pair(question=f"{TOKEN} {TOKEN}x", answer=TOKEN) + pair(question=TOKEN) * 4

    found = examine(turns)

    assert [
        f"turn {number} holds what looks like a GitHub token" for number in (1, 2, 3, 5, 7)
    ] == (messages(found))


@pytest.mark.parametrize("code", LOOKED_FOR)
def test_what_is_off_is_not_looked_for(code):
    turns = pair(
        question=f"{TOKEN}\n```python\n(\n```\n```", answer=f"{TOKEN}\n```python\n(\n```\n```\n"
    )

    found = examine(turns, severities={code: Severity.OFF})

    assert set(LOOKED_FOR) - {code} == {finding.code for finding in found}


def test_personal_data_is_looked_for_only_where_it_is_asked_for():
    turns = pair(question="write to ada" + "@" + "lovelace.org")
    asked = examine(turns, severities={Code.PERSONAL_DATA: Severity.WARNING})

    assert () == examine(turns)
    assert ["the question holds what looks like an e-mail address"] == messages(asked)


@pytest.mark.parametrize(
    ("turns", "repeated"),
    [
        (pair("print(1)", "print(1)"), "the question"),
        (pair("\n print(1)", "print(1)\t\n"), "the question"),
        ([*pair(), *pair("again", "again\n")], "turn 3"),
        ([(True, "a"), (False, "b"), (False, "b ")], "turn 2"),
        ([(True, "a"), (False, "b"), (False, "a")], "turn 1"),
        ([(True, "a"), (True, "b"), (False, "b")], "turn 2"),
    ],
)
def test_an_answer_that_repeats_its_prompt_is_told_so(turns, repeated):
    found = examine(turns)

    assert [Code.ANSWER_EQUALS_PROMPT] == [finding.code for finding in found]
    assert [f"the answer repeats {repeated}"] == messages(found)


@pytest.mark.parametrize(
    "turns",
    [
        pair("print(1)", "print(1);"),
        pair("Print(1)", "print(1)"),
        pair("print( 1)", "print(1)"),
        [(False, "alone")],
        [(True, "a"), (True, "b"), (False, "a")],
        [*pair("a", "b"), *pair("c", "a")],
        [*pair("a", "b"), *pair("c", "b")],
    ],
)
def test_an_answer_that_differs_from_its_prompt_is_left_alone(turns):
    assert () == examine(turns)


def test_no_finding_holds_a_word_of_the_texts():
    word = "Heliotrope4711"
    code = f"```python\n{word} = {word} {word}\n```\n```{word}\n"
    turns = pair(f"{word}\n{TOKEN}{word}\n{code}", f"{word}\n{TOKEN}{word}\n{code} ")
    contents, seen = Contents(CheckOptions()), Seen()
    contents.begin(seen, is_first=True)

    found = contents.examine(talk(turns, f"{word} {TOKEN}"))

    assert 5 < len(found)
    assert word not in f"{found}{seen.to_json()}"
    assert TOKEN not in f"{found}{seen.to_json()}"
