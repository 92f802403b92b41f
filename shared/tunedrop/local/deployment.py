"""The deployment that a local cloud plays: its settings, its catalog and the variables that reach it.

Knows choices and names; starts nothing.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tunedrop.catalog import BUILT_IN, load_catalog
from tunedrop.config import Settings, variable_name
from tunedrop.local.layout import Layout
from tunedrop.timings import Timings
from tunedrop.topology import BUCKETS

PROJECT = "local-project"
BUCKET_ROLES = tuple(bucket.role for bucket in BUCKETS)
_DEFAULT_BASE_MODELS = {
    "code-generation": "code-bison@002",
    "code-chat": "codechat-bison@002",
    "gemini": "gemini-3.5-flash",
}
_TIMINGS = Timings(
    call_timeout_seconds=10,
    create_timeout_seconds=4,
    handler_deadline_seconds=8,
    request_timeout_seconds=9,
    ack_deadline_seconds=10,
    clock_skew_seconds=0.1,
    lease_seconds=12.5,
    list_lag_seconds=1,
    sweep_period_seconds=5,
    accepted_grace_seconds=5,
    queue_retry_seconds=2,
)
_CONCURRENT_JOBS = 3
_NEW_RUNS_PER_HOUR = 10_000
_OWN_ACCOUNT = ("TUNEDROP_", "GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_")
"""Variables of the caller that belong to another deployment or to a real account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redelivery:
    """How push subscriptions repeat what failed; the service's defaults, made faster."""

    first_rest_seconds: float = 0.2
    longest_rest_seconds: float = 2.0
    max_attempts: int = 20
    """5 to 100; then the message goes to the dead letters. These outlast half a minute of failures."""
    ack_deadline_seconds: int = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Every choice about a local cloud."""

    deployment: str = "tunedrop"
    region: str = "us-central1"
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `Settings` that differ from the local ones."""
    vertex: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the Vertex stand-in's settings, such as `{"seconds_per_job": 1.0}`."""
    retirement: bool = False
    """Whether base models retire as the catalog says; else none does."""
    tick_seconds: float = 1.0
    """How often every open run is looked after."""
    redelivery: Redelivery = Redelivery()
    ports: Mapping[str, int] = field(default_factory=dict)
    """By name: `storage`, `pubsub`, `vertex`, `vertex-rest`, or a process such as `launcher-launches`;
    the others are those of the last start, or free ones."""
    functions_directory: Path | None = None
    """Holds `validator/main.py` and its siblings; the source checkout's when absent."""
    function_environment: Mapping[str, str] = field(default_factory=dict)
    """Further variables for the functions."""
    ready_seconds: float = 60.0
    """How long the functions may take to answer their first request."""


def local_settings(
    options: Options, layout: Layout, *, vertex_address: str, vertex_rest_address: str
) -> Settings:
    """Return the deployment's settings: everything allowed that the catalog knows, and quick.

    Raises:
        ValidationError: `options.settings` holds what `Settings` refuses.
    """
    catalog = load_catalog()
    upload_regions = catalog.find(_DEFAULT_BASE_MODELS["code-generation"]).regions.tuning
    values: dict[str, Any] = {
        "deployment": options.deployment,
        "project": PROJECT,
        "region": options.region,
        **{f"{role}_bucket": f"{options.deployment}-{role}" for role in BUCKET_ROLES},
        "allowed_base_models": tuple(sorted(catalog.names())),
        "allowed_regions": upload_regions,
        "default_base_models": _DEFAULT_BASE_MODELS,
        "allow_unpriced": True,
        "max_concurrent_jobs": _CONCURRENT_JOBS,
        "max_new_runs_per_hour": _NEW_RUNS_PER_HOUR,
        "catalog_file": "" if options.retirement else str(layout.catalog_file),
        "vertex_emulator_host": vertex_address,
        "vertex_emulator_rest_host": vertex_rest_address,
        "timings": _TIMINGS,
    }
    return Settings.model_validate({**values, **options.settings})


def write_catalog(path: Path) -> None:
    """Write a catalog file that clears every retirement date of the built-in catalog."""
    document = tomllib.loads(BUILT_IN.read_text(encoding="utf-8"))
    tables = [
        f'[{kind}."{name}".retirement]\n'
        'on = ""\n'
        'not_before = ""\n'
        'source = "the local cloud, in which no base model retires"\n'
        f"as_of = {groups['retirement']['as_of'].isoformat()}\n"
        for kind, entries in document.items()
        for name, groups in entries.items()
        if "retirement" in groups
    ]
    path.write_text("\n".join(tables), encoding="utf-8")


def client_environment(
    settings: Settings, layout: Layout, *, storage_url: str, pubsub_address: str
) -> dict[str, str]:
    """Return the variables that point Google's libraries, gcloud and tunedrop at the local servers."""
    return {
        **settings.to_mapping(),
        "STORAGE_EMULATOR_HOST": storage_url,
        "PUBSUB_EMULATOR_HOST": pubsub_address,
        "GOOGLE_CLOUD_PROJECT": settings.project,
        "CLOUDSDK_CONFIG": str(layout.directory / "gcloud"),
        "CLOUDSDK_CORE_PROJECT": settings.project,
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
        "CLOUDSDK_AUTH_ACCESS_TOKEN": "local-token",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{storage_url}/storage/v1/",
        **_without_proxy(),
    }


def function_environment(options: Options, environment: Mapping[str, str]) -> dict[str, str]:
    """Return all variables of a function's process."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(_OWN_ACCOUNT)}
    return {
        "THREADS": "8",
        **inherited,
        "PYTHONUNBUFFERED": "1",
        **environment,
        **options.function_environment,
    }


def secret_environment(settings: Settings) -> dict[str, str]:
    """Return the variables that are written into no file: those that the functions of `NOTIFIERS` have beyond all."""
    address = settings.webhook_url.get_secret_value()
    return {variable_name("webhook_url"): address} if address else {}


def _without_proxy() -> dict[str, str]:
    """Keep loopback away from a proxy of the caller's, which gRPC and requests would both use."""
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}
    kept = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    hosts = ",".join(filter(None, [kept, "127.0.0.1", "localhost"]))
    return {"NO_PROXY": hosts, "no_proxy": hosts}
