"""Judges an object whose members were walked: what is missing, what does not go together.

Sees keys and what the walk noted of their values; never the line itself.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tunedrop.domain.checks import wording
from tunedrop.domain.checks.kinds import Members, Variant
from tunedrop.domain.findings import Code

NULL, EMPTY, BLANK = "null", "empty", "blank"
Fault = tuple[Code, str, int]
"""What is wrong, in words, and where."""


class Said(NamedTuple):
    """A known key's value: what it says, where that matters to the object, and where both stand."""

    state: str
    key_at: int
    value_at: int


_UNSAID = Said(NULL, 0, 0)


def member_faults(
    shape: Members, said: Mapping[str, Said], meant: set[str], path: str, start: int
) -> Iterator[Fault]:
    """Judge an object by its keys; *meant* are those that misspelt ones stand for."""
    seen = said.keys() | meant
    name = f"`{path}`" if path else "the line"
    for key in shape.required:
        if key not in seen:
            yield Code.MISSING_KEY, f"{name} lacks the key `{key}`", start
    kinds = [key for key in shape.one_of if key in seen]
    if shape.one_of and not kinds:
        yield Code.MISSING_KEY, f"{name} needs one of {wording.listed(shape.one_of)}", start
    elif len(kinds) > 1:
        message = f"{name} holds {wording.listed(kinds)}, a part holds one"
        yield Code.AMBIGUOUS_PART, message, start
    variant = shape.variants.get(said.get(shape.told_by, _UNSAID).state)
    if variant is not None:
        yield from _variant_faults(variant, said, meant, path, start)


def _variant_faults(
    variant: Variant, said: Mapping[str, Said], meant: set[str], path: str, start: int
) -> Iterator[Fault]:
    if variant.is_refused:
        message = f"`{path}` is {variant.name}, and only parts of text are read"
        yield Code.UNSUPPORTED_PART, message, start
        return
    given = [key for key, value in said.items() if key == "content" or value.state != NULL]
    for key in given:
        if key not in (*variant.required, *variant.optional):
            message = f"`{path}` is {variant.name}, which has no `{key}`"
            yield Code.UNKNOWN_KEY, message, said[key].key_at
    has_instead = said.get(variant.instead_of_text, _UNSAID).state not in {NULL, EMPTY}
    for key in variant.required:
        is_made_up_for = has_instead and key == "content"
        if key not in given and key not in meant and not is_made_up_for:
            message = f"`{path}` is {variant.name} and lacks the key `{key}`"
            yield Code.MISSING_KEY, message, start
    if "content" in said and not has_instead:
        yield from _content_faults(variant, said["content"], f"{path}.content")


def _content_faults(variant: Variant, content: Said, path: str) -> Iterator[Fault]:
    if content.state == NULL:
        message = f"`{path}` must be a string or an array of parts, found null"
        yield Code.WRONG_TYPE, message, content.value_at
    elif content.state == EMPTY and variant.needs_text:
        yield Code.EMPTY_TEXT, f"`{path}` is empty", content.value_at
    elif content.state == BLANK and variant.needs_text:
        message = f"`{path}` holds white space or invisible characters only"
        yield Code.BLANK_TEXT, message, content.value_at
