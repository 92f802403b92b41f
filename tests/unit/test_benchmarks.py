"""The benchmark measures a right checker on right data: its rows are what it says, and its table is whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tunedrop.domain.checks import CheckOptions, Limits, check_dataset

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FORMATS = ("code-chat", "code-generation", "gemini")


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def write(folder, row_format, **wishes):
    from tunedrop_bench.files import Wanted, write_dataset

    return write_dataset(folder / "data.jsonl", Wanted(row_format, **wishes))


def check(data, **options):
    return check_dataset([data], limits_for=lambda _: Limits(), options=CheckOptions(**options))


def test_the_same_seed_gives_the_same_bytes_and_another_one_gives_others(tmp_path):
    first, again, other = (
        write(tmp_path, "gemini", rows=50, seed=seed).path.read_bytes() for seed in (1, 1, 2)
    )

    assert first == again
    assert first != other


@pytest.mark.parametrize("row_format", FORMATS)
def test_every_good_row_is_accepted_and_every_repetition_found(tmp_path, row_format):
    dataset = write(tmp_path, row_format, rows=1_100)
    result = check(dataset.path.read_bytes())

    assert (1_100, 2) == (dataset.rows, dataset.repeated)
    assert {"physical": 1_100, "used": 1_100, "fixed": 0, "rejected": 0, "blank": 0} == (
        result.lines.to_json()
    )
    assert (row_format, 2) == (result.dataset_format, result.statistics["duplicates"])


@pytest.mark.parametrize("row_format", FORMATS)
def test_rows_are_as_long_and_as_varied_as_the_readme_says(tmp_path, row_format):
    lines = write(tmp_path, row_format, rows=400).path.read_bytes().splitlines()
    fenced = sum(b"```python" in line for line in lines)

    assert max(map(len, lines)) > 4_000
    assert min(map(len, lines)) < 700
    assert any(b"\\u" in line for line in lines)
    assert any(not line.isascii() for line in lines)
    assert 20 <= fenced <= 120


@pytest.mark.parametrize("row_format", FORMATS)
def test_every_kind_of_bad_line_is_rejected(tmp_path, row_format):
    from tunedrop_bench.faults import FAULTS
    from tunedrop_bench.rows import RowMaker

    maker = RowMaker(row_format, seed=1)
    good = [maker.line() for _ in range(20)]
    accepted = [
        name
        for name, fault in FAULTS.items()
        if 1 != check(b"\n".join([*good, fault(maker.row())]) + b"\n").lines.rejected
    ]

    assert 19 == len(FAULTS)
    assert [] == accepted


@pytest.mark.parametrize("row_format", FORMATS)
def test_a_bad_file_holds_as_many_bad_lines_as_it_says(tmp_path, row_format):
    dataset = write(tmp_path, row_format, rows=2_000, is_bad=True)
    lines = check(dataset.path.read_bytes()).lines

    assert (dataset.rows, dataset.bad) == (lines.physical, lines.rejected)
    assert 1 + dataset.rows // 200 == lines.fixed


def test_a_quick_run_ends_and_names_every_checker_or_says_why_it_is_left_out(tmp_path):
    from tunedrop_bench.engines import ENGINES

    options = ["--quick", "--rows", "2000", "--only", "checkers", "--formats", "gemini"]
    options += ["--peers", sys.executable]  # where no other checker is installed
    run = subprocess.run(
        [sys.executable, str(BENCHMARKS / "run.py"), *options, "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    engines = [engine for engine in ENGINES if "gemini" in engine.formats]
    (table,) = json.loads((tmp_path / "results.json").read_text())["tables"]

    assert (0, "") == (run.returncode, run.stderr)
    assert [engine.name for engine in engines] == [row[0] for row in table["rows"]]
    assert [engine.is_peer for engine in engines] == [
        row[-1].startswith("left out: ") and row[-1].endswith(" is not installed")
        for row in table["rows"]
    ]
    assert all(f"| {engine.name} |" in (tmp_path / "results.md").read_text() for engine in engines)


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("full", 0.9, "BELOW THE FLOOR"),
        ("full", 1.0, "floor met, goal missed"),
        ("full", 2.5, "goal met"),
        ("memory", 130.0, "BELOW THE FLOOR"),
        ("memory", 128.0, "floor met, goal missed"),
        ("memory", 64.0, "goal met"),
    ],
)
def test_the_worst_value_is_held_against_floor_and_goal(key, value, word):
    from tunedrop_bench.bars import judge

    better = 100.0 if key == "full" else 1.0
    (judgement,) = (
        each for each in judge({key: {"gemini": value, "other": better}}) if each.bar.key == key
    )

    assert word == judgement.word
    assert (word == "BELOW THE FLOOR") is judgement.is_below_floor


def test_what_was_not_measured_is_neither_met_nor_missed():
    from tunedrop_bench.bars import judge

    judgements = judge({})

    assert {"not measured"} == {judgement.word for judgement in judgements}
    assert not any(judgement.is_below_floor for judgement in judgements)


def test_a_ratio_is_the_median_of_the_rounds_and_counts_bytes():
    from tunedrop_bench.measuring import Sample, Series, Task, times, wall
    from tunedrop_bench.outcome import Outcome

    def series(size_bytes, *seconds):
        task = Task("name", "module:function", "", "", size_bytes, rows=1)
        return Series(task, [Sample(each, each, 1.0, Outcome()) for each in seconds])

    base, other = series(100, 2.0, 2.0, 9.0), series(50, 1.0, 0.5, 1.0)

    assert 2.0 == times(base, other, wall)
