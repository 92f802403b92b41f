"""What the handlers need of the AI service, as protocols over plain values.

Implemented by `adapters` over Google's clients and by in-memory doubles in the tests; holds no implementation.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from tunedrop.domain.curves import Series
from tunedrop.domain.job_states import JobState
from tunedrop.domain.serving import Endpoint


class JobError(Struct, frozen=True):
    """Why a job ended badly, as the service says it; may quote dataset text until it is redacted."""

    code: int
    message: str
    task: str = ""
    """Name of the deepest failed task, for pipelines."""
    violations: tuple[str, ...] = ()
    """Fields that the service finds fault with, each with its words."""


class RowNote(Struct, frozen=True):
    """A row of the training file that the service left out."""

    row: int
    """1-based, of the staged file."""
    reason: str
    """As the service says it; empty where it does not."""


class Job(Struct, frozen=True):
    """A tuning job of either backend."""

    name: str
    """Full resource name; its location says which host answers for it."""
    state: JobState
    raw_state: str
    labels: Mapping[str, str]
    created_at: datetime
    error: JobError | None = None
    tuned_model: str = ""
    """Resource name of the tuned model with its version, empty while there is none."""
    endpoint: str = ""
    experiment: str = ""
    """Resource name of the context that leads to the metrics of a tuning job, where it has one."""
    ended_at: datetime | None = None
    completed_steps: int | None = None
    billable_tokens: int | None = None
    """Tokens of the dataset, once through, where the service says."""
    dropped_rows: int = 0
    row_notes: tuple[RowNote, ...] = ()


class JobService(Protocol):
    """Creates and watches tuning jobs of one backend."""

    def create(self, *, region: str, job_id: str, body: Mapping[str, Any]) -> Job:
        """Create a job once, without retries.

        Raises:
            AlreadyExistsError: The id is taken (backends that take an id).
            InvalidRequestError: Refused for good.
            QuotaExhaustedError: Refused by a quota; nothing was created.
            AccessDeniedError: Refused by a missing permission; nothing was created.
            UpstreamUnavailableError: Unknown whether the job exists.
        """
        ...

    def get(self, name: str) -> Job:
        """Read a job whole; `NotFoundError` if it is gone."""
        ...

    def find(self, *, region: str, labels: Mapping[str, str]) -> Sequence[Job]:
        """List the jobs that carry all *labels*, newest first, filtered on our side as well."""
        ...

    def recent(self, *, region: str, labels: Mapping[str, str], since: datetime) -> Iterator[Job]:
        """Page through the jobs that carry all *labels* and were created after *since*, newest first."""
        ...

    def cancel(self, name: str) -> None:
        """Ask for cancellation; the job's state says later what became of it."""
        ...


class TunedModel(Struct, frozen=True):
    """A registered model of the service."""

    name: str
    version_id: str
    display_name: str
    labels: Mapping[str, str]
    endpoints: tuple[str, ...]
    created_at: datetime
    """When this version was uploaded."""
    aliases: tuple[str, ...] = ()


class Models(Protocol):
    """The service's model registry and the endpoints that serve from it."""

    def get(self, name: str) -> TunedModel:
        """Read a model by its resource name."""
        ...

    def list_tuned(self, *, location: str, base_model_label: str) -> Iterator[TunedModel]:
        """List the models that carry the service's base-model label, as the vendor's SDK does."""
        ...

    def list_endpoints(self, *, location: str, labels: Mapping[str, str]) -> Iterator[Endpoint]:
        """Page through the endpoints that carry all *labels*."""
        ...

    def annotate(self, name: str, *, labels: Mapping[str, str], description: str) -> TunedModel:
        """Merge *labels* into the model's and the version's, and describe both."""
        ...

    def move_alias(self, alias: str, *, to: str, away_from: str = "") -> None:
        """Have one version carry an alias, and another one carry it no longer.

        Raises:
            InvalidRequestError: The location knows no aliases.
            NotFoundError: There is no such version.
        """
        ...

    def ensure_endpoint(
        self,
        model: TunedModel,
        *,
        endpoint_id: str,
        labels: Mapping[str, str],
        may_deploy: Callable[[], bool],
    ) -> str | None:
        """Make sure an endpoint serves the model.

        Args:
            model: What is to be served.
            endpoint_id: Id of the endpoint that is made if none serves it.
            labels: Labels of that endpoint.
            may_deploy: Asked once a deployment is about to be ordered; each one costs money.

        Returns:
            The endpoint's resource name once it serves; None while the deployment is under way.
        """
        ...


class Predictor(Protocol):
    """Calls a served model once."""

    def ask(self, target: str, instance: Mapping[str, Any], *, dataset_format: str) -> str:
        """Send one question in the dataset format's own shape; returns the answer's text.

        *target* is an endpoint's resource name, or a publisher model's.
        """
        ...


class Curves(Protocol):
    """The metrics of a tuning, from where its backend leaves them."""

    def read(self, job: Job, *, tensorboard: str) -> tuple[Series, ...]:
        """Read all that there is of a job; nothing where it left nothing.

        *tensorboard* is the instance that the job was told to write to, or empty.
        """
        ...
