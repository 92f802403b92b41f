"""Takes dataset text out of what a service says, since its messages may quote whole rows.

Pure; errs on the side of cutting too much.
"""

import re

MAX_TEXT = 400
_CUT = "[cut]"
_BRACES = re.compile(r"[{\[].*", re.DOTALL)
# Names, addresses and numbers may stay in their quotes; whatever else is quoted may be somebody's words.
_QUOTED = re.compile(r"""(["'`])(?![\w./:@%=-]{1,160}\1).*?\1""", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def redacted(message: str) -> str:
    """The message without quoted data: long quotations and everything from the first brace on are cut."""
    text = _QUOTED.sub(_CUT, message)
    text = _BRACES.sub(_CUT, text)
    return _CONTROL.sub(" ", text)[:MAX_TEXT].strip()
