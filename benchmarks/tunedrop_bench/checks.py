"""The part of a run that holds checkers against each other on files, and takes our own one apart.

Knows which engine meets which file; how an engine works is its own business.
"""

import sys
from statistics import median

from tunedrop_bench.bars import Measured
from tunedrop_bench.engines import BASELINE, COSTS, ENGINES, FULL, STRUCTURAL, Engine
from tunedrop_bench.files import Dataset, head_of, write_dataset
from tunedrop_bench.measuring import Series, Task, cpu, failures, measure, shown, times, wall
from tunedrop_bench.part import Part, Settings
from tunedrop_bench.tables import Table

_COLUMNS = (
    "checker", "good: MB/s", "x wall", "x CPU", "peak MiB",
    "bad: MB/s", "x wall", "rejected", "does not do",
)  # fmt: skip
_STRUCTURAL_FORMATS = ("code-chat", "gemini")
_NOTE = (
    "{megabytes:.0f} MB, {rows:,} rows; x is how many times faster than `{baseline}` in the same round, the "
    "median of {rounds} rounds. The bad file has {bad:,} bad lines of 19 kinds."
)
_COST_NOTE = (
    "{rows:,} {row_format} rows, {rounds} rounds. CPU of all threads. A part's cost is the full check's minus "
    "that of the check without it, or what it adds to the full check; parts share work, so that they do not add up."
)

Measurements = dict[str, Series]


def run(settings: Settings) -> Part:
    """Measure every engine on a good and a bad file of each format, and the costs on the last format."""
    part = Part()
    for row_format in settings.formats:
        good, bad = (_dataset(settings, row_format, is_bad=is_bad) for is_bad in (False, True))
        settings.say(f"{row_format}: good file")
        on_good = measure(_tasks(settings, good), settings.rounds, settings.say)
        settings.say(f"{row_format}: bad file")
        on_bad = measure(_tasks(settings, bad), settings.rounds, settings.say)
        part.tables.append(_table(settings, (good, bad), (on_good, on_bad)))
        part.faults.extend([*_faults(good, on_good), *_faults(bad, on_bad)])
        _collect(part.measured, row_format, on_good)
        for dataset in (good, bad):
            dataset.path.unlink()
    return part


def costs(settings: Settings) -> Part:
    """Measure what each part of the full check costs, on the last format."""
    dataset = _dataset(settings, settings.formats[-1], is_bad=False)
    variants = ["full", *(cost.variant for cost in COSTS)]
    tasks = [_task(dataset, variant, "ours:file_check", variant) for variant in variants]
    settings.say(f"costs of single checks, {dataset.row_format}")
    every = measure(tasks, settings.rounds, settings.say)
    dataset.path.unlink()
    if failed := failures(every):
        return Part(faults=failed)
    return Part(tables=[_cost_table(dataset, every, settings.rounds)])


def _dataset(settings: Settings, row_format: str, *, is_bad: bool) -> Dataset:
    name = f"{row_format}-{'bad' if is_bad else 'good'}.jsonl"
    return write_dataset(settings.folder / name, settings.wanted(row_format, is_bad=is_bad))


def _tasks(settings: Settings, dataset: Dataset) -> list[Task]:
    tasks = []
    for engine in ENGINES:
        if dataset.row_format not in engine.formats or (dataset.bad and not engine.reads_bad):
            continue
        given = head_of(dataset, engine.most_bytes) if engine.most_bytes else dataset
        python = settings.peers_python if engine.is_peer else sys.executable
        argument = engine.argument or dataset.row_format
        tasks.append(_task(given, engine.name, engine.call, argument, python))
    return tasks


def _task(
    dataset: Dataset, name: str, call: str, argument: str, python: str = sys.executable
) -> Task:
    return Task(name, call, argument, str(dataset.path), dataset.size_bytes, dataset.rows, python)


def _table(
    settings: Settings, datasets: tuple[Dataset, Dataset], found: tuple[Measurements, Measurements]
) -> Table:
    good, bad = datasets
    rows = [_row(engine, *found) for engine in ENGINES if good.row_format in engine.formats]
    note = _NOTE.format(
        megabytes=good.megabytes,
        rows=good.rows,
        baseline=BASELINE,
        rounds=settings.rounds,
        bad=bad.bad,
    )
    return Table(good.row_format, _COLUMNS, rows, note)


def _row(engine: Engine, on_good: Measurements, on_bad: Measurements) -> tuple[str, ...]:
    good, bad = on_good[engine.name], on_bad.get(engine.name)
    if good.left_out:
        return (engine.name, *["-"] * 7, f"left out: {good.left_out}")
    base = on_good[BASELINE]
    name = engine.name
    if engine.most_bytes and good.task.size_bytes < base.task.size_bytes:
        name += f" (first {good.task.size_bytes / 1e6:.1f} MB)"
    return (
        name,
        f"{good.megabytes_per_second:.3g}",
        shown(times(base, good, wall)),
        shown(times(base, good, cpu)),
        f"{good.median_of(lambda sample: sample.peak_mib):.0f}",
        *_bad_cells(bad, on_bad[BASELINE]),
        engine.lacks,
    )


def _bad_cells(bad: Series | None, base: Series) -> tuple[str, str, str]:
    if bad is None or bad.left_out:
        return ("-", "-", "-")
    rejected = bad.samples[-1].outcome.rejected
    return (f"{bad.megabytes_per_second:.3g}", shown(times(base, bad, wall)), f"{rejected:,}")


def _faults(dataset: Dataset, found: Measurements) -> list[str]:
    """Hold our counts against what the file is known to hold."""
    faults = []
    for name in (STRUCTURAL, FULL):
        series = found[name]
        if series.left_out:
            faults.append(f"{name} on {dataset.path.name}: {series.left_out}")
            continue
        counted = series.samples[-1].outcome
        bad = dataset.bad - (dataset.bad_in_text if name == STRUCTURAL else 0)
        if (counted.lines, counted.rejected) != (dataset.rows, bad):
            faults.append(
                f"{name} on {dataset.path.name}: expected {dataset.rows} lines and {bad} bad ones, "
                f"found {counted.lines} and {counted.rejected}"
            )
    return faults


def _collect(measured: Measured, row_format: str, on_good: Measurements) -> None:
    base = on_good[BASELINE]
    for key, name, formats in (
        ("structural", STRUCTURAL, _STRUCTURAL_FORMATS),
        ("full", FULL, (row_format,)),
    ):
        if row_format in formats and not on_good[name].left_out:
            measured.setdefault(key, {})[row_format] = times(base, on_good[name], wall)


def _cost_table(dataset: Dataset, every: Measurements, rounds: int) -> Table:
    full = every["full"]
    whole = full.median_of(cpu) / dataset.rows
    rows = [("the full check", f"{whole * 1e6:.2f}", "100")]
    for cost in COSTS:
        series = every[cost.variant]
        sign = -1 if cost.is_added else 1
        pairs = zip(full.samples, series.samples, strict=True)
        each = sign * median(cpu(left) - cpu(right) for left, right in pairs) / dataset.rows
        rows.append((cost.name, f"{each * 1e6:.2f}", f"{100 * each / whole:.0f}"))
    note = _COST_NOTE.format(rows=dataset.rows, row_format=dataset.row_format, rounds=rounds)
    return Table("What each check costs", ("check", "µs a row", "% of the full check"), rows, note)
