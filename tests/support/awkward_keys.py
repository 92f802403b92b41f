"""Files whose lines are JSON objects with other keys than their shape's."""

import json

from support.awkward_file import awkward, refused
from support.awkward_lines import (
    CANARY,
    CHATS,
    FAULTY,
    SHAPES,
    TOP_KEY,
    added,
    answer,
    around,
    good,
    good_file,
    question,
    renamed,
)
from support.datasets import line, row
from tunedrop.domain.formats import Format

ANSWER_KEY = {
    Format.CODE_GENERATION: "output_text",
    Format.PROMPT_COMPLETION: "completion",
    Format.ALPACA: "output",
}


def _others(shape):
    """Good lines of every other shape."""
    return [good(other, 60 + n) for n, other in enumerate(SHAPES) if other is not shape]


@awkward
def an_empty_object(shape):
    return refused(around(shape, b"{}", b"{ }"), missing_key=[4, 5])


@awkward
def a_line_without_an_answer(shape):
    value = json.loads(good(shape, 50))
    if shape in CHATS:
        del value[TOP_KEY[shape]][1]
        return refused(around(shape, line(value)), last_not_assistant=[FAULTY])
    del value[ANSWER_KEY[shape]]
    return refused(around(shape, line(value)), missing_key=[FAULTY])


@awkward
def a_line_without_a_question(shape):
    value = json.loads(good(shape, 50))
    if shape in CHATS:
        del value[TOP_KEY[shape]][0]
        return refused(around(shape, line(value)), first_not_user=[FAULTY])
    del value[TOP_KEY[shape]]
    return refused(around(shape, line(value)), missing_key=[FAULTY])


@awkward
def a_key_of_the_writers_own(shape):
    lines = [
        added(shape, b'"id": 7'),
        added(shape, b'"metadata": {"%s": []}' % CANARY.encode()),
        added(shape, b'"": "%s"' % CANARY.encode()),
        added(shape, b'"__class__": null, "__proto__": {}'),
        added(shape, b'"%s": 1' % (CANARY.encode() * 1000)),
    ]
    return refused(around(shape, *lines), unknown_key=[4, 5, 6, 7, 8])


@awkward
def a_key_of_the_writers_own_on_every_line(shape):
    data = b"".join(added(shape, b'"id": %d' % n, n) + b"\n" for n in range(6))
    return refused(data, unknown_key=[1, 2, 3, 4, 5, 6], too_few_examples=[])


@awkward
def a_misspelt_key(shape):
    key = TOP_KEY[shape]
    spellings = [key[:-1], key[0] + key[2:], key + "s" * 2, f" {key}", f"{key} "]
    lines = [renamed(shape, key, spelling) for spelling in spellings]
    return refused(around(shape, *lines), unknown_key=[4, 5, 6, 7, 8])


@awkward
def a_key_in_another_case(shape):
    key = TOP_KEY[shape]
    spellings = [key.upper(), key.title(), key[:2] + key[2:].upper()]
    lines = [renamed(shape, key, spelling) for spelling in spellings]
    return refused(around(shape, *lines), wrong_case_key=[4, 5, 6])


@awkward
def a_key_in_camel_or_snake_case(shape):
    spelling = {Format.CODE_GENERATION: "inputText", Format.ALPACA: "in_struction"}
    if shape is Format.GEMINI:
        instruction = b'"system_instruction": {"parts": [{"text": "%s"}]}' % CANARY.encode()
        return refused(around(shape, added(shape, instruction)), wrong_case_key=[FAULTY])
    key = TOP_KEY[shape]
    other = spelling.get(shape, key.title())
    return refused(around(shape, renamed(shape, key, other)), wrong_case_key=[FAULTY])


@awkward
def all_keys_in_another_case(shape):
    key = TOP_KEY[shape]
    data = b"".join(renamed(shape, key, key.title(), n) + b"\n" for n in range(6))
    return refused(data, wrong_case_key=[1, 2, 3, 4, 5, 6], too_few_examples=[])


@awkward
def all_keys_in_camel_case(shape):
    """Only code-generation has keys of two words that tell the format."""
    key = TOP_KEY[shape]
    camel = {"input_text": "inputText", "output_text": "outputText"}
    data = good_file(shape).replace(key.encode(), camel.get(key, key.upper()).encode())
    for snake, other in camel.items():
        data = data.replace(snake.encode(), other.encode())
    return refused(
        data,
        wrong_case_key=[1, 2, 3, 4, 5, 6],
        too_few_examples=[],
    )


@awkward
def keys_that_nobody_knows(_shape):
    data = b"".join(line({"question_text": question(n), "response": answer(n)}) for n in range(6))
    return refused(data, unrecognised_format=[])


@awkward
def keys_that_nobody_knows_and_a_broken_line(_shape):
    rows = [line({"question_text": question(n)}) for n in range(3)]
    return refused(b"".join(rows) + b'{"question_text\n', unrecognised_format=[], not_json=[4])


@awkward
def a_line_of_every_other_format(shape):
    return refused(around(shape, *_others(shape)), mixed_formats=[4, 5, 6, 7, 8])


@awkward
def the_first_lines_in_another_format(shape):
    others = _others(shape)[:2]
    return refused(b"".join(others) + good_file(shape), mixed_formats=[1, 2])


@awkward
def half_of_the_lines_in_another_format(shape):
    values = (row(_other_of(shape), question=question(n), answer=answer(n)) for n in range(6))
    data = b"".join(good(shape, n) + line(value) for n, value in enumerate(values))
    return refused(data, ambiguous_format=[], mixed_formats=[2, 4, 6, 8, 10, 12])


@awkward
def a_line_in_two_formats_at_once(shape):
    other = good(_other_of(shape), 50).removesuffix(b"\n")[1:-1]
    if {shape, _other_of(shape)} == {Format.CODE_CHAT, Format.OPENAI}:
        return refused(around(shape, added(shape, other)), duplicate_key=[FAULTY])
    return refused(around(shape, added(shape, other)), unknown_key=[FAULTY])


def _other_of(shape):
    return SHAPES[(SHAPES.index(shape) + 1) % len(SHAPES)]
