"""A line's texts, whatever its format, and the hashes that are the same for the same example in any of them.

Nothing here judges; what is not text stands in its turn as JSON behind a mark.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec
import xxhash

from tunedrop.domain.formats.canonical import Example, Turn

# No text of a good line holds U+0000, so that no mark can be mistaken for text, nor one for another.
_PART, _TURN, _USER, _MODEL = "\0p", "\0t", "\0u", "\0m"
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
    prompt: str
    """All that comes before the answer, each turn behind a mark: to search and to hash it at once."""

    @property
    def characters(self) -> int:
        """Unicode code points of all texts, the instruction included."""
        return len(self.prompt) - len(_TURN) * (len(self.texts) - 1) + len(self.texts[-1])

    @property
    def repeated_turn(self) -> int | None:
        """1-based number of the first turn whose role is that of the turn before it."""
        pairs = enumerate(pairwise(self.users), 2)
        return next((number for number, (before, turn) in pairs if before is turn), None)


def in_turns(context: str, texts: Sequence[str], users: tuple[bool, ...]) -> Conversation:
    """Put together a conversation in which user and model take turns, as almost all do."""
    if len(texts) == 2:  # noqa: PLR2004 — one question and one answer, as in most lines
        return Conversation(context, texts, users, f"{context}{_TURN}{texts[0]}")
    return Conversation(context, texts, users, _TURN.join((context, *texts[:-1])))


def conversation(context: str, texts: Sequence[str], users: tuple[bool, ...]) -> Conversation:
    """Put any conversation together; where nobody takes turns, roles tell apart what texts do not."""
    taking_turns = in_turns(context, texts, users)
    if taking_turns.repeated_turn is None:
        return taking_turns
    before = zip(texts[:-1], users, strict=False)
    marked = "".join([(_USER if is_user else _MODEL) + text for text, is_user in before])
    return Conversation(context, texts, users, context + marked)


def question_with_input(instruction: str, input_: str = "") -> str:
    """An Alpaca line's question: its instruction with its input, if it has one, a blank line below it."""
    return f"{instruction}\n\n{input_}" if input_ else instruction


def conversation_of(example: Example) -> Conversation:
    """The texts of an example, in the form that every format shares."""
    context = example.context or ""
    if example.tools:
        context = _as_text(list(example.tools)) + context
    texts = [_text(turn) for turn in example.turns]
    return conversation(context, texts, tuple(turn.role == "user" for turn in example.turns))


def content_hash(conversation: Conversation) -> int:
    """The 64-bit hash of an example's content, blind to ASCII white space and to the format.

    Not proof against people who want a collision: two rows that share a hash merely stay together.
    """
    content = conversation.prompt + _TURN + conversation.texts[-1]
    return _HASH(content.encode().translate(None, _WHITE_SPACE))


def measure(conversation: Conversation) -> tuple[int, int, int, int]:
    """Measure an example.

    Returns:
        Unicode code points of the input, which the context belongs to, and of the output; 64-bit hashes of
        all that comes before the last turn, and of the last turn, of which every character counts.
    """
    texts, prompt = conversation.texts, conversation.prompt
    answer = texts[-1]
    before = len(texts) - 1
    asked, answered = len(prompt) - len(_TURN) * before, len(answer)
    if before > 1:
        users = conversation.users
        earlier = sum([len(texts[turn]) for turn in range(before) if not users[turn]])
        asked, answered = asked - earlier, answered + earlier
    return asked, answered, _HASH(prompt.encode()), _HASH(answer.encode())


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
