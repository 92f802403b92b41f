"""Files with a line that is no JSON, or JSON that some readers lose something of."""

import json

from support.awkward_file import awkward, refused
from support.awkward_lines import (
    CANARY,
    CHATS,
    FAULTY,
    ROLE_KEY,
    TEXT_KEY,
    TOP_KEY,
    added,
    answered,
    around,
    asked,
    good,
    text,
)
from tunedrop.domain.formats import Format


def _body(shape):
    return good(shape, 50).removesuffix(b"\n")


@awkward
def a_comma_before_the_last_brace(shape):
    return refused(around(shape, _body(shape)[:-1] + b",}"), not_json=[FAULTY])


@awkward
def a_comment_inside_an_object(shape):
    lines = [added(shape, b"/* %s */" % CANARY.encode()), b"{// a\r" + _body(shape)[1:]]
    return refused(around(shape, *lines), not_json=[4, 5])


@awkward
def single_quotation_marks(shape):
    return refused(around(shape, _body(shape).replace(b'"', b"'")), not_json=[FAULTY])


@awkward
def typographic_quotation_marks(shape):
    line = _body(shape).decode().replace('"', "\u201c").encode()
    return refused(around(shape, line), not_json=[FAULTY])


@awkward
def keys_without_quotation_marks(shape):
    key = TOP_KEY[shape].encode()
    return refused(around(shape, _body(shape).replace(b'"%s"' % key, key)), not_json=[FAULTY])


@awkward
def marks_that_are_missing(shape):
    lines = [
        _body(shape).replace(b": ", b" ", 1),
        _body(shape).replace(b", ", b" ", 1),
        _body(shape)[1:],
        _body(shape)[:-1],
        _body(shape)[:-3] + b"}",
    ]
    return refused(around(shape, *lines), not_json=[4, 5, 6, 7, 8])


@awkward
def marks_that_are_too_many(shape):
    lines = [_body(shape) + b"}", _body(shape) + b";", b"," + _body(shape), b"{" + _body(shape)]
    return refused(around(shape, *lines), not_json=[4, 5, 6, 7])


@awkward
def values_of_other_languages(shape):
    raw = [b"None", b"True", b"undefined", b"nil", b"0x10", b"01", b"1.", b".5", b"+1", b"1_000"]
    lines = [asked(shape, value) for value in raw]
    return refused(around(shape, *lines), not_json=list(range(4, 14)))


@awkward
def controls_that_are_not_escaped(shape):
    raw = [b"\t", b"\x0b", b"\x0c", b"\x1b", b"\r", b"\x1f"]
    lines = [answered(shape, text(value)) for value in raw]
    return refused(around(shape, *lines), not_json=[4, 5, 6, 7, 8, 9])


@awkward
def escapes_that_json_does_not_have(shape):
    raw = [rb"\x41", rb"\'", rb"\u12g4", rb"\u", rb"\U0001f600", rb"\0", rb"\e"]
    lines = [answered(shape, text(value)) for value in raw]
    return refused(around(shape, *lines), not_json=[4, 5, 6, 7, 8, 9, 10])


@awkward
def a_line_end_inside_a_text(shape):
    return refused(around(shape, answered(shape, text(b"\n"))), not_json=[4, 5])


