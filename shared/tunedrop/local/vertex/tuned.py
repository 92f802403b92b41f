"""What a finished job leaves behind: a model version that remembers its rows, and an endpoint.

Shared by both kinds of job and by deployment; knows no rule of either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from google.cloud import aiplatform_v1
from google.protobuf import struct_pb2

from tunedrop.local.vertex import names, wire
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.wire import Pb

Model = aiplatform_v1.Model.pb()
Endpoint = aiplatform_v1.Endpoint.pb()
DeployedModel = aiplatform_v1.DeployedModel.pb()


@dataclass(frozen=True)
class Training:
    """What a model version was trained on."""

    row_format: str
    """`code`, `chat` or `gemini`."""
    base_model: str
    rows: str
    """File name of the copy of its rows; empty when it answers without any."""

    def path(self, core: Core) -> Path | None:
        """Return where its rows are."""
        return core.rows_directory / self.rows if self.rows else None


def remember(core: Core, version_name: str, training: Training) -> None:
    """Keep what a model version was trained on."""
    content = struct_pb2.Struct()
    content.update(vars(training))
    parent = names.parent_of(version_name)
    core.store.add("trainings", f"training:{version_name}", parent, content, 0)


def recall(core: Core, version_name: str) -> Training | None:
    """Return what a model version was trained on; None for one that was merely uploaded."""
    body = core.store.load("trainings", f"training:{version_name}")
    return Training(**struct_pb2.Struct.FromString(body)) if body is not None else None


def upload(
    core: Core, parent: str, model: Pb, training: Training, at: float, *, version_of: str = ""
) -> None:
    """Register a tuned model, as version 1 of its own or as the next version of another."""
    model.base_model_source.model_garden_source.public_model_name = (
        f"publishers/google/models/{training.base_model}"
    )
    add_version(core, parent, model, at, version_of=version_of)
    remember(core, version_name(model), training)


def add_version(core: Core, parent: str, model: Pb, at: float, *, version_of: str = "") -> None:
    """Give a model its name, version, alias and instants, and keep it."""
    model.name = version_of or model.name or f"{parent}/models/{core.next_id()}"
    number = core.store.count(f"versions of {model.name}")
    model.version_id = str(number)
    del model.version_aliases[:]
    if number == 1:
        model.version_aliases.append("default")
    for field in ("create_time", "update_time", "version_create_time", "version_update_time"):
        wire.stamp(getattr(model, field), at)
    model.etag = f"{number}-{round(at * 1000)}"
    core.store.add("models", version_name(model), parent, model, at)


def version_name(model: Pb) -> str:
    """Return `…/models/ID@VERSION`."""
    return f"{model.name}@{model.version_id}"


def load_version(core: Core, name: str) -> Pb:
    """Return the model version with exactly this name."""
    return core.load("models", Model, name)


def add_endpoint(core: Core, model: Pb, labels: Mapping[str, str], at: float) -> Pb:
    """Create an endpoint for a model, beside it and under its display name, with nothing on it."""
    name = f"{names.parent_of(model.name)}/endpoints/{core.next_id()}"
    endpoint = Endpoint(name=name, display_name=model.display_name, labels=labels)
    if model.HasField("encryption_spec"):
        endpoint.encryption_spec.CopyFrom(model.encryption_spec)
    keep_endpoint(core, endpoint, at)
    return endpoint


def keep_endpoint(core: Core, endpoint: Pb, at: float) -> None:
    """Keep an endpoint that has its name."""
    wire.stamp(endpoint.create_time, at)
    wire.stamp(endpoint.update_time, at)
    core.store.add("endpoints", endpoint.name, names.parent_of(endpoint.name), endpoint, at)


def deploy(core: Core, endpoint: Pb, model: Pb, deployed: Pb, at: float) -> Pb:
    """Put a model version on an endpoint with all of the traffic; both sides then know."""
    deployed.id = deployed.id or core.next_id()
    deployed.model, deployed.model_version_id = model.name, model.version_id
    deployed.display_name = deployed.display_name or model.display_name
    wire.stamp(deployed.create_time, at)
    endpoint.deployed_models.append(deployed)
    endpoint.traffic_split.clear()
    endpoint.traffic_split[deployed.id] = 100
    wire.stamp(endpoint.update_time, at)
    model.deployed_models.add(endpoint=endpoint.name, deployed_model_id=deployed.id)
    core.store.save(endpoint.name, endpoint)
    core.store.save(version_name(model), model)
    return deployed
