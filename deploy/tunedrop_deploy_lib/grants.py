"""Access rights, computed from the two tables.

Knows parties and roles; knows no gcloud.
"""

from collections.abc import Iterator

from tunedrop.topology import ACCOUNTS, TUNING, Bucket, Topic
from tunedrop_deploy_lib.names import Names
from tunedrop_deploy_lib.steps import Grant

VIEWER = "roles/storage.objectViewer"
CREATOR = "roles/storage.objectCreator"
PUBLISHER = "roles/pubsub.publisher"
INVOKER = "roles/run.invoker"


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
    return (
        *(
            Grant(member=member, role=VIEWER, why=f"Reads {bucket.holds}.", holder=party)
            for party in bucket.reads
            for member in members(names, party)
        ),
        *_in_folders(names, bucket, bucket.creates, CREATOR, "Adds objects and changes none."),
        *_in_folders(
            names,
            bucket,
            bucket.replaces,
            names.custom_role("replacer"),
            "Adds, overwrites and deletes objects.",
        ),
    )


def _in_folders(
    names: Names, bucket: Bucket, table: dict[str, tuple[str, ...]], role: str, why: str
) -> Iterator[Grant]:
    start = f"projects/_/buckets/{names.bucket(bucket.role)}/objects/"
    for party, folders in table.items():
        tests = [f'resource.name.startsWith("{start}{folder}")' for folder in folders]
        title = "in " + " ".join(folder.rstrip("/") for folder in folders) if folders else ""
        for member in members(names, party):
            yield Grant(
                member=member,
                role=role,
                why=why,
                condition=" || ".join(tests),
                title=title,
                holder=party,
            )


def topic_grants(names: Names, topic: Topic) -> tuple[Grant, ...]:
    """Return what a row of the topic table gives."""
    return tuple(
        Grant(member=member, role=PUBLISHER, why=f"Publishes {topic.carries}.", holder=party)
        for party in topic.publishes
        for member in members(names, party)
    )


def project_grants(names: Names) -> tuple[Grant, ...]:
    """Return what can only be given on the project."""

    def account(role: str, given: str, why: str) -> Grant:
        member = f"serviceAccount:{names.account(role)}"
        return Grant(member=member, role=given, why=why, holder=role)

    return (
        account("launcher", names.custom_role("launcher"), "Creates jobs and finds its own again."),
        account(
            "status", names.custom_role("status"), "Follows jobs; labels, serves and calls models."
        ),
        account("trigger", "roles/eventarc.eventReceiver", "Receives events of the intake bucket."),
        account("build", "roles/logging.logWriter", "Writes the build's log."),
        account("build", "roles/artifactregistry.writer", "Stores the image that it built."),
        account("build", VIEWER, "Reads the uploaded source."),
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
    }
    return tuple(
        Grant(
            member=f"serviceAccount:{email}",
            role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
            why="Encrypts and decrypts what the deployment keeps.",
            holder=holder,
        )
        for holder, email in agents.items()
    )


def dataset_bucket_grants(names: Names) -> tuple[Grant, ...]:
    """Return what the validator needs on a further dataset bucket."""
    member = f"serviceAccount:{names.account('validator')}"
    return (
        Grant(
            member=member, role=VIEWER, why="Reads datasets that requests name.", holder="validator"
        ),
    )
