"""Looks at how a file begins: its format, and faults that concern the file as a whole.

Sees the first lines only; memory is bounded by the sample's size.
"""

import re

from tunedrop.domain.checks.judging import BYTE_ORDER_MARK, mend
from tunedrop.domain.findings import Code, LineFinding
from tunedrop.domain.formats import Format
from tunedrop.domain.formats.recognising import Recognised, recognise

SAMPLE_LINES = 100
SAMPLE_BYTES = 16 * 1024 * 1024
"""So many lines are looked at, or fewer where they are that long together."""
_BEGINNING_BYTES = 1024
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
_MAGIC = (
    (0, b"\x1f\x8b", "gzip"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"PAR1", "Parquet"),
    (0, b"%PDF-", "PDF"),
    (0, b"\x89PNG", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ", "xz"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard"),
    (0, b"\x04\x22\x4d\x18", "LZ4"),
    (257, b"ustar", "tar"),
    (0, b"Obj\x01", "Avro"),
    (0, b"ARROW1", "Arrow"),
    (0, b"SQLite format 3", "SQLite"),
    (0, b"\xd0\xcf\x11\xe0", "an old Office document"),
    (0, b"\x7fELF", "a program"),
    (0, b"\x80\x02", "a pickle"),
    (0, b"\x80\x03", "a pickle"),
    (0, b"\x80\x04", "a pickle"),
    (0, b"\x80\x05", "a pickle"),
)
"""(where in the file it stands, the mark, what bears it)"""
_WIDE_TEXT = re.compile(rb"\s?\0{1,3}[\[{\"]|[\[{\"]\0")
_WIDE_LINE = re.compile(rb"(?:\0{1,3}[\s!-~]){2}|(?:[\s!-~]\0{1,3}){2}")
_CONTROLS = re.compile(rb"[^\s\x1a\x1b -\xff]|\x7f")
_LEAST_FOREIGN_SHARE = 0.1
_JSON_LINE = re.compile(rb"[\s\0]*+(?:\xef\xbb\xbf)?+[\s\0]*+[\[{][\s\[{]*+[\"'][ !#-~]{2}")
_ARRAY_OF_OBJECTS = re.compile(rb"\[\s*(?:\{|$)")
_WINDOW_BYTES = 64 * 1024


def file_fault(sample: list[bytes]) -> LineFinding | None:
    """What is wrong with the file as a whole, as its first lines with content show."""
    if sample[0].startswith(_WIDE_MARKS) or _is_wide(sample):
        return LineFinding(Code.UTF16_OR_UTF32, "the file begins like UTF-16 or UTF-32")
    if kind := _binary_kind(sample):
        return LineFinding(Code.GZIP_OR_BINARY, f"the file begins like {kind}")
    return _layout_fault([mend(line)[0].strip() for line in sample])


def _is_wide(sample: list[bytes]) -> bool:
    """Whether NULs stand between the characters of most lines; one NUL is a fault of its line."""
    wide = sum(_WIDE_LINE.match(line) is not None for line in sample)
    return bool(_WIDE_TEXT.match(sample[0])) and 2 * wide >= len(sample)


def _binary_kind(sample: list[bytes]) -> str | None:
    beginnings = [line[:_BEGINNING_BYTES] for line in sample]
    beginning = b"".join(beginnings)[:_BEGINNING_BYTES]
    for offset, magic, name in _MAGIC:
        if beginning.startswith(magic, offset):
            return name
    if any(map(_JSON_LINE.match, beginnings)):
        return None
    controls = len(_CONTROLS.findall(beginning))
    foreign = controls + beginning.decode(errors="replace").count("\N{REPLACEMENT CHARACTER}")
    # Text in another encoding is foreign all over, and has no controls.
    is_binary = controls and foreign >= _LEAST_FOREIGN_SHARE * len(beginning)
    return "a binary file" if is_binary else None


def _layout_fault(bodies: list[bytes]) -> LineFinding | None:
    """Find JSON that is cut into lines elsewhere than between its objects."""
    first = bodies[0]
    is_array = bool(_ARRAY_OF_OBJECTS.match(first))
    if not is_array and not first.startswith(b"{"):
        return None
    is_open = _opened(first) > 0 or (is_array and len(bodies) == 1)
    if not is_open or 2 * sum(map(_is_whole_object, bodies)) >= len(bodies):
        return None
    if is_array:
        return LineFinding(Code.JSON_ARRAY_FILE, "the file begins like one JSON array of objects")
    if first == b"{" or any(_opened(body) < 0 for body in bodies):
        return LineFinding(
            Code.JSON_OVER_MANY_LINES, "the first line holds only the beginning of an object"
        )
    return None


def _is_whole_object(body: bytes) -> bool:
    return body.startswith(b"{") and body.endswith(b"}") and not _opened(body)


def _opened(body: bytes) -> int:
    """How many brackets a line opens more than it closes; in windows, for pieces of a line cost more than it."""
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"")
    opened, is_inside = 0, False
    for start in range(0, len(unescaped), _WINDOW_BYTES):
        pieces = unescaped[start : start + _WINDOW_BYTES].split(b'"')
        bare = b"".join(pieces[is_inside::2])
        opened += bare.count(b"{") + bare.count(b"[") - bare.count(b"}") - bare.count(b"]")
        is_inside ^= len(pieces) % 2 == 0
    return opened


def recognise_file(sample: list[bytes]) -> Recognised:
    """The format that most of the first lines are in, and how sure that is."""
    return recognise(line.removeprefix(BYTE_ORDER_MARK) for line in sample)


def format_fault(recognised: Recognised) -> LineFinding | None:
    """What is wrong with the file's format, if anything is."""
    if recognised.format is None:
        message = f"no line looks like one of {', '.join(Format)}"
        return LineFinding(Code.UNRECOGNISED_FORMAT, message)
    if recognised.is_clear:
        return None
    message = f"of the first lines no more than half are {recognised.format}, the next most are {recognised.runner_up}"
    return LineFinding(Code.AMBIGUOUS_FORMAT, message)
