"""Tells texts that say nothing from those that do.

Knows characters alone; whether a text has to say something is for others to know.
"""

import re

# White space, and what Unicode lets a screen leave out; the blank of Braille is neither and shows nothing.
_UNSEEN = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*+"
).fullmatch


def is_blank(text: str) -> bool:
    """Whether nothing of *text* can be seen, or it is empty."""
    # Most texts begin with a character of visible ASCII, which costs no search.
    return not "!" <= text < "\x7f" and _UNSEEN(text) is not None
