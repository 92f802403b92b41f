"""Cuts chunks of any size into blocks of whole lines, and blocks into physical lines, in bounded memory.

LF alone ends a line; nothing here looks at what a line says.
"""

import hashlib
import io
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LF = b"\n"
BLOCK_BYTES = 1024 * 1024
_BUFFER_BYTES = 256 * 1024
_KEPT_BEGINNING = 1024


class Overlong(NamedTuple):
    """A physical line that is longer than allowed, and whose bytes are not kept."""

    beginning: bytes
    """Its first bytes, at most 1,024."""
    size_bytes: int


Block = bytes | Overlong
"""Whole lines, each with its LF but perhaps the file's last; or one line that is too long."""
PhysicalLine = bytes | Overlong


def split_blocks(chunks: Iterable[bytes], max_line_bytes: int) -> Iterator[Block]:
    """Split a stream into blocks of about one mebibyte, the same however it is cut into chunks.

    Args:
        chunks: The file's bytes in pieces of any size, empty ones included.
        max_line_bytes: Longest line to hand out, without its LF.
    """
    reader = io.BufferedReader(_ChunkReader(chunks), _BUFFER_BYTES)
    while block := reader.read(BLOCK_BYTES):
        if block.endswith(LF):
            yield block
            continue
        rest = reader.readline(max_line_bytes + len(LF))
        if rest.endswith(LF) or len(rest) <= max_line_bytes:
            yield block + rest
            continue
        end = block.rfind(LF) + len(LF)
        if end:
            yield block[:end]
        beginning = (block[end : end + _KEPT_BEGINNING] + rest)[:_KEPT_BEGINNING]
        size_bytes = len(block) - end + len(rest)
        while rest and not rest.endswith(LF):
            rest = reader.readline(BLOCK_BYTES)
            size_bytes += len(rest)
        yield Overlong(beginning, size_bytes)


def split_lines(chunks: Iterable[bytes], max_line_bytes: int) -> Iterator[PhysicalLine]:
    """Split a stream into physical lines.

    Args:
        chunks: The file's bytes in pieces of any size, empty ones included.
        max_line_bytes: Longest line to hand out, without its LF.

    Yields:
        Each line with its LF; the last one may lack it.
    """
    for block in split_blocks(chunks, max_line_bytes):
        yield from lines_of(block, max_line_bytes)


def lines_of(block: Block, max_line_bytes: int) -> Iterator[PhysicalLine]:
    """The physical lines of a block."""
    if isinstance(block, Overlong):
        yield block
    elif len(block) <= max_line_bytes:
        yield from io.BytesIO(block)
    else:
        for line in io.BytesIO(block):
            is_overlong = len(line.removesuffix(LF)) > max_line_bytes
            yield Overlong(line[:_KEPT_BEGINNING], len(line)) if is_overlong else line


class _ChunkReader(io.RawIOBase):
    """Chunks as a raw file, since a buffered reader cuts them quicker than Python can."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Whether this can be read: always."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill *buffer* as far as the current chunk reaches; 0 at the end."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        target = memoryview(buffer)
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


class Digest:
    """SHA-256 and size of the bytes that go by, computed beside whoever uses them."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.size_bytes = 0
        self.ends_with_lf = False

    def hexdigest(self) -> str:
        """The digest of all that went by, in hex."""
        return self._hash.hexdigest()

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Hand *chunks* on, one behind the reading: while the next is read, a thread hashes this one.

        Hashing lets go of the interpreter's lock, so that on a second core it costs no time.
        """
        with ThreadPoolExecutor(max_workers=1) as worker:
            held, taken = b"", None
            for chunk in filter(None, chunks):
                if held:
                    yield held
                if taken:
                    taken.result()
                taken = worker.submit(self._take, chunk)
                held = chunk
            if held:
                yield held

    def _take(self, chunk: bytes) -> None:
        self._hash.update(chunk)
        self.size_bytes += len(chunk)
        self.ends_with_lf = chunk.endswith(LF)
