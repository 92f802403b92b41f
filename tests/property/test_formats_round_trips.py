"""Conversions keep everything but what `losses` names, and our own check takes what they write."""

import json

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tunedrop.domain.checks import CheckOptions, explain
from tunedrop.domain.formats import (
    WRITABLE,
    ConversionError,
    Format,
    content_hash,
    conversation_of,
    example_of,
    losses,
    read_example,
    write_example,
)
from tunedrop.domain.formats.blanks import is_blank
from tunedrop.domain.formats.wire import DECODERS

OPTIONS = CheckOptions(allowed_buckets=frozenset({"tide-files"}))
CODE, CHAT, GEMINI = WRITABLE
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
TEXT = st.one_of(
    st.sampled_from(["a", '"', "\\", "a\u2028", "{}", "é🌊", "\r\nb"]),
    ANY_TEXT.filter(lambda text: not is_blank(text)),
)
JSON_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(ANY_TEXT, inner, max_size=2),
    max_leaves=4,
)
JSON_OBJECT = st.dictionaries(ANY_TEXT, JSON_VALUE, max_size=2)


def maybe(**fields):
    """Objects that hold some of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def merged(*objects):
    """Objects made of several."""
    return st.tuples(*objects).map(lambda parts: {k: v for part in parts for k, v in part.items()})


def conversation(user, assistant):
    """Lists of turns that alternate, the assistant's last."""
    pairs = st.lists(st.tuples(user, assistant), min_size=1, max_size=3)
    return pairs.map(lambda turns: [turn for pair in turns for turn in pair])


def said(role, text=TEXT, *, key="role", **extra):
    """Messages of one role."""
    return merged(st.fixed_dictionaries({key: st.just(role), "content": text}), maybe(**extra))


