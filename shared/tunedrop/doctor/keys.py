"""Judges encryption: the key is there, usable, near the jobs, and taken by the base models.

Pure; the rules are those that recipes are held to.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tunedrop.catalog_entries import CatalogEntry
from tunedrop.doctor.lines import GOOD, Facts, Line, Need, State, Verdict
from tunedrop.doctor.policies import Holding, Resource, judge_holding
from tunedrop.doctor.project import project_number
from tunedrop.doctor.subject import Subject
from tunedrop.domain import tuning as rules
from tunedrop.domain.hosts import location_in

_USER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
_WHY_USE = "The service encrypts and decrypts with the key what it keeps for the deployment."


def key_lines(subject: Subject, facts: Facts) -> Iterator[Line]:
    """Each key that jobs may be encrypted with, and each base model under the deployment's own."""
    if not subject.keys:
        need = Need(
            "key.any", "encryption keys", "Jobs and what they leave can be encrypted with one."
        )
        unused = "none is named, so Google's own keys are used"
        yield need.is_(Verdict(State.NOT_NEEDED, unused))
    for key in subject.keys:
        # Location, ring and name: what tells keys apart.
        code = f"key.{'.'.join(key.split('/')[3::2])}"
        why = "Nothing that is encrypted with it can be written or read without it."
        need = Need(f"{code}.state", key, why)
        yield need.seen_in(facts[f"key/{key}"], partial(_state, subject, key))
        why = "A job takes a key of its own region only."
        yield Need(f"{code}.region", f"location of {key}", why).is_(_region(subject, key))
        yield from _users(subject, facts, key, code)
    if subject.settings.encryption_key:
        for entry in subject.base_models:
            why = "Every job of the deployment is encrypted with its key, unless the base model refuses one."
            need = Need(f"key.base_model.{entry.name}", f"{entry.name} under the key", why)
            yield need.is_(_taken(subject, entry))


def _state(subject: Subject, key: str, found: Any) -> Verdict:  # noqa: ANN401 — JSON
    parts = key.split("/")
    if found is None:
        words = ("kms", "keys", "create", parts[-1], f"--keyring={parts[-3]}")
        mend = subject.gcloud(*words, f"--location={parts[3]}", "--purpose=encryption")
        return Verdict(State.MISSING, "no such key", (mend,))
    if found.get("purpose", "ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT":
        return Verdict(State.UNFIT, f"its purpose is {found['purpose']}", (), _ANOTHER_KEY)
    primary = found.get("primary", {})
    state = primary.get("state", "without a primary version")
    if state == "ENABLED":
        return GOOD
    version = str(primary.get("name", "")).rpartition("/")[2]
    verb = {"DISABLED": "enable", "DESTROY_SCHEDULED": "restore"}.get(state)
    if verb is None or not version:
        return Verdict(State.UNFIT, f"it is {state}", (), _ANOTHER_KEY)
    mend = subject.gcloud(
        *("kms", "keys", "versions", verb, version, f"--key={parts[-1]}"),
        *(f"--keyring={parts[-3]}", f"--location={parts[3]}"),
    )
    return Verdict(State.UNFIT, f"its primary version is {state}", (mend,))


_ANOTHER_KEY = "name another key in TUNEDROP_ENCRYPTION_KEY or TUNEDROP_ALLOWED_ENCRYPTION_KEYS"


def _region(subject: Subject, key: str) -> Verdict:
    location = location_in(key)
    is_own = key == subject.settings.encryption_key
    regions = subject.regions[:1] if is_own else subject.regions
    if location in regions:
        return Verdict(State.GOOD, location)
    found = f"it lies in {location or 'no location'}, jobs run in {' or '.join(regions)}"
    return Verdict(State.UNFIT, found, (), _ANOTHER_KEY)


def _users(subject: Subject, facts: Facts, key: str, code: str) -> Iterator[Line]:
    number = project_number(subject, facts)
    agent = facts["storage-agent"]
    emails = {
        service: subject.agent(service, number) if number else ""
        for service in ("pubsub", "aiplatform")
    } | {"storage": (agent.value or {}).get("email_address", "")}
    for service, email in sorted(emails.items()):
        need = Need(f"{code}.{service}", f"{service}: use of {key}", _WHY_USE)
        if not email:
            sight = agent if service == "storage" else facts["project"]
            remedy = "correct TUNEDROP_PROJECT"
            yield need.if_seen(sight, Verdict(State.MISSING, "no such project", (), remedy))
            continue
        holding = Holding(f"serviceAccount:{email}", _USER)

        def judge(policy: Any, holding: Holding = holding) -> Verdict:  # noqa: ANN401 — JSON
            above = facts.value("policy/project")
            resource = Resource(("kms", "keys"), (key,))
            return judge_holding(policy, above, holding, resource, subject.project)

        yield need.seen_in(facts[f"policy/key/{key}"], judge)


def _taken(subject: Subject, entry: CatalogEntry) -> Verdict:
    """Hold the deployment's key to what the service documents about the base model."""
    region, key = subject.settings.region, subject.settings.encryption_key
    kind = entry.compute.default_accelerator if entry.compute else None
    problems = rules.encryption_support_problems(
        supported=entry.encryption.supported,
        accelerator=kind,
        accelerators=entry.encryption.accelerators,
        base_model=entry.name,
    ) or rules.encryption_region_problems(
        key, region=region, upload_region=region, regions=entry.encryption.regions
    )
    if not problems:
        return GOOD
    first = problems[0]
    found = f"expected {first.expected}, found {first.found}"
    return Verdict(State.UNFIT, found, (), first.remedy)
