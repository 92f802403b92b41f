"""Takes dataset text out of what a service says, since its messages may quote whole rows.

Pure; errs on the side of cutting too much: where a quotation has no certain end, everything after it goes.
"""

import re

MAX_TEXT = 400
CUT = "[cut]"
_KEY_LIKE = r"(?=[\w+=-]*[A-Z])(?=[\w+=-]*\d)[\w+=-]{20,}"
_SAFE = re.compile(
    rf"""
    \[cut\]
  | (?P<mark>["'`])(?!{_KEY_LIKE}(?P=mark))[\w./:@%=-]{{1,160}}(?P=mark)  # a name, an address or a number
  | (?<=\w)\[\d{{1,6}}\]                                       # an index, as in worker_pool_specs[0]
  | (?<=[A-Za-z]{{2}})'(?:s|t|re|ve|ll|d|m)\b                  # it's
    """,
    re.ASCII | re.VERBOSE,
)
# What follows such a word and a colon is a row, or a part of one.
_ROW_AHEAD = (
    r"(?<![\w/.-])\w*(?:json|example|row|record|instance|contents?|text|prompt|completion|input|output"
    r"|question|answer|value|got|received|data)\s*(?:#?\d+\s*)?[:=]\s*(?=\S)(?!\d+\b)(?!\[cut\])"
)
_QUOTES = "\"'`\u00ab\u00bb\u2018-\u201f"
_UNSAFE = re.compile(rf"[{_QUOTES}{{\[]|(?P<ahead>(?i:{_ROW_AHEAD}))", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def redacted(message: str) -> str:
    """The message up to the first thing that may be somebody's words: a quotation, an object, a row after a colon.

    Names, addresses and numbers may stay in their quotes. The same again for a text that was redacted before.
    """
    text, at = message[: MAX_TEXT * 4], 0
    while (unsafe := _UNSAFE.search(text, at)) is not None:
        safe = _SAFE.match(text, unsafe.start())
        if safe is None:
            text = text[: unsafe.end() if unsafe["ahead"] else unsafe.start()] + CUT
            break
        at = safe.end()
    return _CONTROL.sub(" ", text)[:MAX_TEXT].strip()
