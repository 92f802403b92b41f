"""Reads `facts.toml`: what is known about Google's services and may change without us.

Kept from judging anything with it.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "facts.toml").read_text(encoding="utf-8"))


def role_for(permission: str) -> str:
    """The predefined role that lets a caller look; empty where none is known."""
    return str(_document()["readers"]["roles"].get(permission, ""))


def metric_of(quota_name: str) -> str:
    """The metric of a quota, by its documented name; empty where none is known."""
    return str(_document()["quotas"].get(quota_name, {}).get("metric", ""))


def dual_regions() -> Mapping[str, list[str]]:
    """The regions of dual-regions, by name in lower case."""
    regions: dict[str, list[str]] = _document()["dual_regions"]["regions"]
    return regions
