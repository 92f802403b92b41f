"""Another value for each setting of a thing, so that whoever compares has something to find."""

import base64

from tunedrop_deploy_lib.schedule import TICK

OTHER = {
    base64.b64encode(TICK.encode()).decode(): base64.b64encode(b"{}").decode(),
    "RETRY_POLICY_RETRY": "RETRY_POLICY_DO_NOT_RETRY",
    "ALLOW_INTERNAL_ONLY": "ALLOW_ALL",
    "ENABLED": "PAUSED",
    "ACTIVE": "FAILED",
    "enforced": "inherited",
    "GA": "BETA",
}
"""Other values where gcloud itself would stumble over what no service answers."""


def leaves(value, path=()):
    """The paths of everything in a table of tables that is no table, and of empty tables."""
    if isinstance(value, dict) and value:
        for key in sorted(value):
            yield from leaves(value[key], (*path, key))
    else:
        yield path


def broken(value):
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        number, unit = (value[:-1], "s") if value.endswith("s") else (value, "")
        return OTHER.get(value) or (f"{int(number) + 1}{unit}" if number.isdigit() else f"{value}x")
    if isinstance(value, list):
        return value[:-1] if value else [{"key": "OTHER", "secret": "other", "version": "1"}]
    return {"something": "else"}
