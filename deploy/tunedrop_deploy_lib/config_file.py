"""Reads the configuration file: unknown fields are refused with a suggestion, all faults are told together.

Knows the rules of the fields; knows no gcloud.
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from tunedrop_deploy_lib.config import Config
from tunedrop_deploy_lib.errors import ConfigError
from tunedrop_deploy_lib.fields import Rule

_LONGEST_BUCKET = 63
_LONGEST_ROLE = "-reports"


def load_config(path: Path) -> Config:
    """Read and check a configuration file.

    Raises:
        ConfigError: Names every field that is missing, unknown or unusable, with what to do.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        remedy = "expected a file; copy deploy/config.example.toml and fill it in"
        raise ConfigError(str(path), [remedy]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [f"expected TOML in UTF-8: {error}"]) from None
    rules = {_rule(field).path: field for field in fields(Config)}
    found = dict(_leaves(document, rules))
    faults = [_unknown(name, rules) for name in sorted(found.keys() - rules.keys())]
    values: dict[str, Any] = {}
    for name, field in rules.items():
        fault = _fault(_rule(field), field, found)
        if fault:
            faults.append(fault)
        elif name in found:
            value = found[name]
            values[field.name] = tuple(value) if isinstance(value, list) else value
    if not faults:
        config = Config(**values)
        faults = list(_across(config))
    if faults:
        raise ConfigError(str(path), faults)
    return config


def _rule(field: "Field[Any]") -> Rule:
    rule: Rule = field.metadata["rule"]
    return rule


def _leaves(
    document: Mapping[str, Any], rules: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        name = prefix + key
        if isinstance(value, dict) and name not in rules:
            yield from _leaves(value, rules, f"{name}.")
        else:
            yield name, value


def _unknown(name: str, rules: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, rules, n=1) or difflib.get_close_matches(
        name.rpartition(".")[2], {path.rpartition(".")[2]: path for path in rules}, n=1
    )
    meant = next((path for path in rules if close and path.endswith(close[0])), "")
    hint = f"did you mean {meant}?" if meant else "see deploy/config.example.toml for all fields"
    return f"{name}: no such field; {hint}"


def _fault(rule: Rule, field: "Field[Any]", found: Mapping[str, Any]) -> str:
    if rule.path not in found:
        required = field.default is MISSING and field.default_factory is MISSING
        return f"{rule.path}: missing; expected {rule.expected}; {rule.remedy}" if required else ""
    if rule.check(found[rule.path]):
        return ""
    return f"{rule.path}: expected {rule.expected}, found {found[rule.path]!r}; {rule.remedy}"


def _across(config: Config) -> Iterator[str]:
    """Yield the faults that two fields have together."""
    longest = len(config.buckets_start + _LONGEST_ROLE)
    if longest > _LONGEST_BUCKET:
        yield (
            f"bucket_prefix: expected bucket names of at most {_LONGEST_BUCKET} characters, "
            f"found {longest}; name a shorter prefix, such as {config.deployment}-{config.project[:12]}"
        )
    elif "google" in config.buckets_start or config.buckets_start.startswith("goog"):
        yield (
            "bucket_prefix: expected a prefix without `google` and not starting with `goog`, which "
            f"bucket names may not hold, found {config.buckets_start!r}; name another prefix"
        )
    if config.kms_key:
        location = config.kms_key.split("/")[3]
        if {location} != {config.region, config.bucket_location}:
            yield (
                f"security.kms_key: expected a key, buckets and functions in one region, found the key in "
                f"{location}, bucket_location {config.bucket_location}, region {config.region}; "
                "use the same region for all three"
            )
    if bool(config.billing_account) != (config.monthly_usd is not None):
        yield (
            "budget: expected billing_account and monthly_usd together, found one of them; "
            "give both, or neither"
        )
    if config.tensorboard:
        _, project, _, location, *_ = config.tensorboard.split("/")
        if location != config.region or project not in {config.project, config.project_number}:
            yield (
                f"jobs.tensorboard: expected an instance of project {config.project} in {config.region}, where "
                f"the jobs run, found one of {project} in {location}; create one there, or leave the line out"
            )
