"""Reading, writing and telling apart the formats."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.datasets import line, row
from tunedrop.domain.formats import (
    WRITABLE,
    ConversionError,
    Example,
    Format,
    Turn,
    always_fits,
    always_fits_as_text,
    answer_of,
    content_hash,
    conversation_of,
    predict_instance,
    question_of,
    read_example,
    with_default_context,
    write_example,
)
from tunedrop.domain.formats.blanks import is_blank

CODE, CHAT, GEMINI = WRITABLE
CALL = {"functionCall": {"name": "tides", "args": {"port": "Brest"}}}
FILE = {"fileData": {"mimeType": "text/plain", "fileUri": "gs://tide-files/a.txt"}}
TOOL_ROW = {
    "contents": [
        {"role": "user", "parts": [{"text": "When is high water?"}, FILE]},
        {"role": "model", "parts": [CALL]},
        {
            "role": "user",
            "parts": [{"functionResponse": {"name": "tides", "response": {"high": "04:12"}}}],
        },
        {"role": "model", "parts": [{"text": "At "}, {"text": "04:12."}]},
    ],
    "systemInstruction": {
        "parts": [{"text": "Be brief."}, {"text": "Be right."}],
        "role": "system",
    },
    "tools": [{"functionDeclarations": [{"name": "tides"}]}],
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
TURNS = st.lists(TEXT, min_size=2, max_size=6).map(
    lambda texts: tuple(
        Turn("assistant" if n % 2 else "user", text) for n, text in enumerate(texts)
    )
)


def chat(context=None, turns=2):
    """An example of a conversation."""
    return Example(
        tuple(Turn("assistant" if n % 2 else "user", f"text {n}") for n in range(turns)), context
    )


@pytest.mark.parametrize("dataset_format", Format)
def test_a_line_of_every_format_reads_as_one_question_and_one_answer(dataset_format):
    example = read_example(line(row(dataset_format, question="Why?", answer="So.")), dataset_format)

    assert Example((Turn("user", "Why?"), Turn("assistant", "So."))) == example


def test_chat_context_and_openai_system_messages_become_the_context():
    ours = read_example(line({**row(CHAT), "context": "Be brief."}), CHAT)
    openai = row(Format.OPENAI)
    openai["messages"].insert(0, {"role": "system", "content": "Be brief."})

    assert "Be brief." == ours.context == read_example(line(openai), Format.OPENAI).context


def test_an_alpaca_input_stands_below_its_instruction():
    value = {"instruction": "Sort this.", "input": "3 1 2", "output": "1 2 3"}

    example = read_example(line(value), Format.ALPACA)

    assert "Sort this.\n\n3 1 2" == example.turns[0].text


@pytest.mark.parametrize(
    ("dataset_format", "value"),
    [
        pytest.param(CODE, row(CODE, question="é\r\n\u2028", answer='"\\'), id="code"),
        pytest.param(CHAT, row(CHAT), id="chat"),
        pytest.param(CHAT, {**row(CHAT), "context": ""}, id="chat-with-empty-context"),
        pytest.param(GEMINI, row(GEMINI), id="gemini"),
        pytest.param(GEMINI, TOOL_ROW, id="gemini-with-tools-and-files"),
    ],
)
def test_reading_and_writing_one_format_loses_nothing(dataset_format, value):
    written = write_example(read_example(line(value), dataset_format), dataset_format)

    assert value == json.loads(written)
    assert 1 == written.count(b"\n")


@given(turns=TURNS, context=st.none() | TEXT.filter(lambda text: not is_blank(text)))
@settings(deadline=None)
def test_a_conversation_survives_the_way_through_gemini(turns, context):
    example = Example(turns, context)

    through_gemini = read_example(write_example(example, GEMINI), GEMINI)

    assert example == through_gemini
    assert example == read_example(write_example(through_gemini, CHAT), CHAT)


@pytest.mark.parametrize("source", Format)
@pytest.mark.parametrize("target", WRITABLE)
def test_a_question_and_its_answer_fit_everywhere(source, target):
    assert write_example(read_example(line(row(source)), source), target)


ALWAYS = {
    Format.CODE_GENERATION: {CODE, CHAT, GEMINI},
    Format.PROMPT_COMPLETION: {CODE, CHAT, GEMINI},
    Format.ALPACA: {CODE, CHAT, GEMINI},
    Format.CODE_CHAT: {CHAT, GEMINI},
    Format.OPENAI: {GEMINI},
    Format.GEMINI: {GEMINI},
}


@pytest.mark.parametrize("source", Format)
def test_conversations_do_not_fit_a_pair_and_tools_no_chat(source):
    assert ALWAYS[source] == {target for target in WRITABLE if always_fits(source, target)}
    assert ALWAYS[source] | {CHAT} == {
        target for target in WRITABLE if always_fits_as_text(source, target)
    }


def test_words_are_written_in_utf8_and_keys_in_one_order():
    example = Example((Turn("user", "Gezeiten für Büsum?"), Turn("assistant", "🌊")), "kurz")

    assert '{"input_text":"kurz\n\nGezeiten für Büsum?","output_text":"🌊"}\n' == write_example(
        example, CODE
    ).decode().replace("\\n", "\n")
    assert (
        '{"messages":[{"author":"user","content":"Gezeiten für Büsum?"},{"author":"assistant","content":"🌊"}],"context":"kurz"}\n'
        == (write_example(example, CHAT).decode())
    )


@pytest.mark.parametrize(
    ("example", "target", "reason"),
    [
        pytest.param(chat(turns=4), CODE, "one question and one answer", id="four-turns"),
        pytest.param(read_example(line(TOOL_ROW), GEMINI), CHAT, "tools|files|tool", id="files"),
        pytest.param(
            Example(chat().turns, tools=({"a": 1},)), CHAT, "tool declarations", id="tools"
        ),
        pytest.param(
            Example(chat().turns, tools=({"a": 1},)), CODE, "tool declarations", id="tools-for-code"
        ),
        pytest.param(
            Example((Turn("user", "", (CALL,)), Turn("assistant", "a"))),
            CHAT,
            "holds text only",
            id="call",
        ),
        pytest.param(chat(), Format.OPENAI, "no base model takes it", id="read-only-format"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(example, target, reason):
    with pytest.raises(ConversionError, match=reason):
        write_example(example, target)


def test_the_default_context_fills_a_gap_only():
    assert "ours" == with_default_context(chat(), "ours").context
    assert "own" == with_default_context(chat("own"), "ours").context
    assert "" == with_default_context(chat(""), "ours").context
    assert with_default_context(chat(), None).context is None


def test_an_empty_context_is_no_system_instruction():
    assert b"systemInstruction" not in write_example(chat(""), GEMINI)


def test_a_question_is_the_example_without_its_last_answer():
    example = chat("own", turns=4)

    assert ("text 3", 3) == (answer_of(example), len(question_of(example).turns))


@pytest.mark.parametrize(
    ("dataset_format", "expected"),
    [
        pytest.param(CODE, {"prefix": "own\n\ntext 0"}, id="code"),
        pytest.param(
            CHAT,
            {"messages": [{"author": "user", "content": "text 0"}], "context": "own"},
            id="chat",
        ),
        pytest.param(
            GEMINI,
            {
                "contents": [{"role": "user", "parts": [{"text": "text 0"}]}],
                "systemInstruction": {"parts": [{"text": "own"}], "role": "system"},
            },
            id="gemini",
        ),
    ],
)
def test_a_tuned_model_is_asked_in_the_shape_it_was_tuned_on(dataset_format, expected):
    assert expected == predict_instance(question_of(chat("own")), dataset_format)


def test_a_chat_without_context_is_asked_without_one():
    assert {"messages"} == set(predict_instance(question_of(chat()), CHAT))


def test_a_line_that_is_not_of_the_format_cannot_be_read():
    with pytest.raises(msgspec.ValidationError):
        read_example(line(row(CHAT)), CODE)


def hashed(dataset_format, value=None):
    """The content hash of a line."""
    example = read_example(line(value or row(dataset_format)), dataset_format)
    return content_hash(conversation_of(example))


def test_one_content_has_one_hash_in_every_format():
    hashes = {hashed(dataset_format) for dataset_format in Format}

    assert 1 == len(hashes)


@given(question=TEXT, answer=TEXT)
@settings(deadline=None)
def test_the_content_hash_is_blind_to_white_space_alone(question, answer):
    plain = hashed(CODE, row(CODE, question=question, answer=answer))
    spaced = hashed(CODE, row(CODE, question=f" {question}\n", answer=f"\t{answer}\r\n"))
    other = hashed(CODE, row(CODE, question=f"{question}x", answer=answer))

    assert plain == spaced
    assert plain != other


def test_what_a_user_says_is_not_what_a_model_says():
    one = {
        "messages": [{"author": "user", "content": "ab"}, {"author": "assistant", "content": "c"}]
    }
    other = {
        "messages": [{"author": "user", "content": "a"}, {"author": "assistant", "content": "bc"}]
    }

    assert hashed(CHAT, one) != hashed(CHAT, other)


def test_tool_declarations_and_calls_belong_to_the_content():
    bare = {**TOOL_ROW, "tools": [{"functionDeclarations": [{"name": "moons"}]}]}
    other = json.loads(json.dumps(TOOL_ROW))
    other["contents"][1]["parts"][0]["functionCall"]["args"] = {}

    assert 3 == len({hashed(GEMINI, TOOL_ROW), hashed(GEMINI, bare), hashed(GEMINI, other)})


def test_the_first_turn_of_a_repeated_role_is_named():
    authors = ("user", "assistant", "assistant", "user", "user")
    value = {"messages": [{"author": author, "content": "a"} for author in authors]}

    assert 3 == conversation_of(read_example(line(value), CHAT)).repeated_turn
