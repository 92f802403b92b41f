"""Pages of a list of names; a page token is the last name of the page before.

Knows nothing of what the names stand for.
"""

from collections.abc import Sequence

_LARGEST_PAGE = 1000


def page(names: Sequence[str], size: int, token: str) -> tuple[list[str], str]:
    """Return one page of sorted *names* and the token of the next, empty after the last.

    Args:
        names: All of them, sorted.
        size: How many at most; 0 leaves it to the server.
        token: What the page before returned; empty for the first.
    """
    rest = [name for name in names if name > token]
    size = size or _LARGEST_PAGE
    return rest[:size], rest[size - 1] if len(rest) > size else ""
