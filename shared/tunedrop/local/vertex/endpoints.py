"""Endpoints: created, loaded with model versions, emptied, deleted.

Knows nothing of what a model answers.
"""

import re

from google.cloud import aiplatform_v1
from google.protobuf import empty_pb2

from tunedrop.local.vertex import models, names, operations, tuned
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.errors import ApiError, invalid, missing
from tunedrop.local.vertex.listing import list_resources
from tunedrop.local.vertex.tuned import Endpoint
from tunedrop.local.vertex.wire import Pb

_DEPLOYED_ID = re.compile(r"[0-9]{1,10}")
_ENDPOINT_ID = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def get(core: Core, request: Pb) -> Pb:
    """Return an endpoint."""
    return core.load("endpoints", Endpoint, request.name)


def list_endpoints(core: Core, request: Pb) -> Pb:
    """Return a page of endpoints, newest first."""
    answer = aiplatform_v1.ListEndpointsResponse.pb()()
    found, answer.next_page_token = list_resources(core, "endpoints", Endpoint, request)
    answer.endpoints.extend(found)
    return answer


def create(core: Core, request: Pb) -> Pb:
    """Begin to create an endpoint, under the caller's id if there is one."""
    names.parse_parent(request.parent)
    names.check_display_name("endpoint.display_name", request.endpoint.display_name, required=True)
    names.check_labels("endpoint.labels", request.endpoint.labels)
    if request.endpoint_id and not _ENDPOINT_ID.fullmatch(request.endpoint_id):
        raise invalid(f"endpoint_id must match {_ENDPOINT_ID.pattern}.", ("endpoint_id", "format"))
    with core.transaction():
        wanted = type(request)()
        wanted.CopyFrom(request)
        wanted.endpoint_id = request.endpoint_id or core.next_id()
        name = f"{request.parent}/endpoints/{wanted.endpoint_id}"
        if core.store.load("endpoints", name) is not None:
            raise ApiError("ALREADY_EXISTS", f"The Endpoint {name} already exists.")
        metadata = aiplatform_v1.CreateEndpointOperationMetadata.pb()()
        return operations.begin(core, name, "create_endpoint", wanted, metadata)


def apply_create(core: Core, request: Pb, at: float) -> Pb:
    """Keep an endpoint."""
    endpoint = Endpoint()
    endpoint.CopyFrom(request.endpoint)
    endpoint.name = f"{request.parent}/endpoints/{request.endpoint_id}"
    if core.store.load("endpoints", endpoint.name) is not None:
        raise ApiError("ALREADY_EXISTS", f"The Endpoint {endpoint.name} already exists.")
    tuned.keep_endpoint(core, endpoint, at)
    return endpoint


def deploy(core: Core, request: Pb) -> Pb:
    """Begin to deploy a model version of the same location."""
    with core.transaction():
        core.load("endpoints", Endpoint, request.endpoint)
        model = models.resolve(core, request.deployed_model.model)
        if names.parent_of(model.name) != names.parent_of(request.endpoint):
            raise invalid(f"The Model {model.name} is in another location than its endpoint.")
        if request.traffic_split and sum(request.traffic_split.values()) != 100:  # noqa: PLR2004 — percent
            raise invalid("traffic_split must add up to 100.", ("traffic_split", "sum"))
        deployed_id = request.deployed_model.id
        if deployed_id and not _DEPLOYED_ID.fullmatch(deployed_id):
            raise invalid(f"deployed_model.id must match {_DEPLOYED_ID.pattern}.")
        metadata = aiplatform_v1.DeployModelOperationMetadata.pb()()
        return operations.begin(core, request.endpoint, "deploy_model", request, metadata)


def apply_deploy(core: Core, request: Pb, at: float) -> Pb:
    """Put the model on the endpoint."""
    endpoint = core.load("endpoints", Endpoint, request.endpoint)
    model = models.resolve(core, request.deployed_model.model)
    answer = aiplatform_v1.DeployModelResponse.pb()()
    answer.deployed_model.CopyFrom(request.deployed_model)
    tuned.deploy(core, endpoint, model, answer.deployed_model, at)
    return answer


def undeploy(core: Core, request: Pb) -> Pb:
    """Begin to take a deployed model off its endpoint."""
    with core.transaction():
        _deployed(core, request)
        metadata = aiplatform_v1.UndeployModelOperationMetadata.pb()()
        return operations.begin(core, request.endpoint, "undeploy_model", request, metadata)


def apply_undeploy(core: Core, request: Pb, _at: float) -> Pb:
    """Take the model off; both sides then know."""
    endpoint, deployed = _deployed(core, request)
    name = f"{deployed.model}@{deployed.model_version_id}"
    endpoint.deployed_models.remove(deployed)
    endpoint.traffic_split.pop(request.deployed_model_id, None)
    core.store.save(endpoint.name, endpoint)
    model = tuned.load_version(core, name)
    for reference in list(model.deployed_models):
        if reference.deployed_model_id == request.deployed_model_id:
            model.deployed_models.remove(reference)
    core.store.save(name, model)
    return aiplatform_v1.UndeployModelResponse.pb()()


def _deployed(core: Core, request: Pb) -> tuple[Pb, Pb]:
    endpoint = core.load("endpoints", Endpoint, request.endpoint)
    for deployed in endpoint.deployed_models:
        if deployed.id == request.deployed_model_id:
            return endpoint, deployed
    raise missing(f"{request.endpoint} deployed model {request.deployed_model_id}")


def delete(core: Core, request: Pb) -> Pb:
    """Begin to delete an endpoint that has nothing on it."""
    with core.transaction():
        if core.load("endpoints", Endpoint, request.name).deployed_models:
            raise ApiError(
                "FAILED_PRECONDITION",
                f"The Endpoint {request.name} has deployed models; undeploy them first.",
            )
        metadata = aiplatform_v1.DeleteOperationMetadata.pb()()
        return operations.begin(core, request.name, "delete_endpoint", request, metadata)


def apply_delete(core: Core, request: Pb, _at: float) -> Pb:
    """Forget an endpoint."""
    core.store.remove(request.name)
    return empty_pb2.Empty()
