"""Says on a terminal how far the reading of a large file is.

Hands bytes on as they come; knows nothing of what they mean.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from tunedrop.cli.files import chunks_of, size_of
from tunedrop.cli.output import console, plain

_QUICK_BYTES = 8 * 1024 * 1024
"""Files below this are read before anybody could read a bar."""


def watched_chunks(path: str) -> Iterator[bytes]:
    """Read a file, or standard input for `-`, below a bar on standard error where somebody sees it."""
    size = size_of(path)
    if not sys.stderr.isatty() or (size is not None and size < _QUICK_BYTES):
        yield from chunks_of(path)
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(24),
        DownloadColumn(binary_units=True),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"reading {plain(Path(path).name)}", total=size)
        for chunk in chunks_of(path):
            yield chunk
            progress.advance(task, len(chunk))
