"""What a check is told: the base model's limits and the deployment's and recipe's wishes, as plain values.

Holds defaults but no facts about any base model; those are the catalog's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tunedrop.domain.findings import Code, Severity
from tunedrop.domain.formats import Format

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What the base model takes; None where it names no bound."""

    min_examples: int = 1
    recommended_examples: int | None = None
    max_examples: int | None = None
    count_authors: bool = False
    """True: `max_examples` bounds the messages of all examples together, as for code-chat models."""
    max_tokens_per_example: int | None = None
    base_model: str | None = None
    target_format: Format | None = None
    """The format that the base model takes; None for the file's own."""
    unsupported_parts: frozenset[str] = frozenset()
    """Kinds of Gemini part that it is not tuned on, such as `functionCall`."""


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How strict a check is, and how much it keeps."""

    max_line_bytes: int = 8 * MEBIBYTE
    """Longest line without its line end."""
    kept_lines_per_code: int = 100
    tolerate: float = 0.0
    """Fraction of the lines with content that may be rejected without rejecting the file."""
    max_depth: int = 100
    """Deepest nesting of arrays and objects; protocol buffers' own bound for JSON."""
    allowed_buckets: frozenset[str] = frozenset()
    """Buckets that file parts may point into."""
    with_content_hashes: bool = True
    """False saves a third of the time where no split will follow."""
    severities: Mapping[Code, Severity] = field(default_factory=dict)
    """Graver or milder than the registry's; an error of a line's shape stays an error."""
