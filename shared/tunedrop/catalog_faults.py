"""What is wrong with one entry of a catalog: each fault with its field, since msgspec stops at the first.

Kept from knowing files, families and what any field is for.
"""

import math
import re
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from msgspec import Struct, ValidationError
from msgspec.structs import fields

from tunedrop.catalog_entries import CatalogEntry, read_as
from tunedrop.suggest import did_you_mean, shown

_WORDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "date": "a date",
    "object": "a table",
    "array": "an array",
}
_HUGE = 10**12


def faults_of(entry: object) -> list[str]:
    """Return every fault of what a catalog says of a base model, as `field: expected …, found …`.

    A rule between fields is held only where each of them is right by itself.
    """
    return list(_faults(CatalogEntry, entry, ""))


def _faults(kind: Any, value: object, at: str) -> Iterator[str]:  # noqa: ANN401 - any annotation
    try:
        read_as(kind, value)
    except ValidationError as error:
        inner = list(_inner_faults(kind, value, at))
        yield from inner or [f"{at or 'entry'}: {_sentence(kind, value, str(error))}"]


def _inner_faults(kind: Any, value: object, at: str) -> Iterator[str]:  # noqa: ANN401
    kind = _without_none(kind)
    if isinstance(value, dict) and get_origin(kind) is dict:
        for key, item in value.items():
            yield from _faults(get_args(kind)[1], item, _joined(at, key))
    elif isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, Struct):
        yield from _field_faults(kind, value, at)
    elif isinstance(value, list | tuple) and get_origin(kind) is tuple:
        for index, item in enumerate(value):
            yield from _faults(get_args(kind)[0], item, _joined(at, str(index)))


def _field_faults(kind: type[Struct], table: dict[str, object], at: str) -> Iterator[str]:
    known = {field.name: field for field in fields(kind)}
    for name, field in known.items():
        if name in table:
            yield from _faults(field.type, table[name], _joined(at, name))
        elif field.required:
            yield f"{_joined(at, name)}: expected a value, found nothing"
    for name in table:
        if name not in known:
            yield f"{_joined(at, name)}: expected a known field; {did_you_mean(name, known)}"


def _sentence(kind: Any, value: object, said: str) -> str:  # noqa: ANN401
    """Say in our words what msgspec says of a value that has no parts; a rule's own words stay."""
    kind = _without_none(kind)
    if get_origin(kind) is Literal:
        return f"expected one of {', '.join(map(repr, get_args(kind)))}, found {_found(value)}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"expected a finite number, found {value}"
    of_type = re.fullmatch(r"Expected `(\w+)[^`]*`(.*?)(, got `\w+`)?", said)
    if of_type is not None:
        word, bound, _ = of_type.groups()
        return f"expected {_WORDS.get(word, word)}{bound}, found {_found(value)}"
    # An int that no float can hold; what is left is a rule between fields, in its own words.
    return "expected a number, found a huge number" if isinstance(value, int) else said


def _found(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= _HUGE:
        return "a huge number"
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return "a table"
    return "an array" if isinstance(value, list | tuple) else str(value)


def _without_none(kind: Any) -> Any:  # noqa: ANN401
    if get_origin(kind) not in (Union, UnionType):
        return kind
    return next(part for part in get_args(kind) if part is not NoneType)


def _joined(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
