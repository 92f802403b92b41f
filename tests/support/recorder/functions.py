"""Cloud Functions v2: uploads, deployment with all that it brings along, and removal of all that it brought."""

import re

from support.recorder import eventarc, run, storage
from support.recorder.policies import kept_policy
from support.recorder.service import ApiError, Service, merged, without_defaults

service = Service("functions", api="cloudfunctions.googleapis.com")
FUNCTION = "projects/*/locations/*/functions/*"
KIND = "google.cloud.functions.v2"


@service.on("GET", "v2/{parent=projects/*/locations/*}/runtimes")
def runtimes(_call):
    found = [
        {"name": name, "displayName": name, "stage": "GA", "environment": "GEN_2"}
        for name in ("python311", "python312", "python313", "python314")
    ]
    return {"runtimes": found}


@service.on("GET", "v2/{parent=projects/*}/locations")
def locations(call):
    ids = ("europe-west4", "us-central1")
    return {
        "locations": [{"name": f"{call['parent']}/locations/{i}", "locationId": i} for i in ids]
    }


@service.on("POST", "v2/{parent=projects/*/locations/*}/functions:generateUploadUrl")
def upload_url(call):
    region = call["parent"].rpartition("/")[2]
    name = f"source-{next(call.world.counter)}.zip"
    bucket = f"gcf-v2-uploads-{call.world.number}.{region}.cloudfunctions.appspot.com"
    return {
        "uploadUrl": f"{call.world.url}/functions/upload/{name}",
        "storageSource": {"bucket": bucket, "object": name},
    }


@service.on("PUT", "upload/{object}")
def upload(call):
    call.world.archives[call["object"]] = call.request.data
    return {}


@service.on("GET", f"v2/{{name={FUNCTION}}}")
def get_function(call):
    return call.get(call["name"], "Function")


@service.on("GET", "v2/{parent=projects/*/locations/*}/functions")
def list_functions(call):
    if call["parent"].endswith("/-"):
        return {"functions": list(call.things.values())}
    return {"functions": call.children(call["parent"], "functions")}


def operation(call, function, kind):
    parent = function["name"].rpartition("/functions/")[0]
    metadata = {
        "@type": f"type.googleapis.com/{KIND}.OperationMetadata",
        "target": function["name"],
        "apiVersion": "v2",
        "stages": [],
    }
    response = {} if kind == "google.protobuf.Empty" else function
    return call.world.operation("functions", parent, response, kind=kind, metadata=metadata)


def check_function(call, function):
    """Refuse what cannot be built or run: no source, accounts that do not exist, a timeout that events do not allow."""
    build, config = function["buildConfig"], function["serviceConfig"]
    source = build.get("source", {}).get("storageSource", {}).get("object")
    if source not in call.world.archives:
        raise ApiError(400, f"Source archive {source} was not uploaded.")
    trigger = function.get("eventTrigger", {})
    emails = (
        build.get("serviceAccount", "").rpartition("/")[2],
        config.get("serviceAccountEmail"),
        trigger.get("serviceAccountEmail"),
    )
    for email in filter(None, emails):
        if f"projects/{call.world.project}/serviceAccounts/{email}" not in call.world.state["iam"]:
            raise ApiError(400, f"Service account {email} does not exist.")
    for variable in config.get("secretEnvironmentVariables", []):
        check_secret(call, variable, config.get("serviceAccountEmail"))
    most = 540 if trigger else 3600
    if not 1 <= int(config.get("timeoutSeconds", 60)) <= most:
        raise ApiError(400, f"Invalid timeout {config['timeoutSeconds']}: expected at most {most}.")


def check_secret(call, variable, email):
    """A revision does not start without the value of its secret, or without the right to read it."""
    name = f"projects/{call.world.project}/secrets/{variable['secret']}"
    secrets = call.world.state["secretmanager"]
    if not any(one.startswith(f"{name}/versions/") for one in secrets):
        raise ApiError(400, f"Secret {name}/versions/{variable['version']} was not found.")
    bindings = kept_policy(call.world, f"secretmanager/{name}")["bindings"]
    readers = [b["members"] for b in bindings if b["role"].endswith("secretAccessor")]
    if not any(f"serviceAccount:{email}" in members for members in readers):
        message = f"Permission denied on secret: {name}/versions/{variable['version']} for {email}."
        raise ApiError(400, message)


