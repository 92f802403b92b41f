"""The part of a run that reads a dataset from the storage service and checks it, as a function would.

Knows ways and files; the server and the clients are others' business.
"""

from dataclasses import dataclass
from pathlib import Path

from tunedrop_bench.files import MEGABYTE, Dataset, Wanted, head_of, write_dataset
from tunedrop_bench.measuring import Series, Task, cpu, failures, measure, shown, times, wall
from tunedrop_bench.part import Part, Settings
from tunedrop_bench.storage import storage_server, upload
from tunedrop_bench.tables import Table

_FORMAT = "gemini"
_SLOW_MEGABYTES = 5
_NOTE = (
    "A {row_format} file of {megabytes:.0f} MB on the project's own storage server, a process of its own; "
    "time and memory of the client alone. x is to the first row, the median of {rounds} rounds."
)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to download and check."""

    name: str
    call: str
    argument: str
    is_slow: bool = False
    """Whether it is given a small file."""


_BASELINE = "download_as_text().splitlines() + pydantic"
_OURS = "tunedrop's stream + structural check"
_WAYS = (
    Way(_BASELINE, "downloads:as_text", _FORMAT),
    Way("download_as_bytes().splitlines() + pydantic", "downloads:as_bytes", _FORMAT),
    Way('for line in blob.open("rb") + pydantic', "downloads:line_by_line", _FORMAT, is_slow=True),
    Way(_OURS, "downloads:ours", "structural"),
    Way("tunedrop's stream + full check", "downloads:ours", "full"),
)


def run(settings: Settings) -> Part:
    """Upload one file, and measure every way to check it."""
    size = settings.download_megabytes * MEGABYTE
    path = settings.folder / "download.jsonl"
    whole = write_dataset(path, Wanted(_FORMAT, size_bytes=size))
    head = head_of(whole, _SLOW_MEGABYTES * MEGABYTE)
    with storage_server(settings.folder / "storage") as endpoint:
        settings.say(f"download and check: {whole.megabytes:.0f} MB")
        addresses = upload(endpoint, sorted({whole.path, head.path}))
        tasks = [_task(way, head if way.is_slow else whole, addresses, endpoint) for way in _WAYS]
        every = measure(tasks, settings.rounds, settings.say)
    if failed := failures(every):
        return Part(faults=failed)
    return Part(
        tables=[_table(every, whole, settings.rounds)],
        measured={"download": {"": times(every[_BASELINE], every[_OURS], cpu)}},
    )


def _task(way: Way, dataset: Dataset, addresses: dict[Path, str], endpoint: str) -> Task:
    return Task(
        way.name,
        way.call,
        way.argument,
        addresses[dataset.path],
        dataset.size_bytes,
        dataset.rows,
        environment={"STORAGE_EMULATOR_HOST": endpoint},
    )


def _table(every: dict[str, Series], whole: Dataset, rounds: int) -> Table:
    base = every[_BASELINE]
    rows = []
    for name, series in every.items():
        size = series.task.size_bytes
        cut = f" (first {size / 1e6:.0f} MB)" if size < whole.size_bytes else ""
        rows.append(
            (
                f"`{name}`{cut}",
                f"{series.megabytes_per_second:.3g}",
                f"{size / 1e6 / series.median_of(cpu):.3g}",
                shown(times(base, series, wall)),
                shown(times(base, series, cpu)),
                f"{series.median_of(lambda sample: sample.peak_mib):.0f}",
            )
        )
    note = _NOTE.format(row_format=_FORMAT, megabytes=whole.megabytes, rounds=rounds)
    columns = ("way", "MB/s wall", "MB/s CPU", "x wall", "x CPU", "peak MiB")
    return Table("Download and check", columns, rows, note)
