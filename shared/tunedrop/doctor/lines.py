"""What the doctor says: one line for each thing that a deployment needs, and what all lines come to.

Knows states and words; knows no service.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

NOTHING_SEEN, NOT_FIT, FIT = 3, 1, 0


class State(StrEnum):
    """How a line stands."""

    GOOD = "good"
    MISSING = "missing"
    UNFIT = "unfit"
    UNSEEN = "unseen"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that a deployment needs.

    Attributes:
        code: Stable dotted name; its first part is the kind.
        what: Noun phrase.
        why: One sentence.
        found: What was found, or why nothing could be seen or has to be.
        mend: Commands that put it right, ready for a shell.
        remedy: What a person can do where no command can.
    """

    code: str
    what: str
    why: str
    state: State
    found: str = ""
    mend: tuple[str, ...] = ()
    remedy: str = ""

    @property
    def kind(self) -> str:
        """What sort of thing the line is about."""
        return self.code.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Sight:
    """What looking at one thing gave.

    Attributes:
        outcome: `absent` if there is no such thing, `unseen` if the caller could not look, `not_here` if
            a local cloud has no notion of it.
        value: What was seen.
        reason: Why nothing was.
        mend: Commands that let the caller see.
        remedy: What else would.
    """

    outcome: Literal["seen", "absent", "unseen", "not_here"]
    value: Any = None
    reason: str = ""
    mend: tuple[str, ...] = ()
    remedy: str = ""


NOT_LOOKED_AT = Sight("unseen", reason="it was not looked at")


class Facts:
    """Everything that was read.

    Args:
        sights: By the key of the look.
        identity: Whether the caller has credentials.
    """

    def __init__(self, sights: Mapping[str, Sight], identity: Sight = NOT_LOOKED_AT) -> None:
        self.sights = sights
        self.identity = identity

    def __getitem__(self, key: str) -> Sight:
        return self.sights.get(key, NOT_LOOKED_AT)

    def value(self, key: str) -> Any:  # noqa: ANN401 — JSON of any shape
        """What was seen, or None."""
        return self[key].value

    @property
    def nothing_seen(self) -> bool:
        """Whether there was something to look at and none of it could be seen."""
        asked = [sight for sight in self.sights.values() if sight.outcome != "not_here"]
        return bool(asked) and all(sight.outcome == "unseen" for sight in asked)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a thing stands, for a line that says the rest."""

    state: State
    found: str = ""
    mend: tuple[str, ...] = ()
    remedy: str = ""


GOOD = Verdict(State.GOOD)


@dataclass(frozen=True, slots=True)
class Need:
    """A line before it is judged."""

    code: str
    what: str
    why: str

    def is_(self, verdict: Verdict) -> Line:
        """The line with its verdict."""
        return Line(
            code=self.code,
            what=self.what,
            why=self.why,
            state=verdict.state,
            found=verdict.found,
            mend=verdict.mend,
            remedy=verdict.remedy,
        )

    def if_seen(self, sight: Sight, verdict: Verdict) -> Line:
        """The line with its verdict, if it could be seen what the verdict is about; else it says why not."""
        if sight.outcome == "unseen":
            verdict = Verdict(State.UNSEEN, sight.reason, sight.mend, sight.remedy)
        if sight.outcome == "not_here":
            verdict = Verdict(State.NOT_NEEDED, sight.reason)
        return self.is_(verdict)

    def seen_in(self, sight: Sight, judge: Callable[[Any], Verdict]) -> Line:
        """The same with a verdict about what was seen, None for what is absent."""
        could_be_seen = sight.outcome in ("seen", "absent")
        return self.if_seen(sight, judge(sight.value) if could_be_seen else GOOD)


def summary(lines: Iterable[Line]) -> dict[str, int]:
    """How many lines stand how; every state is named."""
    counts = Counter(line.state for line in lines)
    return {state.value: counts[state] for state in State}


def exit_code(lines: Iterable[Line], facts: Facts) -> int:
    """0 if nothing is missing or unfit, 1 if something is, 3 if nothing could be seen at all."""
    if facts.nothing_seen:
        return NOTHING_SEEN
    bad = any(line.state in (State.MISSING, State.UNFIT) for line in lines)
    return NOT_FIT if bad else FIT
