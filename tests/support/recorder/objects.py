"""Cloud Storage's objects, by name only: they can be listed, described and removed.

Objects with contents are the business of the local storage server.
"""

from support.recorder.service import ApiError
from support.recorder.storage import NOW, ROOT, found_bucket, objects_of, service

__all__ = ["service"]


@service.on("GET", f"{ROOT}/b/{{bucket}}/o")
def list_objects(call):
    found_bucket(call)
    prefix = call.query.get("prefix", "")
    names = [name for name in objects_of(call) if name.startswith(prefix)]
    if call.query.get("softDeleted") == "true":
        names = []
    items = [object_shown(call["bucket"], name) for name in names]
    return {"kind": "storage#objects"} | ({"items": items} if items else {})


def object_shown(bucket, name):
    return {
        "kind": "storage#object",
        "id": f"{bucket}/{name}/1",
        "name": name,
        "bucket": bucket,
        "generation": "1",
        "metageneration": "1",
        "size": "0",
        "timeCreated": NOW,
        "updated": NOW,
        "etag": "CAE=",
    }


@service.on("GET", f"{ROOT}/b/{{bucket}}/o/{{object=**}}")
def get_object(call):
    found_bucket(call)
    if call["object"] not in objects_of(call):
        raise ApiError(404, f"No such object: {call['bucket']}/{call['object']}")
    return object_shown(call["bucket"], call["object"])


@service.on("DELETE", f"{ROOT}/b/{{bucket}}/o/{{object=**}}")
def delete_object(call):
    get_object(call)
    if "retentionPolicy" in found_bucket(call):
        message = (
            f"Object '{call['bucket']}/{call['object']}' is subject to bucket's retention policy "
            "or object retention and cannot be deleted or overwritten."
        )
        raise ApiError(403, message, status="retentionPolicyNotMet")
    del objects_of(call)[call["object"]]
    return (204, b"", {})


@service.on("GET", f"{ROOT}/b/{{bucket}}/storageLayout")
def layout(call):
    """Whether names are folders or plain text: plain."""
    bucket = found_bucket(call)
    fields = ("location", "locationType")
    kept = {field: bucket[field] for field in fields}
    return {"kind": "storage#storageLayout", "bucket": call["bucket"], **kept}


@service.on("GET", f"{ROOT}/b/{{bucket}}/managedFolders")
@service.on("GET", f"{ROOT}/b/{{bucket}}/folders")
def list_folders(call):
    found_bucket(call)
    return {}
