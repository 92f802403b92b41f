"""Telling the formats apart, by what lines hold; a draw is told, and so is a line of two formats."""

import pytest

from support.datasets import good_lines, line, row
from tunedrop.domain.checks import explain
from tunedrop.domain.checks.opening import format_fault, recognise_file
from tunedrop.domain.findings import Code
from tunedrop.domain.formats import (
    WRITABLE,
    Format,
    Recognised,
    recognise,
    recognise_line,
    recognise_object,
    votes,
)

CODE, CHAT, GEMINI = WRITABLE
OPENAI, PAIR, ALPACA = Format.OPENAI, Format.PROMPT_COMPLETION, Format.ALPACA


@pytest.mark.parametrize("dataset_format", Format)
def test_a_format_is_recognised_by_its_keys(dataset_format):
    assert dataset_format is recognise_line(line(row(dataset_format)))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([line(row(CODE)), line(row(CHAT)), line(row(CHAT))], CHAT, id="majority"),
        pytest.param([line(row(GEMINI)), line(row(CHAT))], GEMINI, id="draw"),
        pytest.param([b'{"input_text": "a",}'], CODE, id="broken"),
        pytest.param([b'{"Input_Text": "a"}'], CODE, id="misspelt"),
        pytest.param([b'{"inputText": "a"}'], CODE, id="camel-case"),
        pytest.param([b'{"input-text": "a"}'], CODE, id="kebab-case"),
        pytest.param([b'{"input text": "a"}'], None, id="another-word"),
        pytest.param([b'{"messages": [{"role": "user"'], OPENAI, id="broken-openai"),
        pytest.param([b'{"messages": []}'], CHAT, id="no-messages"),
        pytest.param([line({**row(OPENAI), "tools": []})], OPENAI, id="openai-with-tools"),
        pytest.param(
            [line(row(OPENAI, question='Is "author": a key?'))],
            OPENAI,
            id="the-other-key-in-a-text",
        ),
        pytest.param(
            [b'{"question": "a"}', b"[]", b"null", b"\xff", b""], None, id="nothing-known"
        ),
        pytest.param([b"[" * 100_000], None, id="deep"),
        pytest.param([], None, id="no-line"),
    ],
)
def test_a_file_is_recognised_by_most_of_its_lines(lines, expected):
    assert expected is recognise(lines).format


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param({CODE: 3}, Recognised(CODE), id="one-format"),
        pytest.param({CODE: 2, CHAT: 1}, Recognised(CODE, CHAT), id="majority"),
        pytest.param({CODE: 2, CHAT: 2}, Recognised(CODE, CHAT, is_clear=False), id="draw"),
        pytest.param(
            {CODE: 2, CHAT: 1, GEMINI: 1}, Recognised(CODE, CHAT, is_clear=False), id="just-half"
        ),
        pytest.param(
            {CHAT: 1, CODE: 2, GEMINI: 2},
            Recognised(CODE, GEMINI, is_clear=False),
            id="no-majority",
        ),
        pytest.param({}, Recognised(None), id="none"),
    ],
)
def test_no_more_than_half_of_the_votes_is_no_clear_answer(counts, expected):
    lines = [each for found, count in counts.items() for each in good_lines(found, count)]

    assert counts == votes([*lines, b"oops", b"{}"])
    assert expected == recognise([*lines, b"oops", b"{}"])


def test_an_ambiguous_file_is_told_so_with_both_formats():
    sample = [b"\xef\xbb\xbf" + each for each in (*good_lines(CODE, 2), *good_lines(OPENAI, 2))]

    fault = format_fault(recognise_file(sample))

    assert Code.AMBIGUOUS_FORMAT is fault.code
    assert "no more than half are code-generation, the next most are openai" in fault.message


def test_a_file_in_no_format_is_told_which_there_are():
    fault = format_fault(recognise_file([b'{"question": "a"}']))

    assert Code.UNRECOGNISED_FORMAT is fault.code
    assert all(each in fault.message for each in Format)


