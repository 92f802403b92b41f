"""Access rights, computed from the two tables.

Knows parties and roles; knows no gcloud.
"""

from collections.abc import Iterator

from tunedrop.rights import (
    PROJECT_RIGHTS,
    PUBLISHER,
    VIEWER,
    WEBHOOK_RIGHTS,
    Right,
    bucket_rights,
    folder_condition,
    pull_rights,
    topic_rights,
)
from tunedrop.topology import ACCOUNTS, TUNING, Bucket, Topic
from tunedrop_deploy_lib.names import Names
from tunedrop_deploy_lib.steps import Grant

INVOKER = "roles/run.invoker"
SECRETS = "secretmanager"
SECRET_AGENT = f"service-${{PROJECT_NUMBER}}@gcp-sa-{SECRETS}.iam.gserviceaccount.com"
"""Secret Manager's own account, which is of use only with a key, and holds no role of its own."""


def members(names: Names, party: str) -> tuple[str, ...]:
    """Who a party of the tables is; nobody where the configuration names none."""
    config = names.config
    people = {
        "uploaders": config.uploaders,
        "requesters": config.requesters,
        "operators": config.operators,
        "readers": config.readers,
    }
    if party in people:
        return people[party]
    if party in ACCOUNTS:
        return (f"serviceAccount:{names.account(party)}",)
    account = config.tuning_service_account
    others = {
        TUNING: (f"serviceAccount:{account}",) if account else (),
        "sink": ("${SINK_WRITER}",),
        "scheduler": (f"serviceAccount:{names.agent('cloudscheduler')}",),
        "pubsub-agent": (f"serviceAccount:{names.agent('pubsub')}",),
    }
    return others[party]


def bucket_grants(names: Names, bucket: Bucket) -> tuple[Grant, ...]:
    """Return what a row of the bucket table gives."""
    name = names.bucket(bucket.role)
    return tuple(grant for right in bucket_rights(bucket) for grant in _granted(names, right, name))


def topic_grants(names: Names, topic: Topic) -> tuple[Grant, ...]:
    """Return what a row of the topic table gives."""
    return tuple(grant for right in topic_rights(topic) for grant in _granted(names, right))


def pull_grants(names: Names, topic: Topic) -> tuple[Grant, ...]:
    """Return what a row of the topic table gives on the topic's own subscription."""
    return tuple(grant for right in pull_rights(topic) for grant in _granted(names, right))


def _granted(names: Names, right: Right, bucket: str = "") -> Iterator[Grant]:
    """One grant for each member of the right's party."""
    condition, title = folder_condition(bucket, right.folders)
    for member in members(names, right.party):
        yield Grant(
            member=member,
            role=names.role(right.role),
            why=right.why,
            condition=condition,
            title=title,
            holder=right.party,
        )


def project_grants(names: Names) -> tuple[Grant, ...]:
    """Return what can only be given on the project."""
    return (
        *(grant for right in PROJECT_RIGHTS for grant in _granted(names, right)),
        Grant(
            member="serviceAccount:${STORAGE_AGENT}",
            role=PUBLISHER,
            why="Announces new objects of the intake bucket.",
            holder="Cloud Storage",
        ),
        *(
            Grant(
                member=f"serviceAccount:{names.agent(service)}",
                role=f"roles/{service}.serviceAgent",
                why=f"Lets {service} act in the project as it is meant to.",
                holder=service,
            )
            for service in names.agents
        ),
    )


def job_account_grants(names: Names) -> tuple[Grant, ...]:
    """Return what the launcher needs on the account of the jobs, and every account that recipes may name."""
    member = f"serviceAccount:{names.account('launcher')}"
    why = "Hands the account to the jobs that it creates."
    return (Grant(member=member, role="roles/iam.serviceAccountUser", why=why, holder="launcher"),)


def key_grants(names: Names) -> tuple[Grant, ...]:
    """Return who has to be able to use the key: the services that keep our data."""
    agents = {
        "Cloud Storage": "${STORAGE_AGENT}",
        "pubsub": names.agent("pubsub"),
        "aiplatform": names.agent("aiplatform"),
        **({SECRETS: SECRET_AGENT} if names.config.webhook else {}),
    }
    return tuple(key_grant(holder, email) for holder, email in agents.items())


def key_grant(holder: str, email: str) -> Grant:
    """Return one service's right to use the key."""
    return Grant(
        member=f"serviceAccount:{email}",
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        why="Encrypts and decrypts what the deployment keeps.",
        holder=holder,
    )


def webhook_grants(names: Names) -> tuple[Grant, ...]:
    """Return who reads the secret with the webhook's address."""
    return tuple(grant for right in WEBHOOK_RIGHTS for grant in _granted(names, right))


def dataset_bucket_grants(names: Names) -> tuple[Grant, ...]:
    """Return what the validator needs on a further dataset bucket."""
    member = f"serviceAccount:{names.account('validator')}"
    return (
        Grant(
            member=member, role=VIEWER, why="Reads datasets that requests name.", holder="validator"
        ),
    )
