"""Every method that is served, once: service, messages, JSON path and what answers it.

Both faces are made from this table, so that neither can do what the other cannot.
"""

from collections.abc import Callable
from dataclasses import dataclass

from google.cloud import aiplatform_v1
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2

from tunedrop.local.vertex import (
    endpoints,
    metadata,
    models,
    operations,
    pipelines,
    prediction,
    publisher,
    tensorboards,
    tuning,
)
from tunedrop.local.vertex.wire import Pb

_LOCATION = "projects/*/locations/*"
_PARENT = f"{{parent={_LOCATION}}}"
_Operation, _Empty = operations_pb2.Operation, empty_pb2.Empty


@dataclass(frozen=True)
class Method:
    """One method of one service."""

    service: str
    """Full name, such as `google.cloud.aiplatform.v1.ModelService`."""
    name: str
    request: Pb
    response: Pb
    answer: Callable[..., Pb]
    """Called with core and request; a job's create also with its scripted rule."""
    paths: tuple[str, ...]
    """`VERB /path/{field=pattern}` as in google.api.http."""
    body: str = ""
    """The request field that is the JSON body; `*` is all the rest."""


@dataclass(frozen=True)
class _Service:
    name: str

    def method(
        self, name: str, response: Pb | str, answer: Callable[..., Pb], path: str, body: str = ""
    ) -> Method:
        request = getattr(aiplatform_v1, f"{name}Request").pb()
        if isinstance(response, str):
            response = getattr(aiplatform_v1, response).pb()
        verb, _, places = path.partition(" ")
        paths = tuple(f"{verb} /v1/{place}" for place in places.split())
        service = f"google.cloud.aiplatform.v1.{self.name}"
        return Method(service, name, request, response, answer, paths, body)


def _at(collection: str, field: str = "name") -> str:
    return f"{{{field}={_LOCATION}/{collection}/*}}"


def _pipeline_methods() -> list[Method]:
    method, item = _Service("PipelineService").method, _at("pipelineJobs")
    listed, every = "ListPipelineJobsResponse", f"{_PARENT}/pipelineJobs"
    return [
        method(
            "CreatePipelineJob", "PipelineJob", pipelines.create, f"POST {every}", "pipeline_job"
        ),
        method("GetPipelineJob", "PipelineJob", pipelines.get, f"GET {item}"),
        method("ListPipelineJobs", listed, pipelines.list_jobs, f"GET {every}"),
        method("CancelPipelineJob", _Empty, pipelines.cancel, f"POST {item}:cancel", "*"),
    ]


def _tuning_methods() -> list[Method]:
    method, item = _Service("GenAiTuningService").method, _at("tuningJobs")
    listed, every = "ListTuningJobsResponse", f"{_PARENT}/tuningJobs"
    return [
        method("CreateTuningJob", "TuningJob", tuning.create, f"POST {every}", "tuning_job"),
        method("GetTuningJob", "TuningJob", tuning.get, f"GET {item}"),
        method("ListTuningJobs", listed, tuning.list_jobs, f"GET {every}"),
        method("CancelTuningJob", _Empty, tuning.cancel, f"POST {item}:cancel", "*"),
    ]


def _model_methods() -> list[Method]:
    method, item = _Service("ModelService").method, _at("models")
    listed, every = "ListModelsResponse", f"{_PARENT}/models"
    page_of_versions, aliases = "ListModelVersionsResponse", f"POST {item}:mergeVersionAliases"
    return [
        method("UploadModel", _Operation, models.upload, f"POST {every}:upload", "*"),
        method("GetModel", "Model", models.get, f"GET {item}"),
        method("ListModels", listed, models.list_models, f"GET {every}"),
        method(
            "ListModelVersions", page_of_versions, models.list_versions, f"GET {item}:listVersions"
        ),
        method(
            "UpdateModel", "Model", models.update, f"PATCH {_at('models', 'model.name')}", "model"
        ),
        method("MergeVersionAliases", "Model", models.merge_aliases, aliases, "*"),
        method("DeleteModel", _Operation, models.delete, f"DELETE {item}"),
    ]


