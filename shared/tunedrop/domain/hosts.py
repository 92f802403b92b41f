"""Which API host answers for a Vertex AI resource: the one of the location in its name.

Pure; knows names, and no client or credentials.
"""

import re

_LOCATION = re.compile(r"projects/[^/]+/locations/([a-z0-9-]+)(?:/|$)", re.ASCII)
# Multi-regions are served by hosts of their own (google/cloud/aiplatform/constants/base.py, MREP_JURISDICTIONS).
_MULTI_REGIONS = frozenset({"us", "eu"})


def location_in(name: str) -> str:
    """The location in a resource name, or an empty string."""
    match = _LOCATION.match(name)
    return match[1] if match else ""


def location_of(name: str) -> str:
    """The location in a resource name; the only thing that says which host answers for it.

    Raises:
        ValueError: The name holds none.
    """
    location = location_in(name)
    if not location:
        msg = "expected a resource name with projects/…/locations/…"
        raise ValueError(msg)
    return location


def host_of(location: str) -> str:
    """The API host for a location."""
    if location in _MULTI_REGIONS:
        return f"aiplatform.{location}.rep.googleapis.com"
    return (
        "aiplatform.googleapis.com"
        if location == "global"
        else f"{location}-aiplatform.googleapis.com"
    )


def publisher_model(project: str, location: str, base_model: str) -> str:
    """The name under which a project asks a base model of Google's."""
    return f"projects/{project}/locations/{location}/publishers/google/models/{base_model}"
