"""Judges quotas: enough for one job at once of each kind that the allowed base models take.

Pure; which quota that is says the catalog, by the name that Google's documentation gives it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tunedrop.catalog_entries import CatalogEntry
from tunedrop.doctor.knowledge import metric_of
from tunedrop.doctor.lines import Facts, Line, Need, State, Verdict
from tunedrop.doctor.subject import Subject

_SERVICE = "aiplatform.googleapis.com"
_UNLIMITED = -1


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota that a job takes from."""

    code: str
    name: str
    region: str
    multiple: int
    """Units that one running job takes."""


def needed_quotas(subject: Subject) -> dict[Quota, tuple[str, ...]]:
    """Every quota that the catalog knows, with the allowed base models that take from it."""
    found: dict[Quota, list[str]] = {}
    allowed = {entry.name for entry in subject.base_models}
    for entry in subject.catalog.entries.values():
        for quota in _quotas_of(entry):
            users = found.setdefault(quota, [])
            users += [entry.name] if entry.name in allowed else []
    return {quota: tuple(users) for quota, users in found.items()}


def quota_lines(subject: Subject, facts: Facts) -> Iterator[Line]:
    """Each quota, judged where somebody takes from it."""
    for quota, users in needed_quotas(subject).items():
        why = f"One job at once takes {quota.multiple}; with less, jobs wait or are refused."
        need = Need(f"quota.{quota.code}.{quota.region}", f"{quota.name}, {quota.region}", why)
        if users:
            yield need.seen_in(facts["quotas"], partial(_judge, subject, quota))
        else:
            unused = "no allowed base model takes from it"
            yield need.is_(Verdict(State.NOT_NEEDED, unused))


def _quotas_of(entry: CatalogEntry) -> Iterator[Quota]:
    if entry.quota is not None:
        own = entry.quota
        yield Quota("jobs", own.name, own.region, own.multiple)
    for kind, each in (entry.compute.accelerators if entry.compute else {}).items():
        yield Quota(kind.lower(), each.quota_name, each.compute_region, each.quota_multiple)


def _judge(subject: Subject, quota: Quota, found: Any) -> Verdict:  # noqa: ANN401 — JSON
    info = next((each for each in found or () if _is(quota, each)), None)
    if info is None:
        remedy = "look for it in the console under IAM & Admin, Quotas"
        return Verdict(State.UNSEEN, "the service lists no quota of this name", (), remedy)
    value = _value(quota, info)
    if value is None:
        return Verdict(State.UNSEEN, f"the quota is not told for {quota.region}")
    if value == _UNLIMITED:
        return Verdict(State.GOOD, "unlimited")
    if value >= quota.multiple:
        return Verdict(State.GOOD, f"{value}, for {value // quota.multiple} at once")
    dimensions = () if quota.region == "global" else (f"--dimensions=region={quota.region}",)
    mend = subject.gcloud(
        *("beta", "quotas", "preferences", "create", f"--service={_SERVICE}"),
        f"--quota-id={info.get('quotaId', '')}",
        f"--preferred-value={quota.multiple}",
        *dimensions,
    )
    return Verdict(State.UNFIT, f"{value}, one job takes {quota.multiple}", (mend,))


def _is(quota: Quota, info: dict[str, Any]) -> bool:
    metric = metric_of(quota.name)
    if metric and info.get("metric") == metric:
        return True
    names = (info.get("quotaDisplayName", ""), info.get("metricDisplayName", ""))
    # The documentation itself writes "80 GB" and "80GB", with and without "per region".
    return _plain(quota.name) in map(_plain, names)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("perregion")


def _value(quota: Quota, info: dict[str, Any]) -> int | None:
    """The quota's value in its region; entries go from the more specific to the less."""
    for entry in info.get("dimensionsInfos", ()):
        region = entry.get("dimensions", {}).get("region", "")
        places = entry.get("applicableLocations", ())
        if region == quota.region or (
            not region and (not places or {quota.region, "global"} & {*places})
        ):
            # JSON leaves out a value of 0.
            return int(entry.get("details", {}).get("value", 0))
    return None
