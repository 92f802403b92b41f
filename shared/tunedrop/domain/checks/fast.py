"""The fast path: knows a line to be good because a good line of the same shape came before, or says nothing.

What it does not vouch for goes to the slow path, good or bad; it never says what is wrong.
"""

from collections.abc import Callable

import msgspec
from pydantic_core import SchemaError, SchemaValidator, core_schema

from tunedrop.domain.checks.mould_tree import MouldTree
from tunedrop.domain.checks.moulds import mould_of
from tunedrop.domain.formats import Conversation, Format
from tunedrop.domain.formats.blanks import is_blank

_MOST_MOULDS = 64
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)
_DECODE = msgspec.json.Decoder(str).decode


class FastPath:
    """Reads the lines of one format whose shape is known."""

    def __init__(self, dataset_format: Format) -> None:
        self._format = dataset_format
        self._moulds = MouldTree()
        self._has_known_shape: Callable[[bytes], bool] | None = None

    def learn(self, line: bytes) -> None:
        """Remember the shape of a good line with its LF."""
        if len(self._moulds) < _MOST_MOULDS:
            mould = mould_of(line, self._format)
            if mould is not None:
                self._moulds.add(mould)
                self._has_known_shape = None

    def is_well_shaped(self, line: bytes) -> bool:
        """Whether a line with its LF is of a known shape, and its texts are strings and not blank.

        What else its texts say is not looked at. False for a line to look at closely.
        """
        if self._has_known_shape is None:
            self._has_known_shape = _search_for(self._moulds.pattern())
        return self._has_known_shape(line)

    def count_turns(self, line: bytes) -> int:
        """The turns of a well-shaped line."""
        cut = self._moulds.cut(line, len)
        return len(cut[0].users) if cut else 0

    def read(self, line: bytes) -> Conversation | None:
        """Read a good line with its LF; None for a line to look at closely."""
        try:
            cut = self._moulds.cut(line, _DECODE)
        except _UNREADABLE:
            return None
        if cut is None:
            return None
        mould, texts = cut
        for text in texts:
            if "\0" in text or (not "!" <= text < "\x7f" and is_blank(text)):
                return None
        return mould.filled(texts)


def _search_for(pattern: str) -> Callable[[bytes], bool]:
    """A search in Rust, which takes one call a line; none for shapes that are too many for it."""
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern)).isinstance_python
    except SchemaError:
        return lambda _line: False
