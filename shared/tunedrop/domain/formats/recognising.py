"""Tells a dataset's format by what its lines hold, never by a name.

Looks at keys only, in little memory whatever the line; whether a line is good is the checker's question.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from tunedrop.domain.formats.canonical import Format

_UNSET = msgspec.UNSET
_BROKEN_LINE_BYTES = 64 * 1024
_KEY = rb'"%s"\s*:'


class _Keys(msgspec.Struct):
    """The keys that tell the formats apart; every other key is skipped."""

    contents: msgspec.Raw | msgspec.UnsetType = _UNSET
    input_text: msgspec.Raw | msgspec.UnsetType = _UNSET
    output_text: msgspec.Raw | msgspec.UnsetType = _UNSET
    prompt: msgspec.Raw | msgspec.UnsetType = _UNSET
    completion: msgspec.Raw | msgspec.UnsetType = _UNSET
    instruction: msgspec.Raw | msgspec.UnsetType = _UNSET
    messages: msgspec.Raw | msgspec.UnsetType = _UNSET


_DECODER = msgspec.json.Decoder(_Keys)
_FORMATS = {
    "contents": Format.GEMINI,
    "input_text": Format.CODE_GENERATION,
    "output_text": Format.CODE_GENERATION,
    "prompt": Format.PROMPT_COMPLETION,
    "completion": Format.PROMPT_COMPLETION,
    "instruction": Format.ALPACA,
}
_JOINTS = b"_-"
_KEY_PATTERNS = {key: re.compile(_KEY % key.replace("_", "").encode()) for key in _FORMATS}
_MESSAGES, _AUTHOR, _ROLE = (re.compile(_KEY % key) for key in (b"messages", b"author", b"role"))


class Recognised(NamedTuple):
    """The format that lines are in, and how sure that is."""

    format: Format | None
    """The one that most of them are in, the earlier one in a draw; None if none of them is in any."""
    runner_up: Format | None = None
    is_clear: bool = True
    """Whether more than half of the lines in any format are in this one."""


def votes(lines: Iterable[bytes]) -> Counter[Format]:
    """How many lines seem to be in each format, the one met first foremost; lines in none do not vote."""
    return Counter(found for line in lines if (found := recognise_line(line)) is not None)


def recognise(lines: Iterable[bytes]) -> Recognised:
    """The format that most of *lines* are in."""
    counted = votes(lines)
    best = counted.most_common(2)
    if not best:
        return Recognised(None)
    runner_up = best[1][0] if len(best) > 1 else None
    return Recognised(best[0][0], runner_up, 2 * best[0][1] > counted.total())


def recognise_line(line: bytes) -> Format | None:
    """The format that a line seems to be in; a broken or misspelt line is judged by the keys near its start."""
    folded = line[:_BROKEN_LINE_BYTES].lower().translate(None, _JOINTS)
    return recognise_object(line) or _recognise_loosely(folded)


def recognise_object(line: bytes) -> Format | None:
    """The format whose keys a JSON object holds, exactly spelt; None where its keys tell nothing."""
    try:
        keys = _DECODER.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    for key, dataset_format in _FORMATS.items():
        if getattr(keys, key) is not _UNSET:
            return dataset_format
    return None if keys.messages is _UNSET else _message_format(bytes(keys.messages))


def _recognise_loosely(folded: bytes) -> Format | None:
    if _MESSAGES.search(folded):
        return _message_format(folded) or Format.CODE_CHAT
    return next(
        (_FORMATS[key] for key, pattern in _KEY_PATTERNS.items() if pattern.search(folded)), None
    )


def _message_format(messages: bytes) -> Format | None:
    if _AUTHOR.search(messages):
        return Format.CODE_CHAT
    return Format.OPENAI if _ROLE.search(messages) else None
