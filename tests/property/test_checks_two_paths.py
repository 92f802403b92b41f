"""The fast path and the explaining path accept and reject the same lines."""

import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.datasets import line, row
from tunedrop.domain.checks import CheckOptions, explain
from tunedrop.domain.checks.fast import FastPath
from tunedrop.domain.findings import Code
from tunedrop.domain.formats import Format, conversation_of, read_example

OPTIONS = CheckOptions(allowed_buckets=frozenset({"tide-files"}))
SHAPES = {
    dataset_format: [
        {},
        {"context": "c"} if dataset_format is Format.CODE_CHAT else {},
        {"systemInstruction": {"parts": [{"text": "c"}]}}
        if dataset_format is Format.GEMINI
        else {},
    ]
    for dataset_format in Format
}
STYLES = [{"separators": (",", ":")}, {}, {"ensure_ascii": True}, {"sort_keys": True}]


def taught(dataset_format):
    """A fast path that knows the shapes that a file is likely to hold."""
    path = FastPath(dataset_format)
    for more in SHAPES[dataset_format]:
        for style in STYLES:
            path.learn(line({**row(dataset_format), **more}, **style))
    return path


PATHS = {dataset_format: taught(dataset_format) for dataset_format in Format}
FRAGMENTS = st.sampled_from(
    [
        *[
            b"{",
            b"}",
            b"[",
            b"]",
            b",",
            b":",
            b'"',
            b"\\",
            b"\\u0000",
            b"\\ud800",
            b"\\ud83d\\ude00",
            b"\\u00e9",
            b"\0",
        ],
        *[
            b"\xff",
            b"\xc3",
            b"\xed\xa0\x80",
            b"\xc0\xaf",
            b"\xef\xbb\xbf",
            "\u2028".encode(),
            b"\x85",
            b"\x0b",
            b"\t",
        ],
        *[
            b"NaN",
            b"-Infinity",
            b"1e999",
            b"-0",
            b"01",
            b"1.",
            b"null",
            b"true",
            b"99999999999999999999",
            b"{}",
            b"[]",
        ],
        *[
            b'"text"',
            b'"role"',
            b'"parts"',
            b'"model"',
            b'"user"',
            b'"author"',
            b'"content"',
            b'"context":"c",',
        ],
        *[
            b'"input_text":"",',
            b'"output_text":"b",',
            b'"inpu\\u0074_text":"c",',
            b'"text":"t",',
            b'"role":"user",',
        ],
        *[
            b'"messages":[],',
            b'"tools":[{"a":1}],',
            b'"fileData":{"mimeType":"a/b","fileUri":"gs://tide-files/o"},',
        ],
        *[
            b'"functionCall":{"name":"f","args":{"n":1}},',
            b'"prompt":"p",',
            b'"input":"i",',
            b'"instruction":"",',
        ],
    ]
)
EDITS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 12), st.one_of(FRAGMENTS, st.binary(max_size=3))),
    max_size=4,
)
ANY_JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=5)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = [
    "contents",
    "role",
    "parts",
    "text",
    "messages",
    "author",
    "content",
    "context",
    "input_text",
    "output_text",
]
KEYS += [
    "prompt",
    "completion",
    "instruction",
    "input",
    "output",
    "systemInstruction",
    "tools",
    "fileData",
]
SHAPED_JSON = st.recursive(
    st.one_of(
        st.sampled_from(["user", "model", "assistant", "system", "", " ", "hello"]), ANY_JSON
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=12,
)


def assert_same_verdict(body, dataset_format):
    """What the fast path vouches for has no fault, and reads the same; a line without fault is readable."""
    read = PATHS[dataset_format].read(body + b"\n")
    faults = explain(body, dataset_format, options=OPTIONS)
    if not faults:
        example = read_example(body, dataset_format)
    if read is not None:
        assert not faults, (body, faults)
        assert conversation_of(example) == read
    if PATHS[dataset_format].is_well_shaped(body + b"\n"):
        assert {fault.code for fault in faults} <= {Code.NUL_CHARACTER}, (body, faults)
        assert PATHS[dataset_format].count_turns(body + b"\n")


@given(dataset_format=st.sampled_from(Format), edits=EDITS, compact=st.booleans())
@settings(max_examples=1500, deadline=None)
@example(
    dataset_format=Format.CODE_GENERATION, edits=[(1, 0, b'"inpu\\u0074_text":"c",')], compact=True
)
@example(dataset_format=Format.GEMINI, edits=[(38, 0, b'"text":"",')], compact=True)
def test_an_edited_line_gets_one_verdict(dataset_format, edits, compact):
    separators = (",", ":") if compact else (", ", ": ")
    body = line(row(dataset_format), separators=separators).rstrip(b"\n")
    for position, removed, added in edits:
        body = body[:position] + added + body[position + removed :]

    assert_same_verdict(body, dataset_format)


@given(dataset_format=st.sampled_from(Format), value=SHAPED_JSON)
@settings(max_examples=800, deadline=None)
def test_any_json_gets_one_verdict(dataset_format, value):
    assert_same_verdict(
        json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass"), dataset_format
    )


@given(dataset_format=st.sampled_from(Format), body=st.binary(max_size=60))
@settings(deadline=None)
def test_any_bytes_get_one_verdict(dataset_format, body):
    assert_same_verdict(body, dataset_format)


@given(
    dataset_format=st.sampled_from([Format.CODE_CHAT, Format.GEMINI, Format.OPENAI]),
    roles=st.lists(st.sampled_from(["user", "assistant", "model", "system", "User"]), max_size=4),
    texts=st.lists(
        st.sampled_from(["", " ", "a", "\0", "text", "content"]), min_size=4, max_size=4
    ),
)
@settings(max_examples=400, deadline=None)
def test_any_order_of_turns_gets_one_verdict(dataset_format, roles, texts):
    turns = list(zip(roles, texts, strict=False))
    if dataset_format is Format.GEMINI:
        value = {"contents": [{"role": role, "parts": [{"text": text}]} for role, text in turns]}
    else:
        name = "author" if dataset_format is Format.CODE_CHAT else "role"
        value = {"messages": [{name: role, "content": text} for role, text in turns]}

    assert_same_verdict(json.dumps(value).encode(), dataset_format)


PART_FIELDS = {
    "text": st.sampled_from(["", " ", "a", "text"]),
    "fileData": st.just({"mimeType": "a/b", "fileUri": "gs://tide-files/o"}),
    "functionCall": st.just({"name": "f", "args": {"n": 1}}),
    "functionResponse": st.just({"name": "f", "response": {}}),
}
PARTS = st.lists(st.fixed_dictionaries({}, optional=PART_FIELDS), max_size=2)


@given(
    question=PARTS,
    answer=PARTS,
    system=st.none() | PARTS,
    role=st.booleans(),
    tools=st.none() | st.just([{"a": 1}]),
)
@settings(max_examples=500, deadline=None)
def test_any_parts_get_one_verdict(question, answer, system, role, tools):
    value = {"contents": [{"role": "user", "parts": question}, {"role": "model", "parts": answer}]}
    if system is not None:
        value["systemInstruction"] = {"parts": system, **({"role": "system"} if role else {})}
    if tools is not None:
        value["tools"] = tools

    assert_same_verdict(json.dumps(value).encode(), Format.GEMINI)


@pytest.mark.parametrize("style", STYLES, ids=["compact", "spaced", "ascii", "sorted"])
@pytest.mark.parametrize("dataset_format", Format)
def test_a_plain_line_of_a_known_shape_needs_no_second_look(dataset_format, style):
    value = row(dataset_format, question='\n  "Où" \\ \U0001f30a', answer="x\ty")

    path = PATHS[dataset_format]

    assert path.read(line(value, **style)) is not None
    assert path.is_well_shaped(line(value, **style))


SHORTEST = {"contents": "[]", "parts": "[]", "messages": "[]", "role": '"user"', "author": '"user"'}


@pytest.mark.parametrize(
    "style",
    [{"separators": (",", ":")}, {}, {"ensure_ascii": True}],
    ids=["compact", "spaced", "ascii"],
)
@pytest.mark.parametrize("dataset_format", Format)
def test_a_repeated_key_is_seen_in_every_object_however_short_its_value(dataset_format, style):
    whole = line(row(dataset_format, question="Où?", answer="Là."), **style).rstrip(b"\n").decode()
    for key in re.finditer(r'"(\w+)":', whole):
        repeat = key[0] + SHORTEST.get(key[1], '""') + ","
        body = (whole[: key.start()] + repeat + whole[key.start() :]).encode()

        path = PATHS[dataset_format]

        assert path.read(body + b"\n") is None, body
        assert not path.is_well_shaped(body + b"\n"), body
        assert Code.DUPLICATE_KEY in {finding.code for finding in explain(body, dataset_format)}
