"""Cloud Storage, JSON API: buckets with what the service fills in, and their policies."""

from support.recorder.kms import check_key
from support.recorder.policies import (
    allowed_permissions,
    kept_policy,
    read_policy,
    write_policy,
)
from support.recorder.service import ApiError, Service

REASONS = {
    400: "invalid",
    403: "forbidden",
    404: "notFound",
    409: "conflict",
    412: "conditionNotMet",
}
NOW = "2026-01-01T00:00:00.000Z"
WEEK = 7 * 24 * 3600
MULTI = {"US", "EU", "ASIA"}
LEGACY = (
    ("legacyBucketOwner", ("projectEditor", "projectOwner")),
    ("legacyBucketReader", ("projectViewer",)),
    ("legacyObjectOwner", ("projectEditor", "projectOwner")),
    ("legacyObjectReader", ("projectViewer",)),
)
"""Rights that the project's people have in a new bucket; those on objects only where access is uniform."""


def error_body(error):
    reason = error.status if error.status[:1].islower() else REASONS.get(error.code, "backendError")
    entry = {"message": error.message, "domain": "global", "reason": reason}
    return {"error": {"code": error.code, "message": error.message, "errors": [entry]}}


service = Service("storage", error_body=error_body)
ROOT = "storage/v1"


def found_bucket(call):
    if call["bucket"] not in call.things:
        raise ApiError(404, "The specified bucket does not exist.")
    return call.things[call["bucket"]]


def new_bucket(world, name, fields):
    """Keep a bucket as the service would: with defaults, and with the rights of the project's people."""
    level = fields.get("iamConfiguration", {}).get("uniformBucketLevelAccess", {"enabled": False})
    location = fields.get("location", "US").upper()
    bucket = {
        "kind": "storage#bucket",
        "selfLink": f"https://www.googleapis.com/storage/v1/b/{name}",
        "id": name,
        "projectNumber": world.number,
        "generation": "1",
        "metageneration": "1",
        "etag": "CAE=",
        "timeCreated": NOW,
        "updated": NOW,
        "storageClass": "STANDARD",
        "softDeletePolicy": {"retentionDurationSeconds": str(WEEK), "effectiveTime": NOW},
        **fields,
        "name": name,
        "location": location,
        "locationType": "multi-region" if location in MULTI else "region",
        "iamConfiguration": {
            "bucketPolicyOnly": level,
            "publicAccessPrevention": "inherited",
            **fields.get("iamConfiguration", {}),
            "uniformBucketLevelAccess": level,
        },
    }
    world.state["storage"][name] = bucket = settled(bucket)
    rights = LEGACY if level["enabled"] else LEGACY[:2]
    kept_policy(world, f"storage/{name}")["bindings"] = [
        {"role": f"roles/storage.{role}", "members": [f"{who}:{world.project}" for who in people]}
        for role, people in rights
    ]
    return bucket


def settled(bucket):
    """Numbers become the text that int64 is in JSON; what is not there is left out; times are filled in."""
    for part, key in (
        ("softDeletePolicy", "retentionDurationSeconds"),
        ("retentionPolicy", "retentionPeriod"),
    ):
        if bucket.get(part):
            bucket[part] = {"effectiveTime": NOW, **bucket[part], key: str(bucket[part][key])}
    if not bucket.get("lifecycle", {"rule": [1]}).get("rule"):
        bucket.pop("lifecycle")
    return {key: value for key, value in bucket.items() if value not in (None, {})}


@service.on("POST", f"{ROOT}/b")
def create_bucket(call):
    if call.query.get("project") != call.world.project:
        raise ApiError(400, f"Unknown project id: {call.query.get('project')}")
    name = call.body["name"]
    mine = call.things.get(name)
    if mine and mine["projectNumber"] == call.world.number:
        message = (
            "Your previous request to create the named bucket succeeded and you already own it."
        )
        raise ApiError(409, message)
    if mine:
        message = "The requested bucket name is not available. Please select a different name."
        raise ApiError(409, message)
    fields = {key: value for key, value in call.body.items() if value is not None}
    key = fields.get("encryption", {}).get("defaultKmsKeyName", "")
    check_key(call.world, key, "gs-project-accounts")
    location = fields.get("location", "US").lower()
    if key and key.split("/")[3] != location:
        raise ApiError(400, f"Cloud KMS key {key} is not in the bucket's location {location}.")
    return new_bucket(call.world, name, fields)


@service.on("GET", f"{ROOT}/b")
def list_buckets(call):
    return {"kind": "storage#buckets", "items": list(call.things.values())}


@service.on("GET", f"{ROOT}/b/{{bucket}}")
def get_bucket(call):
    return found_bucket(call)


def patched(old, new):
    result = dict(old)
    for key, value in new.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(old.get(key), dict) and key != "lifecycle":
            result[key] = patched(old[key], value)
        else:
            result[key] = value
    return result


@service.on("PATCH", f"{ROOT}/b/{{bucket}}")
def update_bucket(call):
    bucket = found_bucket(call)
    wanted = call.query.get("ifMetagenerationMatch", bucket["metageneration"])
    if wanted != bucket["metageneration"]:
        raise ApiError(412, "At least one of the pre-conditions you specified did not hold.")
    changed = settled(patched(bucket, call.body))
    changed["metageneration"] = str(int(bucket["metageneration"]) + 1)
    call.things[call["bucket"]] = changed
    return changed


@service.on("DELETE", f"{ROOT}/b/{{bucket}}")
def delete_bucket(call):
    found_bucket(call)
    if objects_of(call):
        raise ApiError(409, "The bucket you tried to delete is not empty.")
    call.delete(call["bucket"])
    return (204, b"", {})


def objects_of(call):
    return call.world.state["objects"].setdefault(call["bucket"], {})


def policy_shown(call, policy):
    return {"kind": "storage#policy", "resourceId": f"projects/_/buckets/{call['bucket']}"} | policy


@service.on("GET", f"{ROOT}/b/{{bucket}}/iam")
def get_policy(call):
    found_bucket(call)
    version = int(call.query.get("optionsRequestedPolicyVersion", 1))
    return policy_shown(call, read_policy(call, call["bucket"], version))


@service.on("PUT", f"{ROOT}/b/{{bucket}}/iam")
def set_policy(call):
    found_bucket(call)
    return policy_shown(call, write_policy(call, call["bucket"], call.body))


@service.on("GET", f"{ROOT}/b/{{bucket}}/iam/testPermissions")
def test_permissions(call):
    found_bucket(call)
    asked = call.query.get("permissions", "").split(",")
    found = allowed_permissions(call, call["bucket"], asked)
    return {"kind": "storage#testIamPermissionsResponse", **found}


@service.on("GET", f"{ROOT}/projects/{{project}}/serviceAccount")
def service_agent(call):
    email = f"service-{call.world.number}@gs-project-accounts.iam.gserviceaccount.com"
    call.world.state["agents"][email] = {"email": email}
    return {"kind": "storage#serviceAccount", "email_address": email}