def settled(call, name, function):
    """The function as it is read back."""
    short, region = name.rpartition("/")[2], name.split("/")[3]
    address = f"https://{short}-{call.world.number[-6:]}-uc.a.run.app"
    defaults = {
        "timeoutSeconds": 60,
        "maxInstanceCount": 100,
        "ingressSettings": "ALLOW_ALL",
        "availableMemory": "256M",
        "availableCpu": "0.1666",
        "maxInstanceRequestConcurrency": 1,
        "serviceAccountEmail": f"{call.world.number}-compute@developer.gserviceaccount.com",
        "allTrafficOnLatestRevision": True,
    }
    sent = without_defaults(function.get("serviceConfig", {}))
    generation = {"generation": str(next(call.world.counter))}
    function["buildConfig"]["source"]["storageSource"] |= generation
    return {
        **function,
        "name": name,
        "environment": "GEN_2",
        "state": "ACTIVE",
        "updateTime": "2026-01-01T00:00:00.000000000Z",
        "url": f"https://{region}-{call.world.project}.cloudfunctions.net/{short}",
        "serviceConfig": {
            **defaults,
            **{key: value for key, value in sent.items() if value is not None},
            "service": f"projects/{call.world.project}/locations/{region}/services/{short}",
            "uri": address,
            "revision": f"{short}-00001-abc",
            "environmentVariables": {
                **sent.get("environmentVariables", {}),
                "LOG_EXECUTION_ID": "true",
            },
        },
    }


def keep_for_builds(world, region):
    """The bucket and the repository that all functions of a project share, and that outlive them."""
    bucket = f"gcf-v2-sources-{world.number}-{region}"
    if bucket not in world.state["storage"]:
        storage.new_bucket(world, bucket, {"location": region})
    repository = f"projects/{world.project}/locations/{region}/repositories/gcf-artifacts"
    made = {"name": repository, "format": "DOCKER", "mode": "STANDARD_REPOSITORY"}
    world.state["artifactregistry"].setdefault(repository, made)


def deployed(call, name, function):
    check_function(call, function)
    function = settled(call, name, function)
    if "eventTrigger" in function:
        function["eventTrigger"] = eventarc.trigger_for(call.world, function)
    run.serve(call.world, function)
    keep_for_builds(call.world, name.split("/")[3])
    call.things[name] = function
    return operation(call, function, f"{KIND}.Function")


@service.on("POST", "v2/{parent=projects/*/locations/*}/functions")
def create_function(call):
    name = f"{call['parent']}/functions/{call.query['functionId']}"
    if name in call.things:
        raise ApiError(409, f"Could not create Cloud Run service: {name} already exists.")
    return deployed(call, name, call.body)


@service.on("PATCH", f"v2/{{name={FUNCTION}}}")
def update_function(call):
    old = call.get(call["name"], "Function")
    mask = call.query.get("updateMask")
    changed = merged(old, call.body, mask)
    if old.get("eventTrigger") and changed.get("eventTrigger"):
        changed["eventTrigger"].setdefault("trigger", old["eventTrigger"]["trigger"])
    return deployed(call, call["name"], changed)


@service.on("DELETE", f"v2/{{name={FUNCTION}}}")
def delete_function(call):
    function = call.delete(call["name"], "Function")
    run.remove(call.world, function)
    trigger = function.get("eventTrigger", {}).get("trigger")
    if trigger:
        eventarc.remove(call.world, trigger)
    return operation(call, function, "google.protobuf.Empty")


@service.on("GET", "v2/{name=projects/*/locations/*/operations/*}")
def get_operation(call):
    return call.world.get_operation("functions", call["name"])


def archive_of(recorder, function):
    """The bytes of the source that a function was last deployed from, for tests."""
    (found,) = [
        one
        for name, one in recorder.state["functions"].items()
        if re.search(rf"/functions/{function}$", name)
    ]
    return recorder.archives[found["buildConfig"]["source"]["storageSource"]["object"]]
