"""The only reader of the environment and the only builder of clients; SDKs are imported inside the builders.

So is whatever else takes time to import, since a builder's first call goes without the garbage collector.
Holds no rule, and no switch that could turn production into a rehearsal.
"""

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunedrop.delivery import Desk, Outcome
from tunedrop.errors import ConfigError
from tunedrop.first_use import once, put
from tunedrop.logs import Origin

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent
    from google.auth.credentials import Credentials

    from tunedrop.config import Settings
    from tunedrop.doctor.google_project import GoogleProject
    from tunedrop.doctor.subject import Subject
    from tunedrop.ports import Notices
    from tunedrop.services import Services, Vertex

STORAGE_ENDPOINT = "https://storage.googleapis.com"

# Else the storage client asks for every bucket it meets, with a right that the functions lack, for traces
# that nobody writes, and pydantic looks for plugins in every installed package.
os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """See `Clock.now`."""
        return datetime.now(UTC)


@once
def finalized() -> Desk[Any]:
    """The desk of the intake bucket's finalize events."""
    from tunedrop.events import read_finalized
    from tunedrop.handlers.receive import receive_object

    return _desk("finalized", read_finalized, partial(receive_object, deployed_services()))


@once
def requests() -> Desk[Any]:
    """The desk of tuning requests."""
    from tunedrop.events import read_message
    from tunedrop.handlers.receive import receive_request

    return _desk("requests", read_message, partial(receive_request, deployed_services()))


@once
def launches() -> Desk[Any]:
    """The desk of launch requests."""
    from tunedrop.events import read_message
    from tunedrop.handlers.launch_run import receive_launch

    return _desk(
        "launches", read_message, partial(receive_launch, deployed_services(), deployed_vertex())
    )


@once
def job_events() -> Desk[Any]:
    """The desk of job log entries and ticks."""
    from tunedrop.events import read_message
    from tunedrop.handlers.track_runs import receive_job_event

    return _desk(
        "job-events",
        read_message,
        partial(receive_job_event, deployed_services(), deployed_vertex()),
    )


@once
def control() -> Desk[Any]:
    """The desk of operators' decisions."""
    from tunedrop.events import read_message
    from tunedrop.handlers.decide import receive_control

    return _desk(
        "control", read_message, partial(receive_control, deployed_services(), deployed_vertex())
    )


def _desk(
    role: str, read: "Callable[[CloudEvent], Any]", handle: Callable[[Any], Outcome]
) -> Desk[Any]:
    return Desk(
        role=role,
        read=read,
        handle=handle,
        limited=deployed_services().limited,
        record_refusal=deployed_services().refusal,
        origin=Origin(
            project=settings().project,
            deployment=settings().deployment,
            service=os.environ.get("K_SERVICE", ""),
            revision=os.environ.get("K_REVISION", ""),
        ),
    )


@once
def settings() -> "Settings":
    """The deployment's settings, from the environment."""
    from tunedrop.config import Settings

    return Settings.from_mapping(os.environ)


@once
def deployed_services() -> "Services":
    """Ports and records of the deployment that the environment names."""
    return build_services(settings())


@once
def deployed_vertex() -> "Vertex":
    """The AI side of the deployment that the environment names."""
    return build_vertex(settings())


def build_services(settings: "Settings") -> "Services":
    """Build the ports of storage and messages over Google's clients."""
    from tunedrop.adapters.gcs import GcsObjectStore
    from tunedrop.adapters.pubsub import PubsubPublisher
    from tunedrop.catalog import load_catalog
    from tunedrop.services import Services

    emulator = os.environ.get("STORAGE_EMULATOR_HOST", "")
    timeout = settings.timings.call_timeout_seconds
    store = GcsObjectStore(
        project=settings.project,
        credentials=_credentials(anonymous=bool(emulator)),
        endpoint=emulator.rstrip("/") or STORAGE_ENDPOINT,
        timeout_seconds=timeout,
    )
    return Services.assemble(
        settings=settings,
        catalog=load_catalog(Path(settings.catalog_file) if settings.catalog_file else None),
        store=store,
        publisher=PubsubPublisher(timeout_seconds=timeout),
        clock=SystemClock(),
        nonces=lambda: secrets.token_hex(8),
        notices=build_notices(settings),
    )


def build_notices(settings: "Settings") -> "Notices":
    """Build what tells people; nobody is told where no webhook is set."""
    if not settings.webhook_url:
        from tunedrop.post import SILENCE

        return SILENCE
    from tunedrop.adapters.webhook import PATIENCE_SECONDS, WebhookNotices

    return WebhookNotices(
        address=settings.webhook_url,
        loopback=bool(settings.vertex_emulator_host),
        patience_seconds=min(PATIENCE_SECONDS, settings.timings.handler_deadline_seconds / 4),
    )


def build_vertex(settings: "Settings") -> "Vertex":
    """Build the ports of the AI service over Google's clients."""
    from tunedrop.adapters.vertex_clients import VertexClients
    from tunedrop.adapters.vertex_curves import VertexCurves
    from tunedrop.adapters.vertex_models import VertexModels
    from tunedrop.adapters.vertex_pipelines import PipelineJobs
    from tunedrop.adapters.vertex_prediction import VertexPredictor
    from tunedrop.adapters.vertex_tuning import TuningJobs
    from tunedrop.services import Vertex

    emulator = settings.vertex_emulator_host
    clients = VertexClients(
        credentials=None if emulator else _credentials(anonymous=False),
        timeout_seconds=settings.timings.call_timeout_seconds,
        emulator_host=emulator,
    )
    create_timeout = settings.timings.create_timeout_seconds
    return Vertex.assemble(
        jobs={
            "pipeline_job": PipelineJobs(
                clients=clients, project=settings.project, create_timeout_seconds=create_timeout
            ),
            "tuning_job": TuningJobs(
                clients=clients, project=settings.project, create_timeout_seconds=create_timeout
            ),
        },
        models=VertexModels(clients=clients, project=settings.project),
        predictor=VertexPredictor(clients=clients),
        curves=VertexCurves(clients=clients),
        clock=SystemClock(),
    )


def build_project(subject: "Subject") -> "GoogleProject":
    """Build what the doctor looks at a project through, with the caller's own credentials where it has any."""
    from google.auth.credentials import AnonymousCredentials

    from tunedrop.doctor.google_project import Doors, GoogleProject
    from tunedrop.doctor.local_cloud import local_doors

    stand_in = subject.settings.google_apis_emulator_host
    if stand_in:
        return GoogleProject(AnonymousCredentials(), Doors.stand_in(stand_in), subject)
    if subject.is_local:
        doors = local_doors(subject, os.environ.get("STORAGE_EMULATOR_HOST", ""))
        return GoogleProject(AnonymousCredentials(), doors, subject)
    try:
        credentials = _credentials(anonymous=False)
    except ConfigError:
        credentials = None
    return GoogleProject(credentials, Doors.google(), subject)


def using(services: "Services", vertex: "Vertex | None" = None) -> None:
    """Put these in place of what the environment would build; for tests and the local cloud."""
    given = {deployed_services: services, settings: services.settings}
    put(given if vertex is None else {**given, deployed_vertex: vertex})


def forget() -> None:
    """Drop everything built, so that the next call builds from the environment again."""
    put({})


def _credentials(*, anonymous: bool) -> "Credentials":
    if anonymous:
        from google.auth.credentials import AnonymousCredentials

        return AnonymousCredentials()
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    try:
        found, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    except DefaultCredentialsError:
        msg = "no Google credentials found; run `gcloud auth application-default login`"
        raise ConfigError(msg) from None
    return found
