"""What a deployment consists of, as data: buckets, topics, functions, accounts, roles and interfaces.

Every grant is computed from the two tables here. Imports the standard library alone, since the deploy
tool reads it before anything is installed; no deployed function needs it, so it is not deployed.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One bucket: who may do what in it.

    Attributes:
        role: Its part in the deployment, such as `ledger`.
        holds: Noun phrase.
        reads: Parties that get and list its objects.
        looks_into: Parties that only get objects, and only in these folders.
        creates: Parties that add objects, with the folders that they may add to; none means all.
        replaces: Parties that also overwrite and delete, with the folders; none means all.
        soft_delete_days: How long deleted objects can be brought back; 0 for never.
    """

    role: str
    holds: str
    reads: tuple[str, ...]
    creates: dict[str, tuple[str, ...]]
    replaces: dict[str, tuple[str, ...]]
    soft_delete_days: int
    looks_into: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic: who publishes, which function receives, and who takes messages out by hand."""

    role: str
    carries: str
    publishes: tuple[str, ...]
    receives: str = ""
    pulls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One deployed entry point.

    Attributes:
        name: Its part of the deployed name, `<deployment>-<name>`.
        source: Folder under `functions/`, and the account that it runs as.
        entry_point: Name in `main.py`.
        topic: Role of the topic that it is pushed from; none for the one that a bucket triggers.
        why: One sentence.
    """

    name: str
    source: str
    entry_point: str
    topic: str
    why: str
    memory: str = "1Gi"
    concurrency: int = 1


TUNING = "tuning"
"""The party that reads staged data and writes pipelines' output: the account of the jobs."""

BUCKETS = (
    Bucket(
        role="intake",
        holds="datasets, recipes and evaluation files that people drop",
        reads=("validator", "status", "uploaders"),
        creates={},
        replaces={"uploaders": ()},
        soft_delete_days=7,
    ),
    Bucket(
        role="work",
        holds="staged datasets, line maps, evidence of what models answered, pipelines' output",
        reads=("validator", "launcher", "status", TUNING),
        looks_into={"operators": ("evidence/",)},
        creates={"validator": ("staged/",)},
        replaces={
            "validator": ("incoming/", "line-maps/", "holdout/"),
            "status": ("evidence/",),
            TUNING: (),
        },
        soft_delete_days=0,
    ),
    Bucket(
        role="ledger",
        holds="every record that matters, created once and never changed",
        reads=("validator", "launcher", "status", "operators"),
        creates={
            "validator": ("drops/", "verdicts/", "messages/"),
            "launcher": ("runs/", "askers/", "starts/", "slots/", "budget/", "messages/"),
            "status": ("runs/", "cancels/", "slots/", "registry/", "champions/", "messages/"),
        },
        replaces={},
        soft_delete_days=90,
    ),
    Bucket(
        role="state",
        holds="marks of open runs and the queue, which can be rebuilt from the ledger, and the pause switch",
        reads=("launcher", "status", "operators"),
        creates={},
        replaces={"launcher": (), "status": ()},
        soft_delete_days=0,
    ),
    Bucket(
        role="reports",
        holds="a page for each drop and each run, their index, and notes of what it has yet to list",
        reads=("validator", "launcher", "status", "operators", "readers"),
        creates={},
        replaces={"validator": (), "launcher": (), "status": ()},
        soft_delete_days=7,
    ),
)

DEAD_LETTERS = "dead-letters"
DEAD_LETTERS_SUBSCRIPTION = f"{DEAD_LETTERS}-pull"
"""Role of the subscription that keeps them; without one the topic would lose everything."""
TOPICS = (
    Topic(
        role="requests",
        carries="tuning requests of other systems, and drops to look at again",
        publishes=("requesters", "validator", "status", "operators"),
        receives="requests",
    ),
    Topic(
        role="launches",
        carries="runs to launch",
        publishes=("validator", "status", "operators"),
        receives="launches",
    ),
    Topic(
        role="job-events",
        carries="job log entries, and the ticks that have open runs looked after",
        publishes=("sink", "scheduler", "status", "operators"),
        receives="job-events",
    ),
    Topic(
        role="control",
        carries="operators' decisions",
        publishes=("operators",),
        receives="control",
    ),
    Topic(
        role="events",
        carries="what happened, for anyone who wants to know",
        publishes=("validator", "launcher", "status"),
    ),
    Topic(
        role=DEAD_LETTERS,
        carries="messages that could not be delivered",
        publishes=("pubsub-agent",),
        pulls=("operators",),
    ),
)

