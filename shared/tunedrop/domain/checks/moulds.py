"""Moulds: what is around the texts of a good line, learnt so that lines of the same shape are known to be good.

A mould comes from a line that was looked at whole; whoever fills it with other texts makes as good a line.
"""

import re
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from tunedrop.domain.formats import (
    Conversation,
    Format,
    conversation_of,
    in_turns,
    read_example,
)

TEXT_KEYS: dict[Format, frozenset[bytes]] = {
    Format.CODE_GENERATION: frozenset({b"input_text", b"output_text"}),
    Format.CODE_CHAT: frozenset({b"content", b"context"}),
    Format.GEMINI: frozenset({b"text"}),
    Format.OPENAI: frozenset({b"content", b"text"}),
    Format.PROMPT_COMPLETION: frozenset({b"prompt", b"completion"}),
    Format.ALPACA: frozenset({b"instruction", b"input", b"output"}),
}
"""Keys whose values may be texts that differ from line to line."""

_MEMBER = re.compile(rb'"((?:[^"\\]|\\.)*+)"\s*+(?::\s*+("(?:[^"\\]|\\.)++")?)?')
_MOST_TEXTS = 64
_MOST_BYTES = 16 * 1024
_OPEN, _CLOSE = "\ue000", "\ue001"
_HOLE = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

Words = tuple[str | int, ...]
"""How a text of the conversation is put together: the numbers of the line's texts, and words between them."""


class Mould(Struct, frozen=True):
    """The shape of one good line."""

    pieces: tuple[bytes, ...]
    """What stands before, between and behind its texts; the texts' quotation marks are not in it."""
    context: Words
    turns: tuple[Words, ...]
    users: tuple[bool, ...]
    """Whether each turn is the user's."""
    has_own_order: bool
    """Whether its texts are not simply the context, if there is one, and the turns one after the other."""

    def filled(self, texts: list[str]) -> Conversation:
        """The conversation of a line of this shape that holds *texts*."""
        if self.has_own_order:
            turns = [_made(words, texts) for words in self.turns]
            return in_turns(_made(self.context, texts), turns, self.users)
        if self.context:
            return in_turns(texts[0], texts[1:], self.users)
        return in_turns("", texts, self.users)


def mould_of(line: bytes, dataset_format: Format) -> Mould | None:
    """Learn the mould of a good line with its LF; None where its shape is too odd to come again."""
    spans = _spans(line, TEXT_KEYS[dataset_format])
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(line)]
    pieces = tuple(line[end:start] for end, start in zip(ends, starts, strict=True))
    if not 1 < len(spans) <= _MOST_TEXTS or sum(map(len, pieces)) > _MOST_BYTES:
        return None
    probe = _probe(pieces, dataset_format)
    if probe is None:
        return None
    context, *turns = (_words(text) for text in (probe.context, *probe.texts))
    holes = sorted(hole for words in (context, *turns) for hole in _holes(words))
    if holes != list(range(len(spans))) or any(map(_is_nested, (context, *turns))):
        return None
    order = [(number,) for number in range(len(spans))]
    return Mould(
        pieces=pieces,
        context=context,
        turns=tuple(turns),
        users=tuple(probe.users),
        has_own_order=[context, *turns] not in ([(), *order], order),
    )


def _spans(line: bytes, keys: frozenset[bytes]) -> list[tuple[int, int]]:
    """Where the texts of a line stand, with their quotation marks; empty ones belong to its shape."""
    return [member.span(2) for member in _MEMBER.finditer(line) if member[2] and member[1] in keys]


def _probe(pieces: Sequence[bytes], dataset_format: Format) -> Conversation | None:
    """The conversation of the same shape with marks in place of its texts."""
    marks = [f'"{_OPEN}{number}{_CLOSE}"'.encode() for number in range(len(pieces) - 1)]
    line = b"".join(part for pair in zip(pieces, [*marks, b""], strict=True) for part in pair)
    try:
        return conversation_of(read_example(line, dataset_format))
    except _UNREADABLE:
        return None


def _words(text: str) -> Words:
    parts = _HOLE.split(text)
    words = [part if number % 2 == 0 else int(part) for number, part in enumerate(parts)]
    return tuple(word for word in words if word != "")


def _holes(words: Words) -> list[int]:
    return [word for word in words if isinstance(word, int)]


def _is_nested(words: Words) -> bool:
    """Whether a text stands inside something that is not text, where it would have to be escaped."""
    return bool(_holes(words)) and any(isinstance(word, str) and "\0" in word for word in words)


def _made(words: Words, texts: Sequence[str]) -> str:
    return "".join([word if isinstance(word, str) else texts[word] for word in words])
