"""Endpoints of ours that are of no use any more: replaced ones that cost money while idle, and empty ones.

Reads the service and the ledger's listings; removes nothing, and says which command would.
"""

import shlex
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from tunedrop import registry
from tunedrop.ai_ports import Models
from tunedrop.domain import naming
from tunedrop.domain.hosts import location_in
from tunedrop.domain.registered import Registered, is_same_model, newest_versions
from tunedrop.domain.runs import RunState
from tunedrop.domain.serving import Endpoint
from tunedrop.domain.tuning import serving_location
from tunedrop.handlers import champions
from tunedrop.services import Services

REPLACED = "replaced"
"""Machines stand ready for a version that is neither its recipe's champion nor its newest, of a run that has ended."""
NOT_LOADED = "not_loaded"
"""Machines stand ready for a model that never answered; its run ended without it."""
ORPHAN = "orphan"
"""Made for a run that could not load its model; nothing is deployed there."""
_Version = tuple[str, int]


class Leftover(Struct, frozen=True):
    """One endpoint, and what would take away what it costs or that it is there."""

    code: str
    """`REPLACED`, `NOT_LOADED` or `ORPHAN`."""
    endpoint: str
    recipe: str
    run_id: str
    version: int | None
    """None for an endpoint that never served a registered model."""
    tuned_model: str
    since: datetime
    """Since when it is of no use: a newer version was registered, or this was made or deployed in vain."""
    command: str
    """A whole line for a shell; a person decides whether to run it."""


def find(
    services: Services, models: Models, *, locations: Sequence[str] | None = None
) -> list[Leftover]:
    """Look in each location in which this deployment may serve, in a page or two each; the oldest first.

    Raises:
        CorruptRecordError: A version or a champion cannot be read, so that it may be the one in use.
        RetryableError: The same, for now.
    """
    # In this order: a run that ends meanwhile has become champion, or has not, by the last listing.
    undecided = {mark.run_id for mark in services.runbook.marks.all()}
    versions = registry.versions(services)
    kept = _in_use(services, versions, undecided)
    label = naming.deployment_label(services.settings.deployment)
    found: list[Leftover] = []
    for location in locations or _locations(services, versions):
        for endpoint in models.list_endpoints(location=location, labels=label):
            found += _on(services, endpoint, versions, kept)
    return sorted(found, key=lambda each: (each.since, each.endpoint))


def _in_use(
    services: Services, versions: Sequence[Registered], undecided: Container[str]
) -> frozenset[_Version]:
    """The champion and the newest version of each recipe, and those of runs that are still decided about."""
    champion = {(each.recipe, each.version) for each in champions.certain(services)}
    newest = {(each.recipe, each.version) for each in newest_versions(versions).values()}
    candidates = {(each.recipe, each.version) for each in versions if each.run_id in undecided}
    return frozenset(champion | newest | candidates)


def _locations(services: Services, versions: Iterable[Registered]) -> list[str]:
    """Where models were registered, and where any may be served that the deployment may tune."""
    regions = {services.settings.region, *services.settings.allowed_regions}
    entries = services.catalog.entries
    served = {
        serving_location(region, region, entries[name].regions.serving)
        for name in services.settings.allowed_base_models
        if name in entries
        for region in regions
    }
    registered = {location_in(each.endpoint) for each in versions}
    return sorted((regions | served | registered) - {""})


def _on(
    services: Services,
    endpoint: Endpoint,
    versions: Sequence[Registered],
    kept: frozenset[_Version],
) -> Iterator[Leftover]:
    if not endpoint.deployed:
        delete = _gcloud("delete", endpoint.name, {})
        yield from _of_failed_run(services, endpoint, ORPHAN, endpoint.created_at, delete)
    for deployed in endpoint.deployed:
        if not deployed.has_machines:
            continue
        undeploy = _gcloud("undeploy-model", endpoint.name, {"deployed-model-id": deployed.id})
        served = [each for each in versions if is_same_model(deployed.model, each.tuned_model)]
        if not served:
            since = deployed.deployed_at
            yield from _of_failed_run(services, endpoint, NOT_LOADED, since, undeploy)
        elif not any((each.recipe, each.version) in kept for each in served):
            yield _replaced(endpoint, served, versions, undeploy)


def _replaced(
    endpoint: Endpoint, served: Sequence[Registered], versions: Iterable[Registered], command: str
) -> Leftover:
    newest = max(served, key=lambda each: each.at)
    later = (
        each.at
        for each in versions
        if each.recipe == newest.recipe and each.version > newest.version
    )
    return Leftover(
        code=REPLACED,
        endpoint=endpoint.name,
        recipe=newest.recipe,
        run_id=newest.run_id,
        version=newest.version,
        tuned_model=newest.tuned_model,
        since=min(later),  # there is one: it is not the newest
        command=command,
    )


def _of_failed_run(
    services: Services, endpoint: Endpoint, code: str, since: datetime, command: str
) -> Iterator[Leftover]:
    """What a run left whose model could not be loaded; a run that is still at it may need it."""
    run_id = endpoint.labels.get(naming.RUN_LABEL, "")
    run = services.runbook.load(run_id) if run_id else None
    if run is None or run.state is not RunState.LOAD_FAILED:
        return
    succeeded = run.newest(RunState.SUCCEEDED)
    yield Leftover(
        code=code,
        endpoint=endpoint.name,
        recipe=str(run.accepted["recipe"]["name"]),
        run_id=run_id,
        version=None,
        tuned_model=str(succeeded.detail["tuned_model"]) if succeeded else "",
        since=since,
        command=command,
    )


def _gcloud(verb: str, name: str, options: Mapping[str, str]) -> str:
    project, _, rest = name.removeprefix("projects/").partition("/")
    flags = {**options, "region": location_in(name), "project": project}
    words = ["gcloud", "ai", "endpoints", verb, rest.rpartition("/")[2]]
    return shlex.join([*words, *(f"--{flag}={value}" for flag, value in flags.items())])
