"""Counts what the kept lines of a block hold: sizes and hashes, at most 40 bytes of memory a line.

Sees texts for a moment and keeps none.
"""

from array import array

from tunedrop.domain.checks.options import CheckOptions
from tunedrop.domain.formats import Conversation, content_hash, measure

_COLUMNS = 5


class Tally:
    """What is counted of the kept lines of one block."""

    def __init__(self, options: CheckOptions) -> None:
        self._with_content_hashes = options.with_content_hashes
        self._kept_lines = options.kept_lines_per_code
        self._unread = 0
        self.turns = 0
        self.with_instruction = 0
        self.bare_lines: list[int] = []
        """The first lines without an instruction."""
        self._rows = array("Q")
        self.content_hashes = array("Q")

    @property
    def examples(self) -> int:
        """Kept lines."""
        return self._unread + len(self._rows) // _COLUMNS

    def add(self, line: int, conversation: Conversation) -> None:
        """Count one kept line."""
        self.turns += len(conversation.texts)
        if conversation.context:
            self.with_instruction += 1
        elif len(self.bare_lines) < self._kept_lines:
            self.bare_lines.append(line)
        self._rows.fromlist([line, *measure(conversation)])
        if self._with_content_hashes:
            self.content_hashes.append(content_hash(conversation))

    def columns(self) -> "list[array[int]]":
        """For each kept line: its number, characters of input and output, hashes of prompt and answer."""
        return [self._rows[column::_COLUMNS] for column in range(_COLUMNS)]

    def add_unread(self, examples: int, turns: int) -> None:
        """Count kept lines whose texts are not looked at."""
        self._unread += examples
        self.turns += turns
