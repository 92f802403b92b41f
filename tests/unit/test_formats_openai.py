"""OpenAI lines in full: what is read, what is refused and where, and what becomes of tools."""

import json

import msgspec
import pytest

from support.datasets import line, row
from tunedrop.domain.checks import Limits, explain
from tunedrop.domain.findings import Code
from tunedrop.domain.formats import Example, Format, Turn, read_example, write_example
from tunedrop.domain.formats.openai import json_object
from tunedrop.domain.formats.wire import DECODERS

OPENAI, GEMINI = Format.OPENAI, Format.GEMINI
USER = {"role": "user", "content": "When is high water?"}
ASSISTANT = {"role": "assistant", "content": "At 04:12."}
TOOL = {
    "type": "function",
    "function": {
        "name": "tides",
        "description": "Looks up a tide.",
        "parameters": {"type": "object", "properties": {"port": {"type": "string"}}},
        "strict": True,
    },
}


def call(name="tides", arguments='{"port": "Brest"}', *, id_="c1"):
    """A tool call."""
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls, content=None):
    """An assistant's message that calls tools."""
    return {"role": "assistant", "content": content, "tool_calls": list(calls)}


def answer(content, id_="c1", **extra):
    """A tool's message."""
    return {"role": "tool", "tool_call_id": id_, "content": content, **extra}


def openai(*messages, **extra):
    """An OpenAI line."""
    return line({"messages": list(messages), **extra})


def codes(data, *, limits=None):
    """The codes of what is wrong with a line."""
    return [finding.code for finding in explain(data.rstrip(b"\n"), OPENAI, limits=limits)]


def as_gemini(data):
    """A line as the Gemini line that it becomes, which our own check takes."""
    written = write_example(read_example(data, OPENAI), GEMINI)
    assert [] == explain(written.rstrip(b"\n"), GEMINI)
    return json.loads(written)


WHOLE = openai(
    {"role": "system", "content": "Be brief."},
    USER,
    calling(call(), content="I look it up."),
    answer('{"high": "04:12"}'),
    ASSISTANT,
    tools=[TOOL],
    parallel_tool_calls=False,
)


def test_tool_calls_become_function_calls_and_their_answers_a_turn_of_the_user():
    declared = {key: value for key, value in TOOL["function"].items() if key != "strict"}

    assert [] == codes(WHOLE)
    assert {
        "contents": [
            {"role": "user", "parts": [{"text": "When is high water?"}]},
            {
                "role": "model",
                "parts": [
                    {"text": "I look it up."},
                    {"functionCall": {"name": "tides", "args": {"port": "Brest"}}},
                ],
            },
            {
                "role": "user",
                "parts": [{"functionResponse": {"name": "tides", "response": {"high": "04:12"}}}],
            },
            {"role": "model", "parts": [{"text": "At 04:12."}]},
        ],
        "systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]},
        "tools": [{"functionDeclarations": [declared]}],
    } == as_gemini(WHOLE)


