"""Whether a tuned model becomes its recipe's champion: the policies, as one table of rules.

| policy | champion | evaluation | outcome |
|---|---|---|---|
| `manual` | any | any | kept: `manual` |
| `always` | of a higher version | any | kept: `newer_champion` |
| `always` | any other, or none | any | promoted: `always` |
| `better-than-champion` | any, or none | none was made | kept: `not_evaluated` |
| `better-than-champion` | another than it was held against | made | kept: `champion_changed`, unless it is held against that one |
| `better-than-champion` | none | against the base model | judged, promoted as `better_than_base` |
| `better-than-champion` | any | against the champion | judged, promoted as `better_than_champion` |
| `better-than-base` | of a higher version | any | kept: `newer_champion` |
| `better-than-base` | any other, or none | none was made | kept: `not_evaluated` |
| `better-than-base` | any other, or none | against the base model | judged, promoted as `better_than_base` |

A first champion has to beat what one would use otherwise, the base model. A rival that was left out (retired, not
served, too few rows held out for both, another form of question) is no baseline, and nothing is promoted without
one: kept as `no_baseline`. A comparison is judged so:

| outcome | worse in a metric | |
|---|---|---|
| `too_few_rows` | any | kept: `too_few_rows` |
| `worse` | any | kept: `worse` |
| `better`, `alike` | yes | kept: `worse` |
| `alike` | no | kept: `not_better` |
| `better` | no | promoted |

Pure; knows neither how a comparison is made nor how a champion is recorded.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

MANUAL = "manual"
ALWAYS = "always"
BETTER_THAN_CHAMPION = "better_than_champion"
BETTER_THAN_BASE = "better_than_base"
NEWER_CHAMPION = "newer_champion"
CHAMPION_CHANGED = "champion_changed"
NOT_EVALUATED = "not_evaluated"
NO_BASELINE = "no_baseline"
TOO_FEW_ROWS = "too_few_rows"
WORSE = "worse"
NOT_BETTER = "not_better"
ROLLED_BACK = "rolled_back"

_BASE, _CHAMPION = "base", "champion"
_CODES = {_BASE: BETTER_THAN_BASE, _CHAMPION: BETTER_THAN_CHAMPION}


class Crowned(Protocol):
    """A record of a recipe's champions, as far as a decision needs to know it."""

    @property
    def sequence(self) -> int:
        """Its number, counted from 1."""
        ...

    @property
    def version(self) -> int:
        """The tuned model's."""
        ...

    @property
    def action(self) -> str:
        """`promoted` or `rolled_back`."""
        ...


class Decision(Struct, frozen=True):
    """What becomes of a tuned model, and why."""

    promote: bool
    code: str


def decide(
    policy: str,
    *,
    version: int,
    champion: Crowned | None,
    evaluated: Mapping[str, Any] | None,
) -> Decision:
    """Apply a recipe's policy to one of its tuned models.

    Args:
        policy: As recipes write it; one that nobody knows promotes nothing, like `manual`.
        version: The tuned model's.
        champion: The recipe's present one, which is another model; None while there is none.
        evaluated: Detail of the run's EVALUATED step; None if no evaluation was made.
    """
    is_newer = champion is not None and champion.version > version
    if policy == "always":
        return _kept(NEWER_CHAMPION) if is_newer else Decision(promote=True, code=ALWAYS)
    if policy == "better-than-base":
        return _kept(NEWER_CHAMPION) if is_newer else _judged(evaluated, _BASE)
    if policy == "better-than-champion":
        return _held_against(champion, evaluated)
    return _kept(MANUAL)


def _held_against(champion: Crowned | None, evaluated: Mapping[str, Any] | None) -> Decision:
    standing = champion.sequence if champion else 0
    if evaluated is not None and evaluated["champion_sequence"] != standing:
        return _kept(CHAMPION_CHANGED)
    return _judged(evaluated, _CHAMPION if champion else _BASE)


def _judged(evaluated: Mapping[str, Any] | None, rival: str) -> Decision:
    if evaluated is None:
        return _kept(NOT_EVALUATED)
    made = (each for each in evaluated["comparisons"] if each["rival"] == rival)
    comparison = next(made, None)
    if comparison is None:
        return _kept(NO_BASELINE)
    outcome, is_worse = comparison["outcome"], bool(comparison["worse_in"])
    if outcome == "too_few_rows":
        return _kept(TOO_FEW_ROWS)
    if outcome == "worse" or is_worse:
        return _kept(WORSE)
    if outcome == "better":
        return Decision(promote=True, code=_CODES[rival])
    return _kept(NOT_BETTER)


def _kept(code: str) -> Decision:
    return Decision(promote=False, code=code)


def version_before(history: Sequence[Crowned]) -> int | None:
    """The version that a roll-back goes back to where none is named; None if there is none.

    Two roll-backs in a row go back two versions: one that was rolled back from is not gone back to.

    Args:
        history: The recipe's champions, oldest first.
    """
    stack: list[int] = []
    for crowned in history:
        if crowned.action == ROLLED_BACK and crowned.version in stack:
            while stack[-1] != crowned.version:
                stack.pop()
        elif stack[-1:] != [crowned.version]:
            stack.append(crowned.version)
    return stack[-2] if len(stack) > 1 else None
