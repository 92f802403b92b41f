"""The fast path: decodes a line into its typed struct and says whether a second look is needed.

Lengths and byte counts stand in for what a decoder cannot see; it never says what is wrong.
"""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from tunedrop.domain.formats import Format
from tunedrop.domain.formats.wire import (
    DECODERS,
    AlpacaRow,
    ChatRow,
    CodeGenerationRow,
    GeminiRow,
    OpenaiRow,
    Part,
    PromptCompletionRow,
    Row,
)

_UNSET = msgspec.UNSET
# Letters and `_` written as escapes could hide a second spelling of a key; no common writer escapes them.
_LATIN_ESCAPE = b"\\u00"
_HIDING_ESCAPES = (b"\\u004", b"\\u005", b"\\u006", b"\\u007")
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_ENCODE = msgspec.json.Encoder().encode

# Shortest member that could stand twice: its key, quotes, colon, an empty value and a comma.
_SHORTEST_REPEAT = {
    Format.CODE_GENERATION: len('"input_text":"",'),
    Format.CODE_CHAT: len('"content":"",'),
    Format.GEMINI: len('"text":"",'),
    Format.OPENAI: len('"content":"",'),
    Format.PROMPT_COMPLETION: len('"prompt":"",'),
    Format.ALPACA: len('"input":"",'),
}

_KEYS = {
    Format.CODE_GENERATION: (b'"input_text"', b'"output_text"'),
    Format.CODE_CHAT: (b'"messages"', b'"author"', b'"content"', b'"context"'),
    Format.GEMINI: (b'"contents"', b'"role"', b'"parts"', b'"text"', b'"systemInstruction"'),
    Format.OPENAI: (b'"messages"', b'"role"', b'"content"'),
    Format.PROMPT_COMPLETION: (b'"prompt"', b'"completion"'),
    Format.ALPACA: (b'"instruction"', b'"input"', b'"output"'),
}


def _is_blank(text: str) -> bool:
    return not text or text.isspace() or "\0" in text


def _code_generation(row: CodeGenerationRow) -> bool:
    return _is_blank(row.input_text) or _is_blank(row.output_text)


def _prompt_completion(row: PromptCompletionRow) -> bool:
    return _is_blank(row.prompt) or _is_blank(row.completion)


def _alpaca(row: AlpacaRow) -> bool:
    return _is_blank(row.instruction) or _is_blank(row.output) or "\0" in row.input


def _chat(row: ChatRow) -> bool:
    messages = row.messages
    if not messages or messages[0].author != "user" or messages[-1].author != "assistant":
        return True
    if row.context is not _UNSET and "\0" in row.context:
        return True
    for message in messages:  # noqa: SIM110 — a loop is quicker than a generator for a few turns
        if _is_blank(message.content):
            return True
    return False


def _openai(row: OpenaiRow) -> bool:
    roles = [message.role for message in row.messages if message.role in {"user", "assistant"}]
    if not roles or roles[0] != "user" or roles[-1] != "assistant":
        return True
    return any(_is_blank(message.content) for message in row.messages)


def _has_other_content(part: Part) -> bool:
    return not (part.fileData is part.functionCall is part.functionResponse is _UNSET)


def _gemini(row: GeminiRow) -> bool:
    contents, system = row.contents, row.systemInstruction
    if (
        row.tools is not _UNSET
        or not contents
        or contents[0].role != "user"
        or contents[-1].role != "model"
    ):
        return True
    if system is not _UNSET and (
        not system.parts or any(_is_blank(part.text) for part in system.parts)
    ):
        return True
    for content in contents:
        if not content.parts:
            return True
        for part in content.parts:
            text = part.text
            if text is _UNSET or _is_blank(text) or _has_other_content(part):
                return True
    return False


# Each entry takes its own format's row; the mapping's key is what keeps them together.
_SUSPECTS: dict[Format, Callable[..., bool]] = {
    Format.CODE_GENERATION: _code_generation,
    Format.CODE_CHAT: _chat,
    Format.GEMINI: _gemini,
    Format.OPENAI: _openai,
    Format.PROMPT_COMPLETION: _prompt_completion,
    Format.ALPACA: _alpaca,
}


class Read(NamedTuple):
    """A line whose JSON, keys, types and roles are right."""

    row: Row
    shortest: bytes
    """The row's shortest JSON: the same for lines that differ in white space, escapes and order of keys."""
    is_sure: bool
    """False: a rule that types cannot hold may be broken, so the line needs the slow path's look."""


class FastPath:
    """Reads the lines of one format."""

    def __init__(self, dataset_format: Format) -> None:
        self._decode = DECODERS[dataset_format].decode
        self._suspects = _SUSPECTS[dataset_format]
        self._shortest_repeat = _SHORTEST_REPEAT[dataset_format]
        self._keys = _KEYS[dataset_format]

    def read(self, line: bytes) -> Read | None:
        """Read a line, with or without its line end; None if the line is wrong."""
        try:
            row = self._decode(line)
        except _UNREADABLE:
            return None
        shortest = _ENCODE(row)
        is_sure = not self._suspects(row) and (
            len(line) - len(shortest) < self._shortest_repeat
            or not self._may_repeat_a_key(line, shortest)
        )
        return Read(row, shortest, is_sure)

    def _may_repeat_a_key(self, line: bytes, shortest: bytes) -> bool:
        """Whether the line is longer than its shortest form because a member was lost."""
        # White space between tokens makes a line longer, too, and so do escapes that need not be.
        if len(msgspec.json.format(line, indent=-1)) - len(shortest) < self._shortest_repeat:
            return False
        if _LATIN_ESCAPE in line and any(escape in line for escape in _HIDING_ESCAPES):
            return True
        return any(line.count(key) != shortest.count(key) for key in self._keys)
