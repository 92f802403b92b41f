"""The service's model registry and endpoints.

Knows `ModelServiceClient` and `EndpointServiceClient`; decides nothing about which model deserves what.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from google.api_core.exceptions import AlreadyExists
from google.cloud import aiplatform_v1 as vertex
from google.protobuf.field_mask_pb2 import FieldMask

from tunedrop.adapters.google_errors import translated
from tunedrop.adapters.vertex_clients import VertexClients, instant
from tunedrop.ai_ports import TunedModel
from tunedrop.domain.hosts import location_of
from tunedrop.domain.serving import DeployedModel, Endpoint
from tunedrop.errors import NotFoundError

BASE_MODEL_LABEL = "google-vertex-llm-tuning-base-model-id"
"""Label by which the vendor's SDK lists tuned models; '@' becomes '-' in its value."""


_MACHINES = ("dedicated_resources", "automatic_resources")


class VertexModels:
    """`Models` of one project."""

    def __init__(self, *, clients: VertexClients, project: str) -> None:
        self._clients = clients
        self._project = project

    def get(self, name: str) -> TunedModel:
        """See `Models.get`."""
        with translated(name):
            return _model(self._read(name))

    def list_tuned(self, *, location: str, base_model_label: str) -> Iterator[TunedModel]:
        """See `Models.list_tuned`."""
        parent = f"projects/{self._project}/locations/{location}"
        request = {"parent": parent, "filter": f'labels.{BASE_MODEL_LABEL}="{base_model_label}"'}
        with translated(f"models in {location}"):
            for model in self._models(parent).list_models(
                request=request, **self._clients.repeatable()
            ):
                yield _model(model)

    def list_endpoints(self, *, location: str, labels: Mapping[str, str]) -> Iterator[Endpoint]:
        """See `Models.list_endpoints`."""
        parent = f"projects/{self._project}/locations/{location}"
        wanted = " AND ".join(f'labels.{key}="{value}"' for key, value in labels.items())
        client = self._clients.get(vertex.EndpointServiceClient, location)
        with translated(f"endpoints in {location}"):
            for endpoint in client.list_endpoints(
                request={"parent": parent, "filter": wanted}, **self._clients.repeatable()
            ):
                if labels.items() <= dict(endpoint.labels).items():
                    yield _endpoint(endpoint)

    def annotate(self, name: str, *, labels: Mapping[str, str], description: str) -> TunedModel:
        """See `Models.annotate`; one update cannot mix fields of a model and of a version."""
        bare = name.partition("@")[0]
        with translated(bare):
            model = self._read(bare)
            merged = {**model.labels, **labels}
            if (dict(model.labels), model.description) != (merged, description):
                wanted = vertex.Model(name=bare, labels=merged, description=description)
                self._update(wanted, "labels", "description")
        with translated(name):
            version = self._read(name)
            merged = {**version.labels, **labels}
            if (dict(version.labels), version.version_description) != (merged, description):
                wanted = vertex.Model(
                    name=_versioned(version), labels=merged, version_description=description
                )
                self._update(wanted, "labels", "version_description")
            return _model(self._read(name))

    def _update(self, model: vertex.Model, *fields: str) -> None:
        self._models(model.name).update_model(
            model=model, update_mask=FieldMask(paths=fields), **self._clients.repeatable()
        )

    def move_alias(self, alias: str, *, to: str, away_from: str = "") -> None:
        """See `Models.move_alias`; within one model the service itself takes it from the other version."""
        with translated(to):
            bearer = self._read(to)
            if alias not in bearer.version_aliases:
                self._merge_alias(bearer, alias)
        if not away_from:
            return
        with suppress(NotFoundError), translated(away_from):
            other = self._read(away_from)
            if _versioned(other) != _versioned(bearer) and alias in other.version_aliases:
                self._merge_alias(other, f"-{alias}")

    def _merge_alias(self, model: vertex.Model, change: str) -> None:
        """Change the aliases of a version, which the service wants named by its number."""
        name = _versioned(model)
        self._models(name).merge_version_aliases(
            name=name, version_aliases=[change], **self._clients.repeatable()
        )

    def _read(self, name: str) -> vertex.Model:
        return self._models(name).get_model(name=name, **self._clients.repeatable())

    def ensure_endpoint(
        self,
        model: TunedModel,
        *,
        endpoint_id: str,
        labels: Mapping[str, str],
        may_deploy: Callable[[], bool],
    ) -> str | None:
        """See `Models.ensure_endpoint`; the endpoint's id is ours, so a repeat finds what a crash left."""
        if model.endpoints:
            return model.endpoints[0]
        location = location_of(model.name)
        client = self._clients.get(vertex.EndpointServiceClient, location)
        parent = f"projects/{self._project}/locations/{location}"
        name = f"{parent}/endpoints/{endpoint_id}"
        with translated(name):
            endpoint = vertex.Endpoint(display_name=model.display_name, labels=dict(labels))
            try:
                client.create_endpoint(
                    parent=parent,
                    endpoint=endpoint,
                    endpoint_id=endpoint_id,
                    timeout=self._clients.timeout_seconds,
                )
            except AlreadyExists:
                self._deploy_once(client, name, model, may_deploy)
        return None

    def _deploy_once(
        self,
        client: vertex.EndpointServiceClient,
        name: str,
        model: TunedModel,
        may_deploy: Callable[[], bool],
    ) -> None:
        """Order the deployment unless it stands; one under way shows nowhere, so the caller keeps count."""
        endpoint = client.get_endpoint(name=name, **self._clients.repeatable())
        if endpoint.deployed_models or not may_deploy():
            return
        resources = vertex.AutomaticResources(min_replica_count=1, max_replica_count=1)
        deployed = vertex.DeployedModel(model=model.name, automatic_resources=resources)
        client.deploy_model(
            endpoint=name,
            deployed_model=deployed,
            traffic_split={"0": 100},
            timeout=self._clients.timeout_seconds,
        )

    def _models(self, name: str) -> vertex.ModelServiceClient:
        return self._clients.get(vertex.ModelServiceClient, location_of(name))


def _versioned(model: vertex.Model) -> str:
    return f"{model.name.partition('@')[0]}@{model.version_id}"


def _endpoint(endpoint: vertex.Endpoint) -> Endpoint:
    return Endpoint(
        name=endpoint.name,
        labels=dict(endpoint.labels),
        created_at=instant(endpoint.create_time),
        deployed=tuple(_deployed(each) for each in endpoint.deployed_models),
    )


def _deployed(deployed: vertex.DeployedModel) -> DeployedModel:
    """A model on an endpoint; where the service shares out its own machines it names none."""
    bare, _, version = deployed.model.partition("@")
    return DeployedModel(
        id=deployed.id,
        model=f"{bare}@{deployed.model_version_id or version}",
        has_machines=any(resources in deployed for resources in _MACHINES),
        deployed_at=instant(deployed.create_time),
    )


def _model(model: vertex.Model) -> TunedModel:
    return TunedModel(
        name=model.name,
        version_id=model.version_id,
        display_name=model.display_name,
        labels=dict(model.labels),
        endpoints=tuple(deployed.endpoint for deployed in model.deployed_models),
        created_at=instant(model.version_create_time or model.create_time),
        aliases=tuple(model.version_aliases),
    )
