"""Takes dataset text out of what a service says, since its messages may quote whole rows.

Pure; errs on the side of cutting too much: where a quotation has no certain end, everything after it goes.
"""

import re

MAX_TEXT = 400
CUT = "[cut]"
_KEY_LIKE = r"(?=[\w+=-]*[A-Z])(?=[\w+=-]*\d)[\w+=-]{20,}"
# How the service says which field of a request it refuses; what follows is its own message, not a row's.
_OWN_FIELD = r"Field:\ [A-Za-z_]{0,40}(?:job|spec)[\w.\[\]]{0,200};\ Message:"
_SAFE = re.compile(
    rf"""
    \[cut\]
  | (?P<mark>["'`])(?!{_KEY_LIKE}(?P=mark))
    (?:
        [\w./:%=-]{{1,160}}                                    # a name, a path or a number,
        (?:@(?:\d{{1,6}}|default|[\w.-]{{1,80}}\.gserviceaccount\.com))?  # with a version; an account of a service
      | \[[\w.]{{1,80}}\]                                      # a permission
    )
    (?P=mark)
  | (?<=[\w\]])\[\d{{1,6}}\]                                   # an index, as in worker_pool_specs[0]
  | (?<=[A-Za-z]{{2}})'(?:s|t|re|ve|ll|d|m)\b                  # it's
  | {_OWN_FIELD}
    """,
    re.ASCII | re.VERBOSE,
)
_ROW_WORD = (
    r"(?:\w*(?:json|example|row|record|instances?|contents?|parts|text|prompt|completion|input|output|question"
    r"|answer|value|got|received|data|messages?|utterance|sentence|response)|line)"
)
_NUMBER = r"(?: ?#?[0-9]{1,9}(?:,? (?:of|column|char) [0-9]{1,9})*)?"
# What follows such a word, and one of these marks, is a row or a part of one. A lone number at the end is not.
_ROW_AHEAD = (
    rf"(?<![\w/-])(?<![^\]]\.){_ROW_WORD}(?:\[[0-9]{{1,6}}\]|\.{_ROW_WORD}){{0,8}}{_NUMBER}"
    r"(?:(?: is| was)? ?[:=(]| [-\u2013\u2014] ) ?(?=\S)(?![0-9]{1,9}[ .,;:!?)]*\Z)(?!\[cut\])"
)
_QUOTES = "\"'`\u00ab\u00bb\u2018-\u201f"
_SUSPECT = re.compile(rf"{_OWN_FIELD}|[{_QUOTES}{{\[]|(?P<ahead>(?i:{_ROW_AHEAD}))")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def redacted(message: str) -> str:
    """The message up to the first thing that may be somebody's words: a quotation, an object, a row after a colon.

    Names, resources and numbers may stay in their quotes. The same again for a text that was redacted before.
    """
    text = " ".join(_CONTROL.sub(" ", message[: MAX_TEXT * 4]).split())[:MAX_TEXT].strip()
    at = 0
    while (suspect := _SUSPECT.search(text, at)) is not None:
        safe = _SAFE.match(text, suspect.start())
        if safe is None:
            text = text[: suspect.end() if suspect["ahead"] else suspect.start()] + CUT
            break
        at = safe.end()
    return text[:MAX_TEXT]
