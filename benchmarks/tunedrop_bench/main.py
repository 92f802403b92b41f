"""The benchmark's command line: which parts run, how much of each, and what the exit code says.

Knows options and the order of the parts; measures nothing.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tunedrop_bench import checks, cold_start, end_to_end, large, machine, profiling, sweep
from tunedrop_bench.bars import Measured, judge
from tunedrop_bench.part import Settings
from tunedrop_bench.rows import FORMATS
from tunedrop_bench.tables import Page

_ROOT = Path(__file__).parents[2]
_PEERS = _ROOT / ".venv-bench" / "bin" / "python"
_PARTS = {
    "checkers": checks.run,
    "costs": checks.costs,
    "download": end_to_end.run,
    "cold-start": cold_start.run,
    "sweep": sweep.run,
    "large": large.run,
    "profile": profiling.run,
}
_ALWAYS = ("checkers", "costs", "download", "cold-start", "sweep")
_FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts asked for; 1 where a floor is missed or a count is wrong."""
    options = _parser().parse_args(arguments)
    chosen = options.only or [
        name for name in _PARTS if name in _ALWAYS or getattr(options, name, False)
    ]
    with tempfile.TemporaryDirectory(prefix="tunedrop-bench-") as folder:
        settings = _settings(options, Path(folder))
        page = Page(
            machine=machine.facts(settings.peers_python),
            settings={
                "rounds": settings.rounds,
                "checkers' files": f"{settings.rows:,} rows"
                if settings.rows
                else f"{settings.megabytes} MB",
                "downloaded file": f"{settings.download_megabytes} MB",
            },
            is_judged=not options.quick,
        )
        faults, measured = list[str](), Measured()
        for name in chosen:
            part = _PARTS[name](settings)
            page.tables.extend(part.tables)
            faults.extend(part.faults)
            measured.update(part.measured)
    page.judgements = judge(measured)
    return _conclude(page, faults, options)


def _conclude(page: Page, faults: list[str], options: argparse.Namespace) -> int:
    written = page.write(
        options.out or _ROOT / ("build/benchmarks" if options.quick else "benchmarks")
    )
    _say(f"\n{page.markdown()}\nwritten to {written}")
    missed = [judgement.bar.name for judgement in page.judgements if judgement.is_below_floor]
    if page.is_judged:
        faults = [*faults, *(f"below the floor: {name}" for name in missed)]
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    return _FAILED if faults else 0


def _settings(options: argparse.Namespace, folder: Path) -> Settings:
    peers = options.peers or (_PEERS if _PEERS.exists() else sys.executable)
    return Settings(
        folder=folder,
        rounds=options.rounds or (1 if options.quick else 5),
        megabytes=options.megabytes or (10 if options.quick else 64),
        download_megabytes=10 if options.quick else 200,
        formats=tuple(options.formats or FORMATS),
        peers_python=str(peers),
        rows=options.rows,
        say=_say,
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="10 MB, one round, nothing is judged")
    add(
        "--large",
        action="store_true",
        help="also a million rows and 1 GB: memory of the command line",
    )
    add("--profile", action="store_true", help="also stage by stage and function by function")
    add("--only", nargs="+", choices=_PARTS, help="these parts alone")
    add("--formats", nargs="+", choices=FORMATS, help="these formats alone")
    add("--megabytes", type=int, metavar="N", help="size of the checkers' files, 10 to 1024")
    add("--rows", type=int, metavar="N", help="rows of the checkers' files, instead of a size")
    add("--rounds", type=int, metavar="N", help="how often each measurement is repeated")
    add("--peers", type=Path, metavar="PYTHON", help="interpreter that has the other checkers")
    add("--out", type=Path, metavar="FOLDER", help="where results.md and results.json go")
    return parser
