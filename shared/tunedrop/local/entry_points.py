"""The deployed entry points, by function and by what arrives there, and where their sources lie.

Knows names and paths; starts nothing.
"""

from dataclasses import dataclass
from pathlib import Path

from tunedrop.errors import UsageError
from tunedrop.topology import FUNCTIONS


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """One function that is deployed, and here one process."""

    function: str
    """Folder of its source under `functions/`."""
    role: str
    """What arrives: a topic's role, or `finalized` for events of the intake bucket."""
    target: str
    """Its name in `main.py`."""

    @property
    def name(self) -> str:
        """The name of its process and of its log."""
        return f"{self.function}-{self.role}"


ENTRY_POINTS = tuple(
    EntryPoint(function.source, function.name, function.entry_point) for function in FUNCTIONS
)
ON_FINALIZED = ENTRY_POINTS[0]
SUBSCRIBED = ENTRY_POINTS[1:]
"""Those that a push subscription reaches; their roles are topics' roles."""


def source_folder(given: Path | None = None) -> Path:
    """Return the folder that holds a folder for each function; *given*, or the checkout's own.

    Raises:
        UsageError: A function's `main.py` is missing there.
    """
    folder = given or Path(__file__).resolve().parents[3] / "functions"
    for function in sorted({entry_point.function for entry_point in ENTRY_POINTS}):
        if not (folder / function / "main.py").is_file():
            raise UsageError(
                f"{folder}: expected {function}/main.py, found none; the local cloud runs the "
                "functions of a source checkout: clone the repository and install it with "
                "`pip install -e .`, or name their folder"
            )
    return folder.resolve()
