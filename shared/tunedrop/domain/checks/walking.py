"""Walks one line's JSON text along its format's shape and notes every departure, with its column.

Builds nothing, so memory stays small on hostile lines; messages name the format's keys and never quote the line.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from tunedrop.domain.checks.cursor import Cursor, FaultError
from tunedrop.domain.checks.roles import skeleton
from tunedrop.domain.checks.shapes import FileUri, Free, Items, Members, Role, Shape, Text
from tunedrop.domain.findings import Code, LineFinding

_MAX_FINDINGS = 20
_MAX_KEY_LENGTH = 64
_OBJECT_URI = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])/[^/\s][^\s\x00-\x1f]*")
_OPENINGS = {"{": "an object", "[": "an array"}
_ANY = Free()


class _EnoughError(Exception):
    """As many faults as anybody reads were found on the line."""


@dataclass(slots=True)
class _Turns:
    """The roles of a conversation in order, with their places."""

    first: tuple[str, int] | None = None
    last: tuple[str, int] | None = None
    count: int = 0


class Walk:
    """One walk over one line."""

    def __init__(
        self, cursor: Cursor, unsupported_parts: frozenset[str], allowed_buckets: frozenset[str]
    ) -> None:
        self.has_own_key = False
        self.is_broken = False
        self._cursor = cursor
        self._unsupported = unsupported_parts
        self._buckets = allowed_buckets
        self._found: list[LineFinding] = []
        self._turns = _Turns()

    def line(self, shape: Members | None) -> list[LineFinding]:
        """Walk the whole line; faults come back in the order found."""
        cursor = self._cursor
        try:
            if cursor.peek() == "{":
                self._value(shape or _ANY, "")
            else:
                kind = cursor.kind()
                self._cursor.skip()
                self._add(Code.NOT_OBJECT, f"expected an object, found {kind}", 0)
            cursor.finish()
        except FaultError as fault:
            # What came before the break was judged in a line that may mean something else when whole.
            self._found = [fault.finding]
            self.is_broken = True
        except _EnoughError:
            pass
        return self._found

    def _add(self, code: Code, message: str, position: int) -> None:
        self._found.append(LineFinding(code, message, position + 1))
        if len(self._found) >= _MAX_FINDINGS:
            raise _EnoughError

    def _value(self, shape: Shape, path: str) -> None:
        opening = self._cursor.peek()
        match shape:
            case Members() if opening == "{":
                self._members(shape, path)
            case Items() if opening == "[":
                self._items(shape, path)
            case Text() if opening == '"':
                self._text(shape, path)
            case Role() if opening == '"':
                self._role(shape, path)
            case FileUri() if opening == '"':
                self._file_uri(path)
            case Free() if opening and opening in (shape.opening or opening):
                self._cursor.skip()
            case _:
                self._wrong_type(shape, path)

    def _wrong_type(self, shape: Shape, path: str) -> None:
        position, kind = self._cursor.position, self._cursor.kind()
        self._cursor.skip()
        self._add(Code.WRONG_TYPE, f"`{path}` must be {_wanted(shape)}, found {kind}", position)

    def _members(self, shape: Members, path: str) -> None:
        cursor, start = self._cursor, self._cursor.position
        seen, meant = set[str](), set[str]()
        cursor.enter()
        while cursor.more("}", is_first=not seen):
            position = cursor.position
            key = cursor.key()
            if key in seen:
                name = f"the key `{key}`" if key in shape.fields else "a key"
                self._add(
                    Code.DUPLICATE_KEY, f"{name} appears a second time in one object", position
                )
            seen.add(key)
            if key in shape.fields:
                self._known(shape, key, path, position)
            else:
                meant.add(self._unknown(shape, key, position))
                self._cursor.skip()
        self._complete(shape, seen | meant, path, start)

    def _known(self, shape: Members, key: str, path: str, position: int) -> None:
        self.has_own_key = self.has_own_key or not path
        if shape.one_of and key in self._unsupported:
            self._add(
                Code.UNSUPPORTED_PART, f"the base model is not tuned on `{key}` parts", position
            )
        self._value(shape.fields[key], f"{path}.{key}" if path else key)

    def _unknown(self, shape: Members, key: str, position: int) -> str:
        """Report an unknown key; returns the known one that was probably meant, or an empty string."""
        short = key[:_MAX_KEY_LENGTH]
        meant = next((known for known in shape.fields if _folded(known) == _folded(short)), "")
        if meant:
            self._add(Code.WRONG_CASE_KEY, f"the key here must be spelt `{meant}`", position)
            return meant
        near = difflib.get_close_matches(short.lower(), shape.fields, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"the format knows {_listed(shape.fields)}"
        self._add(Code.UNKNOWN_KEY, f"the key here is unknown; {hint}", position)
        return near[0] if near else ""

    def _complete(self, shape: Members, seen: set[str], path: str, start: int) -> None:
        name = f"`{path}`" if path else "the line"
        for key in shape.required:
            if key not in seen:
                self._add(Code.MISSING_KEY, f"{name} lacks the key `{key}`", start)
        kinds = [key for key in shape.one_of if key in seen]
        if shape.one_of and not kinds:
            self._add(Code.MISSING_KEY, f"{name} needs one of {_listed(shape.one_of)}", start)
        elif len(kinds) > 1:
            self._add(
                Code.AMBIGUOUS_PART, f"{name} holds {_listed(kinds)}, a part holds one", start
            )

    def _items(self, shape: Items, path: str) -> None:
        cursor, start, count = self._cursor, self._cursor.position, 0
        cursor.enter()
        while cursor.more("]", is_first=not count):
            self._value(shape.item, f"{path}[{count}]")
            count += 1
        if shape.are_turns:
            self._judge_turns(path, start)
        elif not count and not shape.may_be_empty:
            self._add(Code.MISSING_KEY, f"`{path}` is empty, expected at least one part", start)

    def _judge_turns(self, path: str, start: int) -> None:
        turns = self._turns
        if turns.first is None or turns.last is None:
            if not self._found:
                self._add(Code.NO_TURNS, f"`{path}` holds no turn", start)
            return
        if turns.first[0] == "assistant":
            self._add(Code.FIRST_NOT_USER, "the first turn is not the user's", turns.first[1])
        if turns.last[0] == "user":
            self._add(Code.LAST_NOT_ASSISTANT, "the last turn is the user's", turns.last[1])

    def _text(self, shape: Text, path: str) -> None:
        position = self._cursor.position
        text = self._cursor.string()
        if "\0" in text:
            self._add(Code.NUL_CHARACTER, f"`{path}` holds the character U+0000", position)
        elif shape.may_be_blank:
            return
        elif not text:
            self._add(Code.EMPTY_TEXT, f"`{path}` is empty", position)
        elif text.isspace():
            self._add(Code.BLANK_TEXT, f"`{path}` holds white space only", position)

    def _role(self, shape: Role, path: str) -> None:
        position = self._cursor.position
        role = self._cursor.string()
        if role in shape.outside:
            return
        if role in shape.allowed:
            self._note_turn("user" if role == shape.allowed[0] else "assistant", position)
            return
        expected = _listed((*shape.allowed, *shape.outside))
        if not role.isascii() and skeleton(role) in shape.allowed:
            message = f"`{path}` looks like one of {expected}, but holds look-alike or invisible characters"
            self._add(Code.HOMOGLYPH_ROLE, message, position)
        else:
            self._add(Code.UNKNOWN_ROLE, f"`{path}` must be one of {expected}", position)
        self._note_turn("", position)

    def _note_turn(self, role: str, position: int) -> None:
        self._turns.first = self._turns.first or (role, position)
        self._turns.last = (role, position)

    def _file_uri(self, path: str) -> None:
        position = self._cursor.position
        uri = _OBJECT_URI.fullmatch(self._cursor.string())
        if uri is None:
            self._add(Code.FOREIGN_URI, f"`{path}` must be a gs:// address of one object", position)
        elif uri[1] not in self._buckets:
            self._add(
                Code.FOREIGN_URI,
                f"`{path}` points into a bucket that is not allowed here",
                position,
            )


def _folded(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _wanted(shape: Shape) -> str:
    match shape:
        case Members():
            return "an object"
        case Items():
            return "an array"
        case Free():
            return _OPENINGS.get(shape.opening, "a value")
        case _:
            return "a string"
