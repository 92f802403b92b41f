"""Says what of a line has no place in the format that it is converted to, in words that quote nothing.

Whether the line fits at all is the writer's question; nothing is a loss that a reader of the target could restore.
"""

from collections.abc import Callable, Iterator

import msgspec

from tunedrop.domain.formats.blanks import is_blank
from tunedrop.domain.formats.canonical import Format
from tunedrop.domain.formats.openai import SYSTEM_ROLES
from tunedrop.domain.formats.wire import (
    AlpacaRow,
    ChatRow,
    CodeGenerationRow,
    GeminiRow,
    OpenaiMessage,
    OpenaiRow,
    PromptCompletionRow,
    Row,
)

_UNSET = msgspec.UNSET
_NEVER = frozenset({Format.CODE_GENERATION, Format.PROMPT_COMPLETION})
_ABOVE_QUESTION = "the instruction is put above the question"
_BLANK_CONTEXT = "a blank `context` is left out"
_INPUT = "`input` is put below the instruction, and is no field of its own any more"
_JOINED_PARTS = "several text parts are joined into one text"
_SYSTEM_ROLE = "the `role` of the system instruction is left out"
_NAME = "the `name` of a message is left out"
_REFUSAL = "the `refusal` of a message is left out"
_WEIGHT = (
    "`weight` 0 is left out, so that a turn is learnt which the line keeps out of the training"
)
_PARALLEL = "`parallel_tool_calls` is left out"
_STRICT = "the `strict` of a tool is left out"
_CALL_IDS = "the ids of tool calls are left out; their order tells which answer belongs to which"
_JOINED_SYSTEM = "several system messages are joined into one instruction"
_MOVED_SYSTEM = "a system message below the first turn is moved above the conversation"


def may_lose(source: Format, target: Format) -> bool:
    """Whether a good line of *source* can lose anything when it is written as *target*."""
    return source != target and source not in _NEVER


def losses(row: Row, target: Format) -> tuple[str, ...]:
    """What a decoded line loses when it is written as another format, each kind once."""
    return tuple(dict.fromkeys(_LOSSES[type(row)](row, target)))


def _none(_row: Row, _target: Format) -> Iterator[str]:
    return iter(())


def _alpaca(row: AlpacaRow, _target: Format) -> Iterator[str]:
    if row.input:
        yield _INPUT


def _chat(row: ChatRow, target: Format) -> Iterator[str]:
    if row.context is _UNSET or target is Format.CODE_CHAT:
        return
    if is_blank(row.context):
        yield _BLANK_CONTEXT
    elif target is Format.CODE_GENERATION:
        yield _ABOVE_QUESTION


def _gemini(row: GeminiRow, target: Format) -> Iterator[str]:
    if target is Format.GEMINI:
        return
    if any(len(content.parts) > 1 for content in row.contents):
        yield _JOINED_PARTS
    if row.systemInstruction is _UNSET:
        return
    if len(row.systemInstruction.parts) > 1:
        yield _JOINED_PARTS
    if row.systemInstruction.role not in {_UNSET, "system"}:
        yield _SYSTEM_ROLE
    if target is Format.CODE_GENERATION:
        yield _ABOVE_QUESTION


def _openai(row: OpenaiRow, target: Format) -> Iterator[str]:
    calls = (call for message in row.messages for call in message.tool_calls or ())
    names = {call.id: call.function.name for call in calls}
    for message in row.messages:
        yield from _openai_message(message, target, names.get(message.tool_call_id or ""))
    if row.parallel_tool_calls is not None:
        yield _PARALLEL
    if any(tool.function.strict is not None for tool in row.tools or ()):
        yield _STRICT
    yield from _openai_instruction(row, target)


def _openai_message(message: OpenaiMessage, target: Format, called: str | None) -> Iterator[str]:
    """*called* is the name of the function whose answer the message brings: the one name that is kept."""
    if message.name and message.name != called:
        yield _NAME
    if message.weight == 0:
        yield _WEIGHT
    if message.refusal:
        yield _REFUSAL
    if message.tool_calls:
        yield _CALL_IDS
    is_list = isinstance(message.content, list)
    if is_list and len(message.content or ()) > 1 and target is not Format.GEMINI:
        yield _JOINED_PARTS


def _openai_instruction(row: OpenaiRow, target: Format) -> Iterator[str]:
    places = [place for place, m in enumerate(row.messages) if m.role in SYSTEM_ROLES]
    if not places:
        return
    if len(places) > 1:
        yield _JOINED_SYSTEM
    if places[-1] >= len(places):
        yield _MOVED_SYSTEM
    if target is Format.CODE_GENERATION:
        yield _ABOVE_QUESTION


# Each entry takes the rows of its own type; the mapping's key is what keeps them together.
_LOSSES: dict[type[Row], Callable[..., Iterator[str]]] = {
    CodeGenerationRow: _none,
    PromptCompletionRow: _none,
    AlpacaRow: _alpaca,
    ChatRow: _chat,
    GeminiRow: _gemini,
    OpenaiRow: _openai,
}
