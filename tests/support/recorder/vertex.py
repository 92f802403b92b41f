"""Vertex AI, as far as somebody looks whether it answers: no jobs, and the TensorBoards that a test put there."""

from support.recorder.service import Service

service = Service("aiplatform")
TENSORBOARD = "projects/*/locations/*/tensorboards/*"


@service.on("GET", "v1/projects/{project}/locations/{location}/tuningJobs")
def list_jobs(_call):
    return {}


@service.on("GET", "v1/{parent=projects/*/locations/*}/endpoints")
def list_endpoints(call):
    return {"endpoints": call.children(call["parent"], "endpoints")}


@service.on("GET", "v1/{parent=projects/*/locations/*}/tensorboards")
def list_tensorboards(call):
    return {"tensorboards": call.children(call["parent"], "tensorboards")}


@service.on("GET", f"v1/{{name={TENSORBOARD}}}")
def get_tensorboard(call):
    return call.get(call["name"], "Tensorboard")
