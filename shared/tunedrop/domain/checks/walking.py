"""Walks one line's JSON text along its format's shape and notes every departure, with its column.

Builds nothing, so memory stays small on hostile lines; messages name the format's keys and never quote the line.
"""

import re
from collections.abc import Callable

from tunedrop.domain.checks import texts, wording
from tunedrop.domain.checks.cursor import Cursor, FaultError
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
    Word,
)
from tunedrop.domain.checks.members import BLANK, EMPTY, NULL, Said, member_faults
from tunedrop.domain.checks.shapes import SHARED_KEYS
from tunedrop.domain.checks.turns import Turns
from tunedrop.domain.findings import Code, LineFinding
from tunedrop.domain.formats.blanks import is_blank

_MAX_FINDINGS = 20
_NOTHING = re.compile(r"null|\[[ \t\n\r]*\]")
_ANY = Free()
_STRING, _LITERAL = '"', "tf-0123456789"


class _EnoughError(Exception):
    """As many faults as anybody reads were found on the line."""


class Walk:
    """One walk over one line."""

    def __init__(
        self, cursor: Cursor, unsupported_parts: frozenset[str], allowed_buckets: frozenset[str]
    ) -> None:
        self.has_own_key = False
        """Whether a key was met that only this format has in its place."""
        self.is_broken = False
        self._cursor = cursor
        self._unsupported = unsupported_parts
        self._buckets = allowed_buckets
        self._found: list[LineFinding] = []
        self._turns = Turns()
        self._calls = set[str]()

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

    def _value(self, shape: Shape, path: str) -> str:
        """Walk a value; returns what it says, where that matters to the object around it."""
        opening = self._cursor.peek()
        if isinstance(shape, Nullable):
            if opening == "n":
                self._cursor.skip()
                return NULL
            shape = shape.shape
        openings, walk = _WALKS[type(shape)]
        if isinstance(shape, Free):
            openings = shape.opening or opening
        if opening and opening in openings:
            return walk(self, shape, path)
        position, kind = self._cursor.position, self._cursor.kind()
        self._cursor.skip()
        message = f"`{path}` must be {wording.wanted(shape)}, found {kind}"
        self._add(Code.WRONG_TYPE, message, position)
        return ""

    def _free(self, _shape: Free, _path: str) -> str:
        self._cursor.skip()
        return ""

    def _members(self, shape: Members, path: str) -> str:
        cursor, start = self._cursor, self._cursor.position
        seen, meant = set[str](), set[str]()
        said: dict[str, Said] = {}
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
                said[key] = self._known(shape, key, path, position)
            else:
                code, message, known = wording.unknown_key(key, shape.fields)
                self._add(code, message, position)
                meant.add(known)
                cursor.skip()
        for fault in member_faults(shape, said, meant, path, start):
            self._add(*fault)
        return ""

    def _known(self, shape: Members, key: str, path: str, position: int) -> Said:
        field, kind = shape.fields[key], shape.part_kinds.get(key)
        is_own = isinstance(field, Role) if path else key not in SHARED_KEYS
        self.has_own_key = self.has_own_key or is_own
        self._cursor.peek()
        value_at = self._cursor.position
        if kind in self._unsupported and not _NOTHING.match(self._cursor.text, value_at):
            self._add(Code.UNSUPPORTED_PART, wording.unsupported(kind), position)
        state = self._value(field, f"{path}.{key}" if path else key)
        return Said(state, position, value_at)

    def _items(self, shape: Items, path: str) -> str:
        cursor, start, count = self._cursor, self._cursor.position, 0
        cursor.enter()
        while cursor.more("]", is_first=not count):
            self._item(shape, f"{path}[{count}]")
            count += 1
        if shape.are_turns:
            for fault in self._turns.faults(path, start, are_others=bool(self._found)):
                self._add(*fault)
        elif not count and not shape.may_be_empty:
            self._add(Code.MISSING_KEY, f"`{path}` is empty, expected at least one part", start)
        return "" if count else EMPTY

    def _item(self, shape: Items, path: str) -> None:
        if shape.are_turns:
            self._turns.begin()
        self._value(shape.item, path)
        if shape.are_turns:
            self._turns.end()

    def _content(self, shape: Content, path: str) -> str:
        opening = self._cursor.peek()
        if opening == "[":
            self._items(shape.parts, path)
            return ""
        if opening == "n":
            self._cursor.skip()
            return NULL
        position, text = self._cursor.position, self._cursor.string()
        self._note(texts.text_fault(text, path, may_be_blank=True), position)
        return (BLANK if is_blank(text) else "") if text else EMPTY

    def _text(self, shape: Text, path: str) -> str:
        position, text = self._cursor.position, self._cursor.string()
        self._note(texts.text_fault(text, path, may_be_blank=shape.may_be_blank), position)
        return ""

    def _file_uri(self, _shape: FileUri, path: str) -> str:
        position, text = self._cursor.position, self._cursor.string()
        self._note(texts.uri_fault(text, path, self._buckets), position)
        return ""

    def _object_text(self, _shape: ObjectText, path: str) -> str:
        position, text = self._cursor.position, self._cursor.string()
        levels = self._cursor.levels_left
        self._note(texts.object_text_fault(text, path, max_depth=levels), position)
        return ""

    def _call_id(self, shape: CallId, path: str) -> str:
        position, text = self._cursor.position, self._cursor.string()
        fault = texts.text_fault(text, path)
        if not shape.is_answer:
            self._calls.add(text)
        self._note(fault or texts.call_id_fault(text, path, self._calls), position)
        return ""

    def _role(self, shape: Role, path: str) -> str:
        position, role = self._cursor.position, self._cursor.string()
        self._note(texts.role_fault(role, shape, path), position)
        if role in shape.outside:
            self._turns.current = None
            return role
        is_user = role == shape.allowed[0] or role in shape.for_user
        is_known = is_user or role in shape.allowed
        whose = ("user" if is_user else "assistant") if is_known else ""
        self._turns.current = (whose, position)
        return role if is_known else ""

    def _word(self, shape: Word, path: str) -> str:
        position, word = self._cursor.position, self._cursor.string()
        if word in shape.allowed or word in shape.refused:
            return word
        self._add(Code.WRONG_TYPE, f"`{path}` must be {wording.wanted(shape)}", position)
        return ""

    def _literal(self, shape: Literals, path: str) -> str:
        position = self._cursor.position
        self._cursor.scalar()
        if self._cursor.text[position : self._cursor.position] not in shape.allowed:
            self._add(Code.WRONG_TYPE, f"`{path}` must be {wording.wanted(shape)}", position)
        return ""

    def _note(self, fault: texts.Fault | None, position: int) -> None:
        if fault is not None:
            self._add(*fault, position)


# Each entry takes its own kind of shape; the mapping's key is what keeps them together.
_WALKS: dict[type, tuple[str, Callable[..., str]]] = {
    Members: ("{", Walk._members),  # noqa: SLF001 — the walk's own table
    Items: ("[", Walk._items),  # noqa: SLF001 — as above
    Free: ("", Walk._free),  # noqa: SLF001 — as above
    Content: ('"[n', Walk._content),  # noqa: SLF001 — as above
    Literals: (_LITERAL, Walk._literal),  # noqa: SLF001 — as above
    Text: (_STRING, Walk._text),  # noqa: SLF001 — as above
    FileUri: (_STRING, Walk._file_uri),  # noqa: SLF001 — as above
    ObjectText: (_STRING, Walk._object_text),  # noqa: SLF001 — as above
    CallId: (_STRING, Walk._call_id),  # noqa: SLF001 — as above
    Role: (_STRING, Walk._role),  # noqa: SLF001 — as above
    Word: (_STRING, Walk._word),  # noqa: SLF001 — as above
}
"""What a shape's value begins with, and what walks it."""
