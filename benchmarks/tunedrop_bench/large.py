"""The part of a run that checks a file of a million rows and a gigabyte, once.

Knows one file; the numbers that matter are peaks of memory.
"""

from tunedrop_bench.files import Wanted, write_dataset
from tunedrop_bench.measuring import Task, failures, measure, shown, times, wall
from tunedrop_bench.part import Part, Settings
from tunedrop_bench.tables import Table

_FORMAT = "gemini"
_ROWS = 1_000_000
_CHARACTERS = 410
"""Median of a row's texts, so that a million rows make a gigabyte."""
_COMMAND = "tunedrop check FILE"
_BASELINE = "pydantic per line"
_CALLS = (
    (_BASELINE, "naive:per_line", _FORMAT),
    ("tunedrop, structural", "ours:spread_check", "structural"),
    ("tunedrop, full", "ours:spread_check", "full"),
    ("tunedrop, full, one process", "ours:file_check", "full"),
    (_COMMAND, "ours:command_line", _FORMAT),
)


def run(settings: Settings) -> Part:
    """Write the file and check it in each way."""
    settings.say(f"large: writing {_ROWS:,} rows")
    wanted = Wanted(_FORMAT, rows=_ROWS, characters=_CHARACTERS)
    dataset = write_dataset(settings.folder / "large.jsonl", wanted)
    tasks = [
        Task(name, call, argument, str(dataset.path), dataset.size_bytes, dataset.rows)
        for name, call, argument in _CALLS
    ]
    every = measure(tasks, 1, settings.say)
    dataset.path.unlink()
    if failed := failures(every):
        return Part(faults=failed)
    rows = [
        (
            name,
            f"{series.median_of(wall):.1f}",
            f"{series.megabytes_per_second:.3g}",
            shown(times(every[_BASELINE], series, wall)),
            f"{series.samples[0].peak_mib:.0f}",
        )
        for name, series in every.items()
    ]
    note = f"A {_FORMAT} file of {dataset.megabytes:,.0f} MB and {dataset.rows:,} rows, one round."
    columns = ("checker", "seconds", "MB/s", "x wall", "peak MiB")
    peak = every[_COMMAND].samples[0].peak_mib * 2**20 / 1e6
    return Part(
        tables=[Table("A million rows, a gigabyte", columns, rows, note)],
        measured={"memory": {"": peak}},
    )
