"""The deployment's settings as one frozen model, built from a mapping of `TUNEDROP_…` variables.

Never reads the environment itself; every fault is reported, all together, by variable name.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from tunedrop.errors import ConfigError
from tunedrop.timings import Timings

PREFIX = "TUNEDROP_"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def _words(value: object) -> object:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip())
        if isinstance(value, str)
        else value
    )


def _pairs(value: object) -> object:
    if not isinstance(value, str):
        return value
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not all("=" in part for part in parts):
        msg = "expected pairs such as name=value, separated by commas"
        raise ValueError(msg)
    return dict(part.split("=", 1) for part in parts)


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Pairs = Annotated[dict[str, str], BeforeValidator(_pairs)]
BucketName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$")]


class Settings(BaseModel):
    """One deployment, as its functions and its command line see it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True
    )

    deployment: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")] = "tunedrop"
    """Name of the deployment: prefix of its topics, label of its jobs, part of every run key."""
    project: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$")]
    """Project of the buckets, the topics and the jobs."""
    region: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)+[0-9]+$")] = "us-central1"
    """Where jobs run unless a recipe says otherwise."""
    intake_bucket: BucketName
    """Where people drop datasets; the functions only read it."""
    work_bucket: BucketName
    """Staged datasets and the output of pipelines."""
    ledger_bucket: BucketName
    """Create-only records."""
    state_bucket: BucketName
    """Hints that can be rebuilt from the ledger."""
    reports_bucket: BucketName
    """Pages for people."""
    extra_dataset_buckets: Words = ()
    """Further buckets that requests may name datasets in; none unless listed."""
    allowed_regions: Words = ()
    """Regions that recipes may name; only the deployment's own unless listed."""
    allowed_base_models: Words = ()
    """Base models that recipes may name; none unless listed."""
    allowed_service_accounts: Words = ()
    """Service accounts that recipes may run jobs as; none unless listed."""
    allowed_encryption_keys: Words = ()
    """Cloud KMS keys that recipes may name; none unless listed."""
    allowed_templates: Words = ()
    """Pipeline templates that recipes may bring; none unless listed."""
    project_number: Annotated[str, Field(pattern=r"^[0-9]*$")] = ""
    """The project's other name, as services write it into the names of models; lets recipes name those."""
    tensorboard: str = ""
    """TensorBoard instance of the jobs in its region whose recipe names none."""
    service_account: str = ""
    """Runs the jobs whose recipe names none; empty leaves it to the service's agent."""
    encryption_key: str = ""
    """Encrypts the jobs whose recipe names no key."""
    default_base_models: Pairs = Field(default_factory=dict)
    """Base model per dataset format for drops that need no recipe, as `gemini=gemini-3.5-flash,…`."""
    default_recipe_folders: Words = ()
    """Folders besides the root whose drops need no recipe."""
    locked_fields: Words = ()
    """Recipe fields that metadata and requests may not override."""
    max_usd_per_run: Annotated[float, Field(ge=0)] | None = None
    """Above it a run is held for approval, whatever its recipe says."""
    max_usd_per_day: Annotated[float, Field(ge=0)] | None = None
    """What the jobs created in a day, in UTC, may be estimated to cost together; a run beyond it waits."""
    max_concurrent_jobs: Annotated[int, Field(ge=1, le=1000)] = 1
    """How many jobs may be open at once; the service's own quota is 1 unless it was raised."""
    max_new_runs_per_hour: Annotated[int, Field(ge=1, le=100_000)] = 20
    """Runs of one recipe within an hour, above which further ones are held for approval."""
    allow_unpriced: bool = False
    """Whether a run whose price is not known may start without approval."""
    max_dataset_bytes: Annotated[int, Field(gt=0)] = 1_000_000_000
    """Longest dataset that is looked at; the tuning service takes no longer one either."""
    report_excerpts: bool = True
    """Whether reports may quote dataset text."""
    webhook_url: SecretStr = SecretStr("")
    """Slack-compatible webhook that is told how runs end; a secret, which only launcher and status are given."""
    catalog_file: str = ""
    """A TOML file whose entries change or add to the built-in catalog."""
    vertex_emulator_host: str = ""
    """`host:port` of the local cloud's Vertex stand-in; refused unless it is a loopback address."""
    vertex_emulator_rest_host: str = ""
    """The same for its REST face, which pages name in calls to copy; goes with the one above."""
    google_apis_emulator_host: str = ""
    """`host:port` of a server that the doctor asks in place of Google's APIs; refused unless it is a loopback address."""
    timings: Annotated[Timings, BeforeValidator(_pairs)] = Timings()
    """Leases and deadlines; as `TUNEDROP_TIMINGS=lease_seconds=60,…`."""

    @classmethod
    def from_mapping(cls, variables: Mapping[str, str]) -> "Settings":
        """Build settings from environment-like variables; an empty value means unset.

        Raises:
            ConfigError: Names every variable that is missing, unknown or unusable.
        """
        known = {variable_name(field): field for field in cls.model_fields}
        ours = {name: value.strip() for name, value in variables.items() if name.startswith(PREFIX)}
        faults = [f"{name}: no such setting" for name in sorted(ours.keys() - known.keys())]
        values: dict[str, Any] = {
            known[name]: value for name, value in ours.items() if name in known and value
        }
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            faults += [
                _fault(details) for details in error.errors(include_url=False, include_input=False)
            ]
            raise ConfigError("; ".join(faults)) from None
        if faults:
            raise ConfigError("; ".join(faults))
        return settings

    def to_mapping(self) -> dict[str, str]:
        """The variables that build these settings again, but for secrets: those go to whom they are for."""
        values = self.model_dump(exclude_defaults=True)
        return {
            variable_name(field): _text(value)
            for field, value in values.items()
            if not isinstance(value, SecretStr)
        }

    @model_validator(mode="after")
    def _buckets_differ(self) -> Self:
        roles = (
            self.intake_bucket,
            self.work_bucket,
            self.ledger_bucket,
            self.state_bucket,
            self.reports_bucket,
        )
        if len(set(roles)) != len(roles) or set(roles) & set(self.extra_dataset_buckets):
            msg = "expected five different buckets, none of them an extra dataset bucket; a function that writes where it reads feeds itself"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _emulator_is_loopback(self) -> Self:
        hosts = (self.vertex_emulator_host, self.vertex_emulator_rest_host)
        if any(hosts) and not all(map(_is_loopback, hosts)):
            msg = "vertex_emulator_host, vertex_emulator_rest_host: expected a loopback host and a port each, such as 127.0.0.1:8085"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _stand_in_is_loopback(self) -> Self:
        host = self.google_apis_emulator_host
        if host and not _is_loopback(host):
            msg = "google_apis_emulator_host: expected a loopback host and a port, such as 127.0.0.1:8085"
            raise ValueError(msg)
        return self

    @property
    def dataset_buckets(self) -> frozenset[str]:
        """Buckets that datasets may lie in."""
        return frozenset({self.intake_bucket, *self.extra_dataset_buckets})

    def topic(self, role: str) -> str:
        """Full resource name of the deployment's topic for a role such as `events`."""
        return f"projects/{self.project}/topics/{self.deployment}-{role}"


def _is_loopback(address: str) -> bool:
    host, _, port = address.rpartition(":")
    return host in _LOOPBACK and port.isdigit()


def variable_name(field: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + field.upper()


def _text(value: Any) -> str:  # noqa: ANN401 — whatever a setting holds
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return ",".join(f"{key}={item}" for key, item in value.items())
        case tuple() | list():
            return ",".join(value)
        case _:
            return str(value)


def _fault(details: Any) -> str:  # noqa: ANN401 — pydantic's ErrorDetails
    location = details["loc"]
    name = (
        variable_name(str(location[0])) + "".join(f".{part}" for part in location[1:])
        if location
        else "settings"
    )
    return f"{name}: {details['msg']}"