FUNCTIONS = (
    Function(
        name="finalized",
        source="validator",
        entry_point="on_finalized",
        topic="",
        why="Checks every new object of the intake bucket and writes its verdict.",
    ),
    Function(
        name="requests",
        source="validator",
        entry_point="on_request",
        topic="requests",
        why="Checks the datasets that other systems name in messages.",
    ),
    Function(
        name="launches",
        source="launcher",
        entry_point="on_launch",
        topic="launches",
        why="Launches one job for an accepted dataset.",
        concurrency=4,
    ),
    Function(
        name="job-events",
        source="status",
        entry_point="on_job_event",
        topic="job-events",
        why="Follows jobs to their end, registers and calls the tuned model.",
        concurrency=4,
    ),
    Function(
        name="control",
        source="status",
        entry_point="on_control",
        topic="control",
        why="Carries out what operators decide.",
        concurrency=4,
    ),
)

NOTIFIERS = ("launcher", "status")
"""Function sources that take runs to their end, and so tell people; they alone are given the webhook's address."""

ACCOUNTS = {
    "validator": "Runs the two functions that check datasets.",
    "launcher": "Runs the function that launches jobs.",
    "status": "Runs the two functions that follow jobs and carry out decisions.",
    "trigger": "Calls the checking function when an object arrives, and nothing else.",
    "push": "Calls the four functions that messages are pushed to, and nothing else.",
    "build": "Builds the functions' images, instead of an account that may do far more.",
}

_JOBS = ("aiplatform.pipelineJobs", "aiplatform.tuningJobs")
_METRICS = (
    "contexts.get",
    "tensorboardExperiments.list",
    "tensorboardRuns.list",
    "tensorboardTimeSeries.batchRead",
    "tensorboardTimeSeries.list",
)
"""What the metrics of tunings are read with, by Google's list of permissions by method; read 2026-11-27."""
CUSTOM_ROLES = {
    "launcher": (
        "Creates jobs, looks whether one exists already, and stops one that was cancelled meanwhile.",
        tuple(f"{kind}.{verb}" for kind in _JOBS for verb in ("cancel", "create", "get", "list")),
    ),
    "status": (
        "Follows and cancels jobs, reads their metrics; labels, serves and calls tuned models.",
        (
            *(f"{kind}.{verb}" for kind in _JOBS for verb in ("cancel", "get", "list")),
            *(f"aiplatform.models.{verb}" for verb in ("get", "list", "update")),
            *(f"aiplatform.endpoints.{verb}" for verb in ("create", "deploy", "get", "predict")),
            *(f"aiplatform.{metric}" for metric in _METRICS),
        ),
    ),
    "replacer": (
        "Overwrites and deletes objects where a bucket's policy says so.",
        ("storage.objects.create", "storage.objects.delete"),
    ),
}

APIS = {
    "aiplatform": "tunes and serves models",
    "artifactregistry": "keeps the functions' images",
    "cloudbuild": "builds the functions",
    "cloudfunctions": "deploys the functions",
    "cloudresourcemanager": "reads and sets the project's access rights",
    "cloudscheduler": "ticks",
    "eventarc": "tells of new objects",
    "iam": "keeps accounts and roles",
    "logging": "passes on job log entries",
    "monitoring": "shows what happens and raises alerts",
    "pubsub": "carries messages",
    "run": "runs the functions",
    "storage": "keeps files",
}

AGENTS = {
    "pubsub": "gcp-sa-pubsub",
    "eventarc": "gcp-sa-eventarc",
    "cloudscheduler": "gcp-sa-cloudscheduler",
    "aiplatform": "gcp-sa-aiplatform",
}
"""Services that act under an account of their own, and the domain of its address."""


def custom_role_id(deployment: str, role: str) -> str:
    """Id of one of our roles; roles know no dashes."""
    return f"tunedrop_{deployment.replace('-', '_')}_{role}"
