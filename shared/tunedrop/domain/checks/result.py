"""The result of a check: one shape for functions, command line and local mode.

Holds numbers and findings, and not a character of the dataset.
"""

from array import array
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field

from tunedrop.domain.findings import Finding, Severity
from tunedrop.domain.formats import Format
from tunedrop.domain.rejects import RejectLog

SCHEMA_VERSION = 1
Verdict = Literal["accepted", "rejected"]


class Lines(Struct, frozen=True):
    """Where every physical line went; the first four add up to the last."""

    used: int = 0
    fixed: int = 0
    rejected: int = 0
    blank: int = 0

    @property
    def physical(self) -> int:
        """All lines of the file."""
        return self.used + self.fixed + self.rejected + self.blank

    @property
    def kept(self) -> int:
        """Lines that are trained on, or held out."""
        return self.used + self.fixed

    def to_json(self) -> dict[str, int]:
        """The published account."""
        return {
            "physical": self.physical,
            "used": self.used,
            "fixed": self.fixed,
            "rejected": self.rejected,
            "blank": self.blank,
        }


class CheckResult(Struct, frozen=True):
    """What one pass over a dataset found."""

    verdict: Verdict
    dataset_format: Format | None
    base_model: str | None
    dataset_digest: str
    """SHA-256 of the bytes that were read, in hex."""
    size_bytes: int
    ends_with_lf: bool
    """Whether a LF ends the last line; the staged file always ends in one."""
    lines: Lines
    findings: tuple[Finding, ...]
    """Errors first."""
    statistics: Mapping[str, Any]
    content_hashes: "array[int]"
    """One hash for each kept line, for the split; not published."""
    prompt_hashes: "array[int]" = field(default_factory=lambda: array("Q"))
    """One hash for each kept line's prompt, for an evaluation file; not published."""
    rejects: RejectLog = field(default_factory=lambda: RejectLog(0))
    """Every rejected line with its reason, for `rejects.jsonl`; not published."""
    split: Mapping[str, Any] = field(default_factory=dict)
    """Filled in by whoever splits."""
    cost: Mapping[str, Any] = field(default_factory=dict)
    """Filled in by whoever knows the prices."""
    next: str = ""
    """What happens next, or what to do; filled in by whoever knows."""

    @property
    def first_error(self) -> Finding | None:
        """The error to name when there is room for one."""
        return next(
            (finding for finding in self.findings if finding.severity is Severity.ERROR), None
        )

    def to_json(self) -> dict[str, Any]:
        """The published shape, version 1."""
        return {
            "schema_version": SCHEMA_VERSION,
            "verdict": self.verdict,
            "format": self.dataset_format.value if self.dataset_format else None,
            "base_model": self.base_model,
            "dataset_digest": self.dataset_digest,
            "lines": self.lines.to_json(),
            "findings": [finding.to_json() for finding in self.findings],
            "statistics": dict(self.statistics),
            "split": dict(self.split),
            "cost": dict(self.cost),
            "next": self.next,
        }