def test_a_clear_file_has_no_fault():
    assert format_fault(recognise_file([*good_lines(CODE, 2), *good_lines(CHAT, 1)])) is None


TWO_FORMATS = {
    "pair-and-alpaca": (PAIR, {**row(PAIR), "instruction": "a"}, "`instruction`, as alpaca lines"),
    "code-and-pair": (CODE, {**row(CODE), "completion": "a"}, "`completion`, as prompt-completion"),
    "gemini-and-code": (GEMINI, {**row(GEMINI), "input_text": "a"}, "`input_text`, as code-gener"),
    "openai-and-chat": (
        OPENAI,
        {"messages": [{**message, "author": message["role"]} for message in row(OPENAI)["messages"]]},
        "`author`, as code-chat lines",
    ),
    "chat-and-openai": (
        CHAT,
        {"messages": [{**message, "role": "user"} for message in row(CHAT)["messages"]]},
        "`role`, as openai lines",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("file_format", "value", "words"), TWO_FORMATS.values(), ids=TWO_FORMATS)
def test_a_line_of_two_formats_is_held_to_the_file_s_and_the_odd_key_is_explained(
    file_format, value, words
):
    found = explain(line(value).rstrip(b"\n"), file_format)

    assert {Code.UNKNOWN_KEY} == {finding.code for finding in found}
    assert words in found[0].message
    assert "a line keeps to one format" in found[0].message


@pytest.mark.parametrize("file_format", Format)
@pytest.mark.parametrize("line_format", Format)
def test_a_whole_line_of_another_format_is_told_so(file_format, line_format):
    found = explain(line(row(line_format)).rstrip(b"\n"), file_format)

    expected = [] if file_format == line_format else [Code.MIXED_FORMATS]
    assert expected == [finding.code for finding in found]


@pytest.mark.parametrize("file_format", [CHAT, OPENAI])
@pytest.mark.parametrize("body", [b'{"messages": null}', b'{"messages": [{}]}'])
def test_messages_that_say_nothing_are_no_line_of_another_format(file_format, body):
    assert recognise_object(body) is None
    assert Code.MIXED_FORMATS not in {finding.code for finding in explain(body, file_format)}


def test_tools_do_not_hide_that_a_line_is_of_another_format():
    openai = line({**row(OPENAI), "tools": []}).rstrip(b"\n")
    gemini = line({**row(GEMINI), "tools": []}).rstrip(b"\n")

    assert [[Code.MIXED_FORMATS]] * 2 == [
        [finding.code for finding in explain(*each)]
        for each in ((openai, GEMINI), (gemini, OPENAI))
    ]


SNAKE_CASE = {
    "system_instruction": "systemInstruction",
    "file_data": "fileData",
    "inline_data": "inlineData",
    "function_call": "functionCall",
    "function_response": "functionResponse",
}


@pytest.mark.parametrize(("snake", "camel"), SNAKE_CASE.items(), ids=SNAKE_CASE)
def test_snake_case_gemini_keys_are_told_their_right_spelling(snake, camel):
    value = row(GEMINI)
    if snake == "system_instruction":
        value[snake] = {"parts": [{"text": "s"}]}
    else:
        value["contents"][0]["parts"].append({snake: {"name": "f"}})

    assert [(Code.WRONG_CASE_KEY, f"the key here must be spelt `{camel}`")] == [
        (finding.code, finding.message) for finding in explain(line(value).rstrip(b"\n"), GEMINI)
    ]


@pytest.mark.parametrize(
    ("kind", "member", "meant"),
    [
        ("fileData", "mime_type", "mimeType"),
        ("fileData", "file_uri", "fileUri"),
        ("inlineData", "mime_type", "mimeType"),
    ],
)
def test_snake_case_inside_a_part_is_told_too(kind, member, meant):
    value = row(GEMINI)
    value["contents"][0]["parts"].append({kind: {member: "a"}})

    found = explain(line(value).rstrip(b"\n"), GEMINI)

    assert (Code.WRONG_CASE_KEY, f"the key here must be spelt `{meant}`") == (
        found[0].code,
        found[0].message,
    )
