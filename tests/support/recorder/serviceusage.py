"""Service Usage: which APIs are on, and the accounts that services act as."""

from support.recorder.service import ApiError, Service

service = Service("serviceusage")
NAME = "projects/*/services/*"


def shown(call, name):
    api = name.rpartition("/")[2]
    state = "ENABLED" if api in call.things else "DISABLED"
    parent = f"projects/{call.world.number}"
    return {
        "name": f"{parent}/services/{api}",
        "config": {"name": api, "title": api},
        "state": state,
        "parent": parent,
    }


@service.on("GET", "v1/{parent=projects/*}/services")
def list_apis(call):
    if call.query.get("filter") != "state:ENABLED":
        raise ApiError(400, f"expected the filter state:ENABLED, got {call.query.get('filter')!r}")
    return {"services": [shown(call, f"services/{api}") for api in sorted(call.things)]}


@service.on("GET", f"v1/{{name={NAME}}}")
def get_api(call):
    return shown(call, call["name"])


def enabled(call, apis):
    for api in apis:
        if not api.endswith(".googleapis.com"):
            raise ApiError(400, f"Service {api} does not exist.")
        call.things.setdefault(api, {"name": api})
    return call.world.operation("serviceusage", "operations", {})


@service.on("POST", f"v1/{{name={NAME}}}:enable")
def enable_api(call):
    return enabled(call, [call["name"].rpartition("/")[2]])


@service.on("POST", f"v1/{{name={NAME}}}:disable")
def disable_api(call):
    call.things.pop(call["name"].rpartition("/")[2], None)
    return call.world.operation("serviceusage", "operations", {})


@service.on("POST", "v1/{parent=projects/*}/services:batchEnable")
def enable_apis(call):
    return enabled(call, call.body["serviceIds"])


@service.on("POST", f"v1beta1/{{name={NAME}}}:generateServiceIdentity")
def make_agent(call):
    short = call["name"].rpartition("/")[2].removesuffix(".googleapis.com")
    email = f"service-{call.world.number}@gcp-sa-{short}.iam.gserviceaccount.com"
    call.world.state["agents"][email] = {"email": email}
    kind = "google.api.serviceusage.v1beta1.ServiceIdentity"
    made = {"email": email, "uniqueId": "1" * 21}
    return call.world.operation("serviceusage", "operations", made, kind=kind)


@service.on("GET", "{version}/{name=operations/**}")
def get_operation(call):
    return call.world.get_operation("serviceusage", call["name"])