@awkward
def numbers_that_are_not_finite(shape):
    raw = [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1E+400"]
    lines = [asked(shape, value) for value in raw]
    return refused(around(shape, *lines), non_finite_number=[4, 5, 6, 7, 8])


@awkward
def numbers_that_are_not_finite_in_a_place_of_no_account(shape):
    lines = [added(shape, b'"x": [%s]' % value) for value in (b"NaN", b"1e999")]
    return refused(around(shape, *lines), non_finite_number=[4, 5])


@awkward
def integers_beyond_64_bits(shape):
    raw = [b"7" * 5000, b"-" + b"7" * 4301, b"%d" % 2**64, b"%d" % (-(2**63) - 1)]
    lines = [asked(shape, value) for value in raw]
    return refused(around(shape, *lines), oversized_integer=[4, 5, 6, 7])


@awkward
def numbers_in_place_of_a_text(shape):
    raw = [b"-0", b"%d" % (2**64 - 1), b"1e308", b"0.1", b"-0.0e-999"]
    lines = [answered(shape, value) for value in raw]
    return refused(around(shape, *lines), wrong_type=[4, 5, 6, 7, 8])


@awkward
def a_key_twice_in_an_object(shape):
    key = b'"%s": ' % TEXT_KEY[shape].encode()
    lines = [_body(shape).replace(key, key + value + b", " + key, 1) for value in (b'"a"', b"0")]
    lines.append(_body(shape).replace(key, key + text() + b", " + key, 1))
    found = {"duplicate_key": [4, 5, 6], "wrong_type": [5]}
    return refused(around(shape, *lines), **found)


@awkward
def a_key_twice_once_with_an_escape(shape):
    key = TEXT_KEY[shape].encode()
    escaped = b'"%s\\u%04x"' % (key[:-1], key[-1])
    lines = [_body(shape).replace(b'"%s"' % key, escaped + b': "a", "%s"' % key, 1)]
    return refused(around(shape, *lines), duplicate_key=[FAULTY])


@awkward
def a_role_twice_in_a_turn(shape):
    if shape not in CHATS:
        line = added(shape, b'"role": "user", "role": "user"')
        return refused(around(shape, line), duplicate_key=[4], unknown_key=[4])
    role = b'"%s": ' % ROLE_KEY[shape].encode()
    line = _body(shape).replace(role, role + b'"user", ' + role)
    return refused(around(shape, line), duplicate_key=[FAULTY])


@awkward
def an_unknown_key_twice_where_anything_goes(shape):
    line = added(shape, b'"x": {"%s": 1, "%s": 2}' % ((CANARY.encode(),) * 2))
    return refused(around(shape, line), duplicate_key=[FAULTY])


@awkward
def halves_of_surrogate_pairs(shape):
    raw = [rb"\ud800", rb"\udfff", rb"\udc00\ud800", rb"\uD83D \uDE00", rb"\ud83d\ud83d\ude00"]
    lines = [answered(shape, text(value)) for value in raw]
    lines.append(added(shape, rb'"\udabc": 1'))
    return refused(around(shape, *lines), lone_surrogate=[4, 5, 6, 7, 8, 9])


@awkward
def the_character_nul(shape):
    lines = [
        answered(shape, text(b"\0")),
        answered(shape, text(rb"\u0000")),
        b"{\0" + _body(shape)[1:],
        b"\0" + _body(shape),
    ]
    return refused(around(shape, *lines), nul_character=[4, 5, 6, 7])


@awkward
def the_character_nul_behind_an_object(shape):
    lines = [_body(shape) + b"\0", _body(shape) + b"\0\0\0"]
    return refused(around(shape, *lines), nul_character=[4, 5])


@awkward
def the_character_nul_in_a_key(shape):
    """Only the two formats with tools hold objects with keys of anybody's choice."""
    if shape is Format.GEMINI:
        line = _answering_with({"parts": [{"functionCall": {"name": "f", "args": {"\0": 1}}}]})
        return refused(around(shape, line), nul_character=[FAULTY])
    if shape is Format.OPENAI:
        line = _calling_with(json.dumps({f"{CANARY}\0": 1}))
        return refused(around(shape, line), wrong_type=[FAULTY])
    return refused(around(shape, added(shape, rb'"\u0000": 1')), unknown_key=[FAULTY])


def _answering_with(answer):
    asking = {"role": "user", "parts": [{"text": CANARY}]}
    return json.dumps({"contents": [asking, {"role": "model", **answer}]}).encode()


def _calling_with(arguments):
    """An OpenAI line whose assistant calls a tool with a JSON text."""
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    answer = {"role": "assistant", "tool_calls": [call]}
    return json.dumps({"messages": [{"role": "user", "content": CANARY}, answer]}).encode()


@awkward
def arguments_that_are_no_json_object(shape):
    texts = ["", "{", "[1]", "null", '{"a": NaN}', '{"a": 1, "a": 2}', '{"a": "\\u0000"}', "{} {}"]
    lines = [_calling_with(words) for words in texts]
    code = "wrong_type" if shape is Format.OPENAI else "mixed_formats"
    return refused(around(shape, *lines), **{code: list(range(4, 4 + len(lines)))})


@awkward
def arrays_and_objects_within_each_other(shape):
    lines = [
        asked(shape, b"[" * 5000 + b"]" * 5000),
        asked(shape, b'{"a":' * 5000),
        b"[" * 100_000,
        added(shape, b'"x": ' + b"[" * 100 + b"]" * 100),
    ]
    return refused(around(shape, *lines), too_deep=[4, 5, 6, 7])


@awkward
def prose_among_the_lines(shape):
    lines = [CANARY.encode(), b"---", f"Here are {CANARY}s:".encode(), b"```json", b"...", b"-"]
    return refused(around(shape, *lines), not_json=[4, 5, 6, 7, 8, 9])
