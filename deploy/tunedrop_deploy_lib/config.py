"""Every field of the configuration: where it stands in the file, what it may hold, what to do otherwise.

Reads nothing; knows no gcloud.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tunedrop_deploy_lib import forms
from tunedrop_deploy_lib.config_caps import Caps
from tunedrop_deploy_lib.fields import choice, pairs, setting, text, texts, whole

_MEMBERS = 'an array of members such as "group:ml@example.com"; never allUsers'
_MEMBER_REMEDY = "name users, groups, service accounts or a domain; nothing here is for the public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Caps):
    """One deployment, as its file describes it."""

    project: str = setting(
        "project",
        text(r"[a-z][a-z0-9-]{4,28}[a-z0-9]"),
        expected="a project id",
        remedy="take it from `gcloud projects list`; it is not the number",
    )
    project_number: str = setting(
        "project_number",
        text(r"[0-9]{4,20}|"),
        expected="the project's number as text",
        remedy="take it from `gcloud projects describe PROJECT`, or leave the line out",
        default="",
    )
    region: str = setting(
        "region",
        text(forms.REGION),
        expected="a region such as us-central1",
        remedy="name the region of the functions and of the jobs",
    )
    bucket_location: str = setting(
        "bucket_location",
        text(rf"{forms.REGION}|us|eu|asia"),
        expected="a region, or one of us, eu, asia, in lower case",
        remedy="name where the buckets lie; the trigger of the intake bucket lies in the same place",
    )
    deployment: str = setting(
        "deployment",
        text(r"[a-z][a-z0-9-]{0,18}[a-z0-9]"),
        expected="2 to 20 lower-case letters, digits and dashes",
        remedy="shorten it: service accounts are named after it and may have 30 characters",
        default="tunedrop",
    )
    bucket_prefix: str = setting(
        "bucket_prefix",
        text(r"[a-z0-9][a-z0-9-]{0,53}[a-z0-9]|"),
        expected="2 to 55 lower-case letters, digits and dashes",
        remedy="leave it out to have buckets named <project>-<deployment>-<role>",
        default="",
    )
    runtime: str = setting(
        "runtime",
        choice("python311", "python312", "python313", "python314"),
        expected="python311, python312, python313 or python314",
        remedy="name a Python runtime of Cloud Run functions",
        default="python312",
    )
    sweep_minutes: int = setting(
        "sweep_minutes",
        whole(1, 59),
        expected="1 to 59",
        remedy="say how many minutes lie between two looks at open runs",
        default=5,
    )
    allowed_base_models: tuple[str, ...] = setting(
        "allow.base_models",
        texts(forms.PLAIN),
        expected="an array of base models",
        remedy="name those that recipes may tune, such as gemini-3.5-flash",
        default=(),
    )
    allowed_regions: tuple[str, ...] = setting(
        "allow.regions",
        texts(forms.REGION),
        expected="an array of regions",
        remedy="name those that recipes may choose besides the deployment's own",
        default=(),
    )
    allowed_service_accounts: tuple[str, ...] = setting(
        "allow.service_accounts",
        texts(forms.ACCOUNT),
        expected="an array of service accounts' addresses",
        remedy="name those that recipes may run jobs as",
        default=(),
    )
    allowed_encryption_keys: tuple[str, ...] = setting(
        "allow.encryption_keys",
        texts(forms.KEY),
        expected="an array of keys' full names",
        remedy="write projects/P/locations/L/keyRings/R/cryptoKeys/K",
        default=(),
    )
    allowed_templates: tuple[str, ...] = setting(
        "allow.templates",
        texts(r"(https|gs)://[^\s,#]+"),
        expected="an array of https:// or gs:// addresses",
        remedy="name the pipeline templates that recipes may bring",
        default=(),
    )
    dataset_buckets: tuple[str, ...] = setting(
        "allow.dataset_buckets",
        texts(forms.BUCKET),
        expected="an array of bucket names without gs://",
        remedy="name further buckets that requests may take datasets from",
        default=(),
    )
    uploaders: tuple[str, ...] = setting(
        "people.uploaders",
        texts(forms.MEMBER),
        expected=_MEMBERS,
        remedy=_MEMBER_REMEDY,
        default=(),
    )
    requesters: tuple[str, ...] = setting(
        "people.requesters",
        texts(forms.MEMBER),
        expected=_MEMBERS,
        remedy=_MEMBER_REMEDY,
        default=(),
    )
    operators: tuple[str, ...] = setting(
        "people.operators",
        texts(forms.MEMBER),
        expected=_MEMBERS,
        remedy=_MEMBER_REMEDY,
        default=(),
    )
    readers: tuple[str, ...] = setting(
        "people.readers", texts(forms.MEMBER), expected=_MEMBERS, remedy=_MEMBER_REMEDY, default=()
    )
    default_base_models: Mapping[str, str] = setting(
        "recipes.default_base_models",
        pairs(r"[a-z-]+", forms.PLAIN),
        expected="a table from dataset format to base model",
        remedy='write for instance { gemini = "gemini-3.5-flash" }',
        default={},
    )
    default_recipe_folders: tuple[str, ...] = setting(
        "recipes.default_folders",
        texts(r"[^,#]+"),
        expected="an array of folders without commas",
        remedy="name folders of the intake bucket whose drops need no recipe",
        default=(),
    )
    locked_fields: tuple[str, ...] = setting(
        "recipes.locked_fields",
        texts(r"[a-z_.]+"),
        expected="an array of recipe fields",
        remedy="name fields as in docs/recipes.md, such as tuning.epochs",
        default=(),
    )
    report_excerpts: bool = setting(
        "recipes.report_excerpts",
        choice(True, False),  # noqa: FBT003 — the two values
        expected="true or false",
        remedy="say whether reports may quote dataset text",
        default=True,
    )
    notification_channel: str = setting(
        "alerts.notification_channel",
        text(rf"{forms.CHANNEL}|"),
        expected="a channel's full name, projects/P/notificationChannels/N",
        remedy="take it from `gcloud beta monitoring channels list`",
        default="",
    )
    webhook: bool = setting(
        "alerts.webhook",
        choice(True, False),  # noqa: FBT003 — the two values
        expected="true or false",
        remedy="say whether a chat is told how runs end; its address goes into a secret, as `plan` shows",
        default=False,
    )
    tensorboard: str = setting(
        "jobs.tensorboard",
        text(rf"{forms.TENSORBOARD}|"),
        expected="an instance's full name, projects/P/locations/L/tensorboards/N",
        remedy="take it from `gcloud ai tensorboards list`, in the region of the jobs",
        default="",
    )
    tuning_service_account: str = setting(
        "security.tuning_service_account",
        text(rf"{forms.ACCOUNT}|"),
        expected="a service account's address",
        remedy="create it first, or leave the line out to use the service's agent",
        default="",
    )
    kms_key: str = setting(
        "security.kms_key",
        text(rf"{forms.KEY}|"),
        expected="a key's full name, projects/P/locations/L/keyRings/R/cryptoKeys/K",
        remedy="create it first, in the location of buckets and jobs",
        default="",
    )
    ledger_retention_days: int = setting(
        "ledger.retention_days",
        whole(1, 3650),
        expected="1 to 3650",
        remedy="say how long nobody may delete a record",
        default=400,
    )
    ledger_soft_delete_days: int = setting(
        "ledger.soft_delete_days",
        whole(7, 90),
        expected="7 to 90",
        remedy="say how long a deleted record can be brought back",
        default=90,
    )
    labels: Mapping[str, str] = setting(
        "labels",
        pairs(r"[a-z][a-z0-9_-]{0,62}", r"[a-z0-9_-]{0,63}"),
        expected="a table of labels, lower-case letters, digits, _ and -",
        remedy="shorten keys and values to 63 characters",
        default={},
    )

    @property
    def buckets_start(self) -> str:
        """What the names of all buckets begin with."""
        return self.bucket_prefix or f"{self.project}-{self.deployment}"

    def bucket(self, role: str) -> str:
        """Name of the bucket with a role such as `ledger`."""
        return f"{self.buckets_start}-{role}"
