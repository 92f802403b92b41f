"""Counts what the kept lines of a block hold: sizes and hashes, at most 40 bytes of memory a line.

Sees texts for a moment and keeps none.
"""

from array import array

from tunedrop.domain.checks.options import CheckOptions
from tunedrop.domain.formats import Conversation, content_hash, measure

_HALF = 0xFFFF_FFFF


class Tally:
    """What is counted of the kept lines of one block."""

    def __init__(self, options: CheckOptions) -> None:
        self._with_content_hashes = options.with_content_hashes
        self._kept_lines = options.kept_lines_per_code
        self.examples = 0
        self.turns = 0
        self.with_instruction = 0
        self.bare_lines: list[int] = []
        """The first lines without an instruction."""
        self.lines = array("I")
        self.inputs = array("I")
        """Characters of each line's input, its instruction included."""
        self.outputs = array("I")
        self.prompts = array("Q")
        """The hash of each line's prompt."""
        self.answers = array("I")
        """32 bits of the hash of each line's answer."""
        self.content_hashes = array("Q")

    def add(self, line: int, conversation: Conversation) -> None:
        """Count one kept line."""
        self.examples += 1
        self.turns += len(conversation.texts)
        if conversation.context:
            self.with_instruction += 1
        elif len(self.bare_lines) < self._kept_lines:
            self.bare_lines.append(line)
        input_characters, output_characters, prompt, answer = measure(conversation)
        self.lines.append(line)
        self.inputs.append(input_characters)
        self.outputs.append(output_characters)
        self.prompts.append(prompt)
        self.answers.append(answer & _HALF)
        if self._with_content_hashes:
            self.content_hashes.append(content_hash(conversation))

    def add_unread(self, examples: int, turns: int) -> None:
        """Count kept lines whose texts are not looked at."""
        self.examples += examples
        self.turns += turns
