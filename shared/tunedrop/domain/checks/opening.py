"""Looks at how a file begins: its format, and faults that concern the file as a whole.

Sees the first lines only; memory is bounded by the sample's size.
"""

import re

from tunedrop.domain.checks.judging import BYTE_ORDER_MARK, mend
from tunedrop.domain.findings import Code, LineFinding
from tunedrop.domain.formats import Format
from tunedrop.domain.formats.recognising import Recognised, recognise

SAMPLE_LINES = 100
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"PAR1": "Parquet",
    b"%PDF-": "PDF",
    b"\x89PNG": "PNG",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"Obj\x01": "Avro",
    b"ARROW1": "Arrow",
    b"SQLite format 3": "SQLite",
}
_WIDE_TEXT = re.compile(rb"\s?\0{1,3}[\[{\"]|[\[{\"]\0")
_ARRAY_OF_OBJECTS = re.compile(rb"\[\s*(?:\{|$)")


def file_fault(first_line: bytes) -> LineFinding | None:
    """What is wrong with the file as a whole, as its first line with content shows."""
    if first_line.startswith(_WIDE_MARKS) or _WIDE_TEXT.match(first_line):
        return LineFinding(Code.UTF16_OR_UTF32, "the file begins like UTF-16 or UTF-32")
    for magic, name in _MAGIC.items():
        if first_line.startswith(magic):
            return LineFinding(Code.GZIP_OR_BINARY, f"the file begins like {name}")
    body = mend(first_line)[0].strip()
    if _ARRAY_OF_OBJECTS.match(body):
        return LineFinding(Code.JSON_ARRAY_FILE, "the file begins like one JSON array of objects")
    if body == b"{":
        return LineFinding(
            Code.JSON_OVER_MANY_LINES, "the first line holds only the beginning of an object"
        )
    return None


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
