"""The order of a conversation's turns: who begins, who ends, and whether there is any.

Knows roles' places and no text.
"""

from dataclasses import dataclass

from tunedrop.domain.findings import Code


@dataclass(slots=True)
class Turns:
    """The first and the last turn of a conversation: whose each is, and where its role stands."""

    first: tuple[str, int] | None = None
    last: tuple[str, int] | None = None

    def note(self, whose: str, position: int) -> None:
        """Take in a turn; *whose* is `user`, `assistant`, or empty for a role that nobody knows."""
        self.first = self.first or (whose, position)
        self.last = (whose, position)

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
