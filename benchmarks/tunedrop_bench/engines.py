"""Everything that is measured on a file, as data: how it is called, and what it leaves out.

Imports no engine.
"""

from dataclasses import dataclass

from tunedrop_bench.rows import FORMATS

BASELINE = "pydantic per line"
STRUCTURAL = "tunedrop, structural"
FULL = "tunedrop, full"
_NO_LINES = "line numbers"


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to check a file."""

    name: str
    """Its row in the tables."""
    call: str
    """Module and function that prepare its work."""
    lacks: str = "-"
    """What it does not do and the naive checker does."""
    argument: str = ""
    """Handed to `call`; the format when empty."""
    formats: tuple[str, ...] = FORMATS
    most_bytes: int | None = None
    """How much of a file it is given, where it is too slow for all of it."""
    reads_bad: bool = True
    """Whether it goes on after a bad line, so that a bad file measures anything."""
    is_peer: bool = False
    """Whether it runs in the peers' environment."""


ENGINES = (
    Engine(BASELINE, "naive:per_line"),
    Engine("pydantic, validation alone", "naive:validate_only", "messages, duplicates, statistics"),
    Engine("json + checks by hand", "hand_checks:file_check", "columns, duplicates, statistics"),
    Engine(
        "polars scan_ndjson",
        "peers:polars_scan",
        "roles, unknown keys, empty texts, line numbers, messages, duplicates, statistics; uses all cores",
        reads_bad=False,
        is_peer=True,
    ),
    Engine(
        "together check_file",
        "peers:together",
        "keys, types, roles, duplicates, statistics; stops at the first bad line",
        reads_bad=False,
        is_peer=True,
    ),
    Engine(
        "jsonl-contract-check",
        "peers:jsonl_contract_check",
        "all but a row's first turn, unknown keys, roles, empty texts, duplicates; ends at bytes that are not UTF-8",
        reads_bad=False,
        is_peer=True,
    ),
    Engine(
        "finelint inspect",
        "peers:finelint",
        "unknown keys, roles, statistics; looks for near duplicates, which nobody else here does",
        formats=("code-generation",),
        most_bytes=500_000,
        reads_bad=False,
        is_peer=True,
    ),
    Engine(
        STRUCTURAL,
        "ours:spread_check",
        "duplicates, statistics of the texts",
        argument="structural",
    ),
    Engine(
        f"{STRUCTURAL}, one process",
        "ours:file_check",
        "duplicates, statistics of the texts",
        argument="structural",
    ),
    Engine(FULL, "ours:spread_check", argument="full"),
    Engine(f"{FULL}, one process", "ours:file_check", argument="full"),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """One part of the full check, measured by its absence or by its presence."""

    name: str
    variant: str
    is_added: bool = False
    """Whether the variant does more than the full check, not less."""


COSTS = (
    Cost("secrets in texts", "without-secrets"),
    Cost("fenced blocks: found and parsed", "without-fences"),
    Cost("fenced blocks: parsed", "without-parsing"),
    Cost("exact duplicates and conflicting answers", "without-repetitions"),
    Cost("answer equals prompt, answers alike, instruction missing", "without-likeness"),
    Cost("all of the above, and what they share", "structural"),
    Cost("personal data (off unless asked for)", "with-personal-data", is_added=True),
    Cost("hashes for the split (where a recipe holds out)", "with-split-hashes", is_added=True),
)
