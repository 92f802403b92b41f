"""Cuts chunks of any size into physical lines, in memory bounded by the longest line allowed.

LF alone ends a line; nothing here looks at what a line says.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

LF = b"\n"


class OverlongPiece(NamedTuple):
    """A stretch of a line that is longer than allowed; its pieces follow each other up to the last."""

    data: bytes
    is_last: bool


PhysicalLine = bytes | OverlongPiece


def split_lines(chunks: Iterable[bytes], max_line_bytes: int) -> Iterator[PhysicalLine]:
    """Split a stream into physical lines; every byte is handed out once, in order.

    Args:
        chunks: The file's bytes in pieces of any size, empty ones included.
        max_line_bytes: Longest line to hand out whole, without its LF; a longer one comes in pieces.

    Yields:
        Each line with its LF; the last one may lack it.
    """
    held = bytearray()
    is_overlong = False
    for chunk in chunks:
        start = 0
        while end := chunk.find(LF, start) + 1:
            yield _whole(bytes(held) + chunk[start:end], max_line_bytes, is_rest=is_overlong)
            held.clear()
            is_overlong = False
            start = end
        held += chunk[start:]
        if is_overlong or len(held) > max_line_bytes:
            yield OverlongPiece(bytes(held), is_last=False)
            held.clear()
            is_overlong = True
    if held or is_overlong:
        yield _whole(bytes(held), max_line_bytes, is_rest=is_overlong)


def _whole(line: bytes, max_line_bytes: int, *, is_rest: bool) -> PhysicalLine:
    if is_rest or len(line) > max_line_bytes + 1:
        return OverlongPiece(line, is_last=True)
    return line
