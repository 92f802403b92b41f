"""Whether a message repeats a text that it must not tell.

Pure; for where the text is known, which no general rule about quotations can rely on.
"""

from collections.abc import Iterable

_TELLING = 12
"""So many characters in a row are no coincidence."""


def repeats(message: str, texts: Iterable[str]) -> bool:
    """Tell whether a stretch of one of the texts, or a shorter text as a whole, stands in the message."""
    stretches = {message[start : start + _TELLING] for start in range(len(message) - _TELLING + 1)}
    for text in filter(None, map(str.strip, texts)):
        if text in message if len(text) < _TELLING else any(each in text for each in stretches):
            return True
    return False
