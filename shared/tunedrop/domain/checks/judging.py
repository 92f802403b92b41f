"""Judges one physical line: the fast path first, words only where they are needed.

The checker and the writer of the staged file share it, so that both keep exactly the same lines.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tunedrop.domain.checks.contents import Contents
from tunedrop.domain.checks.fast import FastPath
from tunedrop.domain.checks.lines import LF
from tunedrop.domain.checks.options import CheckOptions, Limits
from tunedrop.domain.cost import CHARACTERS_PER_TOKEN
from tunedrop.domain.findings import Code, LineFinding, Severity
from tunedrop.domain.formats import (
    Conversation,
    ConversionError,
    Example,
    Format,
    always_fits,
    conversation_of,
    example_of,
    losses,
    may_lose,
    read_example,
    write_example,
)
from tunedrop.domain.formats.wire import DECODERS

if TYPE_CHECKING:
    from tunedrop.domain.checks.explaining import Explainer

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MENDABLE = frozenset({Code.BOM, Code.CRLF})
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Outcome(StrEnum):
    """Where a physical line goes; every line has exactly one."""

    USED = "used"
    FIXED = "fixed"
    REJECTED = "rejected"
    BLANK = "blank"


class Judged(NamedTuple):
    """What became of one line."""

    outcome: Outcome
    data: bytes = b""
    """The mended line with its LF; empty unless it is kept."""
    conversation: Conversation | None = None
    """Its texts, for lines that are kept."""
    findings: tuple[LineFinding, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether the line is trained on."""
        return self.outcome in {Outcome.USED, Outcome.FIXED}


BLANK = Judged(Outcome.BLANK)


def mend(line: bytes) -> tuple[bytes, tuple[LineFinding, ...]]:
    """Take off the line end and a byte order mark: the only two things that are ever mended."""
    body = line.removesuffix(LF)
    found = []
    if body.startswith(BYTE_ORDER_MARK):
        body = body.removeprefix(BYTE_ORDER_MARK)
        found.append(LineFinding(Code.BOM, "the line begins with a byte order mark", 1))
    if body.endswith(b"\r"):
        body = body.rstrip(b"\r")
        found.append(LineFinding(Code.CRLF, "the line ends in CRLF"))
    return body, tuple(found)


class Judge:
    """Judges the lines of one file whose format is known, in their order."""

    def __init__(self, dataset_format: Format, limits: Limits, options: CheckOptions) -> None:
        self._format = dataset_format
        self._limits = limits
        self._options = options
        self._max_line_bytes = options.max_line_bytes
        self._most_tokens = limits.max_tokens_per_example
        self._target = limits.target_format or dataset_format
        self._may_change = not always_fits(dataset_format, self._target) or may_lose(
            dataset_format, self._target
        )
        self._errors = {code for code in Code if options.severity_of(code) is Severity.ERROR}
        self.contents = Contents(options) if options.with_contents else None
        self.fast = FastPath(dataset_format)

    @cached_property
    def _explain(self) -> "Explainer":
        # Late, since a good file has no line that needs words.
        from tunedrop.domain.checks.explaining import Explainer  # noqa: PLC0415

        return Explainer(self._format, self._limits, self._options)

    def judge(self, line: bytes) -> Judged:
        """Judge one physical line, with its line end if it has one; overlong ones included."""
        conversation = self.fast.read(line)
        if conversation is None or len(line) > self._max_line_bytes:
            return self.judge_slowly(line)
        return self.keep(line, conversation, self.beyond_shape(line, conversation))

    def judge_slowly(self, line: bytes) -> Judged:
        """Judge a line that the fast path does not vouch for."""
        body, mended = mend(line)
        if not body.strip():
            return BLANK
        if len(line.removesuffix(LF)) > self._max_line_bytes:
            return overlong(self._max_line_bytes)
        mended_line = body + LF
        conversation = self.fast.read(mended_line) if mended_line != line else None
        if conversation is not None:
            found = mended + self.beyond_shape(mended_line, conversation)
            return self.keep(mended_line, conversation, found)
        found = self._explain(body, may_be_cut=not line.endswith(LF))
        if self._rejects(found):
            return Judged(Outcome.REJECTED, findings=found)
        example = self._example(body)
        if example is None:
            unknown = LineFinding(Code.UNREADABLE_LINE, "no reader accepts the line")
            return Judged(Outcome.REJECTED, findings=(*found, unknown))
        conversation = conversation_of(example)
        found += _not_alternating(conversation)
        if not found:
            self.fast.learn(mended_line)
        found += self.beyond_shape(mended_line, conversation)
        return self.keep(mended_line, conversation, mended + found)

    def keep(
        self, line: bytes, conversation: Conversation, found: tuple[LineFinding, ...]
    ) -> Judged:
        """Come to the judgement on a well-shaped line with its LF, of which all is *found* that will be."""
        if not found:
            return Judged(Outcome.USED, line, conversation)
        if self._rejects(found):
            return Judged(Outcome.REJECTED, findings=found)
        is_fixed = any(finding.code in _MENDABLE for finding in found)
        return Judged(Outcome.FIXED if is_fixed else Outcome.USED, line, conversation, found)

    def _rejects(self, found: Iterable[LineFinding]) -> bool:
        return any(finding.code in self._errors for finding in found)

    def _example(self, body: bytes) -> Example | None:
        try:
            return read_example(body, self._format)
        except _UNREADABLE:
            return None

    def beyond_shape(self, line: bytes, conversation: Conversation) -> tuple[LineFinding, ...]:
        """Find what is wrong with a well-shaped line: its texts, its length, its fit."""
        found = self.contents.examine(conversation) if self.contents else ()
        if self._most_tokens is not None:
            found += self._too_long(conversation, self._most_tokens)
        if self._may_change:
            found += self._conversion(line)
        return found

    def _too_long(self, conversation: Conversation, most_tokens: int) -> tuple[LineFinding, ...]:
        tokens = conversation.characters // CHARACTERS_PER_TOKEN
        if tokens <= most_tokens:
            return ()
        message = (
            f"about {tokens:,} tokens at {CHARACTERS_PER_TOKEN} characters a token,"
            f" the limit is {most_tokens:,}"
        )
        return (LineFinding(Code.TOO_LONG_EXAMPLE, message),)

    def _conversion(self, line: bytes) -> tuple[LineFinding, ...]:
        """Find whether the example fits into the format that the base model takes, and what that costs it."""
        row = DECODERS[self._format].decode(line)
        try:
            write_example(example_of(row), self._target)
        except ConversionError as error:
            return (LineFinding(Code.NOT_CONVERTIBLE, str(error)),)
        return tuple(LineFinding(Code.LOSSY, loss) for loss in losses(row, self._target))


def _not_alternating(conversation: Conversation) -> tuple[LineFinding, ...]:
    repeated = conversation.repeated_turn
    if repeated is None:
        return ()
    message = f"turn {repeated} is of the same role as the turn before it"
    return (LineFinding(Code.NOT_ALTERNATING, message),)


def overlong(max_line_bytes: int) -> Judged:
    """The judgement on a line that is too long to be looked at."""
    message = f"the line is longer than {max_line_bytes:,} bytes"
    return Judged(Outcome.REJECTED, findings=(LineFinding(Code.OVERLONG_LINE, message),))
