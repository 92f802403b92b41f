"""Secret Manager: secrets, their versions and who may read them."""

from support.recorder.kms import check_key
from support.recorder.policies import policy_routes
from support.recorder.service import ApiError, Service, merged

service = Service("secretmanager", api="secretmanager.googleapis.com")
SECRET = "projects/*/secrets/*"
NOW = "2026-01-01T00:00:00.000000Z"


@service.on("POST", "v1/{parent=projects/*}/secrets")
def create_secret(call):
    name = f"{call['parent']}/secrets/{call.query['secretId']}"
    if "replication" not in call.body:
        raise ApiError(400, "Field [secret.replication] is required.")
    for replica in call.body["replication"].get("userManaged", {}).get("replicas", []):
        key = replica.get("customerManagedEncryption", {}).get("kmsKeyName")
        check_key(call.world, key, "gcp-sa-secretmanager")
    return call.create(
        name, {**call.body, "name": name, "createTime": NOW, "etag": '"1"'}, "Secret"
    )


@service.on("GET", f"v1/{{name={SECRET}}}")
def get_secret(call):
    return call.get(call["name"], "Secret")


@service.on("GET", "v1/{parent=projects/*}/secrets")
def list_secrets(call):
    found = call.children(call["parent"], "secrets")
    return {"secrets": [one for one in found if "/versions/" not in one["name"]]}


@service.on("PATCH", f"v1/{{name={SECRET}}}")
def update_secret(call):
    old = call.get(call["name"], "Secret")
    call.things[call["name"]] = merged(old, call.body, call.query.get("updateMask"))
    return call.things[call["name"]]


@service.on("DELETE", f"v1/{{name={SECRET}}}")
def delete_secret(call):
    call.delete(call["name"], "Secret")
    for name in [name for name in call.things if name.startswith(f"{call['name']}/versions/")]:
        call.delete(name)
    return {}


@service.on("POST", f"v1/{{name={SECRET}}}:addVersion")
def add_version(call):
    call.get(call["name"], "Secret")
    number = len(call.children(call["name"], "versions")) + 1
    name = f"{call['name']}/versions/{number}"
    payload = call.body["payload"]
    # Without this answer to its checksum gcloud takes the value for damaged.
    checked = {"clientSpecifiedPayloadChecksum": "dataCrc32c" in payload}
    made = {"name": name, "createTime": NOW, "state": "ENABLED", "payload": payload, **checked}
    call.things[name] = made
    return shown(made)


def shown(version):
    return {key: value for key, value in version.items() if key != "payload"}


@service.on("GET", f"v1/{{name={SECRET}}}/versions")
def list_versions(call):
    call.get(call["name"], "Secret")
    return {"versions": [shown(one) for one in call.children(call["name"], "versions")]}


@service.on("GET", f"v1/{{name={SECRET}/versions/*}}")
def get_version(call):
    return shown(found_version(call))


@service.on("GET", f"v1/{{name={SECRET}/versions/*}}:access")
def access_version(call):
    found = found_version(call)
    return {"name": found["name"], "payload": found["payload"]}


def found_version(call):
    secret, _, number = call["name"].rpartition("/versions/")
    if number == "latest":
        number = len(call.children(secret, "versions"))
    return call.get(f"{secret}/versions/{number}", "Secret Version")


policy_routes(service, f"v1/{{resource={SECRET}}}")