@pytest.mark.parametrize(
    ("content", "response"),
    [
        pytest.param("04:12", {"content": "04:12"}, id="text"),
        pytest.param("", {"content": ""}, id="nothing"),
        pytest.param("[1]", {"content": "[1]"}, id="array"),
        pytest.param('{"a": 1.5}', {"a": 1.5}, id="object"),
        pytest.param('{"a": 1} ', {"a": 1}, id="object-and-space"),
        pytest.param('{"a": 1, "a": 2}', {"content": '{"a": 1, "a": 2}'}, id="repeated-key"),
        pytest.param('{"a": NaN}', {"content": '{"a": NaN}'}, id="not-json"),
        pytest.param('{"a": 1e999}', {"content": '{"a": 1e999}'}, id="beyond-double"),
        pytest.param(f'{{"a": {2**70}}}', {"content": f'{{"a": {2**70}}}'}, id="big-integer"),
        pytest.param('{"a": "\\ud800"}', {"content": '{"a": "\\ud800"}'}, id="half-a-pair"),
        pytest.param('{"a": "\\u0000"}', {"content": '{"a": "\\u0000"}'}, id="nul"),
        pytest.param('{"a": "\\\\u0000"}', {"a": "\\u0000"}, id="backslash-u0000"),
        pytest.param('{"a":' * 97 + "1" + "}" * 97, None, id="too-deep"),
        pytest.param('{"a":' * 50_000, None, id="far-too-deep"),
        pytest.param([{"type": "text", "text": "04"}, {"type": "text", "text": ":12"}], {"content": "04:12"}, id="parts"),
    ],
)  # fmt: skip
def test_an_answer_that_is_an_object_goes_as_it_is_and_any_other_as_text(content, response):
    data = openai(USER, calling(call()), answer(content), ASSISTANT)

    part = as_gemini(data)["contents"][2]["parts"][0]["functionResponse"]

    assert [] == codes(data)
    assert {"name": "tides", "response": response or {"content": content}} == part


def test_answers_to_parallel_calls_are_one_turn_in_the_order_of_the_calls():
    data = openai(
        USER,
        calling(call("tides", "{}", id_="a"), call("moons", "{}", id_="b")),
        answer("full", "b"),
        answer("high", "a", name="tides"),
        ASSISTANT,
    )

    turn = read_example(data, OPENAI).turns[2]

    assert ["tides", "moons"] == [part["functionResponse"]["name"] for part in turn.parts]


def test_parts_of_text_stay_parts_and_one_part_is_a_plain_text():
    content = [{"type": "text", "text": "When is "}, {"type": "text", "text": "high water?"}]
    data = openai({"role": "user", "content": content}, {**ASSISTANT, "content": content[:1]})

    example = read_example(data, OPENAI)

    assert [] == codes(data)
    texts = ({"text": "When is "}, {"text": "high water?"})
    assert Turn("user", "When is high water?", texts) == example.turns[0]
    assert Turn("assistant", "When is ") == example.turns[1]


def test_the_parts_of_a_system_message_are_those_of_the_instruction():
    parts = [{"type": "text", "text": text} for text in ("Be brief.", "Be right.")]
    data = openai({"role": "developer", "content": parts}, USER, ASSISTANT)

    instruction = as_gemini(data)["systemInstruction"]

    assert [{"text": "Be brief."}, {"text": "Be right."}] == instruction["parts"]


def test_several_system_messages_are_joined():
    system = [{"role": "system", "content": "a"}, {"role": "developer", "content": "b"}]

    assert "a\n\nb" == read_example(openai(*system, USER, ASSISTANT), OPENAI).context


def test_what_exporters_write_as_null_is_not_there():
    nothing = {"name": None, "refusal": None, "tool_calls": None, "tool_call_id": None}
    data = openai({**USER, **nothing}, {**ASSISTANT, **nothing, "weight": None}, tools=None)

    assert [] == codes(data, limits=Limits(unsupported_parts=frozenset({"functionCall", "tools"})))
    assert read_example(line(row(OPENAI, question=USER["content"], answer=ASSISTANT["content"])), OPENAI) == (
        read_example(data, OPENAI)
    )  # fmt: skip


