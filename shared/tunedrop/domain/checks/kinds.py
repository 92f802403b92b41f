"""The kinds of value that a format's line is made of, as data for the explaining check.

Knows no format: `shapes` puts them together, and `walking` holds lines to them.
"""

from collections.abc import Mapping

from msgspec import Struct, field


class Text(Struct, frozen=True):
    """A string."""

    may_be_blank: bool = False


class FileUri(Struct, frozen=True):
    """A string that names an object of an allowed bucket."""


class ObjectText(Struct, frozen=True):
    """A string that is the JSON text of an object."""


class CallId(Struct, frozen=True):
    """A string that names a tool call, or one that has to name an earlier call."""

    is_answer: bool = False


class Role(Struct, frozen=True):
    """A string out of a closed list; the list's order is user first."""

    allowed: tuple[str, ...]
    outside: tuple[str, ...] = ()
    """Allowed roles that stand outside the turns, such as `system`."""
    for_user: tuple[str, ...] = ()
    """Allowed roles whose turns stand on the user's side, such as `tool`."""


class Word(Struct, frozen=True):
    """A string out of a closed list."""

    allowed: tuple[str, ...]
    refused: tuple[str, ...] = ()
    """Known ones that the object's variant speaks about."""


class Literals(Struct, frozen=True):
    """A number, true or false out of a closed list, as JSON writes it."""

    allowed: tuple[str, ...]


class Free(Struct, frozen=True):
    """A value whose inside is the user's business; `opening` is its first character, or empty for any value."""

    opening: str = ""


class Items(Struct, frozen=True):
    """An array."""

    item: "Shape"
    are_turns: bool = False
    may_be_empty: bool = True


class Nullable(Struct, frozen=True):
    """A value of the shape, or null for none."""

    shape: "Shape"


class Content(Struct, frozen=True):
    """A message's content: one text, an array of parts, or null; the message's variant says what may be blank."""

    parts: Items


class Variant(Struct, frozen=True):
    """What an object must and may hold, by what its `Members.told_by` key says."""

    name: str
    """What such an object is, with an article."""
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    needs_text: bool = False
    """Whether `content` must say something."""
    instead_of_text: str = ""
    """A key whose array, unless it is empty, makes up for a missing `content`."""
    is_refused: bool = False
    """Known, and tuned on by nothing."""


class Members(Struct, frozen=True):
    """An object with a closed set of keys."""

    fields: Mapping[str, "Shape"]
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    """Keys of which exactly one must be there: the kinds of a part."""
    part_kinds: Mapping[str, str] = field(default_factory=dict)
    """Which kind of Gemini part, or `tools`, a key stands for."""
    told_by: str = ""
    """The key whose string tells the variants apart."""
    variants: Mapping[str, Variant] = field(default_factory=dict)


Shape = (
    Text
    | FileUri
    | ObjectText
    | CallId
    | Role
    | Word
    | Literals
    | Free
    | Items
    | Nullable
    | Content
    | Members
)
