"""A line's texts, whatever its format, and the hash that is the same for the same example in any of them.

Nothing here judges; what is not text stands in its turn as JSON behind a mark.
"""

from collections.abc import Callable
from itertools import pairwise

import msgspec
import xxhash

from tunedrop.domain.formats.canonical import Example, Turn

_USER, _ASSISTANT, _PART = "\0u", "\0a", "\0p"
_MARKS = (_ASSISTANT, _USER)
_WHITE_SPACE = b" \t\n\r\x0b\x0c"
_HASH: Callable[[bytes], int] = xxhash.xxh3_64_intdigest


class Conversation(msgspec.Struct, frozen=True, gc=False):
    """The texts of one example in their order; no text of a good line holds U+0000."""

    context: str
    """The instruction above the conversation; empty without one."""
    turns: list[tuple[bool, str]]
    """(Is the user's, text)."""

    @property
    def characters(self) -> tuple[int, int]:
        """Unicode code points of the input, which the context belongs to, and of the output."""
        input_, output = len(self.context), 0
        for is_user, text in self.turns:
            if is_user:
                input_ += len(text)
            else:
                output += len(text)
        return input_, output

    @property
    def repeated_turn(self) -> int | None:
        """1-based number of the first turn whose role is that of the turn before it."""
        pairs = enumerate(pairwise(self.turns), 2)
        return next((number for number, (before, turn) in pairs if before[0] is turn[0]), None)


def question_with_input(instruction: str, input_: str = "") -> str:
    """An Alpaca line's question: its instruction with its input, if it has one, a blank line below it."""
    return f"{instruction}\n\n{input_}" if input_ else instruction


def conversation_of(example: Example) -> Conversation:
    """The texts of an example, in the form that every format shares."""
    context = example.context or ""
    if example.tools:
        context = _as_text(list(example.tools)) + context
    return Conversation(context, [(turn.role == "user", _text(turn)) for turn in example.turns])


def content_hash(conversation: Conversation) -> int:
    """The 64-bit hash of an example's content, blind to ASCII white space and to the format.

    Not proof against people who want a collision: two rows that share a hash merely stay together.
    """
    content = conversation.context + _joined(conversation.turns)
    return _HASH(content.encode().translate(None, _WHITE_SPACE))


def prompt_and_answer_hashes(conversation: Conversation) -> tuple[int, int]:
    """64-bit hashes of all that comes before the last turn, and of the last turn; every character counts."""
    context, turns = conversation.context, conversation.turns
    plain = len(turns) == len(_MARKS) and not context
    prompt = turns[0][1] if plain else context + _joined(turns[:-1])
    return _HASH(prompt.encode()), _HASH(turns[-1][1].encode())


def _joined(turns: list[tuple[bool, str]]) -> str:
    # No text of a good line holds U+0000, so that the marks cannot be mistaken for text.
    return "".join([_MARKS[is_user] + text for is_user, text in turns])


def _text(turn: Turn) -> str:
    if not turn.parts:
        return turn.text
    return "".join(
        [
            part["text"] if len(part) == 1 and "text" in part else _as_text(part)
            for part in turn.parts
        ]
    )


def _as_text(value: object) -> str:
    return _PART + msgspec.json.encode(value, order="deterministic").decode()
