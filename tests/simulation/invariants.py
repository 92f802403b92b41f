"""All invariants by name; evidence in, violations out. None of them knows the simulation."""

from simulation import (
    invariants_messages,
    invariants_rest,
    invariants_runs,
    invariants_wishes,
)
from simulation.evidence import Violation

__all__ = ["REST", "SAFETY", "Violation", "violations"]


def _of(module, *skipped):
    found = {
        name: function
        for name, function in vars(module).items()
        if name.startswith(
            ("i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8", "i9", "champions", "nothing")
        )
    }
    return {name: function for name, function in found.items() if not name.startswith(skipped)}


SAFETY = _of(invariants_runs, "none") | _of(invariants_messages, "none")
"""Hold at every moment."""
REST = _of(invariants_rest, "i14", "i15") | _of(invariants_wishes, "none")
"""Hold once everything has had its time."""


def violations(evidence):
    """Every broken promise that the evidence shows."""
    found = [broken for check in SAFETY.values() for broken in check(evidence)]
    if not evidence.at_rest:
        return found
    return found + [broken for check in REST.values() for broken in check(evidence)]
