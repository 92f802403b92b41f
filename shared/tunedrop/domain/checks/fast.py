"""The fast path: knows a line to be good because a good line of the same shape came before, or says nothing.

What it does not vouch for goes to the slow path, good or bad; it never says what is wrong.
"""

import msgspec

from tunedrop.domain.checks.moulds import Mould, mould_of
from tunedrop.domain.formats import Conversation, Format

_MOST_MOULDS = 32
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)
_DECODE = msgspec.json.Decoder(str).decode
_SKIP = msgspec.json.Decoder(msgspec.Raw).decode
_QUOTE = b'"'
_PLAIN_BEGINNINGS = frozenset(range(0x21, 0x7F)) - set(b'"\\')
"""Bytes with which a text begins that is surely neither blank nor an escape."""


class FastPath:
    """Reads the lines of one format whose shape is known."""

    def __init__(self, dataset_format: Format) -> None:
        self._format = dataset_format
        self._moulds: list[Mould] = []

    def learn(self, line: bytes) -> None:
        """Remember the shape of a good line with its LF."""
        if len(self._moulds) < _MOST_MOULDS:
            mould = mould_of(line, self._format)
            if mould is not None and all(mould.pieces != other.pieces for other in self._moulds):
                self._moulds.append(mould)

    def count_turns(self, line: bytes) -> int:
        """The turns of a well-shaped line with its LF; 0 for a line to look at closely.

        Its texts are JSON strings and not blank; what else they say is not looked at.
        """
        for mould in self._moulds:
            texts = mould.cut(line)
            if texts is None:
                continue
            try:
                for text in texts:
                    _SKIP(text)
                    # A string that begins otherwise may be blank, and what is no string is refused here.
                    if text[:1] != _QUOTE or text[1] not in _PLAIN_BEGINNINGS:
                        decoded = _DECODE(text)
                        if not decoded or decoded.isspace():
                            return 0
                if not line.isascii():
                    line.decode()
            except _UNREADABLE:
                continue
            return len(mould.users)
        return 0

    def read(self, line: bytes) -> Conversation | None:
        """Read a good line with its LF; None for a line to look at closely."""
        for mould in self._moulds:
            pieces = mould.cut(line)
            if pieces is None:
                continue
            try:
                texts = [_DECODE(piece) for piece in pieces]
            except _UNREADABLE:
                continue
            for text in texts:
                if "\0" in text or not text or text.isspace():
                    return None
            return mould.filled(texts)
        return None
