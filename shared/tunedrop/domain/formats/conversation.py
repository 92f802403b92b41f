"""A line's texts, whatever its format, and the hash that is the same for the same example in any of them.

Nothing here judges; what is not text stands in its turn as JSON behind a mark.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec
import xxhash

from tunedrop.domain.formats.canonical import Example, Turn

_PART, _BETWEEN = "\0p", "\0"
_WHITE_SPACE = b" \t\n\r\x0b\x0c"
_HASH: Callable[[bytes], int] = xxhash.xxh3_64_intdigest


class Conversation(msgspec.Struct, frozen=True, gc=False):
    """The texts of one example in their order; no text of a good line holds U+0000."""

    context: str
    """The instruction above the conversation; empty without one."""
    texts: Sequence[str]
    """What is said in each turn; the last is the answer."""
    users: tuple[bool, ...]
    """Whether each turn is the user's."""

    @property
    def repeated_turn(self) -> int | None:
        """1-based number of the first turn whose role is that of the turn before it."""
        pairs = enumerate(pairwise(self.users), 2)
        return next((number for number, (before, turn) in pairs if before is turn), None)


def question_with_input(instruction: str, input_: str = "") -> str:
    """An Alpaca line's question: its instruction with its input, if it has one, a blank line below it."""
    return f"{instruction}\n\n{input_}" if input_ else instruction


def conversation_of(example: Example) -> Conversation:
    """The texts of an example, in the form that every format shares."""
    context = example.context or ""
    if example.tools:
        context = _as_text(list(example.tools)) + context
    texts = [_text(turn) for turn in example.turns]
    return Conversation(context, texts, tuple(turn.role == "user" for turn in example.turns))


def content_hash(conversation: Conversation) -> int:
    """The 64-bit hash of an example's content, blind to ASCII white space and to the format.

    Not proof against people who want a collision: two rows that share a hash merely stay together.
    """
    content = _BETWEEN.join((conversation.context, *conversation.texts))
    return _HASH(content.encode().translate(None, _WHITE_SPACE))


class Measure(NamedTuple):
    """An example's sizes in Unicode code points, and 64-bit hashes of what is asked and what is answered."""

    input_characters: int
    """Of the instruction and the user's turns."""
    output_characters: int
    prompt: int
    """Hash of all that comes before the last turn; every character counts."""
    answer: int
    """Hash of the last turn."""


def measure(conversation: Conversation) -> Measure:
    """Measure an example; what joins it to be hashed also says how long it is."""
    *before, answer = conversation.texts
    prompt = _BETWEEN.join((conversation.context, *before))
    output = len(answer)
    if len(before) > 1:
        output += sum(
            [len(t) for t, is_user in zip(before, conversation.users, strict=False) if not is_user]
        )
    total = len(prompt) - len(before) + len(answer)
    return Measure(total - output, output, _HASH(prompt.encode()), _HASH(answer.encode()))


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
