"""The checker that most people write first: a strict pydantic model, line by line. All ratios are to it.

Knows pydantic and nothing of tunedrop.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tunedrop_bench.outcome import Outcome, Run

_KEPT_ERRORS = 1_000
Text = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class CodeGenerationLine(_Strict):
    """A line of code-generation."""

    input_text: Text
    output_text: Text


class Message(_Strict):
    """A message of code-chat."""

    author: Literal["user", "assistant"]
    content: Text


class CodeChatLine(_Strict):
    """A line of code-chat."""

    context: str | None = None
    messages: list[Message]


class Part(_Strict):
    """A part of a turn."""

    text: Text


class Content(_Strict):
    """A turn."""

    role: Literal["user", "model"]
    parts: list[Part]


class Instruction(_Strict):
    """A system instruction."""

    parts: list[Part]


class GeminiLine(_Strict):
    """A line of gemini."""

    contents: list[Content]
    systemInstruction: Instruction | None = None  # noqa: N815 — the wire's own name


Line = CodeGenerationLine | CodeChatLine | GeminiLine
MODELS: dict[str, type[Line]] = {
    "code-generation": CodeGenerationLine,
    "code-chat": CodeChatLine,
    "gemini": GeminiLine,
}


@dataclass
class Account:
    """What the naive checker hands back."""

    lines: int = 0
    rejected: int = 0
    duplicates: int = 0
    characters: int = 0
    histogram: Counter[int] = field(default_factory=Counter)
    errors: list[tuple[int, str, str]] = field(default_factory=list)

    def outcome(self) -> Outcome:
        """Its counts, in the shape of every engine."""
        return Outcome(self.lines, self.rejected, self.duplicates)


def check_lines(lines: Iterable[str | bytes], row_format: str) -> Account:
    """Check with errors by line, location and message, duplicates, code points and a histogram."""
    validate = MODELS[row_format].model_validate_json
    account, seen = Account(), set[str]()
    for number, line in enumerate(lines, 1):
        account.lines += 1
        try:
            row = validate(line)
        except ValidationError as error:
            account.rejected += 1
            if len(account.errors) < _KEPT_ERRORS:
                first = error.errors(include_url=False, include_input=False)[0]
                account.errors.append((number, ".".join(map(str, first["loc"])), first["msg"]))
            continue
        raw = line.encode() if isinstance(line, str) else line
        digest = hashlib.blake2b(raw, digest_size=16).hexdigest()
        account.duplicates += digest in seen
        seen.add(digest)
        size = sum(len(text) for text in texts_of(row))
        account.characters += size
        account.histogram[size.bit_length()] += 1
    return account


def texts_of(row: Line) -> list[str]:
    """Every text of a row."""
    match row:
        case CodeGenerationLine():
            return [row.input_text, row.output_text]
        case CodeChatLine():
            return [row.context or "", *[message.content for message in row.messages]]
        case GeminiLine():
            instruction = row.systemInstruction.parts if row.systemInstruction else []
            every = [instruction, *(turn.parts for turn in row.contents)]
            return [part.text for parts in every for part in parts]


def per_line(row_format: str) -> Run:
    """Check a file."""

    def run(path: str) -> Outcome:
        with Path(path).open("rb") as file:
            return check_lines(file, row_format).outcome()

    return run


def validate_only(row_format: str) -> Run:
    """Validate each line of a file, and keep the numbers of the wrong ones; nothing else."""
    validate = MODELS[row_format].model_validate_json

    def run(path: str) -> Outcome:
        number, wrong = 0, list[int]()
        with Path(path).open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    validate(line)
                except ValidationError:
                    wrong.append(number)
        return Outcome(number, len(wrong))

    return run