# id: (the line, its one finding, what stands where it points to)
REFUSED = {
    "image": (
        openai({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "a"}}]}, ASSISTANT),
        Code.UNSUPPORTED_PART,
        '{"type": "image_url"',
    ),
    "audio": (
        openai({"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}, ASSISTANT),
        Code.UNSUPPORTED_PART,
        '{"type": "input_audio"',
    ),
    "file": (
        openai({"role": "user", "content": [{"type": "file", "file": {}}]}, ASSISTANT),
        Code.UNSUPPORTED_PART,
        '{"type": "file"',
    ),
    "video": (
        openai({"role": "user", "content": [{"type": "video", "text": "a"}]}, ASSISTANT),
        Code.WRONG_TYPE,
        '"video"',
    ),
    "image-in-text": (
        openai({"role": "user", "content": [{"type": "text", "text": "a", "file": {}}]}, ASSISTANT),
        Code.UNKNOWN_KEY,
        '"file"',
    ),
    "no-parts": (openai({"role": "user", "content": []}, ASSISTANT), Code.MISSING_KEY, "[]"),
    "blank-part": (
        openai({"role": "user", "content": [{"type": "text", "text": " "}]}, ASSISTANT),
        Code.BLANK_TEXT,
        '" "',
    ),
    "null-question": (openai({"role": "user", "content": None}, ASSISTANT), Code.WRONG_TYPE, "null"),
    "null-answer": (openai(USER, {"role": "assistant", "content": None}), Code.WRONG_TYPE, "null"),
    "no-calls": (openai(USER, calling()), Code.WRONG_TYPE, "null"),
    "nothing-said": (openai(USER, {"role": "assistant"}), Code.MISSING_KEY, '{"role": "assistant"'),
    "empty-answer": (openai(USER, {"content": "", "role": "assistant"}), Code.EMPTY_TEXT, '""'),
    "blank-system": (
        openai({"role": "system", "content": " "}, USER, ASSISTANT),
        Code.BLANK_TEXT,
        '" "',
    ),
    "calling-user": (openai({**USER, "tool_calls": [call()]}, ASSISTANT), Code.UNKNOWN_KEY, '"tool_calls"'),
    "heavy-user": (openai({**USER, "weight": 0}, ASSISTANT), Code.UNKNOWN_KEY, '"weight"'),
    "weight": (openai(USER, {**ASSISTANT, "weight": 0.5}), Code.WRONG_TYPE, "0.5"),
    "minus-zero": (openai(USER, {**ASSISTANT, "weight": -0.0}), Code.WRONG_TYPE, "-0.0"),
    "arguments": (openai(USER, calling(call(arguments="{]"))), Code.WRONG_TYPE, '"{]"'),
    "no-arguments": (openai(USER, calling(call(arguments=""))), Code.WRONG_TYPE, '""'),
    "array-arguments": (openai(USER, calling(call(arguments="[]"))), Code.WRONG_TYPE, '"[]"'),
    "two-arguments": (openai(USER, calling(call(arguments="{} {}"))), Code.WRONG_TYPE, '"{} {}"'),
    "repeated-argument": (
        openai(USER, calling(call(arguments='{"a":1,"a":2}'))),
        Code.WRONG_TYPE,
        '"{\\"a\\":1,\\"a\\":2}"',
    ),
    "deep-arguments": (
        openai(USER, calling(call(arguments='{"a":' * 95 + "1" + "}" * 95))),
        Code.WRONG_TYPE,
        '"{\\"a\\":',
    ),
    "custom-call": (openai(USER, calling({**call(), "type": "custom"})), Code.WRONG_TYPE, '"custom"'),
    "no-call-id": (openai(USER, calling({**call(), "id": ""})), Code.EMPTY_TEXT, '""'),
    "answer-to-nobody": (
        openai(USER, calling(call()), answer("a", "c2"), ASSISTANT),
        Code.WRONG_TYPE,
        '"c2"',
    ),
    "answer-without-id": (
        openai(USER, calling(call()), {"role": "tool", "content": "a"}, ASSISTANT),
        Code.MISSING_KEY,
        '{"role": "tool"',
    ),
    "null-id": (openai(USER, calling(call()), answer("a", None), ASSISTANT), Code.MISSING_KEY, '{"role": "tool"'),
    "null-from-tool": (
        openai(USER, calling(call()), answer(None), ASSISTANT),
        Code.WRONG_TYPE,
        "null",
    ),
    "tool-last": (openai(USER, calling(call()), answer("a")), Code.LAST_NOT_ASSISTANT, '"tool"'),
    "old-function": (
        openai(USER, {**ASSISTANT, "function_call": {}}),
        Code.UNKNOWN_KEY,
        '"function_call"',
    ),
    "function-role": (
        openai(USER, {"role": "function", "content": "a"}, ASSISTANT),
        Code.UNKNOWN_ROLE,
        '"function"',
    ),
    "tools-text": (openai(USER, ASSISTANT, tools="[]"), Code.WRONG_TYPE, '"[]"'),
    "tool-parameters": (
        openai(USER, ASSISTANT, tools=[{**TOOL, "function": {"name": "f", "parameters": []}}]),
        Code.WRONG_TYPE,
        "[]",
    ),
    "tool-kind": (openai(USER, ASSISTANT, tools=[{**TOOL, "type": "a"}]), Code.WRONG_TYPE, '"a"'),
    "parallel": (openai(USER, ASSISTANT, parallel_tool_calls=1), Code.WRONG_TYPE, "1"),
    "camel-case": (
        openai(USER, {"role": "assistant", "content": "a", "toolCalls": []}),
        Code.WRONG_CASE_KEY,
        '"toolCalls"',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code", "at"), REFUSED.values(), ids=REFUSED)
def test_a_faulty_openai_line_is_named_with_its_column(data, code, at):
    (found,) = explain(data.rstrip(b"\n"), OPENAI)

    assert code is found.code
    assert data.decode()[found.column - 1 :].startswith(at)


@pytest.mark.parametrize("data", [data for data, *_ in REFUSED.values()], ids=REFUSED)
def test_a_faulty_line_is_never_misread_in_silence(data):
    """Whoever makes a warning of an error still gets no line that the writer falls over."""
    try:
        example = read_example(data, OPENAI)
    except msgspec.DecodeError:
        return
    assert isinstance(example, Example)


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("functionCall", [WHOLE, openai(USER, calling(call()))]),
        ("functionResponse", [WHOLE]),
        ("tools", [WHOLE, openai(USER, ASSISTANT, tools=[TOOL])]),
    ],
    ids=["calls", "answers", "declarations"],
)
def test_what_the_base_model_is_not_tuned_on_is_refused(kind, lines):
    limits = Limits(unsupported_parts=frozenset({kind}))

    assert [[Code.UNSUPPORTED_PART]] * len(lines) == [codes(data, limits=limits) for data in lines]
    assert [] == codes(openai(USER, ASSISTANT, tools=[]), limits=limits)


def test_messages_name_the_key_and_quote_nothing():
    secret = "XYZZY-PLUGH"
    data = openai(
        {**USER, secret: 1},
        calling(call(arguments=secret), {**call(), "type": secret}),
        answer(secret, secret),
        {**ASSISTANT, "weight": secret, "content": [{"type": secret}]},
    )

    found = explain(data.rstrip(b"\n"), OPENAI)

    assert len(found) >= 6
    assert secret not in repr(found)


def test_thousands_of_answers_find_their_calls_by_looking_them_up():
    many = [answer("a", f"c{n}", name="f") for n in range(4_000)]
    calls = calling(*(call("f", "{}", id_=f"c{n}") for n in range(4_000)))
    data = openai(USER, calls, *many, ASSISTANT)

    assert [] == codes(data)
    assert 4_000 == len(read_example(data, OPENAI).turns[2].parts)


def test_json_inside_a_string_is_read_only_where_nothing_would_be_lost():
    assert {"a": {"b": [1, -2.5, "é", None, True]}} == json_object(
        '{"a": {"b": [1, -2.5, "\\u00e9", null, true]}}'
    )
    assert [None] * 4 == [json_object(text) for text in ("", "[]", "{", '{"a": 1} {}')]


def test_a_decoded_line_that_does_not_go_together_cannot_be_read():
    for data in (REFUSED["arguments"][0], REFUSED["answer-to-nobody"][0]):
        assert DECODERS[OPENAI].decode(data)
        with pytest.raises(msgspec.ValidationError):
            read_example(data, OPENAI)
