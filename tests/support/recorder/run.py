"""Cloud Run: the services that functions run as, and who may call them."""

from support.recorder.policies import policy_routes
from support.recorder.service import ApiError, Service

service = Service("run", api="run.googleapis.com")


def serve(world, function):
    """Make or change the service of a function."""
    config = function["serviceConfig"]
    short, region = function["name"].rpartition("/")[2], function["name"].split("/")[3]
    world.state["run"][config["service"]] = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": short,
            "namespace": world.number,
            "labels": {"cloud.googleapis.com/location": region, **function.get("labels", {})},
            "annotations": {"run.googleapis.com/ingress": ingress(config["ingressSettings"])},
        },
        "spec": {
            "template": {
                "spec": {
                    "containerConcurrency": config["maxInstanceRequestConcurrency"],
                    "serviceAccountName": config["serviceAccountEmail"],
                    "timeoutSeconds": config["timeoutSeconds"],
                }
            }
        },
        "status": {"url": config["uri"], "conditions": [{"type": "Ready", "status": "True"}]},
    }


def ingress(setting):
    return {"ALLOW_INTERNAL_ONLY": "internal", "ALLOW_ALL": "all"}.get(setting, "internal-and-gclb")


def remove(world, function):
    name = function["serviceConfig"]["service"]
    world.state["run"].pop(name, None)
    world.state["policies"].pop(f"run/{name}", None)


@service.on("GET", "apis/serving.knative.dev/v1/namespaces/{project}/services/{name}")
def get_service(call):
    for full, thing in call.things.items():
        if full.endswith(f"/services/{call['name']}"):
            return thing
    raise ApiError(404, f"Service '{call['name']}' not found.")


policy_routes(service, "v1/{resource=projects/*/locations/*/services/*}")
