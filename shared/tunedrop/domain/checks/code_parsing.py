"""Parses a sample of fenced blocks in the languages that this interpreter and our dependencies have a parser for.

Runs none of the code; what a parser says of it is dropped but for the line, since it may quote the code.
"""

import ast
import re
import sys
import textwrap
import tomllib
import warnings
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from tunedrop.domain.checks.options import Thresholds

# The parser's own bounds say nothing about the code. SystemError: github.com/python/cpython/issues/153437.
_TOO_COMPLEX = (MemoryError, RecursionError, OverflowError, SystemError)
_INTERACTIVE = re.compile(r"^[ \t]*(?:>>>|[%!$])", re.MULTILINE)
_JSON_BYTE = re.compile(r"\(byte (\d+)\)")
_TOML_LINE = re.compile(r"\(at line (\d+),")
# tomllib takes time and memory by the square of the parts of a key.
_MOST_DOTS = 100
_VALIDATE_JSON = msgspec.json.Decoder(msgspec.Raw).decode


class Fault(NamedTuple):
    """A block that does not parse."""

    grammar: str
    """What it was parsed as, such as `JSON`."""
    line: int | None
    """1-based, within the block; None where the parser names none."""


class CodeSample:
    """Parses the first blocks of each stretch of a file: many of the first one, few of those that follow."""

    def __init__(self, thresholds: Thresholds, *, takes_all: bool = False) -> None:
        self._thresholds = thresholds
        self._takes_all = takes_all
        self._room = thresholds.first_parsed_blocks

    @property
    def extent(self) -> str:
        """How many blocks are parsed, in words."""
        if self._takes_all:
            return "every block is parsed"
        thresholds = self._thresholds
        return (
            f"the first {thresholds.first_parsed_blocks} blocks of a file's first mebibyte are parsed,"
            f" and {thresholds.parsed_blocks} of each further one"
        )

    def begin(self, *, is_first: bool) -> None:
        """Begin another stretch of the file."""
        thresholds = self._thresholds
        self._room = thresholds.first_parsed_blocks if is_first else thresholds.parsed_blocks

    def takes(self, language: str, characters: int) -> bool:
        """Whether a block of so many characters is to be parsed; if so it is counted."""
        takes = (
            (self._room > 0 or self._takes_all)
            and language in _PARSERS
            and 0 < characters <= self._thresholds.parsed_block_characters
        )
        self._room -= takes
        return takes


def fault_of(language: str, source: str) -> Fault | None:
    """What is wrong with a block in a language that a sample takes; None where nothing is known against it."""
    grammar, parse = _PARSERS[language]
    if not source.strip():
        return None
    try:
        parse(source)
    except _FaultError as fault:
        return Fault(grammar, fault.line)
    return None


class _FaultError(Exception):
    """The source does not parse; nothing of what the parser says is kept but the line."""

    def __init__(self, line: int | None) -> None:
        super().__init__()
        self.line = line


def _parse_python(source: str) -> None:
    if source.lstrip("\n")[0] in " \t":
        source = textwrap.dedent(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<example>", "exec", flags=ast.PyCF_ONLY_AST, dont_inherit=True)
    except _TOO_COMPLEX:
        return
    except SyntaxError as error:
        if not _INTERACTIVE.search(source):
            raise _FaultError(error.lineno) from None
    except ValueError:
        raise _FaultError(None) from None


def _parse_json(source: str) -> None:
    data = source.encode()
    try:
        _VALIDATE_JSON(data)
    except RecursionError:
        return
    except msgspec.DecodeError as error:
        byte = _JSON_BYTE.search(str(error))
        raise _FaultError(data.count(b"\n", 0, int(byte[1])) + 1 if byte else None) from None


def _parse_toml(source: str) -> None:
    if any(line.count(".") > _MOST_DOTS for line in source.splitlines()):
        return
    try:
        tomllib.loads(source)
    except RecursionError:
        return
    except ValueError as error:
        line = _TOML_LINE.search(str(error))
        raise _FaultError(int(line[1]) if line else None) from None


_PARSERS: dict[str, tuple[str, Callable[[str], None]]] = {
    "json": ("JSON", _parse_json),
    "python": (f"Python {sys.version_info.major}.{sys.version_info.minor}", _parse_python),
    "toml": ("TOML", _parse_toml),
}
