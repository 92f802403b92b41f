"""What can be wrong with one string of a line, by its shape; reads no JSON but that inside a string.

Every judge returns a code and words that quote nothing, or None for a good string.
"""

from collections.abc import Container

from tunedrop.domain.checks.cursor import Cursor, FaultError
from tunedrop.domain.checks.kinds import Role
from tunedrop.domain.checks.roles import skeleton
from tunedrop.domain.checks.wording import listed
from tunedrop.domain.findings import Code
from tunedrop.domain.formats.blanks import is_blank
from tunedrop.domain.naming import GsUri

Fault = tuple[Code, str]


def text_fault(text: str, path: str, *, may_be_blank: bool = False) -> Fault | None:
    """Judge a text."""
    if "\0" in text:
        return Code.NUL_CHARACTER, f"`{path}` holds the character U+0000"
    if may_be_blank:
        return None
    if not text:
        return Code.EMPTY_TEXT, f"`{path}` is empty"
    if is_blank(text):
        return Code.BLANK_TEXT, f"`{path}` holds white space or invisible characters only"
    return None


def uri_fault(text: str, path: str, buckets: frozenset[str]) -> Fault | None:
    """Judge the address of a file."""
    try:
        bucket = GsUri.parse(text).bucket
    except ValueError:
        return Code.FOREIGN_URI, f"`{path}` must be a gs:// address of one object"
    if bucket not in buckets:
        return Code.FOREIGN_URI, f"`{path}` points into a bucket that is not allowed here"
    return None


def role_fault(role: str, shape: Role, path: str) -> Fault | None:
    """Judge a role."""
    known = (*shape.allowed, *shape.for_user, *shape.outside)
    if role in known:
        return None
    if not role.isascii() and skeleton(role) in known:
        words = f"`{path}` looks like one of {listed(known)}, but holds look-alike or invisible characters"
        return Code.HOMOGLYPH_ROLE, words
    return Code.UNKNOWN_ROLE, f"`{path}` must be one of {listed(known)}"


def object_text_fault(text: str, path: str, *, max_depth: int) -> Fault | None:
    """Judge JSON text inside a string: one object, held to the same rules as the line around it."""
    inner = Cursor(text, max_depth=max_depth)
    words = f"`{path}` must be the JSON text of an object"
    try:
        if inner.peek() != "{":
            return Code.WRONG_TYPE, words
        inner.skip()
        inner.finish()
    except FaultError as fault:
        return Code.WRONG_TYPE, f"{words}: {fault}"
    return None


def call_id_fault(call_id: str, path: str, calls: Container[str]) -> Fault | None:
    """Judge the id by which a tool's answer names its call; *calls* are those so far."""
    if call_id in calls:
        return None
    return Code.WRONG_TYPE, f"`{path}` must be the id of an earlier tool call"
