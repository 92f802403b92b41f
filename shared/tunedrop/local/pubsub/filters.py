"""Subscription filters: the text of a filter to a predicate over a message's attributes.

Follows https://cloud.google.com/pubsub/docs/subscription-message-filter (read 2026-11); knows
nothing of messages beyond their attributes.
"""

import re
from collections.abc import Callable, Mapping

from tunedrop.local.pubsub.errors import InvalidArgumentError

Predicate = Callable[[Mapping[str, str]], bool]

MAX_FILTER_BYTES = 256

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<word>[A-Za-z0-9_][A-Za-z0-9_-]*)
      | (?P<mark>!=|[().:,=-])
    )""",
    re.VERBOSE,
)
_KEYWORDS = frozenset({"AND", "OR", "NOT"})


def parse_filter(text: str) -> Predicate:
    """Compile a filter; an empty one matches everything.

    Raises:
        InvalidArgumentError: The text is over 256 bytes or not in the filter language; the
            message names the character position.
    """
    if len(text.encode()) > MAX_FILTER_BYTES:
        raise InvalidArgumentError(f"filter is longer than {MAX_FILTER_BYTES} bytes")
    if not text.strip():
        return lambda _attributes: True
    return _Parser(text).parse()


def _unquote(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1])


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = self._split(text)
        self._next = 0
        self._end = len(text)

    def _split(self, text: str) -> list[tuple[str, str, int]]:
        tokens, at = [], 0
        stripped = text.rstrip()
        while at < len(stripped):
            match = _TOKEN.match(stripped, at)
            if match is None or match.lastgroup is None:
                raise InvalidArgumentError(f"filter is not understood at character {at}")
            tokens.append((match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
            at = match.end()
        return tokens

    def parse(self) -> Predicate:
        predicate = self._expression()
        if self._next < len(self._tokens):
            raise self._error("the end of the filter")
        return predicate

    def _error(self, expected: str) -> InvalidArgumentError:
        at = self._tokens[self._next][2] if self._next < len(self._tokens) else self._end
        return InvalidArgumentError(f"filter is invalid at character {at}: expected {expected}")

    def _accept(self, *values: str) -> str | None:
        if self._next < len(self._tokens):
            kind, value, _ = self._tokens[self._next]
            if kind != "text" and value in values:
                self._next += 1
                return value
        return None

    def _expect(self, *values: str) -> str:
        value = self._accept(*values)
        if value is None:
            raise self._error(" or ".join(values))
        return value

    def _expression(self) -> Predicate:
        operands = [self._term()]
        operator = self._accept("AND", "OR")
        joined = operator
        while joined:
            operands.append(self._term())
            joined = self._accept("AND", "OR")
            if joined and joined != operator:
                raise self._error("parentheses where AND and OR are mixed")
        if operator == "OR":
            return lambda attributes: any(operand(attributes) for operand in operands)
        return lambda attributes: all(operand(attributes) for operand in operands)

    def _term(self) -> Predicate:
        if self._accept("NOT", "-"):
            negated = self._term()
            return lambda attributes: not negated(attributes)
        if self._accept("("):
            inner = self._expression()
            self._expect(")")
            return inner
        if self._accept("hasPrefix"):
            return self._prefix()
        return self._comparison()

    def _prefix(self) -> Predicate:
        self._expect("(")
        self._expect("attributes")
        self._expect(".")
        key = self._key()
        self._expect(",")
        prefix = self._text()
        self._expect(")")
        return lambda attributes: key in attributes and attributes[key].startswith(prefix)

    def _comparison(self) -> Predicate:
        self._expect("attributes")
        if self._expect(".", ":") == ":":
            present = self._key()
            return lambda attributes: present in attributes
        key = self._key()
        if self._expect("=", "!=") == "=":
            equal = self._text()
            return lambda attributes: attributes.get(key) == equal
        other = self._text()
        return lambda attributes: key in attributes and attributes[key] != other

    def _key(self) -> str:
        kind, value = self._take("an attribute key")
        if kind == "text":
            return _unquote(value)
        if kind != "word" or value in _KEYWORDS:
            self._next -= 1
            raise self._error("an attribute key")
        return value

    def _text(self) -> str:
        kind, value = self._take("a quoted value")
        if kind != "text":
            self._next -= 1
            raise self._error("a quoted value")
        return _unquote(value)

    def _take(self, expected: str) -> tuple[str, str]:
        if self._next >= len(self._tokens):
            raise self._error(expected)
        kind, value, _ = self._tokens[self._next]
        self._next += 1
        return kind, value
