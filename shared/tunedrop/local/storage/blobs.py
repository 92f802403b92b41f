"""Contents on disk: staged while they arrive, then kept under names nobody reuses.

Knows bytes, sizes and checksums; knows no bucket, no object name and no metadata.
"""

import base64
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import google_crc32c

from tunedrop.local.storage.errors import invalid

COPY_BYTES = 1 << 20


@dataclass(frozen=True)
class Content:
    """What is known of a complete content."""

    size: int
    crc32c: str
    """Base64 of the big-endian CRC32C, as the API writes it."""
    md5: str | None
    """Base64 of the MD5; absent for composed and multi-part contents."""
    component_count: int | None = None

    def verify(self, *, md5: str | None, crc32c: str | None) -> None:
        """Compare with the checksums that the uploader gave, `None` for one it did not give.

        Raises:
            ApiError: 400, when one differs.
        """
        for field, given, actual in (("MD5", md5, self.md5), ("CRC32C", crc32c, self.crc32c)):
            if given and given != actual:
                raise invalid(
                    f"Provided {field} hash {given[:80]!r} doesn't match "
                    f"calculated {field} hash {actual!r}."
                )


class StagedContent:
    """A content that is being written; gone at the end of its `with` unless it was kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._file = path.open("wb")
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc32c = google_crc32c.Checksum()

    def write(self, data: bytes) -> None:
        """Append *data*."""
        self._file.write(data)
        self._md5.update(data)
        self._crc32c.update(data)
        self.size += len(data)

    def write_all(self, chunks: Iterable[bytes]) -> None:
        """Append every chunk."""
        for chunk in chunks:
            self.write(chunk)

    def seal(self, *, component_count: int | None = None) -> Content:
        """Close the file and state what it holds; a component count leaves the MD5 out."""
        self._file.close()
        crc32c = base64.b64encode(self._crc32c.digest()).decode()
        md5 = base64.b64encode(self._md5.digest()).decode()
        return Content(self.size, crc32c, md5 if component_count is None else None, component_count)

    def discard(self) -> None:
        """Close and remove the staged file, if it is still in the staging folder."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.discard()


class Blobs:
    """Two folders: `staging`, emptied at every start, and `blobs`, one file a generation."""

    def __init__(self, directory: Path) -> None:
        self._staging = directory / "staging"
        self._kept = directory / "blobs"
        shutil.rmtree(self._staging, ignore_errors=True)
        self._staging.mkdir(parents=True)
        self._kept.mkdir(exist_ok=True)

    def stage(self) -> StagedContent:
        """Begin a content."""
        return StagedContent(self._staging / uuid.uuid4().hex)

    def keep(self, staged: StagedContent) -> str:
        """Move a sealed content among the kept blobs and return its name there."""
        name = staged.path.name
        staged.path.replace(self._kept / name)
        return name

    def duplicate(self, name: str) -> str:
        """Keep the same bytes a second time, sharing the disk's blocks where it can."""
        copy = uuid.uuid4().hex
        try:
            os.link(self._kept / name, self._kept / copy)
        except OSError:  # a file system without hard links
            shutil.copyfile(self._kept / name, self._kept / copy)
        return copy

    def open(self, name: str) -> BinaryIO:
        """Open a kept blob; the file stays readable even when the blob is removed."""
        return (self._kept / name).open("rb")

    def remove(self, name: str) -> None:
        """Remove a kept blob."""
        (self._kept / name).unlink(missing_ok=True)

    def sweep(self, referenced: set[str]) -> None:
        """Remove every kept blob that is not *referenced*: what a crash left behind."""
        for path in self._kept.iterdir():
            if path.name not in referenced:
                path.unlink()
