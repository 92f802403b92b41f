"""The deployment that is examined: its settings, and what everything of it is called.

Pure; knows names as the deploy tool gives them, and no service.
"""

import shlex
from dataclasses import dataclass
from datetime import date

from tunedrop.catalog import Catalog
from tunedrop.catalog_entries import CatalogEntry
from tunedrop.config import Settings
from tunedrop.topology import AGENTS, Function, custom_role_id

APPLY = "python deploy/tunedrop_deploy.py apply --config deploy/config.toml"
"""Makes whatever of a deployment is missing."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One deployment, on one day."""

    settings: Settings
    catalog: Catalog
    today: date

    @property
    def project(self) -> str:
        """Id of the project."""
        return self.settings.project

    @property
    def is_local(self) -> bool:
        """Whether it is a local cloud, which knows no accounts, rights, interfaces or quotas."""
        settings = self.settings
        return bool(settings.vertex_emulator_host and not settings.google_apis_emulator_host)

    @property
    def regions(self) -> tuple[str, ...]:
        """Where jobs may run; the deployment's own region first."""
        return tuple(dict.fromkeys((self.settings.region, *self.settings.allowed_regions)))

    @property
    def keys(self) -> tuple[str, ...]:
        """Every encryption key that jobs may be encrypted with."""
        settings = self.settings
        named = (settings.encryption_key, *settings.allowed_encryption_keys)
        return tuple(key for key in dict.fromkeys(named) if key)

    @property
    def job_accounts(self) -> tuple[str, ...]:
        """Every account that jobs may run as."""
        settings = self.settings
        named = (settings.service_account, *settings.allowed_service_accounts)
        return tuple(account for account in dict.fromkeys(named) if account)

    @property
    def base_models(self) -> tuple[CatalogEntry, ...]:
        """The allowed base models that the catalog knows."""
        found = (self.catalog.entries.get(name) for name in self.settings.allowed_base_models)
        return tuple(entry for entry in found if entry is not None)

    def bucket(self, role: str) -> str:
        """Name of a bucket."""
        return str(getattr(self.settings, f"{role}_bucket"))

    def account(self, role: str) -> str:
        """Address of one of the deployment's accounts."""
        return f"{self.settings.deployment}-{role}@{self.project}.iam.gserviceaccount.com"

    def agent(self, service: str, project_number: str) -> str:
        """Address of the account that a service acts as in the project."""
        return f"service-{project_number}@{AGENTS[service]}.iam.gserviceaccount.com"

    def role(self, role: str) -> str:
        """Full name of a role, whether one of ours or not."""
        if role.startswith("roles/"):
            return role
        return f"projects/{self.project}/roles/{custom_role_id(self.settings.deployment, role)}"

    def function(self, function: Function) -> str:
        """Id of a function, of the service that it runs as, and of the subscription that pushes to it."""
        return f"{self.settings.deployment}-{function.name}"

    def gcloud(self, *words: str) -> str:
        """A gcloud line for the project, ready for a shell."""
        return shlex.join(("gcloud", *words, f"--project={self.project}"))
