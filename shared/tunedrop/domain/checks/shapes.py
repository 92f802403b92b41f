"""What a line of each format must look like: keys, types, roles, and what may be blank, as data.

Says the same as the wire structs, in a form that can name what is wrong; a test holds the two together.
"""

from collections.abc import Mapping
from types import MappingProxyType

from tunedrop.domain.checks.kinds import (
    CallId,
    Content,
    FileUri,
    Free,
    Items,
    Literals,
    Members,
    Nullable,
    ObjectText,
    Role,
    Shape,
    Text,
    Variant,
    Word,
)
from tunedrop.domain.formats import Format

_TEXT, _ANY_TEXT = Text(), Text(may_be_blank=True)
_FLAG = Literals(("true", "false"))
_REFUSED_PARTS = ("image_url", "input_audio", "file", "refusal")


def _members(fields: Mapping[str, Shape], *optional: str) -> Members:
    return Members(fields, required=tuple(key for key in fields if key not in optional))


_FILE_DATA = _members({"mimeType": _TEXT, "fileUri": FileUri()})
_INLINE_DATA = _members({"mimeType": _TEXT, "data": _TEXT})
_FUNCTION_CALL = _members({"name": _TEXT, "args": Free("{"), "id": _ANY_TEXT}, "args", "id")
_FUNCTION_RESPONSE = _members({"name": _TEXT, "response": Free("{"), "id": _ANY_TEXT}, "id")
_PART_KINDS: dict[str, Shape] = {
    "text": _TEXT,
    "fileData": _FILE_DATA,
    "inlineData": _INLINE_DATA,
    "functionCall": _FUNCTION_CALL,
    "functionResponse": _FUNCTION_RESPONSE,
}
_PART = Members(
    _PART_KINDS, one_of=tuple(_PART_KINDS), part_kinds={kind: kind for kind in _PART_KINDS}
)
_GEMINI_CONTENT = _members(
    {"role": Role(("user", "model")), "parts": Items(_PART, may_be_empty=False)}
)
_SYSTEM = _members(
    {"parts": Items(_members({"text": _TEXT}), may_be_empty=False), "role": _ANY_TEXT}, "role"
)

_OPENAI_PART = Members(
    {
        "type": Word(("text",), refused=_REFUSED_PARTS),
        "text": _TEXT,
        **dict.fromkeys(_REFUSED_PARTS, Free()),
    },
    required=("type",),
    told_by="type",
    variants={
        "text": Variant("a part of text", required=("type", "text")),
        **{kind: Variant(f"a part of type `{kind}`", is_refused=True) for kind in _REFUSED_PARTS},
    },
)
_CALLED_FUNCTION = _members({"name": _TEXT, "arguments": ObjectText()})
_TOOL_CALL = _members({"id": CallId(), "type": Word(("function",)), "function": _CALLED_FUNCTION})
_DECLARED_FUNCTION = _members(
    {
        "name": _TEXT,
        "description": Nullable(_ANY_TEXT),
        "parameters": Nullable(Free("{")),
        "strict": Nullable(_FLAG),
    },
    "description",
    "parameters",
    "strict",
)
_OPENAI_TOOL = _members({"type": Word(("function",)), "function": _DECLARED_FUNCTION})


def _saying(role: str) -> Variant:
    """Messages that are there to say something."""
    name = f"a `{role}` message"
    return Variant(name, required=("role", "content"), optional=("name",), needs_text=True)


_OPENAI_MESSAGE = Members(
    {
        "role": Role(("user", "assistant"), outside=("system", "developer"), for_user=("tool",)),
        "content": Content(Items(_OPENAI_PART, may_be_empty=False)),
        "name": Nullable(_ANY_TEXT),
        "weight": Nullable(Literals(("0", "1"))),
        "refusal": Nullable(_ANY_TEXT),
        "tool_calls": Nullable(Items(_TOOL_CALL)),
        "tool_call_id": Nullable(CallId(is_answer=True)),
    },
    required=("role",),
    part_kinds={"tool_calls": "functionCall", "tool_call_id": "functionResponse"},
    told_by="role",
    variants={
        **{role: _saying(role) for role in ("system", "developer", "user")},
        "assistant": Variant(
            "an `assistant` message",
            required=("role", "content"),
            optional=("name", "weight", "refusal", "tool_calls"),
            needs_text=True,
            instead_of_text="tool_calls",
        ),
        "tool": Variant(
            "a `tool` message",
            required=("role", "content", "tool_call_id"),
            optional=("name",),
        ),
    },
)

SHAPES: Mapping[Format, Members] = MappingProxyType(
    {
        Format.CODE_GENERATION: _members({"input_text": _TEXT, "output_text": _TEXT}),
        Format.CODE_CHAT: _members(
            {
                "messages": Items(
                    _members({"author": Role(("user", "assistant")), "content": _TEXT}),
                    are_turns=True,
                ),
                "context": _ANY_TEXT,
            },
            "context",
        ),
        Format.GEMINI: Members(
            {
                "contents": Items(_GEMINI_CONTENT, are_turns=True),
                "systemInstruction": _SYSTEM,
                "tools": Items(Free("{")),
            },
            required=("contents",),
            part_kinds={"tools": "tools"},
        ),
        Format.OPENAI: Members(
            {
                "messages": Items(_OPENAI_MESSAGE, are_turns=True),
                "tools": Nullable(Items(_OPENAI_TOOL)),
                "parallel_tool_calls": Nullable(_FLAG),
            },
            required=("messages",),
            part_kinds={"tools": "tools"},
        ),
        Format.PROMPT_COMPLETION: _members({"prompt": _TEXT, "completion": _TEXT}),
        Format.ALPACA: _members(
            {"instruction": _TEXT, "input": _ANY_TEXT, "output": _TEXT}, "input"
        ),
    }
)
"""What a line of each format must look like."""

_TOP_KEYS = [key for shape in SHAPES.values() for key in shape.fields]
SHARED_KEYS = frozenset(key for key in _TOP_KEYS if _TOP_KEYS.count(key) > 1)
"""Keys of a line that more than one format has, so that they do not tell which one is meant."""
FORMATS_OF_KEYS: Mapping[str, Format] = MappingProxyType(
    {
        "author": Format.CODE_CHAT,
        "role": Format.OPENAI,
        **{
            key: dataset_format
            for dataset_format, shape in SHAPES.items()
            for key in shape.fields
            if key not in SHARED_KEYS
        },
    }
)
"""Which format a key points to, for lines that hold keys of two."""
