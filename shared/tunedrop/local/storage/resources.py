"""Object and bucket resources: which fields they have, who may set them, how they change.

Knows dicts in, dicts out; knows no table, no file and no request.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from tunedrop.local.storage.blobs import Content
from tunedrop.local.storage.errors import invalid

Resource = dict[str, Any]

_TEXT_FIELDS = (
    "contentType",
    "contentEncoding",
    "contentDisposition",
    "contentLanguage",
    "cacheControl",
    "customTime",
)
_FLAG_FIELDS = ("temporaryHold", "eventBasedHold")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAP_FIELDS = ("metadata", "contexts")
_WRITABLE = (*_TEXT_FIELDS, *_FLAG_FIELDS, *_MAP_FIELDS)
MAX_NAME_BYTES = 1024
"""https://cloud.google.com/storage/docs/objects#naming, read 2026-11."""


def timestamp(at: datetime | None = None) -> str:
    """Return *at*, aware UTC, or the present, as the API writes it: to the millisecond."""
    return (at or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def etag(generation: int | str, metageneration: int | str) -> str:
    """Return an entity tag that changes with either number."""
    return base64.b64encode(f"{generation}/{metageneration}".encode()).decode()


def check_object_name(name: str) -> str:
    """Return *name* when it may be an object's name.

    Raises:
        ApiError: 400, naming the rule of the service that it breaks.
    """
    rules = (
        (not name, "Required: an object needs a name"),
        (not name.isascii() and _SURROGATE.search(name), "Object names must be valid UTF-8"),
        ("\n" in name or "\r" in name, "Object names cannot contain carriage return or line feed"),
        (name in (".", ".."), "Object names cannot be '.' or '..'"),
        (
            name.startswith(".well-known/acme-challenge/"),
            "Object names cannot start with '.well-known/acme-challenge/'",
        ),
        (
            len(name.encode(errors="replace")) > MAX_NAME_BYTES,
            f"Object names cannot be longer than {MAX_NAME_BYTES} bytes of UTF-8",
        ),
    )
    for broken, message in rules:
        if broken:
            raise invalid(message)
    return name


def writable_fields(body: Mapping[str, Any]) -> Resource:
    """Pick the fields that a caller may set, `null` included, and check their types.

    Raises:
        ApiError: 400, naming the field whose type is wrong.
    """
    picked: Resource = {}
    for field, kind in (
        *((field, str) for field in _TEXT_FIELDS),
        *((field, bool) for field in _FLAG_FIELDS),
        *((field, dict) for field in _MAP_FIELDS),
    ):
        if field not in body:
            continue
        value = body[field]
        if value is not None and not isinstance(value, kind):
            raise invalid(f"{field}: expected {kind.__name__}, found {type(value).__name__}")
        picked[field] = value
    return picked


def new_object(
    bucket: Resource, name: str, generation: int, content: Content, fields: Resource
) -> Resource:
    """Describe a fresh generation; *fields* are what the uploader set."""
    at = timestamp()
    resource = {
        "kind": "storage#object",
        "id": f"{bucket['name']}/{name}/{generation}",
        "name": name,
        "bucket": bucket["name"],
        "generation": str(generation),
        "metageneration": "1",
        "contentType": "application/octet-stream",
        "storageClass": fields.get("storageClass") or bucket["storageClass"],
        "size": str(content.size),
        "crc32c": content.crc32c,
        "md5Hash": content.md5,
        "componentCount": content.component_count,
        "kmsKeyName": _kms_key_version(fields, bucket),
        "etag": etag(generation, 1),
        "timeCreated": at,
        "updated": at,
        "timeStorageClassUpdated": at,
        "timeFinalized": at,
    }
    resource = {field: value for field, value in resource.items() if value is not None}
    return _merge(resource, writable_fields(fields))


def _kms_key_version(fields: Resource, bucket: Resource) -> str | None:
    key = fields.get("kmsKeyName") or bucket.get("encryption", {}).get("defaultKmsKeyName")
    return f"{key.partition('/cryptoKeyVersions/')[0]}/cryptoKeyVersions/1" if key else None


def patched(resource: Resource, changes: Mapping[str, Any]) -> Resource:
    """Merge *changes* in: `null` removes a field, or one key of `metadata`."""
    return _touched(_merge(dict(resource), writable_fields(changes)))


def replaced(resource: Resource, body: Mapping[str, Any]) -> Resource:
    """Set every writable field anew from *body*; those it lacks are removed."""
    kept = {field: value for field, value in resource.items() if field not in _WRITABLE}
    return _touched(_merge(kept, writable_fields(body)))


def _merge(resource: Resource, changes: Resource) -> Resource:
    for field, value in changes.items():
        if field == "metadata" and value is not None:
            merged = resource.get("metadata", {}) | value
            texts = {str(k): str(v) for k, v in merged.items() if v is not None}
            resource = resource | {"metadata": texts}
        elif value is None:
            resource.pop(field, None)
        else:
            resource[field] = value
    return resource


def _touched(resource: Resource) -> Resource:
    metageneration = int(resource["metageneration"]) + 1
    return resource | {
        "metageneration": str(metageneration),
        "etag": etag(resource["generation"], metageneration),
        "updated": timestamp(),
    }


def merge_patch(target: Resource, changes: Mapping[str, Any]) -> Resource:
    """Apply a JSON merge patch (RFC 7396), as a bucket's PATCH does."""
    merged = dict(target)
    for field, value in changes.items():
        if value is None:
            merged.pop(field, None)
        elif isinstance(value, dict):
            below = merged.get(field)
            merged[field] = merge_patch(below if isinstance(below, dict) else {}, value)
        else:
            merged[field] = value
    return merged


@dataclass(frozen=True)
class Links:
    """The addresses in a resource; made on the way out, because the port may change."""

    base_url: str

    def add(self, resource: Resource) -> Resource:
        """Return *resource*, an object's, with `selfLink` and `mediaLink`."""
        path = f"storage/v1/b/{resource['bucket']}/o/{quote(resource['name'], safe='')}"
        query = f"generation={resource['generation']}&alt=media"
        return resource | {
            "selfLink": f"{self.base_url}/{path}",
            "mediaLink": f"{self.base_url}/download/{path}?{query}",
        }

    def add_to_bucket(self, resource: Resource) -> Resource:
        """Return *resource*, a bucket's, with its `selfLink`."""
        return resource | {"selfLink": f"{self.base_url}/storage/v1/b/{resource['name']}"}
