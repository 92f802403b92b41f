"""Everything about the stand-in that a caller may choose.

Reads no environment and holds no state.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tunedrop.local.vertex import facts


@dataclass(frozen=True)
class Settings:
    """Choices of one stand-in; every duration is in seconds of its own clock."""

    directory: Path
    """Where all state lives; a second start on it goes on with the jobs."""
    seconds_per_job: float = 4.0
    """From create to a good end."""
    operation_seconds: float = 0.2
    """How long a long-running operation takes; 0 answers it done."""
    concurrency: int = 1
    """Tuning jobs of one project that may be unended; the platform's default is 1."""
    over_quota: Literal["reject", "wait"] = "reject"
    """Field reports differ on whether the platform rejects or queues what is over the cap."""
    list_lag_seconds: float = 0.0
    """How long a created job stays out of lists."""
    templates: Mapping[str, facts.Template] = field(default_factory=lambda: facts.TEMPLATES)
    base_models: Mapping[str, facts.BaseModel] = field(default_factory=lambda: facts.BASE_MODELS)

    @property
    def pending_seconds(self) -> float:
        """How long a job waits before it runs."""
        return self.seconds_per_job * 0.1

    @property
    def running_seconds(self) -> float:
        """How long a job that ends well runs."""
        return self.seconds_per_job - self.pending_seconds
