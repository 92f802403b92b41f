"""Judges the five buckets: there, ours, near the jobs, and closed to the public.

Pure; who may do what in them is judged elsewhere.
"""

from collections.abc import Iterator
from typing import Any

from tunedrop.doctor.knowledge import dual_regions
from tunedrop.doctor.lines import GOOD, Facts, Line, Need, State, Verdict
from tunedrop.doctor.project import project_number
from tunedrop.doctor.subject import Subject
from tunedrop.topology import BUCKETS, Bucket

_MULTI_REGIONS = {"us": "us-", "eu": "europe-", "asia": "asia-"}
_LOCAL = Verdict(State.NOT_NEEDED, "a local cloud is reached from this machine alone")


def bucket_lines(subject: Subject, facts: Facts) -> Iterator[Line]:
    """Each bucket that is there gets all lines, one that is not gets the first."""
    for bucket in BUCKETS:
        name, sight = subject.bucket(bucket.role), facts[f"bucket/{bucket.role}"]
        need = Need(f"bucket.{bucket.role}.exists", f"gs://{name}", f"Holds {bucket.holds}.")
        yield need.if_seen(sight, _exists(subject, name, sight.value))
        if sight.outcome == "seen":
            yield from _settings(subject, facts, bucket, sight.value)


def _exists(subject: Subject, name: str, found: Any) -> Verdict:  # noqa: ANN401 — JSON
    if found is not None:
        return GOOD
    mend = subject.gcloud(
        *("storage", "buckets", "create", f"gs://{name}", f"--location={subject.settings.region}"),
        *("--uniform-bucket-level-access", "--public-access-prevention"),
    )
    return Verdict(State.MISSING, "no such bucket", (mend,))


def _settings(
    subject: Subject, facts: Facts, bucket: Bucket, found: dict[str, Any]
) -> Iterator[Line]:
    name = subject.bucket(bucket.role)
    needs = {
        "owner": (
            "Somebody else's bucket under a name of ours would be handed everything that we write.",
            _owner(subject, facts, found),
        ),
        "location": (
            "Functions, jobs and their data belong near each other; what crosses continents is slow and billed.",
            _location(subject, found),
        ),
        "uniform_access": (
            "Only the bucket's policy says who may do what, and no object's own list.",
            _uniform(subject, name, found),
        ),
        "public_access": (
            "Datasets and records are nobody's business but the deployment's.",
            _public(subject, name, found),
        ),
    }
    for aspect, (why, verdict) in needs.items():
        words = aspect.replace("_", " ")
        need = Need(f"bucket.{bucket.role}.{aspect}", f"{words} of gs://{name}", why)
        yield need.is_(_LOCAL if subject.is_local else verdict)


def _owner(subject: Subject, facts: Facts, found: dict[str, Any]) -> Verdict:
    number, owner = project_number(subject, facts), str(found.get("projectNumber", ""))
    if not number:
        sight = facts["project"]
        return Verdict(State.UNSEEN, sight.reason, sight.mend, sight.remedy)
    if owner == number:
        return GOOD
    remedy = "write nothing to it: name another bucket_prefix in the deploy tool's configuration and apply again"
    return Verdict(State.UNFIT, f"it belongs to project {owner}, ours is {number}", (), remedy)


def _location(subject: Subject, found: dict[str, Any]) -> Verdict:
    region, location = subject.settings.region, str(found.get("location", "")).lower()
    placed = found.get("customPlacementConfig", {}).get("dataLocations", ())
    regions = [str(place).lower() for place in placed] or dual_regions().get(location, [location])
    start = _MULTI_REGIONS.get(location)
    if region in regions or (start and region.startswith(start)):
        return Verdict(State.GOOD, location)
    remedy = "a bucket cannot move: name another bucket_prefix in the deploy tool's configuration and apply again"
    return Verdict(State.UNFIT, f"it lies in {location}, the deployment in {region}", (), remedy)


def _uniform(subject: Subject, name: str, found: dict[str, Any]) -> Verdict:
    access = found.get("iamConfiguration", {}).get("uniformBucketLevelAccess", {})
    if access.get("enabled"):
        return GOOD
    return Verdict(
        State.UNFIT, "switched off", (_update(subject, name, "--uniform-bucket-level-access"),)
    )


def _public(subject: Subject, name: str, found: dict[str, Any]) -> Verdict:
    prevention = found.get("iamConfiguration", {}).get("publicAccessPrevention", "inherited")
    if prevention == "enforced":
        return GOOD
    mend = (_update(subject, name, "--public-access-prevention"),)
    return Verdict(State.UNFIT, f"public access prevention is {prevention}", mend)


def _update(subject: Subject, name: str, flag: str) -> str:
    return subject.gcloud("storage", "buckets", "update", f"gs://{name}", flag)
