"""The check of a dataset: lines in, a verdict with every line accounted for out.

Pure; knows neither buckets nor files, and lets no text of a dataset out.
"""

from tunedrop.domain.checks.account import Account, Accountant, Opening
from tunedrop.domain.checks.checking import LimitsFor, Spread, check_dataset, one_by_one
from tunedrop.domain.checks.explaining import explain
from tunedrop.domain.checks.judging import Judge, Judged, Outcome
from tunedrop.domain.checks.lines import Block, Overlong, PhysicalLine, split_lines
from tunedrop.domain.checks.options import CheckOptions, Limits
from tunedrop.domain.checks.result import CheckResult, Lines
from tunedrop.domain.checks.result_schema import RESULT_SCHEMA

__all__ = [
    "RESULT_SCHEMA",
    "Account",
    "Accountant",
    "Block",
    "CheckOptions",
    "CheckResult",
    "Judge",
    "Judged",
    "Limits",
    "LimitsFor",
    "Lines",
    "Opening",
    "Outcome",
    "Overlong",
    "PhysicalLine",
    "Spread",
    "check_dataset",
    "explain",
    "one_by_one",
    "split_lines",
]
