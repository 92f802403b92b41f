"""Reads a line that is known to be good into the canonical example.

Judges nothing: a line that breaks its format's rules belongs to the checker.
"""

from collections.abc import Callable, Sequence
from typing import Any, assert_never

import msgspec

from tunedrop.domain.formats.canonical import Example, Format, Role, Turn
from tunedrop.domain.formats.conversation import question_with_input
from tunedrop.domain.formats.openai import example_of_openai
from tunedrop.domain.formats.wire import (
    DECODERS,
    AlpacaRow,
    ChatRow,
    CodeGenerationRow,
    Content,
    GeminiRow,
    OpenaiRow,
    Part,
    PromptCompletionRow,
    Row,
    TextPart,
)

UNSET = msgspec.UNSET


def read_example(line: bytes, dataset_format: Format) -> Example:
    """Read one line, without byte order mark, with or without its line end.

    Raises:
        msgspec.DecodeError: The line is not of the format (`ValidationError` where it is JSON).
    """
    return example_of(DECODERS[dataset_format].decode(line))


def example_of(row: Row) -> Example:
    """Turn a decoded line into the canonical example.

    Raises:
        msgspec.ValidationError: Tool calls of an OpenAI line and their answers do not go together.
    """
    match row:
        case CodeGenerationRow():
            return _pair(row.input_text, row.output_text)
        case PromptCompletionRow():
            return _pair(row.prompt, row.completion)
        case AlpacaRow():
            return _pair(question_with_input(row.instruction, row.input), row.output)
        case ChatRow():
            turns = tuple(Turn(message.author, message.content) for message in row.messages)
            return Example(turns, context=None if row.context is UNSET else row.context)
        case OpenaiRow():
            return example_of_openai(row)
        case GeminiRow():
            return _gemini(row)
        case _:
            assert_never(row)


def _pair(question: str, answer: str) -> Example:
    return Example((Turn("user", question), Turn("assistant", answer)))


def _gemini(row: GeminiRow) -> Example:
    context: str | None = None
    context_parts: tuple[dict[str, Any], ...] = ()
    if row.systemInstruction is not UNSET:
        context, context_parts = _text_and_parts(row.systemInstruction.parts)
    tools = () if row.tools is UNSET else tuple(row.tools)
    return Example(tuple(map(_gemini_turn, row.contents)), context, context_parts, tools)


def _gemini_turn(content: Content) -> Turn:
    role: Role = "user" if content.role == "user" else "assistant"
    text, parts = _text_and_parts(content.parts)
    return Turn(role, text, parts)


def _text_and_parts(parts: Sequence[Part | TextPart]) -> tuple[str, tuple[dict[str, Any], ...]]:
    texts = [part.text for part in parts if part.text is not UNSET]
    plain = len(parts) == len(texts) == 1
    to_builtins: Callable[[object], dict[str, Any]] = msgspec.to_builtins
    return "".join(texts), () if plain else tuple(map(to_builtins, parts))
