"""Steps for the five buckets and the rights in them.

Knows buckets; knows no topic or function.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tunedrop.topology import BUCKETS, Bucket
from tunedrop_deploy_lib import grants
from tunedrop_deploy_lib.gcloud import Command
from tunedrop_deploy_lib.identities import ours
from tunedrop_deploy_lib.names import SETTINGS_FOLDER, Names
from tunedrop_deploy_lib.policies import Held, Resource, policy_step
from tunedrop_deploy_lib.steps import (
    Fill,
    Setting,
    Step,
    as_text,
    flags_of,
    judge_settings,
    only,
)

DAY_SECONDS = 24 * 3600
TEMPORARY = "incoming/"
WHY = {
    "intake": "People drop datasets here; the functions only read it, since a system that feeds itself is a bill.",
    "work": "Jobs read exactly the bytes that were checked, under names that are their hashes.",
    "ledger": "Every decision can be read a year later; nobody may overwrite or delete one.",
    "state": "Tells the functions quickly which runs are open.",
    "reports": "People find a page for each drop and each run at addresses that can be predicted.",
}
_COST = "about $0.02 per GB kept"


def bucket_steps(names: Names) -> Iterator[Step]:
    """The five buckets."""
    for bucket in BUCKETS:
        yield _bucket_step(names, bucket)


def _bucket_step(names: Names, bucket: Bucket) -> Step:
    name = names.bucket(bucket.role)
    settings = tuple(_settings(names, bucket))

    def command(verb: str, *flags: str) -> Command:
        return ("storage", "buckets", verb, f"gs://{name}", *flags, names.project_flag)

    def undo(found: Any, _fill: Fill) -> tuple[Command, ...]:  # noqa: ANN401 — JSON
        unlock = (command("update", "--clear-retention-period"),)
        empty = ("storage", "rm", f"gs://{name}", "--recursive", names.project_flag)
        return (*(unlock if found.get("retentionPolicy") else ()), empty)

    files = {}
    if bucket.role == "work":
        files[_lifecycle_file()] = json.dumps(_lifecycle(), indent=2) + "\n"
    return Step(
        key=f"bucket/{bucket.role}",
        makes=f"bucket gs://{name}: {bucket.holds}",
        why=WHY[bucket.role],
        look=command("describe", "--raw", "--format=json"),
        create=(
            command("create", *flags_of(settings)),
            command("update", f"--update-labels={names.label_pairs}"),
        ),
        judge=judge_settings(
            f"bucket gs://{name}", settings, lambda flags: (command("update", *flags),)
        ),
        undo=undo,
        monthly=_COST,
        holds_data=True,
        files=files,
    )


def _settings(names: Names, bucket: Bucket) -> Iterator[Setting]:
    config = names.config
    other_name = "name another bucket_prefix in the configuration; this bucket is somebody else's"
    yield Setting(
        path="projectNumber", expected="${PROJECT_NUMBER}", read=as_text, fixed=other_name
    )
    yield Setting(
        path="location",
        expected=config.bucket_location,
        flags=(f"--location={config.bucket_location}",),
        read=lambda found: str(found).lower(),
        fixed="a bucket cannot move: correct bucket_location, or name another bucket_prefix",
    )
    yield Setting(
        path="iamConfiguration.uniformBucketLevelAccess.enabled",
        expected=True,
        flags=("--uniform-bucket-level-access",),
    )
    yield Setting(
        path="iamConfiguration.publicAccessPrevention",
        expected="enforced",
        flags=("--public-access-prevention",),
    )
    yield from _deletion(names, bucket)
    if config.kms_key:
        yield Setting(
            path="encryption.defaultKmsKeyName",
            expected=config.kms_key,
            flags=(f"--default-encryption-key={config.kms_key}",),
        )
    yield Setting(
        path="labels",
        expected=names.labels,
        mend=(f"--update-labels={names.label_pairs}",),
        read=only(tuple(names.labels)),
    )


def _deletion(names: Names, bucket: Bucket) -> Iterator[Setting]:
    """What is deleted when, and for how long it can be brought back."""
    config = names.config
    is_ledger = bucket.role == "ledger"
    days = config.ledger_soft_delete_days if is_ledger else bucket.soft_delete_days
    yield Setting(
        path="softDeletePolicy.retentionDurationSeconds",
        expected=str(days * DAY_SECONDS),
        flags=(f"--soft-delete-duration={days}d",) if days else ("--soft-delete-duration=0",),
        mend=(f"--soft-delete-duration={days}d",) if days else ("--clear-soft-delete",),
        read=lambda found: str(found or 0),
    )
    if is_ledger:
        yield Setting(
            path="retentionPolicy.retentionPeriod",
            expected=str(config.ledger_retention_days * DAY_SECONDS),
            # In seconds: gcloud takes 400d for a year, a month and some days, of average lengths.
            flags=(f"--retention-period={config.ledger_retention_days * DAY_SECONDS}s",),
            read=as_text,
        )
    if bucket.role == "work":
        yield Setting(
            path="lifecycle.rule",
            expected=_lifecycle()["rule"],
            flags=(f"--lifecycle-file={_lifecycle_file()}",),
        )
    elif is_ledger or bucket.role == "state":
        yield Setting(
            path="lifecycle.rule",
            expected=[],
            mend=("--clear-lifecycle",),
            read=lambda found: found or [],
        )


def _lifecycle_file() -> str:
    return f"{SETTINGS_FOLDER}/work-lifecycle.json"


def _lifecycle() -> dict[str, Any]:
    """Half-written files of checks that did not end are gone after a day."""
    condition = {"age": 1, "matchesPrefix": [TEMPORARY]}
    return {"rule": [{"action": {"type": "Delete"}, "condition": condition}]}


def bucket_policy_steps(names: Names) -> Iterator[Step]:
    """The rights in the five buckets, and in further ones that datasets may lie in."""
    for bucket in BUCKETS:
        resource = _resource(names, bucket.role, names.bucket(bucket.role))
        why = f"Only those whom the table of buckets names, and the project's owners, reach {bucket.holds}."
        given = grants.bucket_grants(names, bucket)
        yield policy_step(resource, given, ours=ours(names), first=_by_itself(names), why=why)
    for name in names.config.dataset_buckets:
        resource = replace(_resource(names, f"dataset/{name}", name), is_ours=False)
        why = "Requests may name datasets in this bucket; it stays somebody else's."
        given = grants.dataset_bucket_grants(names)
        yield policy_step(resource, given, ours=ours(names), why=why)


def _by_itself(names: Names) -> tuple[Held, ...]:
    """What a new bucket gives to everybody with a basic role on its project, as of 2026-11 and unconfirmed."""
    groups = {"projectEditor": "Owner", "projectViewer": "Reader"}
    return tuple(
        Held(f"{group}:{names.project}", f"roles/storage.legacy{what}{level}")
        for group, level in groups.items()
        for what in ("Bucket", "Object")
    )


def _resource(names: Names, key: str, bucket: str) -> Resource:
    return Resource(
        key=f"bucket/{key}",
        name=f"bucket gs://{bucket}",
        group=("storage", "buckets"),
        target=(f"gs://{bucket}", names.project_flag),
        says_condition=True,
    )
