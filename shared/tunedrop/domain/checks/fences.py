"""Fenced blocks of code in Markdown texts, as CommonMark has them, and the languages that they name.

Reads the fences of the text itself; those inside lists of four spaces or more and inside quotations are none.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tunedrop.domain.code_languages import LANGUAGE_OF, OTHER, UNNAMED

MARKS = ("```", "~~~")
_MOST_FENCES = 2000
_DEEPEST_INDENT = 3
_NO_WORD = re.compile(r"[^\w+#-]")


class Block(NamedTuple):
    """One fenced block."""

    text: str
    """All of the text around it."""
    opening: int
    """Index of the opening fence's first mark."""
    start: int
    """Index of the line behind the opening fence."""
    end: int | None
    """Index of the closing fence's first mark; None where there is none."""
    language: str
    """One of `LANGUAGES`, `UNNAMED` or `OTHER`."""

    @property
    def line(self) -> int:
        """1-based number of the opening fence's line."""
        return self.text.count("\n", 0, self.opening) + 1

    @property
    def source(self) -> str:
        """The lines between the fences."""
        return self.text[self.start : self.end].rstrip(" ")


def fenced_blocks(text: str) -> Iterator[Block]:
    """Read the blocks of *text* in order; the last may be open. Reading ends after 2,000 fences."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    fences = _fences(text, MARKS[0])
    if others := _fences(text, MARKS[1]):
        fences = sorted(fences + others)
    opened, opening, start, language = "", 0, 0, UNNAMED
    for position, end in fences[:_MOST_FENCES]:
        fence = text[position:end]
        if opened:
            if fence == opened or _closes(fence, opened):
                yield Block(text, opening, start, position, language)
                opened = ""
        else:
            info = fence.lstrip(fence[0])
            if "`" not in info or fence[0] == "~":
                opened = fence.removesuffix(info)
                opening, start, language = position, end + 1, _language(info)
    if opened and len(fences) <= _MOST_FENCES:
        yield Block(text, opening, start, None, language)


def _closes(fence: str, opened: str) -> bool:
    return fence.startswith(opened) and not fence.lstrip(opened[0]).strip()


def _fences(text: str, mark: str) -> list[tuple[int, int]]:
    """The first lines that begin with *mark* and at most three spaces before it: its index, the line's end."""
    found: list[tuple[int, int]] = []
    # One character is looked for ten times as quickly as three.
    character, width = mark[0], len(mark)
    position = text.find(character)
    while position >= 0 and len(found) <= _MOST_FENCES:
        end = text.find("\n", position)
        if end < 0:
            end = len(text)
        if text[position : position + width] == mark and (
            not position or text[position - 1] == "\n" or _is_little_indented(text, position)
        ):
            found.append((position, end))
        position = text.find(character, end)
    return found


def _is_little_indented(text: str, position: int) -> bool:
    before = text[max(0, position - _DEEPEST_INDENT - 1) : position].rstrip(" ")
    return before.endswith("\n") or (not before and position <= _DEEPEST_INDENT)


def _language(info: str) -> str:
    if info in LANGUAGE_OF:
        return LANGUAGE_OF[info]
    word = _NO_WORD.split(info.strip(" \t{."), maxsplit=1)[0]
    return LANGUAGE_OF.get(word.lower(), OTHER)
