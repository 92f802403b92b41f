"""The table of awkward files: what somebody might upload, in every shape, and what the checker has to answer."""

from support import (
    awkward_bytes,
    awkward_comparing,
    awkward_containers,
    awkward_contents,
    awkward_json,
    awkward_keys,
    awkward_parts,
    awkward_styles,
    awkward_turns,
    awkward_values,
)
from support.awkward_file import TABLE

MODULES = (
    awkward_styles,
    awkward_bytes,
    awkward_containers,
    awkward_json,
    awkward_keys,
    awkward_values,
    awkward_turns,
    awkward_parts,
    awkward_contents,
    awkward_comparing,
)
"""Where the table's entries stand; each enters its own on import."""
__all__ = ["MODULES", "TABLE"]
