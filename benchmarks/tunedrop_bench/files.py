"""Writes a dataset file of any size in a stream: good, or with one bad line in a hundred.

Knows rows, faults and files; reads nothing back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tunedrop_bench.faults import FAULTS, FAULTS_IN_TEXT
from tunedrop_bench.rows import RowMaker

MEGABYTE = 1_000_000
_REPEATED_EVERY = 500
_BAD_EVERY = 100
_CRLF_EVERY, _CRLF_PLACE = 200, 50  # never where a bad line stands
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file is to be; it ends with the row that reaches either bound."""

    row_format: str
    is_bad: bool = False
    """A byte order mark, one bad line in a hundred, a line in two hundred with CRLF, the last line cut."""
    rows: int | None = None
    size_bytes: int | None = None
    seed: int = 1
    characters: int = 1_500
    """Median of the texts' characters in a row."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A file that was written."""

    path: Path
    row_format: str
    rows: int
    bad: int
    bad_in_text: int
    """Bad lines that are so by what a text says, which a structural check does not look at."""
    repeated: int
    """Rows that equal an earlier one."""
    size_bytes: int

    @property
    def megabytes(self) -> float:
        """Its size, as the tables show it."""
        return self.size_bytes / MEGABYTE


def write_dataset(path: Path, wanted: Wanted) -> Dataset:
    """Write the file; the same bytes for the same wishes and the same interpreter."""
    rows = size = bad = in_text = repeated = 0
    with path.open("wb") as file:
        for line, fault, is_repeated in _lines(wanted):
            rows += 1
            bad += bool(fault)
            in_text += fault in FAULTS_IN_TEXT
            repeated += is_repeated
            size += file.write(line)
            if size >= (wanted.size_bytes or size + 1) or rows == wanted.rows:
                break
        if wanted.is_bad and not fault:
            size -= len(line) // 2
            file.truncate(size)
            bad += 1
    return Dataset(path, wanted.row_format, rows, bad, in_text, repeated, size)


def _lines(wanted: Wanted) -> Iterator[tuple[bytes, str, bool]]:
    """Lines with their line ends, without end: (bytes, the name of its fault, does it repeat an earlier one)."""
    maker = RowMaker(wanted.row_format, wanted.seed, characters=wanted.characters)
    faults = list(FAULTS)
    if wanted.is_bad:
        yield _BYTE_ORDER_MARK + maker.line() + b"\n", "", False
    line, number = maker.line(), 0
    while True:
        number += 1
        if wanted.is_bad and not number % _BAD_EVERY:
            fault = faults[number // _BAD_EVERY % len(faults)]
            yield FAULTS[fault](maker.row()) + b"\n", fault, False
        elif number % _REPEATED_EVERY == 1 and number > 1:
            yield line + b"\n", "", True
        else:
            line = maker.line()
            has_crlf = wanted.is_bad and number % _CRLF_EVERY == _CRLF_PLACE
            yield line + (b"\r\n" if has_crlf else b"\n"), "", False


def head_of(dataset: Dataset, size_bytes: int) -> Dataset:
    """Copy the first whole lines of a good file, for engines that are too slow for all of it."""
    if dataset.size_bytes <= size_bytes:
        return dataset
    path = dataset.path.with_suffix(f".{size_bytes}.jsonl")
    with dataset.path.open("rb") as file:
        data = file.read(size_bytes).rpartition(b"\n")[0] + b"\n"
    path.write_bytes(data)
    return replace(dataset, path=path, rows=data.count(b"\n"), size_bytes=len(data))
