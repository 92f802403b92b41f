"""What is known of the service's error messages: which one this is, what it means, what to do next.

Pure: entries and a message in, a classification or words out; knows no file, no service and no ledger.
"""

import re
import shlex
import string
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from msgspec import Struct, field

ErrorClass = Literal["data", "recipe", "quota", "permission", "region", "service", "retired_base"]
GROUPS = frozenset({"row", "total", "metric"})
"""What a pattern may name: a 1-based row, of how many, and a quota's metric."""
PLACES = frozenset({"run", "dataset", "region", "project", "base_model", "metric"})
"""What words and commands may name in braces."""
_MOST_TEXT = 20_000
_METRIC = re.compile(r"[A-Za-z0-9_./-]{1,200}", re.ASCII)
_NOT_SAID = "(not named)"


class KnownError(Struct, frozen=True, forbid_unknown_fields=True):
    """One message that the service is known to give."""

    pattern: str
    """A regular expression that is searched in the message; may name the groups of `GROUPS`."""
    error_class: ErrorClass = field(name="class")
    words: str
    next: str
    source: str
    """Where the message was read."""
    as_of: date
    command: str = ""
    """What to type next, where a command helps."""

    def __post_init__(self) -> None:
        strange = re.compile(self.pattern).groupindex.keys() - GROUPS
        for text in (self.words, self.next, self.command):
            strange |= {name for _, name, _, _ in string.Formatter().parse(text) if name} - PLACES
        if strange:
            msg = f"expected groups of {sorted(GROUPS)} and places of {sorted(PLACES)}, found {sorted(strange)}"
            raise ValueError(msg)


class Classified(Struct, frozen=True):
    """What a message turned out to be."""

    known: str
    """Id of the entry; empty for a message that nobody knows."""
    error_class: str
    """Empty where not even the code tells."""
    row: int | None = None
    """1-based row of a file that a job reads, where the message names one."""
    total: int | None = None
    """How many rows that file has, as the message says."""
    metric: str = ""


class Explanation(Struct, frozen=True):
    """A known error in the words of whoever has to mend it."""

    words: str
    next: str
    command: str


class JobErrors(Struct, frozen=True):
    """The catalogue."""

    errors: Mapping[str, KnownError]
    """By id; the first that matches counts."""
    codes: Mapping[str, ErrorClass]
    """What a code says by itself where no entry matches; by its number in google.rpc.Code."""

    def classify(self, message: str, *, code: int = 0, said: Iterable[str] = ()) -> Classified:
        """Find what a message is, in its own text first and then in what else was *said*.

        Only a number and a metric's name are taken out of it, so that none of its words go any further.
        """
        texts = [text[:_MOST_TEXT] for text in (message, *said)]
        for known, entry in self.errors.items():
            for text in texts:
                found = re.search(entry.pattern, text)
                if found is not None:
                    return _classified(known, entry, found.groupdict())
        return Classified(known="", error_class=self.codes.get(str(code), ""))

    def explanation(self, known: str, facts: Mapping[str, str]) -> Explanation | None:
        """What an entry says about a run of which *facts* are known, by `PLACES`; None for no entry."""
        entry = self.errors.get(known)
        if entry is None:
            return None
        said = {place: facts.get(place) or _NOT_SAID for place in PLACES}
        typed = {place: shlex.quote(text) for place, text in said.items()}
        return Explanation(
            words=entry.words.format_map(said),
            next=entry.next.format_map(said),
            command=entry.command.format_map(typed),
        )


def places_of(lines: Sequence[Mapping[str, Any]]) -> str:
    """Where in the user's own files an error is, as `lines` of a failed step tells; empty if nowhere."""
    return ", ".join(_place(line) for line in lines)


def _place(found: Mapping[str, Any]) -> str:
    file = "your evaluation file" if found.get("file") == "evaluation" else "your dataset"
    if found["line"] is None:
        return f"row {found['row']} of what the job read, whose line in {file} is not known"
    return f"line {found['line']} of {file}"


def _classified(known: str, entry: KnownError, groups: Mapping[str, str | None]) -> Classified:
    metric = groups.get("metric") or ""
    return Classified(
        known=known,
        error_class=entry.error_class,
        row=_number(groups.get("row")),
        total=_number(groups.get("total")),
        metric=metric if _METRIC.fullmatch(metric) else "",
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 9 else None  # noqa: PLR2004 — more rows than any file has
