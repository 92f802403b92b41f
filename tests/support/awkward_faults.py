"""Faults of one line, to be put at every place of a file: what the line becomes, and what is found there.

Each is a function of the shape and of a number that keeps lines apart; it gives the line without its LF.
"""

from collections.abc import Callable
from typing import NamedTuple

from support.awkward_contents import private_key
from support.awkward_lines import CANARY, added, answered, asked, good, text
from support.datasets import line, row
from tunedrop.domain.formats import Format


class Fault(NamedTuple):
    """What is wrong with the line."""

    line: Callable[[Format, int], bytes]
    code: str
    code_at_the_end: str = ""
    """Where no LF follows, if that makes a difference."""

    def code_at(self, number, lines, *, ends_with_lf):
        is_cut = number == lines and not ends_with_lf
        return (is_cut and self.code_at_the_end) or self.code


def _body(shape, number):
    return good(shape, number).removesuffix(b"\n")


def _cut(shape, number):
    return _body(shape, number)[:-8]


def _two(shape, number):
    return _body(shape, number) + _body(shape, number + 100)


def _repeating(shape, number):
    words = f"{CANARY} {number}"
    return line(row(shape, question=words, answer=words)).removesuffix(b"\n")


def _leaking(shape, number):
    words = f"{CANARY} {private_key()}"
    return line(row(shape, question=f"{CANARY} {number}", answer=words)).removesuffix(b"\n")


FAULTS = {
    "latin-1": Fault(lambda shape, n: asked(shape, text(b"\xe9"), n), "not_utf8"),
    "prose": Fault(lambda _shape, _n: CANARY.encode(), "not_json"),
    "cut": Fault(_cut, "not_json", "truncated_file"),
    "comma": Fault(lambda shape, n: _body(shape, n) + b",", "not_json"),
    "two-objects": Fault(_two, "two_values_on_line"),
    "array": Fault(lambda _shape, n: b"[%d]" % n, "not_object"),
    "object-in-an-array": Fault(
        lambda shape, n: b"[" + _body(shape, n) + b"]",
        "not_object",
    ),
    "brace": Fault(
        lambda _shape, _n: b"{",
        "not_json",
        "truncated_file",
    ),
    "nul": Fault(lambda shape, n: answered(shape, text(b"\0"), n), "nul_character"),
    "nul-before-the-object": Fault(
        lambda shape, n: b"\0" + _body(shape, n),
        "nul_character",
    ),
    "surrogate": Fault(lambda shape, n: answered(shape, text(rb"\ud800"), n), "lone_surrogate"),
    "nan": Fault(lambda shape, n: asked(shape, b"NaN", n), "non_finite_number"),
    "digits": Fault(lambda shape, n: asked(shape, b"7" * 5000, n), "oversized_integer"),
    "levels": Fault(lambda shape, n: asked(shape, b"[" * 200, n), "too_deep"),
    "unknown-key": Fault(lambda shape, n: added(shape, b'"id": 1', n), "unknown_key"),
    "number": Fault(lambda shape, n: answered(shape, b"1", n), "wrong_type"),
    "empty": Fault(lambda shape, n: asked(shape, b'""', n), "empty_text"),
    "blank": Fault(lambda shape, n: answered(shape, b'"\\u2003"', n), "blank_text"),
    "empty-object": Fault(lambda _shape, _n: b"{}", "missing_key"),
    "overlong": Fault(lambda shape, n: asked(shape, text(b"x" * 20_000), n), "overlong_line"),
}
"""By name; every one of them rejects its line."""

REMARKS = {
    "byte-order-mark": Fault(lambda shape, n: b"\xef\xbb\xbf" + _body(shape, n), "bom"),
    "carriage-return": Fault(lambda shape, n: _body(shape, n) + b"\r", "crlf"),
    "repeating": Fault(_repeating, "answer_equals_prompt"),
    "leaking": Fault(_leaking, "secret_in_text"),
}
"""The same, for what is only remarked on."""
