"""Many moulds as one tree, so that a line is searched once, however many shapes a file has.

Knows pieces of lines and nothing of what stands between them.
"""

from collections.abc import Callable
from operator import itemgetter
from typing import TypeVar

from tunedrop.domain.checks.moulds import Mould

T = TypeVar("T")
_HEX = "[0-9a-fA-F]"
_PAIR = rf"[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}"
_CODE_POINT = rf"u(?:[0-9a-cefA-CEF]{_HEX}{{3}}|[dD][0-7]{_HEX}{{2}}|{_PAIR})"
_CHARACTER = rf'(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|{_CODE_POINT}))'
_VISIBLE_STRING = rf'"(?: |\\[ntr])*(?:[!#-\[\]-~]|\\["\\/]){_CHARACTER}*"'


class _Node:
    """A place behind a piece, where a text begins."""

    __slots__ = ("ends", "nexts")

    def __init__(self) -> None:
        self.nexts: list[_Branch] = []
        """What can stand behind the text when another one follows."""
        self.ends: list[tuple[bytes, Mould]] = []
        """What can stand behind the text when it is the last."""


_Branch = tuple[bytes, _Node]


class MouldTree:
    """The moulds that a file's lines were found to have."""

    def __init__(self) -> None:
        self._beginnings: list[_Branch] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, mould: Mould) -> None:
        """Remember a mould, once."""
        *pieces, last = mould.pieces
        branches, node = self._beginnings, _Node()
        for piece in pieces:
            known = next((after for before, after in branches if before == piece), None)
            node = known or _Node()
            if known is None:
                branches.append((piece, node))
                branches.sort(key=_longest_first)
            branches = node.nexts
        if all(end != last for end, _ in node.ends):
            node.ends.append((last, mould))
            node.ends.sort(key=_longest_first)
            self._count += 1

    def cut(self, line: bytes, read: Callable[[bytes], T]) -> tuple[Mould, list[T]] | None:
        """The mould that *line* would have if its texts were texts, which *read* has to say, and these as read.

        No JSON string can hold a piece, which has a quotation mark that no backslash precedes: so the
        piece that comes first is the right one, or the texts are none.
        """
        for beginning, first in self._beginnings:
            if line.startswith(beginning):
                start, node = len(beginning), first
                break
        else:
            return None
        texts: list[T] = []
        while nexts := node.nexts:
            piece, behind = nexts[0]
            end = line.find(piece, start)
            if len(nexts) > 1:
                end, piece, behind = _nearest(line, start, nexts)
            if end < 0:
                break
            texts.append(read(line[start:end]))
            start = end + len(piece)
            node = behind
        for last, mould in node.ends:
            if line.endswith(last):
                texts.append(read(line[start : -len(last)]))
                return mould, texts
        return None

    def pattern(self) -> str:
        """A regular expression, in Rust's syntax, of lines of these shapes whose texts are surely not blank."""
        return f"^{_alternatives(self._beginnings, [])}$"


def _longest_first(branch: tuple[bytes, object]) -> int:
    """Where one piece is the beginning of another, as with and without a space, the longer one is meant."""
    return -len(branch[0])


def _alternatives(branches: list[_Branch], ends: list[tuple[bytes, Mould]]) -> str:
    further = [
        _literal(piece) + _VISIBLE_STRING + _alternatives(node.nexts, node.ends)
        for piece, node in branches
    ]
    return f"(?:{'|'.join([*further, *(_literal(last) for last, _ in ends)])})"


def _literal(piece: bytes) -> str:
    return "".join(c if c.isalnum() else f"\\x{{{ord(c):x}}}" for c in piece.decode())


def _nearest(line: bytes, start: int, nexts: list[_Branch]) -> tuple[int, bytes, _Node]:
    """Where the first of several pieces stands, -1 for none, which it is, and what comes behind it."""
    found = [(line.find(piece, start), piece, node) for piece, node in nexts]
    return min((each for each in found if each[0] >= 0), default=found[0], key=itemgetter(0))
