"""Reads JSON text token by token, knowing its place, so that every fault has a column.

Strict by RFC 8259 and bounded in depth; knows the grammar of JSON and nothing of datasets.
"""

import json
import math
import re

from tunedrop.domain.findings import Code, LineFinding

_DECODER = json.JSONDecoder()
_SPACES = " \t\n\r"
_SPACE = re.compile(f"[{_SPACES}]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_PLAIN_STRING = re.compile(r'"([^"\\\x00-\x1f\ud800-\udfff]*)"')
_CONSTANT = re.compile(r"(?:-?Infinity|NaN)(?![A-Za-z0-9_])")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f]")
# A stretch of plain members of an array, stepped over at once: the rest of the walk is per member.
_PLAIN_MEMBERS = re.compile(
    r'(?:(?:-?(?:0|[1-9][0-9]{0,16})|true|false|null|"[^"\\\x00-\x1f\ud800-\udfff]*+")[ \t\n\r]*+,[ \t\n\r]*+){1,1000}+'
)
_WORDS = {"t": "true", "f": "false", "n": "null"}
_LONGEST_WORD = 6
_ESCAPE_LENGTH = 6
_INTEGER_DIGITS = 19
_INTEGER_BOUNDS = range(-(2**63), 2**64)
KINDS = {"{": "an object", "[": "an array", '"': "a string", "t": "true", "f": "false", "n": "null"}


class FaultError(Exception):
    """The text cannot be read past this point."""

    def __init__(self, code: Code, message: str, position: int) -> None:
        super().__init__(message)
        self.finding = LineFinding(code, message, position + 1)
        self.position = position


class Cursor:
    """A place in one line of JSON."""

    def __init__(self, text: str, *, max_depth: int, may_be_cut: bool = False) -> None:
        self.text = text
        self.position = 0
        self._cut = Code.TRUNCATED_FILE if may_be_cut else Code.NOT_JSON
        self._depth = 0
        self._max_depth = max_depth

    @property
    def levels_left(self) -> int:
        """How many more arrays and objects may be opened here, one inside the other."""
        return self._max_depth - self._depth

    def peek(self) -> str:
        """Skip white space and return the next character, empty at the end."""
        first = self.text[self.position : self.position + 1]
        if first not in _SPACES:
            return first
        match = _SPACE.match(self.text, self.position)
        self.position = match.end() if match else self.position
        return self.text[self.position : self.position + 1]

    def kind(self) -> str:
        """What begins here, in words."""
        return KINDS.get(self.peek(), "a number")

    def fail(self, code: Code, message: str, position: int | None = None) -> FaultError:
        """A fault here, or at *position*."""
        return FaultError(code, message, self.position if position is None else position)

    def expect(self, wanted: str, place: str) -> None:
        """Step over one character."""
        if self.peek() != wanted:
            raise self._unexpected(f"{wanted!r} {place}")
        self.position += 1

    def enter(self) -> None:
        """Step into an array or object."""
        self._depth += 1
        if self._depth > self._max_depth:
            raise self.fail(
                Code.TOO_DEEP, f"more than {self._max_depth} levels of arrays and objects"
            )
        self.position += 1

    def leave(self) -> None:
        """Step out of an array or object."""
        self._depth -= 1
        self.position += 1

    def more(self, closing: str, *, is_first: bool) -> bool:
        """Whether another member follows; steps over the comma before it, or out at *closing*."""
        if self.peek() == closing:
            self.leave()
            return False
        if not is_first:
            self.expect(",", f"or {closing!r} between members")
            if self.peek() == closing:
                raise self.fail(Code.NOT_JSON, f"a comma stands before {closing!r}")
        return True

    def string(self) -> str:
        """Read a string, escapes decoded."""
        start = self.position
        if plain := _PLAIN_STRING.match(self.text, start):
            self.position = plain.end()
            return plain[1]
        try:
            value, self.position = _DECODER.raw_decode(self.text, start)
        except json.JSONDecodeError as error:
            raise self._string_fault(error, start) from None
        if half := _SURROGATE.search(value):
            message = f"the escape of U+{ord(half[0]):04X} is half of a surrogate pair"
            raise self.fail(Code.LONE_SURROGATE, message, start)
        return str(value)

    def key(self) -> str:
        """Read a member's key and the colon behind it."""
        if self.peek() != '"':
            raise self._unexpected("a key in double quotes")
        key = self.string()
        self.expect(":", "after a key")
        return key

    def scalar(self) -> None:
        """Step over a number, true, false or null."""
        first = self.peek()
        if first in _WORDS and self.text.startswith(_WORDS[first], self.position):
            self.position += len(_WORDS[first])
        elif constant := _CONSTANT.match(self.text, self.position):
            raise self.fail(Code.NON_FINITE_NUMBER, f"{constant[0]} is no JSON number")
        elif number := _NUMBER.match(self.text, self.position):
            self._judge_number(number)
            self.position = number.end()
        else:
            raise self._unexpected("a value")

    def skip(self) -> None:
        """Step over any value, judging its JSON alone."""
        match self.peek():
            case "{":
                self._skip_members()
            case "[":
                self.enter()
                is_first = True
                while self.more("]", is_first=is_first):
                    while plain := _PLAIN_MEMBERS.match(self.text, self.position):
                        self.position = plain.end()
                    self.skip()
                    is_first = False
            case '"':
                start = self.position
                self._refuse_nul(self.string(), "a string", start)
            case _:
                self.scalar()

    def _skip_members(self) -> None:
        seen = set[str]()
        self.enter()
        while self.more("}", is_first=not seen):
            start = self.position
            key = self.key()
            self._refuse_nul(key, "a key", start)
            if key in seen:
                raise self.fail(
                    Code.DUPLICATE_KEY, "a key appears a second time in one object", start
                )
            seen.add(key)
            self.skip()

    def _refuse_nul(self, text: str, name: str, start: int) -> None:
        if "\0" in text:
            raise self.fail(Code.NUL_CHARACTER, f"{name} holds the character U+0000", start)

    def finish(self) -> None:
        """Make sure that nothing but white space is left."""
        following = self.peek()
        if not following:
            return
        if following in '{["':
            raise self.fail(Code.TWO_VALUES_ON_LINE, "a second JSON value begins here")
        if following == "\0":
            raise self.fail(Code.NUL_CHARACTER, "a NUL byte stands behind the JSON value")
        raise self.fail(Code.NOT_JSON, "something stands behind the end of the JSON value")

    def _judge_number(self, number: re.Match[str]) -> None:
        fraction, exponent = number.groups()
        if fraction or exponent:
            if math.isinf(float(number[0])):
                raise self.fail(
                    Code.NON_FINITE_NUMBER, "the number is beyond the range of a double"
                )
        elif len(number[0]) >= _INTEGER_DIGITS and (
            len(number[0]) > _INTEGER_DIGITS + 2 or int(number[0]) not in _INTEGER_BOUNDS
        ):
            raise self.fail(
                Code.OVERSIZED_INTEGER, f"the integer has {len(number[0].lstrip('-'))} digits"
            )

    def _string_fault(self, error: json.JSONDecodeError, start: int) -> FaultError:
        if error.msg.startswith("Unterminated"):
            return self.fail(self._cut, "the line ends inside the string that begins here", start)
        if control := _CONTROL.match(self.text, error.pos):
            code = Code.NUL_CHARACTER if control[0] == "\0" else Code.NOT_JSON
            message = (
                f"the control character U+{ord(control[0]):04X} must be escaped inside a string"
            )
            return self.fail(code, message, error.pos)
        code = self._cut if error.pos + _ESCAPE_LENGTH > len(self.text) else Code.NOT_JSON
        return self.fail(code, "a backslash begins no valid escape", error.pos)

    def _unexpected(self, wanted: str) -> FaultError:
        rest = self.text[self.position : self.position + _LONGEST_WORD]
        if any(word.startswith(rest) for word in (*_WORDS.values(), "-")):
            return self.fail(self._cut, f"the line ends where {wanted} was expected")
        if rest[0] == "\0":
            return self.fail(Code.NUL_CHARACTER, "the line holds a NUL byte")
        return self.fail(Code.NOT_JSON, f"expected {wanted}")
