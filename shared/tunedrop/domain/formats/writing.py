"""Writes the canonical example as a line of a format that a backend takes, or as a question to a tuned model.

Never drops anything in silence: what does not fit is a `ConversionError`.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from tunedrop.domain.formats.blanks import is_blank
from tunedrop.domain.formats.canonical import ConversionError, Example, Format, Turn
from tunedrop.domain.formats.wire import (
    ChatMessage,
    ChatRow,
    CodeGenerationRow,
    Content,
    GeminiRow,
    Part,
    Row,
    SystemInstruction,
    TextPart,
)

_ENCODER = msgspec.json.Encoder()
_PAIR = ["user", "assistant"]
_PAIRS = frozenset({Format.CODE_GENERATION, Format.PROMPT_COMPLETION, Format.ALPACA})
"""Formats of one question and one answer in plain text."""


def write_example(example: Example, dataset_format: Format) -> bytes:
    """Write one line with its LF: UTF-8, compact, keys in a fixed order, nothing escaped that need not be.

    Raises:
        ConversionError: The example does not fit, or the format is only ever read.
    """
    writer = _WRITERS.get(dataset_format)
    if writer is None:
        raise ConversionError(
            f"{dataset_format} is read, but no base model takes it; convert to one of {[*_WRITERS]}"
        )
    return _ENCODER.encode(writer(example)) + b"\n"


def with_default_context(example: Example, default_context: str | None) -> Example:
    """The example, under *default_context* if it has no context of its own."""
    if not default_context or example.context is not None:
        return example
    return msgspec.structs.replace(example, context=default_context)


def always_fits(source: Format, target: Format) -> bool:
    """Whether every good line of *source* can be written as *target*."""
    return source == target or target is Format.GEMINI or source in _PAIRS


def always_fits_as_text(source: Format, target: Format) -> bool:
    """Whether every good line of *source* that holds nothing but text can be written as *target*."""
    return always_fits(source, target) or target is Format.CODE_CHAT


def question_of(example: Example) -> Example:
    """The example without its last answer: what a tuned model would be asked."""
    return msgspec.structs.replace(example, turns=example.turns[:-1])


def answer_of(example: Example) -> str:
    """The text of the last answer; empty when it is a tool call alone."""
    return example.turns[-1].text


def predict_instance(question: Example, dataset_format: Format) -> dict[str, Any]:
    """The request body that asks *question*, an example without its last answer, in the model's own shape.

    Code models take `prefix`, chat models `messages` and `context`, Gemini models `contents`,
    `systemInstruction` and `tools`.
    """
    if dataset_format is Format.CODE_GENERATION:
        return {"prefix": _prompt(question)}
    row = _chat_row(question) if dataset_format is Format.CODE_CHAT else _gemini_row(question)
    body: dict[str, Any] = msgspec.to_builtins(row)
    return body


def _code_generation_row(example: Example) -> CodeGenerationRow:
    if [turn.role for turn in example.turns] != _PAIR:
        raise ConversionError(
            f"code-generation holds one question and one answer, the example has {len(example.turns)} turns"
        )
    return CodeGenerationRow(
        input_text=_prompt(example),
        output_text=_plain_text(example.turns[1], Format.CODE_GENERATION),
    )


def _prompt(example: Example) -> str:
    """The first question, below the context if there is one: code models know no other place for it."""
    _refuse_tools(example, Format.CODE_GENERATION)
    question = _plain_text(example.turns[0], Format.CODE_GENERATION)
    return f"{example.context}\n\n{question}" if _says_something(example.context) else question


def _chat_row(example: Example) -> ChatRow:
    _refuse_tools(example, Format.CODE_CHAT)
    messages = [
        ChatMessage(author=turn.role, content=_plain_text(turn, Format.CODE_CHAT))
        for turn in example.turns
    ]
    return ChatRow(
        messages=messages, context=msgspec.UNSET if example.context is None else example.context
    )


def _gemini_row(example: Example) -> GeminiRow:
    row = GeminiRow(contents=[_content(turn) for turn in example.turns])
    if _says_something(example.context):
        parts = msgspec.convert(
            example.context_parts or ({"text": example.context},), list[TextPart]
        )
        row.systemInstruction = SystemInstruction(parts=parts, role="system")
    if example.tools:
        row.tools = list(example.tools)
    return row


def _content(turn: Turn) -> Content:
    parts = msgspec.convert(turn.parts, list[Part]) if turn.parts else [Part(text=turn.text)]
    return Content(role="user" if turn.role == "user" else "model", parts=parts)


def _says_something(context: str | None) -> bool:
    return context is not None and not is_blank(context)


def _plain_text(turn: Turn, target: Format) -> str:
    if any("text" not in part for part in turn.parts):
        raise ConversionError(f"{target} holds text only, the example has files or function calls")
    return turn.text


def _refuse_tools(example: Example, target: Format) -> None:
    if example.tools:
        raise ConversionError(f"{target} has no place for tool declarations")


_WRITERS: dict[Format, Callable[[Example], Row]] = {
    Format.CODE_GENERATION: _code_generation_row,
    Format.CODE_CHAT: _chat_row,
    Format.GEMINI: _gemini_row,
}
