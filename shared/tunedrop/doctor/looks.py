"""What is read of a project: one request for each thing, lists where one list says it all.

Pure; the table of looks, which the first answers make longer.
"""

from collections.abc import Iterator
from urllib.parse import quote

from tunedrop.doctor.lines import Facts
from tunedrop.doctor.look import SERVICES, Look
from tunedrop.doctor.quotas import needed_quotas
from tunedrop.doctor.subject import Subject
from tunedrop.domain.hosts import host_of, location_in
from tunedrop.topology import BUCKETS, FUNCTIONS, TOPICS

_POLICY_VERSION = {"options.requestedPolicyVersion": "3"}
_ASK_FOR_POLICY = {"options": {"requestedPolicyVersion": 3}}


def looks(subject: Subject) -> tuple[Look, ...]:
    """Everything that can be asked for at once."""
    return (
        *_project(subject),
        *_buckets(subject),
        *_messages(subject),
        *_functions(subject),
        *_accounts(subject),
        *_keys(subject),
        *_vertex(subject),
    )


def further_looks(subject: Subject, facts: Facts) -> Iterator[Look]:
    """What can be asked for once the first answers say where: the intake trigger, its subscription's policy."""
    trigger = trigger_name(facts, subject)
    if trigger and "trigger" not in facts.sights:
        path, permission = f"v1/{trigger}", "eventarc.triggers.get"
        yield Look(key="trigger", service="eventarc", path=path, permission=permission)
    subscription = trigger_subscription(facts)
    if subscription and "policy/subscription/finalized" not in facts.sights:
        yield _subscription_policy("finalized", subscription)


def trigger_name(facts: Facts, subject: Subject) -> str:
    """Full name of the intake bucket's trigger, as the function that it calls says; or empty."""
    for function in facts.value("functions") or ():
        if function["name"].endswith(f"/{subject.settings.deployment}-finalized"):
            return str(function.get("eventTrigger", {}).get("trigger", ""))
    return ""


def trigger_subscription(facts: Facts) -> str:
    """Full name of the subscription behind the trigger, or empty."""
    trigger = facts.value("trigger") or {}
    return str(trigger.get("transport", {}).get("pubsub", {}).get("subscription", ""))


def _project(subject: Subject) -> Iterator[Look]:
    project = subject.project
    yield Look(
        key="project",
        service="crm",
        path=f"v1/projects/{project}",
        permission="resourcemanager.projects.get",
    )
    yield Look(
        key="policy/project",
        service="crm",
        path=f"v1/projects/{project}:getIamPolicy",
        permission="resourcemanager.projects.getIamPolicy",
        method="POST",
        body=_ASK_FOR_POLICY,
    )
    yield Look(
        key="services",
        service="serviceusage",
        path=f"v1/projects/{project}/services",
        query={"filter": "state:ENABLED", "pageSize": "200"},
        permission="serviceusage.services.list",
        items="services",
    )


def _buckets(subject: Subject) -> Iterator[Look]:
    for bucket in BUCKETS:
        name = subject.bucket(bucket.role)
        yield Look(
            key=f"bucket/{bucket.role}",
            service="storage",
            path=f"storage/v1/b/{name}",
            permission="storage.buckets.get",
        )
        yield _bucket_policy(f"bucket/{bucket.role}", name)
    for name in subject.settings.extra_dataset_buckets:
        yield _bucket_policy(f"dataset/{name}", name)
    yield Look(
        key="storage-agent",
        service="storage",
        path=f"storage/v1/projects/{subject.project}/serviceAccount",
        permission="resourcemanager.projects.get",
    )


def _bucket_policy(key: str, bucket: str) -> Look:
    return Look(
        key=f"policy/{key}",
        service="storage",
        path=f"storage/v1/b/{bucket}/iam",
        query={"optionsRequestedPolicyVersion": "3"},
        permission="storage.buckets.getIamPolicy",
    )


