"""Reads an OpenAI chat line into the canonical example: messages, tool calls and their answers.

Knows how Gemini writes the same things, since that is how the example carries them; judges nothing.
"""

import itertools
import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from tunedrop.domain.formats.blanks import is_blank
from tunedrop.domain.formats.canonical import Example, Role, Turn
from tunedrop.domain.formats.wire import OpenaiMessage, OpenaiRow, OpenaiText, OpenaiTool, ToolCall

SYSTEM_ROLES = frozenset({"system", "developer"})
_MAX_LEVELS = 90
"""Of a tool's answer; a whole line may have 100."""
_INTEGER_BOUNDS = range(-(2**63), 2**64)
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_PartDict = dict[str, Any]


def example_of_openai(row: OpenaiRow) -> Example:
    """Turn a decoded line into the canonical example.

    Raises:
        msgspec.ValidationError: A tool call's arguments are no JSON object, or an answer names no earlier call.
    """
    context, context_parts = _context(row.messages)
    tools = ({"functionDeclarations": list(map(_declaration, row.tools))},) if row.tools else ()
    return Example(_turns(row.messages), context, context_parts, tools)


def json_object(text: str) -> dict[str, Any] | None:
    """The object that *text* is the JSON of; None if a reader of it would lose something."""
    try:
        value = json.loads(text, object_pairs_hook=_without_repeats, parse_int=_bounded)
        encoded = msgspec.json.encode(value)
        is_same = isinstance(value, dict) and msgspec.json.decode(encoded) == value
    except (ValueError, OverflowError, RecursionError):
        return None
    return value if is_same and not _ESCAPED_NUL.search(encoded) else None


def _context(messages: Sequence[OpenaiMessage]) -> tuple[str | None, tuple[_PartDict, ...]]:
    contents = [message.content for message in messages if message.role in SYSTEM_ROLES]
    if not contents:
        return None, ()
    if len(contents) == 1 and isinstance(contents[0], list):
        return _text_and_parts(contents[0])
    return "\n\n".join(map(_joined, contents)), ()


def _joined(content: str | list[OpenaiText] | None) -> str:
    return content if isinstance(content, str) else "".join(part.text for part in content or ())


def _text_and_parts(content: Sequence[OpenaiText]) -> tuple[str, tuple[_PartDict, ...]]:
    """The text of a list of parts, and the parts where they are more than one."""
    parts = tuple({"text": part.text} for part in content)
    return _joined(list(content)), parts if len(parts) > 1 else ()


def _turns(messages: Sequence[OpenaiMessage]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    calls: dict[str, tuple[int, str]] = {}
    places = itertools.count()
    answers: list[tuple[int, _PartDict]] = []
    for message in messages:
        if message.role == "tool":
            answers.append(_answer(message, calls))
            continue
        if message.role in SYSTEM_ROLES:
            continue
        turns += _answer_turn(answers)
        answers.clear()
        for call in message.tool_calls or ():
            calls[call.id] = next(places), call.function.name
        turns.append(_turn(message))
    return (*turns, *_answer_turn(answers))


def _turn(message: OpenaiMessage) -> Turn:
    texts = _texts(message)
    role: Role = "user" if message.role == "user" else "assistant"
    calls = tuple(map(_call, message.tool_calls or ()))
    if not calls and len(texts) == 1:
        return Turn(role, texts[0])
    return Turn(role, "".join(texts), (*({"text": text} for text in texts), *calls))


def _texts(message: OpenaiMessage) -> list[str]:
    """The texts of a message's content that say something, in order."""
    content = message.content
    texts = [content] if isinstance(content, str) else [part.text for part in content or ()]
    return [text for text in texts if not is_blank(text)]


def _call(call: ToolCall) -> _PartDict:
    arguments = json_object(call.function.arguments)
    if arguments is None:
        raise msgspec.ValidationError(
            "the arguments of a tool call are not the JSON text of an object"
        )
    return {"functionCall": {"name": call.function.name, "args": arguments}}


def _answer(message: OpenaiMessage, calls: dict[str, tuple[int, str]]) -> tuple[int, _PartDict]:
    """A tool's answer as a part, and the place of its call: parts have no ids, so their order has to tell."""
    if message.tool_call_id not in calls:
        raise msgspec.ValidationError("a tool message answers no earlier tool call")
    place, name = calls[message.tool_call_id]
    text = _joined(message.content)
    response = json_object(text)
    if response is None or not _fits(response, _MAX_LEVELS):
        response = {"content": text}
    return place, {"functionResponse": {"name": name, "response": response}}


def _answer_turn(answers: Sequence[tuple[int, _PartDict]]) -> list[Turn]:
    """Answers that follow each other are one turn, as the service wants those of parallel calls."""
    parts = tuple(part for _, part in sorted(answers, key=lambda answer: answer[0]))
    return [Turn("user", "", parts)] if parts else []


def _declaration(tool: OpenaiTool) -> _PartDict:
    function = tool.function
    fields = {
        "name": function.name,
        "description": function.description,
        "parameters": function.parameters,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _bounded(digits: str) -> int:
    number = int(digits)
    if number not in _INTEGER_BOUNDS:
        raise ValueError("an integer does not fit into 64 bits")
    return number


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key appears twice")
    return value


def _fits(value: object, levels: int) -> bool:
    """Whether arrays and objects are nested at most *levels* deep."""
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_fits(each, levels - 1) for each in inner)
