"""What a check is told: the base model's limits and the deployment's and recipe's wishes, as plain values.

Holds defaults but no facts about any base model; those are the catalog's.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from tunedrop.domain.findings import RULES, Code, LineFinding, Severity
from tunedrop.domain.formats import Format

MEBIBYTE = 1024 * 1024


class Limits(Struct, frozen=True):
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


class Thresholds(Struct, frozen=True):
    """From where on something is worth a finding, as data; our own choices, no rule of any service."""

    alike_share: float = 0.9
    """Share of equal answers from which on they are all alike."""
    alike_examples: int = 10
    """Fewest examples of which that is said."""
    instruction_share: float = 0.75
    """Share of examples with an instruction above which the others lack one."""
    first_parsed_blocks: int = 60
    """Fenced blocks of the file's first mebibyte that are parsed."""
    parsed_blocks: int = 1
    """Fenced blocks of each further mebibyte that are parsed."""
    parsed_block_characters: int = 20_000
    """Longest fenced block that is parsed."""
    kept_rejects: int = 100_000
    """Rejected lines that `rejects.jsonl` names one by one."""


class CheckOptions(Struct, frozen=True):
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
    with_contents: bool = True
    """False looks at the structure alone, not at what the texts say."""
    with_content_hashes: bool = True
    """False saves time where no split will follow."""
    with_prompt_hashes: bool = False
    """True for an evaluation file: its prompts' hashes are what a training file is held against."""
    evaluation_prompts: frozenset[int] = frozenset()
    """Hashes of the prompts of the evaluation file."""
    severities: Mapping[Code, Severity] = field(default_factory=dict)
    """Graver or milder than the registry's; an error of a line's shape stays an error."""
    is_strict: bool = False
    """True makes an error of every warning."""
    thresholds: Thresholds = Thresholds()

    def severity_of(self, code: Code) -> Severity:
        """How grave a finding is in this check."""
        severity = self.severities.get(code, RULES[code].severity)
        return Severity.ERROR if self.is_strict and severity is Severity.WARNING else severity

    def first_error(self, found: Iterable[LineFinding]) -> LineFinding | None:
        """The finding that rejects a line; None if none does."""
        return next((f for f in found if self.severity_of(f.code) is Severity.ERROR), None)