def _endpoint_methods() -> list[Method]:
    method, item = _Service("EndpointService").method, _at("endpoints")
    listed, every = "ListEndpointsResponse", f"{_PARENT}/endpoints"
    filled = f"POST {_at('endpoints', 'endpoint')}"
    return [
        method("CreateEndpoint", _Operation, endpoints.create, f"POST {every}", "endpoint"),
        method("GetEndpoint", "Endpoint", endpoints.get, f"GET {item}"),
        method("ListEndpoints", listed, endpoints.list_endpoints, f"GET {every}"),
        method("DeleteEndpoint", _Operation, endpoints.delete, f"DELETE {item}"),
        method("DeployModel", _Operation, endpoints.deploy, f"{filled}:deployModel", "*"),
        method("UndeployModel", _Operation, endpoints.undeploy, f"{filled}:undeployModel", "*"),
    ]


def _prediction_methods() -> list[Method]:
    method, garden = _Service("PredictionService").method, _Service("ModelGardenService").method

    def either(field: str, verb: str) -> str:
        places = ("endpoints", "publishers/*/models", *(["models"] if field == "model" else []))
        return "POST " + " ".join(f"{_at(place, field)}:{verb}" for place in places)

    asked, page = either("model", "generateContent"), "GET {name=publishers/*/models/*}"
    answer = prediction.generate_content
    return [
        method(
            "Predict", "PredictResponse", prediction.predict, either("endpoint", "predict"), "*"
        ),
        method("GenerateContent", "GenerateContentResponse", answer, asked, "*"),
        garden("GetPublisherModel", "PublisherModel", publisher.get, page),
    ]


def _metric_methods() -> list[Method]:
    method, context = _Service("TensorboardService").method, _Service("MetadataService").method
    instance = f"{_LOCATION}/tensorboards/*"
    experiment = f"{instance}/experiments/*"
    boards = (
        ("TensorboardExperiments", tensorboards.list_experiments, instance, "experiments"),
        ("TensorboardRuns", tensorboards.list_runs, experiment, "runs"),
        (
            "TensorboardTimeSeries",
            tensorboards.list_time_series,
            f"{experiment}/runs/*",
            "timeSeries",
        ),
    )
    read, place = "BatchReadTensorboardTimeSeriesData", f"GET {{tensorboard={instance}}}:batchRead"
    return [
        context(
            "GetContext",
            "Context",
            metadata.get_context,
            f"GET {_at('metadataStores/*/contexts')}",
        ),
        *(
            method(f"List{kind}", f"List{kind}Response", answer, f"GET {{parent={parent}}}/{last}")
            for kind, answer, parent, last in boards
        ),
        method(read, f"{read}Response", tensorboards.batch_read, place),
    ]


def _operation_methods() -> list[Method]:
    service = "google.longrunning.Operations"
    # The generated REST clients poll under /ui/, not under /v1/.
    place = f"{{name={_LOCATION}/operations/*}}"
    polled, waited = (
        tuple(f"{verb} /{root}/{place}{end}" for root in ("ui", "v1"))
        for verb, end in (("GET", ""), ("POST", ":wait"))
    )
    asked, waiting = operations_pb2.GetOperationRequest, operations_pb2.WaitOperationRequest
    return [
        Method(service, "GetOperation", asked, _Operation, operations.get, polled),
        Method(service, "WaitOperation", waiting, _Operation, operations.wait, waited, "*"),
    ]


METHODS = (
    *_pipeline_methods(),
    *_tuning_methods(),
    *_model_methods(),
    *_endpoint_methods(),
    *_prediction_methods(),
    *_metric_methods(),
    *_operation_methods(),
)
