"""Training rows: what each format's line teaches, as prompt and answer, or what is wrong with it.

Keeps a copy of what a job was trained on; knows nothing of jobs or models.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TEXT_PARTS = frozenset({"text"})
_OTHER_PARTS = frozenset({"fileData", "functionCall", "functionResponse", "inlineData"})
_AUTHORS = frozenset({"user", "assistant"})


@dataclass(frozen=True)
class Pair:
    """One thing that a row teaches."""

    context: str
    prompt: str
    answer: str


class RowError(Exception):
    """A line cannot be trained on; the text says why and holds nothing of the line."""


class DatasetError(Exception):
    """The first line of a file that cannot be trained on, counting from 1."""

    def __init__(self, reason: str, *, line_number: int, total: int, line: str) -> None:
        super().__init__(f"example {line_number} of {total} {reason}")
        self.reason = reason
        self.line_number = line_number
        self.total = total
        self.line = line


def conversation(turns: Iterable[tuple[str, str]]) -> str:
    """Write turns of (role, text) as one prompt; every role but `user` counts as the model's."""
    return "\n\n".join(f"{'user' if r == 'user' else 'model'}: {t}" for r, t in turns)


def parts_text(parts: Sequence[Mapping[str, Any]]) -> str:
    """Write a content's parts as text; parts that are not text as JSON."""
    return "\n".join(
        part["text"] if "text" in part else json.dumps(part, sort_keys=True, ensure_ascii=False)
        for part in parts
    )


def _code_pairs(row: Mapping[str, Any]) -> list[Pair]:
    for field in ("input_text", "output_text"):
        if not isinstance(row.get(field), str) or not row[field]:
            raise RowError(f"is missing a non-empty string in the '{field}' field")
    return [Pair("", row["input_text"], row["output_text"])]


def _chat_pairs(row: Mapping[str, Any]) -> list[Pair]:
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        raise RowError("has no messages present in the 'messages' field")
    turns = [_chat_turn(message) for message in messages]
    if turns[0][0] != "user":
        raise RowError("is invalid: the first author must be the user")
    if turns[-1][0] != "assistant":
        raise RowError(
            "is invalid: the last author in the supervised dataset must be the assistant"
        )
    context = row.get("context", "")
    if not isinstance(context, str):
        raise RowError("has a 'context' field that is not a string")
    return _taught(context, turns, "assistant")


def _chat_turn(message: object) -> tuple[str, str]:
    if not isinstance(message, dict):
        raise RowError("has an entry in the 'messages' field that is not an object")
    for field in ("author", "content"):
        if not isinstance(message.get(field), str) or not message[field]:
            raise RowError(f"is invalid: each message must contain a non-empty value for '{field}'")
    if message["author"] not in _AUTHORS:
        raise RowError("is invalid: the `author` of each message needs to be user or assistant")
    return message["author"], message["content"]


def _gemini_pairs(row: Mapping[str, Any]) -> list[Pair]:
    contents = row.get("contents")
    if not isinstance(contents, list) or not contents:
        raise RowError("is missing the 'contents' field")
    turns = [_gemini_turn(content) for content in contents]
    if turns[-1][0] != "model":
        raise RowError("does not end with a content whose role is 'model'")
    instruction = row.get("systemInstruction")
    context = parts_text(_parts(instruction)) if instruction is not None else ""
    return _taught(context, turns, "model")


def _gemini_turn(content: object) -> tuple[str, str]:
    if not isinstance(content, dict) or content.get("role") not in {"user", "model"}:
        raise RowError("has an entry in the 'contents' field whose role is not 'user' or 'model'")
    return content["role"], parts_text(_parts(content))


def _parts(content: object) -> list[dict[str, Any]]:
    parts = content.get("parts") if isinstance(content, dict) else None
    if not isinstance(parts, list) or not parts or not all(isinstance(p, dict) for p in parts):
        raise RowError("is missing the 'parts' field")
    for part in parts:
        kind = next(iter(part.keys() & (_TEXT_PARTS | _OTHER_PARTS)), None)
        if kind is None or ("text" in part and not isinstance(part["text"], str)):
            raise RowError("contains an unsupported modality in the 'parts' field")
    return parts


def _taught(context: str, turns: Sequence[tuple[str, str]], model_role: str) -> list[Pair]:
    return [
        Pair(context, conversation(turns[:i]), text)
        for i, (role, text) in enumerate(turns)
        if role == model_role and i > 0
    ]


FORMATS: Mapping[str, Callable[[Mapping[str, Any]], list[Pair]]] = {
    "code": _code_pairs,
    "chat": _chat_pairs,
    "gemini": _gemini_pairs,
}
"""Readers of one row, by format."""


@dataclass(frozen=True)
class Copied:
    """What a training copy holds."""

    rows: int
    messages: int
    """Messages for the chat format, else rows: what the row limit counts."""
    input_characters: int
    output_characters: int


def copy(lines: Iterable[bytes], row_format: str, to: Path, default_context: str = "") -> Copied:
    """Read a training file and keep its pairs.

    Raises:
        DatasetError: For the first line that cannot be trained on.
    """
    rows = messages = input_characters = output_characters = total = 0
    fault: tuple[str, int, str] | None = None
    part = to.with_suffix(".part")
    with part.open("w", encoding="utf-8") as out:
        for line in lines:
            if not line.strip():
                continue
            total += 1
            try:
                row, pairs = _read(line, row_format)
            except RowError as error:
                fault = fault or (str(error), total, line.decode(errors="replace"))
                continue
            rows += 1
            messages += len(row["messages"]) if row_format == "chat" else 1
            for pair in pairs:
                context = pair.context or default_context
                input_characters += len(context) + len(pair.prompt)
                output_characters += len(pair.answer)
                out.write(json.dumps([context, pair.prompt, pair.answer]) + "\n")
    if fault:
        reason, line_number, text = fault
        raise DatasetError(reason, line_number=line_number, total=total, line=text)
    part.replace(to)
    return Copied(rows, messages, input_characters, output_characters)


def _read(line: bytes, row_format: str) -> tuple[dict[str, Any], list[Pair]]:
    try:
        row = json.loads(line)
        if b"\\u" in line:
            # Half a surrogate pair is JSON to Python but no text that a message could carry.
            json.dumps(row, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise RowError("is not valid JSON") from error
    if not isinstance(row, dict):
        raise RowError("is not a JSON object")
    return row, FORMATS[row_format](row)


def file_name(of: str) -> str:
    """Return the file name of the copy that belongs to *of*."""
    return f"{hashlib.sha256(of.encode()).hexdigest()[:32]}.jsonl"


def load(path: Path) -> Iterator[Pair]:
    """Read a kept copy back, in the order of its rows."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield Pair(*json.loads(line))
