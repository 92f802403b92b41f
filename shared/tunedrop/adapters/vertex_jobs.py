"""What the two kinds of tuning job share: where they are made, and finding those that carry our labels.

Knows no service of its own; the two adapters do.
"""

from collections.abc import Iterable, Mapping
from itertools import islice

from tunedrop.adapters.vertex_clients import VertexClients
from tunedrop.ports import Job

LOOKED_AT_MOST = 2_000
"""Bound of one look through a project's jobs, newest first."""


class VertexJobs:
    """The clients of one project, and how long a create call may take."""

    def __init__(
        self, *, clients: VertexClients, project: str, create_timeout_seconds: float
    ) -> None:
        self.clients = clients
        self.project = project
        self.create_timeout_seconds = create_timeout_seconds

    def parent(self, region: str) -> str:
        """The location under which jobs are made."""
        return f"projects/{self.project}/locations/{region}"


def labelled(jobs: Iterable[Job], labels: Mapping[str, str]) -> list[Job]:
    """Those that carry all *labels*, newest first, whatever the service's own filter let through."""
    found = [job for job in islice(jobs, LOOKED_AT_MOST) if labels.items() <= job.labels.items()]
    return sorted(found, key=lambda job: job.created_at, reverse=True)
