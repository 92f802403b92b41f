"""Files with values of another type than their shape's, and with texts that say nothing."""

import json
import sys

from support.awkward_file import awkward, refused
from support.awkward_lines import (
    CANARY,
    CHATS,
    FAULTY,
    TOP_KEY,
    answered,
    around,
    asked,
    good,
    renamed,
)
from support.datasets import line
from tunedrop.domain.formats import Format

_OTHERS = {
    str: [7, None, True, ["a"], {"a": "b"}],
    list: ["a", None, 7, {"a": "b"}],
    dict: ["a", None, 7, [["a"]]],
}
"""By a value's own type: values in its place that no shape takes there."""
BLANKS = tuple(c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace())
INVISIBLE = "\u00ad\u115f\u180e\u200b\u200c\u200d\u200e\u2060\u2800\u3164\ufe0f\ufeff\uffa0"
"""Characters that show nothing and are no white space to Unicode."""


def _paths(value, path=()):
    """Every place in a JSON value, the whole left out."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in members:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from _paths(inner, (*path, key))


def _with(shape, path, other):
    """A good line with another value in one place."""
    value = json.loads(good(shape, 50))
    place = value
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = other
    return line(value)


def _at(value, path):
    for key in path:
        value = value[key]
    return value


def _misfits(shape):
    """A line for each place and each value that does not fit there."""
    whole = json.loads(good(shape, 50))
    for path in _paths(whole):
        for other in _OTHERS[type(_at(whole, path))]:
            if shape is Format.OPENAI and path[-1] == "content" and isinstance(other, list):
                other = [CANARY]  # a list of parts is taken, and of texts it is not  # noqa: PLW2901
            yield _with(shape, path, other)


@awkward
def another_type_in_every_place(shape):
    lines = list(_misfits(shape))
    numbers = list(range(FAULTY, FAULTY + len(lines)))
    return refused(around(shape, *lines), wrong_type=numbers)


@awkward
def a_line_inside_itself(shape):
    inner = good(shape, 50).removesuffix(b"\n")
    lines = [inner.replace(b": ", b": " + inner + b", " + b'"x": ', 1)]
    return refused(around(shape, *lines), wrong_type=[4], unknown_key=[4])


@awkward
def a_line_as_the_text_of_a_string(shape):
    lines = [json.dumps(good(shape, 50).decode()).encode()]
    return refused(around(shape, *lines), not_object=[FAULTY])


@awkward
def the_value_of_the_first_key_as_text(shape):
    """What a table's column of JSON becomes when it is exported as text; for pairs a number."""
    value = json.loads(good(shape, 50))
    key = TOP_KEY[shape]
    value[key] = json.dumps(value[key]) if shape in CHATS else 7
    return refused(around(shape, line(value)), wrong_type=[FAULTY])


@awkward
def empty_texts(shape):
    lines = [asked(shape, b'""'), answered(shape, b'""')]
    return refused(around(shape, *lines), empty_text=[4, 5])


@awkward
def texts_of_white_space(shape):
    """One line for every character that Unicode calls white space, and one for all of them."""
    raw = [json.dumps(c).encode() for c in (*BLANKS, "".join(BLANKS))]
    lines = [answered(shape, value) for value in raw] + [asked(shape, b'"  \\n"')]
    return refused(around(shape, *lines), blank_text=list(range(4, 4 + len(lines))))


@awkward
def texts_of_invisible_characters(shape):
    raw = [json.dumps(c).encode() for c in (*INVISIBLE, INVISIBLE + " ")]
    lines = [answered(shape, value) for value in raw]
    numbers = list(range(4, 4 + len(lines)))
    return refused(around(shape, *lines), blank_text=numbers)


@awkward
def no_turns_at_all(shape):
    if shape not in CHATS:
        lines = [renamed(shape, TOP_KEY[shape], "messages")]
        return refused(around(shape, *lines), missing_key=[4], unknown_key=[4])
    return refused(around(shape, b'{"%s": []}' % TOP_KEY[shape].encode()), no_turns=[FAULTY])


@awkward
def an_empty_turn(shape):
    if shape not in CHATS:
        return refused(around(shape, asked(shape, b"{}")), wrong_type=[FAULTY])
    value = json.loads(good(shape, 50))
    value[TOP_KEY[shape]][0] = {}
    return refused(around(shape, line(value)), missing_key=[FAULTY])
