"""The check of a dataset: lines in, a verdict with every line accounted for out.

Pure; knows neither buckets nor files, and lets no text of a dataset out.
"""

from tunedrop.domain.checks.checking import LimitsFor, check_dataset
from tunedrop.domain.checks.explaining import explain
from tunedrop.domain.checks.judging import Judge, Judged, Outcome
from tunedrop.domain.checks.lines import OverlongPiece, PhysicalLine, split_lines
from tunedrop.domain.checks.options import CheckOptions, Limits
from tunedrop.domain.checks.result import CheckResult, Lines
from tunedrop.domain.checks.result_schema import RESULT_SCHEMA

__all__ = [
    "RESULT_SCHEMA",
    "CheckOptions",
    "CheckResult",
    "Judge",
    "Judged",
    "Limits",
    "LimitsFor",
    "Lines",
    "Outcome",
    "OverlongPiece",
    "PhysicalLine",
    "check_dataset",
    "explain",
    "split_lines",
]
