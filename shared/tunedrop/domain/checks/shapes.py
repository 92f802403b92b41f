"""The formats' shapes as data for the explaining check: keys, types, roles, and what may be blank.

Says the same as the wire structs, in a form that can name what is wrong; a test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tunedrop.domain.formats import Format


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    may_be_blank: bool = False


@dataclass(frozen=True, slots=True)
class FileUri:
    """A string that names an object of an allowed bucket."""


@dataclass(frozen=True, slots=True)
class Role:
    """A string out of a closed list; the list's order is user first."""

    allowed: tuple[str, ...]
    outside: tuple[str, ...] = ()
    """Allowed roles that stand outside the turns, such as `system`."""


@dataclass(frozen=True, slots=True)
class Free:
    """A value whose inside is the user's business; `opening` is its first character, or empty for any value."""

    opening: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """An array."""

    item: "Shape"
    are_turns: bool = False
    may_be_empty: bool = True


@dataclass(frozen=True, slots=True)
class Members:
    """An object with a closed set of keys."""

    fields: Mapping[str, "Shape"]
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    """Keys of which exactly one must be there: the kinds of a part."""


Shape = Text | FileUri | Role | Free | Items | Members

_TEXT, _ANY_TEXT = Text(), Text(may_be_blank=True)


def _members(fields: Mapping[str, Shape], *optional: str) -> Members:
    return Members(fields, required=tuple(key for key in fields if key not in optional))


_FILE_DATA = _members({"mimeType": _TEXT, "fileUri": FileUri()})
_FUNCTION_CALL = _members({"name": _TEXT, "args": Free("{"), "id": _ANY_TEXT}, "args", "id")
_FUNCTION_RESPONSE = _members({"name": _TEXT, "response": Free("{"), "id": _ANY_TEXT}, "id")
_PART_KINDS: dict[str, Shape] = {
    "text": _TEXT,
    "fileData": _FILE_DATA,
    "functionCall": _FUNCTION_CALL,
    "functionResponse": _FUNCTION_RESPONSE,
}
_PART = Members(_PART_KINDS, one_of=tuple(_PART_KINDS))
_CONTENT = _members({"role": Role(("user", "model")), "parts": Items(_PART, may_be_empty=False)})
_SYSTEM = _members(
    {"parts": Items(_members({"text": _TEXT}), may_be_empty=False), "role": _ANY_TEXT}, "role"
)
_OPENAI_ROLE = Role(("user", "assistant"), outside=("system", "developer"))

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
        Format.GEMINI: _members(
            {
                "contents": Items(_CONTENT, are_turns=True),
                "systemInstruction": _SYSTEM,
                "tools": Items(Free("{")),
            },
            "systemInstruction",
            "tools",
        ),
        Format.OPENAI: _members(
            {"messages": Items(_members({"role": _OPENAI_ROLE, "content": _TEXT}), are_turns=True)}
        ),
        Format.PROMPT_COMPLETION: _members({"prompt": _TEXT, "completion": _TEXT}),
        Format.ALPACA: _members(
            {"instruction": _TEXT, "input": _ANY_TEXT, "output": _TEXT}, "input"
        ),
    }
)
"""What a line of each format must look like."""
