"""The part of a run that says where our own time goes: stage by stage, and function by function.

Knows the checker's stages by their public names.
"""

import cProfile
import hashlib
import pstats
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from tunedrop.domain.formats import Format
from tunedrop.domain.formats.wire import DECODERS
from tunedrop_bench import ours
from tunedrop_bench.files import MEGABYTE, Dataset, Wanted, write_dataset
from tunedrop_bench.naive import MODELS
from tunedrop_bench.part import Part, Settings
from tunedrop_bench.tables import Table

_MEGABYTES = 10
_SHOWN = 15
_NOTE = "CPU of one process, {rows:,} {row_format} rows, the median of {rounds} rounds; each stage holds the ones above it that it needs."


def run(settings: Settings) -> Part:
    """Take the last format's check apart."""
    row_format = settings.formats[-1]
    wanted = Wanted(row_format, size_bytes=_MEGABYTES * MEGABYTE)
    dataset = write_dataset(settings.folder / "profile.jsonl", wanted)
    settings.say(f"profile: {row_format}")
    tables = [_stages(dataset, settings.rounds), _functions(dataset)]
    dataset.path.unlink()
    return Part(tables=tables)


def _stages(dataset: Dataset, rounds: int) -> Table:
    spent: dict[str, list[float]] = {name: [] for name in _STAGES}
    for _ in range(rounds):
        for name, stage in _STAGES.items():
            begun = time.process_time()
            stage(dataset)
            spent[name].append(time.process_time() - begun)
    rows = [
        (
            name,
            f"{median(seconds) / dataset.rows * 1e6:.2f}",
            f"{dataset.megabytes / median(seconds):.3g}",
        )
        for name, seconds in spent.items()
    ]
    note = _NOTE.format(rows=dataset.rows, row_format=dataset.row_format, rounds=rounds)
    return Table("Stages", ("stage", "µs a row", "MB/s"), rows, note)


def _functions(dataset: Dataset) -> Table:
    profile = cProfile.Profile()
    with profile:
        ours.check(ours.chunks_of(dataset.path), "full")
    entries: dict[tuple[str, int, str], Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined] # typeshed leaves it out
    dearest = sorted(entries.items(), key=lambda entry: -entry[1][2])[:_SHOWN]
    rows = [
        (_named(place), f"{calls / dataset.rows:.2f}", f"{own / dataset.rows * 1e6:.2f}")
        for place, (_, calls, own, _, _) in dearest
    ]
    note = "The full check under cProfile, which makes calls dearer than they are; read the order, not the numbers."
    return Table("Functions", ("function", "calls a row", "own µs a row"), rows, note)


def _named(place: tuple[str, int, str]) -> str:
    """A function by its module alone, so that no path of this machine is told."""
    path, _, name = place
    return f"`{name}`" if path in {"~", ""} else f"`{Path(path).stem}.{name}`"


def _read(dataset: Dataset) -> None:
    for _ in ours.chunks_of(dataset.path):
        pass


def _digest(dataset: Dataset) -> None:
    digest = hashlib.sha256()
    for chunk in ours.chunks_of(dataset.path):
        digest.update(chunk)


def _lines(dataset: Dataset) -> Iterator[bytes]:
    """The quickest way that Python has, which knows no bound of a line's length."""
    with dataset.path.open("rb", buffering=ours.CHUNK_BYTES) as file:
        yield from file


def _split(dataset: Dataset) -> None:
    for _ in _lines(dataset):
        pass


def _decode(dataset: Dataset) -> None:
    decode = DECODERS[Format(dataset.row_format)].decode
    for line in _lines(dataset):
        decode(line)


def _validate(dataset: Dataset) -> None:
    validate = MODELS[dataset.row_format].model_validate_json
    for line in _lines(dataset):
        validate(line)


_STAGES: dict[str, Callable[[Dataset], object]] = {
    "read the file": _read,
    "read, SHA-256": _digest,
    "read, split into lines": _split,
    "read, split, pydantic validation (for comparison)": _validate,
    "read, split, typed decode": _decode,
    "the structural check": lambda dataset: ours.check(ours.chunks_of(dataset.path), "structural"),
    "the full check": lambda dataset: ours.check(ours.chunks_of(dataset.path), "full"),
}
