"""The service's model registry and endpoints.

Knows `ModelServiceClient` and `EndpointServiceClient`; decides nothing about which model deserves what.
"""

from collections.abc import Callable, Iterator, Mapping

from google.api_core.exceptions import AlreadyExists
from google.cloud import aiplatform_v1 as vertex
from google.protobuf.field_mask_pb2 import FieldMask

from tunedrop.adapters.google_errors import translated
from tunedrop.adapters.vertex_clients import VertexClients, instant
from tunedrop.domain.hosts import location_of
from tunedrop.ports import TunedModel

BASE_MODEL_LABEL = "google-vertex-llm-tuning-base-model-id"
"""Label by which the vendor's SDK lists tuned models; '@' becomes '-' in its value."""


class VertexModels:
    """`Models` of one project."""

    def __init__(self, *, clients: VertexClients, project: str) -> None:
        self._clients = clients
        self._project = project

    def get(self, name: str) -> TunedModel:
        """See `Models.get`."""
        with translated(name):
            return _model(self._models(name).get_model(name=name, **self._clients.repeatable()))

    def list_tuned(self, *, location: str, base_model_label: str) -> Iterator[TunedModel]:
        """See `Models.list_tuned`."""
        parent = f"projects/{self._project}/locations/{location}"
        request = {"parent": parent, "filter": f'labels.{BASE_MODEL_LABEL}="{base_model_label}"'}
        with translated(f"models in {location}"):
            for model in self._models(parent).list_models(
                request=request, **self._clients.repeatable()
            ):
                yield _model(model)

    def annotate(self, name: str, *, labels: Mapping[str, str], description: str) -> TunedModel:
        """See `Models.annotate`; labels and description of the model, not of one version."""
        bare = name.partition("@")[0]
        with translated(bare):
            client = self._models(bare)
            model = client.get_model(name=bare, **self._clients.repeatable())
            if not (
                labels.items() <= dict(model.labels).items() and model.description == description
            ):
                wanted = vertex.Model(
                    name=bare, labels={**model.labels, **labels}, description=description
                )
                client.update_model(
                    model=wanted,
                    update_mask=FieldMask(paths=["labels", "description"]),
                    **self._clients.repeatable(),
                )
        return self.get(name)

    def move_alias(self, alias: str, *, to: str, away_from: str = "") -> None:
        """See `Models.move_alias`."""
        with translated(to):
            self._merge_aliases(to, alias)
        if away_from and away_from != to:
            with translated(away_from):
                self._merge_aliases(away_from, f"-{alias}")

    def _merge_aliases(self, name: str, alias: str) -> None:
        self._models(name).merge_version_aliases(
            name=name, version_aliases=[alias], **self._clients.repeatable()
        )

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
