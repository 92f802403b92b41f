"""Names that follow from the configuration, and the facts that only the project can tell.

Knows how things are called; makes nothing.
"""

from tunedrop.topology import AGENTS, FUNCTIONS, Function, custom_role_id
from tunedrop_deploy_lib.config import Config
from tunedrop_deploy_lib.gcloud import Command, Fact

BUILD = "build"
SETTINGS_FOLDER = f"{BUILD}/deploy"


class Names:
    """What everything of one deployment is called."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.project = config.project
        self.deployment = config.deployment
        self.project_flag = f"--project={config.project}"
        self.region_flag = f"--region={config.region}"
        self.labels = dict(config.labels) | {"tunedrop-deployment": config.deployment}

    @property
    def label_pairs(self) -> str:
        """All labels as flags take them."""
        return ",".join(f"{key}={value}" for key, value in sorted(self.labels.items()))

    def account(self, role: str) -> str:
        """Address of one of our service accounts."""
        return f"{self.deployment}-{role}@{self.project}.iam.gserviceaccount.com"

    def agent(self, service: str) -> str:
        """Address of a service's own account in the project."""
        return f"service-${{PROJECT_NUMBER}}@{AGENTS[service]}.iam.gserviceaccount.com"

    def custom_role(self, role: str) -> str:
        """Full name of one of our roles."""
        return f"projects/{self.project}/roles/{self.custom_role_id(role)}"

    def custom_role_id(self, role: str) -> str:
        """Id of one of our roles; roles know no dashes."""
        return custom_role_id(self.deployment, role)

    def role(self, role: str) -> str:
        """Full name of a role, whether one of ours or not."""
        return role if role.startswith("roles/") else self.custom_role(role)

    def bucket(self, role: str) -> str:
        """Name of a bucket."""
        return self.config.bucket(role)

    def topic(self, role: str) -> str:
        """Id of a topic."""
        return f"{self.deployment}-{role}"

    def topic_name(self, role: str) -> str:
        """Full name of a topic."""
        return f"projects/{self.project}/topics/{self.topic(role)}"

    def function(self, function: Function) -> str:
        """Id of a function, and of the service that it runs as."""
        return f"{self.deployment}-{function.name}"

    @property
    def agents(self) -> tuple[str, ...]:
        """Services whose own accounts have to exist; Vertex AI's only to be given a key."""
        return tuple(name for name in AGENTS if name != "aiplatform" or self.config.kms_key)

    @property
    def webhook_secret(self) -> str:
        """Id of the secret with the webhook's address."""
        return f"{self.deployment}-webhook"

    @property
    def sink(self) -> str:
        """Id of the log sink."""
        return f"{self.deployment}-job-events"

    @property
    def tick(self) -> str:
        """Id of the scheduler's job."""
        return f"{self.deployment}-sweep"


def address_fact(function: Function) -> str:
    """Name of the fact that holds a function's address."""
    return f"{function.name.replace('-', '_').upper()}_URL"


def facts(names: Names) -> dict[str, Fact]:
    """What has to be asked for, by name."""
    project = names.project_flag
    describe = ("functions", "describe")
    at = ("--gen2", names.region_flag, project)
    trigger_location = f"--location={names.config.bucket_location}"
    found = [
        Fact(
            "PROJECT_NUMBER",
            ("projects", "describe", names.project, "--format=value(projectNumber)"),
            "the project's number",
        ),
        Fact(
            "STORAGE_AGENT",
            ("storage", "service-agent", project),
            "the address of Cloud Storage's own account",
        ),
        Fact(
            "SINK_WRITER",
            ("logging", "sinks", "describe", names.sink, project, "--format=value(writerIdentity)"),
            "the member that the log sink writes as",
        ),
        Fact(
            "FINALIZED_TRIGGER",
            (
                *describe,
                f"{names.deployment}-finalized",
                *at,
                "--format=value(eventTrigger.trigger)",
            ),
            "the intake bucket's trigger",
        ),
        Fact(
            "FINALIZED_SUBSCRIPTION",
            _trigger_subscription(trigger_location, project),
            "the subscription behind the intake bucket's trigger",
        ),
    ]
    found += [
        Fact(
            address_fact(function),
            (*describe, names.function(function), *at, "--format=value(serviceConfig.uri)"),
            f"the address of the function {names.function(function)}",
        )
        for function in FUNCTIONS
        if function.topic
    ]
    return {fact.name: fact for fact in found}


def _trigger_subscription(location: str, project: str) -> Command:
    value = "--format=value(transport.pubsub.subscription)"
    return ("eventarc", "triggers", "describe", "${FINALIZED_TRIGGER}", location, project, value)