CHAT_ROWS = merged(
    st.fixed_dictionaries(
        {"messages": conversation(said("user", key="author"), said("assistant", key="author"))}
    ),
    maybe(context=st.one_of(TEXT, st.sampled_from(["", " \n"]))),
)
NAMED = st.fixed_dictionaries({"name": TEXT})
FILE = {"mimeType": "a/b", "fileUri": "gs://tide-files/o"}
PART_KINDS = {
    "text": TEXT,
    "fileData": st.just(FILE),
    "inlineData": st.just({"mimeType": "a/b", "data": "YQ=="}),
    "functionCall": merged(NAMED, maybe(args=JSON_OBJECT, id=ANY_TEXT)),
    "functionResponse": merged(
        NAMED, st.fixed_dictionaries({"response": JSON_OBJECT}), maybe(id=ANY_TEXT)
    ),
}
PART = st.one_of(st.fixed_dictionaries({kind: value}) for kind, value in PART_KINDS.items())
TEXT_PART = st.fixed_dictionaries({"text": TEXT})
GEMINI_ROWS = merged(
    st.fixed_dictionaries(
        {
            "contents": conversation(
                *(
                    st.fixed_dictionaries(
                        {"role": st.just(role), "parts": st.lists(PART, min_size=1, max_size=2)}
                    )
                    for role in ("user", "model")
                )
            )
        }
    ),
    maybe(
        systemInstruction=merged(
            st.fixed_dictionaries({"parts": st.lists(TEXT_PART, min_size=1, max_size=2)}),
            maybe(role=st.sampled_from(["system", "me"])),
        ),
        tools=st.lists(JSON_OBJECT, min_size=1, max_size=1),
    ),
)
CONTENT = st.one_of(
    TEXT,
    st.lists(
        st.fixed_dictionaries({"type": st.just("text"), "text": TEXT}), min_size=1, max_size=2
    ),
)
TOOL = st.fixed_dictionaries(
    {
        "type": st.just("function"),
        "function": merged(
            st.fixed_dictionaries({"name": TEXT}),
            maybe(description=ANY_TEXT, parameters=JSON_OBJECT, strict=st.booleans()),
        ),
    }
)
ARGUMENTS = JSON_OBJECT.map(json.dumps)
CALLING = st.tuples(st.none() | TEXT, ARGUMENTS, ANY_TEXT | ARGUMENTS).map(
    lambda drawn: [
        {
            "role": "assistant",
            "content": drawn[0],
            "tool_calls": [
                {
                    "id": "c",
                    "type": "function",
                    "function": {"name": "f", "arguments": drawn[1]},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "c", "content": drawn[2]},
    ]
)
OPENAI_ROWS = merged(
    st.tuples(
        st.lists(st.one_of(said("system", CONTENT), said("developer", CONTENT)), max_size=2),
        said("user", CONTENT, name=st.none() | TEXT),
        st.just([]) | CALLING,
        conversation(
            said("assistant", CONTENT, weight=st.sampled_from([0, 1, None])),
            said("user", CONTENT),
        ),
        said("assistant", CONTENT, name=TEXT, refusal=st.none() | TEXT),
    ).map(lambda parts: {"messages": [*parts[0], parts[1], *parts[2], *parts[3], parts[4]]}),
    maybe(tools=st.none() | st.lists(TOOL, max_size=2), parallel_tool_calls=st.booleans()),
)
ROWS = {
    Format.CODE_GENERATION: st.fixed_dictionaries({"input_text": TEXT, "output_text": TEXT}),
    Format.CODE_CHAT: CHAT_ROWS,
    Format.GEMINI: GEMINI_ROWS,
    Format.OPENAI: OPENAI_ROWS,
    Format.PROMPT_COMPLETION: st.fixed_dictionaries({"prompt": TEXT, "completion": TEXT}),
    Format.ALPACA: merged(
        st.fixed_dictionaries({"instruction": TEXT, "output": TEXT}), maybe(input=ANY_TEXT)
    ),
}
LINES = st.sampled_from(Format).flatmap(
    lambda found: st.tuples(
        st.just(found), ROWS[found].map(lambda value: json.dumps(value).encode())
    )
)


@given(source_line=LINES, target=st.sampled_from(WRITABLE))
@settings(max_examples=250, deadline=None)
def test_a_conversion_keeps_all_but_the_losses_it_names(source_line, target):
    source, body = source_line
    row = DECODERS[source].decode(body)
    example, lost = example_of(row), losses(row, target)
    assert [] == explain(body, source, options=OPTIONS)
    try:
        written = write_example(example, target)
    except ConversionError:
        return

    again = read_example(written, target)

    assert [] == explain(written.rstrip(b"\n"), target, options=OPTIONS)
    if not any("above the question" in loss for loss in lost):
        assert content_hash(conversation_of(example)) == content_hash(conversation_of(again))
    if not lost:
        assert example == again
        assert source not in WRITABLE or write_example(example, source) == write_example(again, source)  # fmt: skip


ODD_VALUES = st.one_of(
    st.sampled_from([None, "", " ", 0, 1, -1, 0.5, True, [], {}, "text", "tool", "c", "{}", "\0"]),
    st.sampled_from([[{"type": "text", "text": "a"}], [{"type": "file", "file": {}}], [None]]),
)
OPENAI_KEYS = st.sampled_from(
    [
        *["role", "content", "name", "weight", "refusal", "tool_calls", "tool_call_id"],
        *["id", "type", "function", "arguments", "tools", "strict"],
    ]
)


def replaced(value, path, key, odd):
    """The value with one member of some object put in or replaced; *path* says which object."""
    objects = []
    pending = [value]
    while pending:
        each = pending.pop()
        objects += [each] * isinstance(each, dict)
        pending += (
            each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        )
    objects[path % len(objects)][key] = odd
    return value


@given(value=OPENAI_ROWS, path=st.integers(0, 50), key=OPENAI_KEYS, odd=ODD_VALUES)
@settings(max_examples=150, deadline=None)
def test_an_openai_line_without_fault_is_read_and_written_and_one_that_cannot_be_read_has_a_fault(
    value, path, key, odd
):
    body = json.dumps(replaced(value, path, key, odd)).encode()
    faults = explain(body, Format.OPENAI)
    try:
        example = read_example(body, Format.OPENAI)
    except msgspec.DecodeError:
        assert faults
        return

    if not faults:
        written = write_example(example, GEMINI)
        assert [] == explain(written.rstrip(b"\n"), GEMINI)
