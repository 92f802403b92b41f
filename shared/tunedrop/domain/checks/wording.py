"""The words of faults in a line's keys and types: they name the format's own words and quote nothing else.

Knows the formats' keys, and no line.
"""

import difflib
from collections.abc import Collection, Iterable

from tunedrop.domain.checks.kinds import Content, Free, Items, Literals, Members, Shape, Word
from tunedrop.domain.checks.shapes import FORMATS_OF_KEYS
from tunedrop.domain.findings import Code

_MAX_KEY_LENGTH = 64
_OPENINGS = {"{": "an object", "[": "an array"}
_NAMES: dict[type, str] = {
    Members: "an object",
    Items: "an array",
    Content: "a string or an array of parts",
}


def listed(names: Iterable[str]) -> str:
    """Names in the order given, for a sentence."""
    return ", ".join(f"`{name}`" for name in names)


def wanted(shape: Shape) -> str:
    """What a shape takes."""
    match shape:
        case Literals():
            return " or ".join(shape.allowed)
        case Word():
            return listed(shape.allowed)
        case Free():
            return _OPENINGS.get(shape.opening, "a value")
        case _:
            return _NAMES.get(type(shape), "a string")


def unsupported(kind: str) -> str:
    """Why a kind of part, or `tools`, is refused."""
    words = "tool declarations" if kind == "tools" else f"`{kind}` parts"
    return f"the base model is not tuned on {words}"


def unknown_key(key: str, known: Collection[str]) -> tuple[Code, str, str]:
    """The code and the words for a key that is none of *known*, and the known one that was probably meant."""
    short = key[:_MAX_KEY_LENGTH]
    meant = next((name for name in known if _folded(name) == _folded(short)), "")
    if meant:
        return Code.WRONG_CASE_KEY, f"the key here must be spelt `{meant}`", meant
    near = difflib.get_close_matches(short.lower(), known, n=1)
    if near:
        return Code.UNKNOWN_KEY, f"the key here is unknown; did you mean `{near[0]}`?", near[0]
    hint = f"the format knows {listed(known)}"
    if other := FORMATS_OF_KEYS.get(short):
        hint = f"it is `{short}`, as {other} lines have it, and a line keeps to one format: {hint}"
    return Code.UNKNOWN_KEY, f"the key here is unknown; {hint}", ""


def _folded(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()
