"""What the two kinds of tuning job share: where they are made, and finding those that carry our labels.

Knows no service of its own; the two adapters do.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice

from tunedrop.adapters.vertex_clients import VertexClients
from tunedrop.ai_ports import Job

PAGE_SIZE = 100
LOOKED_AT_MOST = 20_000
"""Bound of one look through a project's jobs, newest first."""
MOST_PAGES = LOOKED_AT_MOST // PAGE_SIZE
"""The same in pages, since a service whose pages never end may leave them empty."""


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


def newer(jobs: Iterable[Job], since: datetime) -> Iterator[Job]:
    """Those created after an instant, up to where a page's worth of older ones follow one another."""
    older = 0
    for job in jobs:
        older = 0 if job.created_at > since else older + 1
        if older >= PAGE_SIZE:
            return
        if older == 0:
            yield job


def carrying(jobs: Iterable[Job], labels: Mapping[str, str]) -> Iterator[Job]:
    """Those that carry all *labels*, each once, whatever the service's own filter and paging let through."""
    seen: set[str] = set()
    for job in islice(jobs, LOOKED_AT_MOST):
        if labels.items() <= job.labels.items() and job.name not in seen:
            seen.add(job.name)
            yield job


def labelled(jobs: Iterable[Job], labels: Mapping[str, str]) -> list[Job]:
    """The same, newest first."""
    return sorted(carrying(jobs, labels), key=lambda job: job.created_at, reverse=True)
