"""The slow path: says everything that is wrong with one line, each fault with its column.

Finds nothing wrong exactly where the fast path finds nothing; a test holds the two together.
"""

from functools import lru_cache, partial

from tunedrop.domain.checks.cursor import Cursor
from tunedrop.domain.checks.options import CheckOptions, Limits
from tunedrop.domain.checks.shapes import SHAPES
from tunedrop.domain.checks.walking import Walk
from tunedrop.domain.findings import Code, LineFinding
from tunedrop.domain.formats import Format, recognise_object

_SHAPE_CODES = frozenset({Code.MISSING_KEY, Code.UNKNOWN_KEY, Code.UNKNOWN_ROLE, Code.WRONG_TYPE})

_SHORT_LINE_BYTES = 128


def explain(
    line: bytes,
    dataset_format: Format | None,
    *,
    limits: Limits | None = None,
    options: CheckOptions | None = None,
    may_be_cut: bool = False,
) -> list[LineFinding]:
    """Say what is wrong with one line, in the order of its columns, at most 20 faults.

    Args:
        line: Without byte order mark and line end.
        dataset_format: The file's format; None to look for faults of JSON alone.
        limits: The base model's, for the kinds of part it takes.
        options: The deployment's, for depth and buckets.
        may_be_cut: The line is the file's last and no LF ends it.

    Returns:
        Nothing, exactly when the fast path accepts the line.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        return [_not_utf8(line, error, may_be_cut=may_be_cut)]
    options = options or CheckOptions()
    cursor = Cursor(text, max_depth=options.max_depth, may_be_cut=may_be_cut)
    walk = Walk(cursor, (limits or Limits()).unsupported_parts, options.allowed_buckets)
    found = walk.line(SHAPES[dataset_format] if dataset_format else None)
    if (
        dataset_format
        and not walk.is_broken
        and any(finding.code in _SHAPE_CODES for finding in found)
    ):
        return _mixed(line, dataset_format, walk) or found
    return found


class Explainer:
    """Explains the lines of one file; short lines that keep coming back are explained once."""

    def __init__(
        self, dataset_format: Format | None, limits: Limits, options: CheckOptions
    ) -> None:
        self._explain = partial(
            _findings, dataset_format=dataset_format, limits=limits, options=options
        )
        self._explain_short = lru_cache(maxsize=256)(self._explain)

    def __call__(self, line: bytes, *, may_be_cut: bool) -> tuple[LineFinding, ...]:
        """Say what is wrong with one line, as `explain` does."""
        explain_line = self._explain_short if len(line) <= _SHORT_LINE_BYTES else self._explain
        return explain_line(line, may_be_cut=may_be_cut)


def _findings(
    line: bytes,
    *,
    dataset_format: Format | None,
    limits: Limits,
    options: CheckOptions,
    may_be_cut: bool,
) -> tuple[LineFinding, ...]:
    return tuple(
        explain(line, dataset_format, limits=limits, options=options, may_be_cut=may_be_cut)
    )


def _not_utf8(line: bytes, error: UnicodeDecodeError, *, may_be_cut: bool) -> LineFinding:
    column = len(line[: error.start].decode()) + 1
    if may_be_cut and error.end == len(line) and error.reason == "unexpected end of data":
        return LineFinding(Code.TRUNCATED_FILE, "the line ends inside a character", column)
    message = f"byte {error.start + 1} of the line (0x{line[error.start]:02X}) is not UTF-8: {error.reason}"
    return LineFinding(Code.NOT_UTF8, message, column)


def _mixed(line: bytes, dataset_format: Format, walk: "Walk") -> list[LineFinding]:
    other = None if walk.has_own_key else recognise_object(line)
    if other in {None, dataset_format}:
        return []
    return [LineFinding(Code.MIXED_FORMATS, f"the line is {other}, the file is {dataset_format}")]
