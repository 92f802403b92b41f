"""The order of a conversation's turns: who begins, who ends, and whether there is any.

Knows roles' places and no text.
"""

from msgspec import Struct

from tunedrop.domain.findings import Code

Turn = tuple[str, int]
"""Whose a turn is, `user`, `assistant`, or empty for nobody known, and where its role stands."""
_NOBODYS: Turn = ("", 0)


class Turns(Struct):
    """The first and the last turn of a conversation."""

    first: Turn | None = None
    last: Turn | None = None
    current: Turn | None = None
    """The one that is walked; None for a message that stands outside the turns."""

    def begin(self) -> None:
        """Begin a turn, which is nobody's unless its role says something else."""
        self.current = _NOBODYS

    def end(self) -> None:
        """Take in the current turn."""
        if self.current is not None:
            self.first = self.first or self.current
            self.last = self.current

    def faults(self, path: str, start: int, *, are_others: bool) -> list[tuple[Code, str, int]]:
        """What is wrong with the order; no turn at all is only said where nothing else was (*are_others*)."""
        if self.first is None or self.last is None:
            return [] if are_others else [(Code.NO_TURNS, f"`{path}` holds no turn", start)]
        found = []
        if self.first[0] == "assistant":
            found.append((Code.FIRST_NOT_USER, "the first turn is not the user's", self.first[1]))
        if self.last[0] == "user":
            found.append((Code.LAST_NOT_ASSISTANT, "the last turn is the user's", self.last[1]))
        return found
