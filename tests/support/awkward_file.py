"""An awkward file with its right answer, and the table of them all.

Every entry is a function of the shape; the answers are what a person who knows the rules would say, whatever the code does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tunedrop.domain.checks import CheckOptions, Limits
from tunedrop.domain.formats import Format


@dataclass(frozen=True)
class File:
    """One awkward file and the right answer."""

    data: bytes
    verdict: str
    found: dict[str, list[int]]
    """{code: physical lines} of all findings; no lines for those about the file."""
    limits: Limits = field(default_factory=Limits)
    options: CheckOptions = field(default_factory=CheckOptions)
    doubt: str = ""
    """Why the checker does not give this answer; empty where it does."""

    @property
    def physical_lines(self):
        return self.data.count(b"\n") + (bool(self.data) and not self.data.endswith(b"\n"))


def accepted(data, *, limits=None, options=None, doubt="", **found):
    return File(data, "accepted", found, limits or Limits(), options or CheckOptions(), doubt)


def refused(data, *, limits=None, options=None, doubt="", **found):
    return File(data, "rejected", found, limits or Limits(), options or CheckOptions(), doubt)


TABLE: dict[str, Callable[[Format], File]] = {}


def awkward(build):
    """Enter a function into the table under its name."""
    if build.__name__ in TABLE:
        raise ValueError(f"two awkward files are called {build.__name__}")
    TABLE[build.__name__] = build
    return build
