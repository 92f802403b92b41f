"""What the checker and the split need of a decoded line: its sizes, and its content as bytes to hash.

The content is the same for the same example in any format, so that its hash is too; nothing here judges.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import msgspec
import xxhash

from tunedrop.domain.formats.reading import alpaca_question
from tunedrop.domain.formats.wire import (
    AlpacaRow,
    ChatRow,
    CodeGenerationRow,
    Content,
    GeminiRow,
    OpenaiRow,
    PromptCompletionRow,
    Row,
)

_UNSET = msgspec.UNSET
_USER, _ASSISTANT, _PART = "\0u", "\0a", "\0p"
_MARKS = (_ASSISTANT, _USER)
_WHITE_SPACE = b" \t\n\r\x0b\x0c"


class Measure(NamedTuple):
    """One example's sizes; texts are counted in Unicode code points."""

    turns: int
    input_characters: int
    output_characters: int
    repeated_turn: int | None = None
    """1-based number of the first turn whose role is that of the turn before it."""


class Conversation(NamedTuple):
    """A line's texts, whatever its format."""

    context: str
    turns: list[tuple[bool, str]]
    """(Is the user's, text); what is not text stands in it as JSON behind a mark."""


def measure_row(row: Row) -> Measure:
    """Measure a decoded line."""
    context, turns = _CONVERSATIONS[type(row)](row)
    characters = [0, len(context)]
    repeated, last = None, None
    for is_user, text in turns:
        characters[is_user] += len(text)
        if is_user is last and repeated is None:
            repeated = _first_repeated(turns)
        last = is_user
    return Measure(len(turns), characters[True], characters[False], repeated)


def _first_repeated(turns: list[tuple[bool, str]]) -> int:
    pairs = enumerate(pairwise(turns), 2)
    return next(number for number, (before, turn) in pairs if before[0] is turn[0])


def content_hash(row: Row) -> int:
    """The 64-bit hash of a line's content, blind to ASCII white space and to the format.

    Not proof against people who want a collision: two rows that share a hash merely stay together.
    """
    context, turns = _CONVERSATIONS[type(row)](row)
    # No text of a good line holds NUL, so that the marks cannot be mistaken for text.
    content = context + "".join([_MARKS[is_user] + text for is_user, text in turns])
    return xxhash.xxh3_64_intdigest(content.encode().translate(None, _WHITE_SPACE))


def _pair(question: str, answer: str) -> Conversation:
    return Conversation("", [(True, question), (False, answer)])


def _code_generation(row: CodeGenerationRow) -> Conversation:
    return _pair(row.input_text, row.output_text)


def _prompt_completion(row: PromptCompletionRow) -> Conversation:
    return _pair(row.prompt, row.completion)


def _alpaca(row: AlpacaRow) -> Conversation:
    return _pair(alpaca_question(row), row.output)


def _chat(row: ChatRow) -> Conversation:
    context = "" if row.context is _UNSET else row.context
    return Conversation(
        context, [(message.author == "user", message.content) for message in row.messages]
    )


def _openai(row: OpenaiRow) -> Conversation:
    context = "\n\n".join([m.content for m in row.messages if m.role in {"system", "developer"}])
    turns = [(m.role == "user", m.content) for m in row.messages if m.role in {"user", "assistant"}]
    return Conversation(context, turns)


def _gemini(row: GeminiRow) -> Conversation:
    context = ""
    if row.systemInstruction is not _UNSET:
        context = "".join([part.text for part in row.systemInstruction.parts])
    if row.tools is not _UNSET:
        context = _as_text(row.tools) + context
    return Conversation(
        context, [(content.role == "user", _gemini_text(content)) for content in row.contents]
    )


def _gemini_text(content: Content) -> str:
    parts = content.parts
    if len(parts) == 1 and (text := parts[0].text) is not _UNSET:
        return text
    return "".join([part.text if part.text is not _UNSET else _as_text(part) for part in parts])


def _as_text(value: object) -> str:
    return _PART + msgspec.json.encode(value, order="deterministic").decode()


# Each entry takes the rows of its own type; the mapping's key is what keeps them together.
_CONVERSATIONS: dict[type[Row], Callable[..., Conversation]] = {
    CodeGenerationRow: _code_generation,
    ChatRow: _chat,
    GeminiRow: _gemini,
    OpenaiRow: _openai,
    PromptCompletionRow: _prompt_completion,
    AlpacaRow: _alpaca,
}