def _messages(subject: Subject) -> Iterator[Look]:
    for kind in ("topics", "subscriptions"):
        yield Look(
            key=kind,
            service="pubsub",
            path=f"v1/projects/{subject.project}/{kind}",
            query={"pageSize": "1000"},
            permission=f"pubsub.{kind}.list",
            items=kind,
        )
    for topic in TOPICS:
        yield Look(
            key=f"policy/topic/{topic.role}",
            service="pubsub",
            path=f"v1/{subject.settings.topic(topic.role)}:getIamPolicy",
            query=_POLICY_VERSION,
            permission="pubsub.topics.getIamPolicy",
        )
    for function in FUNCTIONS:
        if function.topic:
            name = f"projects/{subject.project}/subscriptions/{subject.function(function)}"
            yield _subscription_policy(function.name, name)


def _subscription_policy(function: str, subscription: str) -> Look:
    return Look(
        key=f"policy/subscription/{function}",
        service="pubsub",
        path=f"v1/{subscription}:getIamPolicy",
        query=_POLICY_VERSION,
        permission="pubsub.subscriptions.getIamPolicy",
    )


def _functions(subject: Subject) -> Iterator[Look]:
    parent = f"projects/{subject.project}/locations/{subject.settings.region}"
    yield Look(
        key="functions",
        service="functions",
        path=f"v2/{parent}/functions",
        permission="cloudfunctions.functions.list",
        items="functions",
    )
    for function in FUNCTIONS:
        yield Look(
            key=f"policy/service/{function.name}",
            service="run",
            path=f"v1/{parent}/services/{subject.function(function)}:getIamPolicy",
            query=_POLICY_VERSION,
            permission="run.services.getIamPolicy",
        )


def _accounts(subject: Subject) -> Iterator[Look]:
    project = subject.project
    yield Look(
        key="accounts",
        service="iam",
        path=f"v1/projects/{project}/serviceAccounts",
        query={"pageSize": "100"},
        permission="iam.serviceAccounts.list",
        items="accounts",
    )
    yield Look(
        key="roles",
        service="iam",
        path=f"v1/projects/{project}/roles",
        query={"view": "FULL", "showDeleted": "true", "pageSize": "1000"},
        permission="iam.roles.list",
        items="roles",
    )
    for account in subject.job_accounts:
        yield Look(
            key=f"policy/account/{account}",
            service="iam",
            path=f"v1/projects/-/serviceAccounts/{account}:getIamPolicy",
            query=_POLICY_VERSION,
            permission="iam.serviceAccounts.getIamPolicy",
            method="POST",
        )


def _keys(subject: Subject) -> Iterator[Look]:
    for key in subject.keys:
        path = f"v1/{quote(key, safe='/')}"
        yield Look(
            key=f"key/{key}", service="cloudkms", path=path, permission="cloudkms.cryptoKeys.get"
        )
        yield Look(
            key=f"policy/key/{key}",
            service="cloudkms",
            path=f"{path}:getIamPolicy",
            query=_POLICY_VERSION,
            permission="cloudkms.cryptoKeys.getIamPolicy",
        )


def _vertex(subject: Subject) -> Iterator[Look]:
    settings = subject.settings
    yield Look(
        key="vertex",
        service="aiplatform",
        path=f"v1/projects/{subject.project}/locations/{settings.region}/tuningJobs",
        query={"pageSize": "1"},
        permission="aiplatform.tuningJobs.list",
        host=host_of(settings.region),
    )
    if any(needed_quotas(subject).values()):
        yield _quotas(subject)
    location = location_in(settings.tensorboard)
    if location:
        yield Look(
            key="tensorboard",
            service="aiplatform",
            path=f"v1/{quote(settings.tensorboard, safe='/')}",
            permission="aiplatform.tensorboards.get",
            host=host_of(location),
        )


def _quotas(subject: Subject) -> Look:
    parent = f"projects/{subject.project}/locations/global/services/{SERVICES['aiplatform']}"
    return Look(
        key="quotas",
        service="cloudquotas",
        path=f"v1/{parent}/quotaInfos",
        query={"pageSize": "500"},
        permission="cloudquotas.quotas.get",
        items="quotaInfos",
    )
