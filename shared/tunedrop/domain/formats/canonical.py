"""The shapes a dataset comes in and the one example that all of them are read into.

Knows no JSON; what a shape holds beyond text is carried along so that it can be written back.
"""

from enum import StrEnum
from typing import Any, Literal

import msgspec

Role = Literal["user", "assistant"]


class Format(StrEnum):
    """A shape of dataset line."""

    CODE_GENERATION = "code-generation"
    CODE_CHAT = "code-chat"
    GEMINI = "gemini"
    OPENAI = "openai"
    PROMPT_COMPLETION = "prompt-completion"
    ALPACA = "alpaca"


WRITABLE = (Format.CODE_GENERATION, Format.CODE_CHAT, Format.GEMINI)
"""The shapes that a backend takes."""


class Turn(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one side says."""

    role: Role
    text: str
    """All text of the turn, in order."""
    parts: tuple[dict[str, Any], ...] = ()
    """The turn's Gemini parts, where they are anything else than one text."""


class Example(msgspec.Struct, frozen=True, omit_defaults=True):
    """One example to learn from: an instruction, questions and answers, the last answer being the lesson."""

    turns: tuple[Turn, ...]
    context: str | None = None
    """Instruction that stands above the conversation."""
    context_parts: tuple[dict[str, Any], ...] = ()
    """The instruction's Gemini parts, where they are anything else than one text."""
    tools: tuple[dict[str, Any], ...] = ()
    """Tool declarations, as Gemini writes them."""


class ConversionError(ValueError):
    """The example does not fit into the format asked for; says why without quoting it."""
