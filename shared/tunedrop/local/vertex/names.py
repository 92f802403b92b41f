"""Resource names: their parts, and the shape that the caller's own parts must have.

Knows no resource and no state.
"""

import re
from collections.abc import Mapping

from tunedrop.local.vertex.errors import invalid

_PARENT = re.compile(r"projects/(?P<project>[^/]+)/locations/(?P<location>[a-z0-9-]+)")
_LABEL = 64
_DISPLAY_NAME = 128


def parse_parent(name: str) -> tuple[str, str]:
    """Return project and location of a parent or of anything below it."""
    match = _PARENT.match(name)
    if not match:
        raise invalid(f"Invalid resource name {name!r}: expected projects/P/locations/L.")
    return match["project"], match["location"]


def parent_of(name: str) -> str:
    """Return `projects/P/locations/L` of a resource."""
    project, location = parse_parent(name)
    return f"projects/{project}/locations/{location}"


def check_display_name(field: str, display_name: str, *, required: bool = False) -> None:
    """Refuse what is longer than 128 characters, or empty where that is not allowed."""
    if len(display_name) > _DISPLAY_NAME or (required and not display_name):
        text = f"{field} must have 1 to {_DISPLAY_NAME} characters."
        raise invalid(text, (field, text))


def check_labels(field: str, labels: Mapping[str, str]) -> None:
    """Refuse labels that break Google's rules."""
    for key, value in labels.items():
        if not key or not (_is_label(key) and _is_label(value)):
            text = (
                f"Label keys and values have at most {_LABEL} characters and contain only "
                f"lowercase letters, numeric characters, underscores and dashes; found {key!r}."
            )
            raise invalid(text, (field, text))
    if len(labels) > _LABEL:
        raise invalid(f"No more than {_LABEL} labels.", (field, f"No more than {_LABEL} labels."))


def _is_label(text: str) -> bool:
    return len(text) <= _LABEL and all(
        c in "_-" or c.isdigit() or (c.isalpha() and c == c.lower()) for c in text
    )
