"""multipart/related bodies, taken apart as a stream: JSON fields first, then the content.

Knows lines and boundaries; knows no object and keeps no more than one chunk in memory.
"""

import re
from collections.abc import Iterator
from email.parser import BytesHeaderParser

from tunedrop.local.storage.errors import invalid
from tunedrop.local.storage.resources import Resource
from tunedrop.local.storage.wire import MAX_JSON_BYTES, parse_json_object

_BOUNDARY = re.compile(r"""boundary=(?:"([^"]+)"|'([^']+)'|([^;\s]+))""")


class _Source:
    """Chunks seen as a buffer that lines can be taken from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.buffer = b""
        self.line_end = b"\r\n"

    def fill(self) -> None:
        """Append the next chunk.

        Raises:
            ApiError: 400, when there is none.
        """
        for chunk in self._chunks:
            self.buffer += chunk
            return
        raise invalid("Malformed multipart body: expected a closing boundary, found the end.")

    def line(self) -> bytes:
        """Take one line, with its line feed."""
        while (at := self.buffer.find(b"\n")) < 0:
            if len(self.buffer) > MAX_JSON_BYTES:
                raise invalid("Malformed multipart body: a line is too long.")
            self.fill()
        line, self.buffer = self.buffer[: at + 1], self.buffer[at + 1 :]
        self.line_end = b"\r\n" if line.endswith(b"\r\n") else b"\n"
        return line

    def lines_until(self, ends: bytes) -> bytes:
        """Take the lines before one that is *ends*, and that one; return the former."""
        lines = bytearray()
        while (line := self.line()).strip() != ends:
            lines += line
            if len(lines) > MAX_JSON_BYTES:
                raise invalid("Malformed multipart body: the first part is too long.")
        return bytes(lines)

    def content_until(self, delimiter: bytes) -> Iterator[bytes]:
        """Yield everything before *delimiter*, then read on to the end."""
        while (at := self.buffer.find(delimiter)) < 0:
            safe = max(len(self.buffer) - len(delimiter) + 1, 0)
            if safe:
                yield self.buffer[:safe]
            self.buffer = self.buffer[safe:]
            self.fill()
        yield self.buffer[:at]
        for _ in self._chunks:
            pass


def split_related(content_type: str, chunks: Iterator[bytes]) -> tuple[Resource, Iterator[bytes]]:
    """Return the fields of the first part and the content of the second.

    The content's own type becomes `contentType` where the fields have none.

    Raises:
        ApiError: 400, when the body is not two parts; while iterating too.
    """
    match = _BOUNDARY.search(content_type)
    if not match:
        raise invalid("Content-Type: expected multipart/related with a boundary.")
    boundary = b"--" + (match[1] or match[2] or match[3]).encode()
    source = _Source(chunks)
    source.lines_until(boundary)
    source.lines_until(b"")
    fields = parse_json_object(source.lines_until(boundary))
    headers = source.lines_until(b"")
    part_type = BytesHeaderParser().parsebytes(headers).get("Content-Type")
    if part_type and not fields.get("contentType"):
        fields["contentType"] = part_type
    # gcloud ends lines with a bare line feed, the client libraries with CRLF; the line end
    # before the boundary belongs to the boundary, and only there.
    return fields, source.content_until(source.line_end + boundary + b"--")
