"""Other people's checkers, called as their own documentation says.

Each function imports what it needs and returns the work to be timed. Knows nothing of tunedrop, so that it
runs in an environment of its own.
"""

import io
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

from tunedrop_bench.outcome import Outcome, Run

_FIELDS = {
    "code-generation": {"input_text": "str", "output_text": "str"},
    "code-chat": {
        "messages": "array",
        "messages[0].author": "str",
        "messages[0].content": "str",
    },
    "gemini": {
        "contents": "array",
        "contents[0].role": "str",
        "contents[0].parts[0].text": "str",
    },
}


def polars_scan(_row_format: str) -> Run:
    """Read all columns with polars' streaming reader, its schema inferred, and count the rows."""
    import polars as pl

    def run(path: str) -> Outcome:
        return Outcome(pl.scan_ndjson(path).collect(engine="streaming").height)

    return run


def together(_row_format: str) -> Run:
    """Make the check that together's command line makes before an upload."""
    from together.lib.utils.files import check_file

    def run(path: str) -> Outcome:
        report = check_file(path)
        return Outcome(report["num_samples"], 0 if report["is_check_passed"] else 1)

    return run


def jsonl_contract_check(row_format: str) -> Run:
    """Hold the format's first fields against a contract of jsonl-contract-check."""
    from jsonl_contract_check.core import FieldRule, audit_path

    rules = [FieldRule(path=name, type_name=kind) for name, kind in _FIELDS[row_format].items()]

    def run(path: str) -> Outcome:
        result = audit_path(Path(path), rules)
        return Outcome(result.records, len({issue.line for issue in result.issues}))

    return run


def finelint(_row_format: str) -> Run:
    """Inspect the file's texts with finelint, which looks for near duplicates, too."""
    from finelint.cli import main

    def run(path: str) -> Outcome:
        with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
            report, affected = (str(Path(folder, name)) for name in ("report.json", "rows.json"))
            main(["inspect", path, "--report", report, "--affected-records", affected])
        return Outcome()

    return run
