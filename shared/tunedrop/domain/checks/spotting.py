"""Tells in linear time whether a text holds a shape, where, and whether somebody made the value up.

Knows no shape of its own. The first question is put to pydantic-core's Rust regular expressions, at some 2 GB/s.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from pydantic_core import SchemaValidator, core_schema

_MOST_CANDIDATES = 1000
_WINDOW_CHARACTERS = 8192
_MARKS_OF_INVENTION = (
    "xxxx|0000|1111|9999|[*]{4}|[.]{4}|____|----|12345|abcdef|a1b2c3|a1bc2d|qwerty|example|sample"
    "|your|placeholder|redacted|insert|replace|change|dummy|fake|mock|demo|test|todo|fixme|foobar"
    "|notreal|passw|secret|token|apikey"
)
_ALPHABET_OF_DIGITS, _ALPHABET = 8, 16


def spotter(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Build a search for any of *patterns*, which may use no look-around and no back-reference."""
    pattern = "|".join(patterns)
    if not pattern:
        return _never
    return SchemaValidator(core_schema.str_schema(pattern=pattern)).isinstance_python


def matches_at(text: str, literal: str, pattern: str) -> Iterator[re.Match[str]]:
    """Match *pattern* wherever *literal* stands, at 1,000 places at most and over 8,192 characters each.

    Both bounds hold against texts of megabytes that are made to be slow.
    """
    start = text.find(literal)
    for _ in range(_MOST_CANDIDATES):
        if start < 0:
            return
        # Compiled here and not when the module is imported: all of them take 20 ms, and few are ever needed.
        match = re.compile(pattern).match(text, start, start + _WINDOW_CHARACTERS)
        if match:
            yield match
        start = text.find(literal, start + 1)


def looks_made_up(value: str) -> bool:
    """Whether a value is a placeholder rather than drawn at random: telling words, runs, little variety."""
    alphabet = _ALPHABET_OF_DIGITS if value.isdigit() else _ALPHABET
    has_variety = 2 * len(set(value)) >= min(len(value), alphabet)
    return not has_variety or bool(re.search(_MARKS_OF_INVENTION, value.lower()))


def _never(_text: str) -> bool:
    return False
