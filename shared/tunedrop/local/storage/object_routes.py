"""The JSON API's object requests, from parameters to the store and back.

Knows how each request is spelt; every rule about objects is the store's.
"""

from typing import Any

from tunedrop.local.storage.app import App
from tunedrop.local.storage.errors import invalid, not_implemented
from tunedrop.local.storage.generations import Reference, Target
from tunedrop.local.storage.listing import Listing
from tunedrop.local.storage.media import media
from tunedrop.local.storage.preconditions import Preconditions, parse_int64
from tunedrop.local.storage.resources import Resource
from tunedrop.local.storage.wire import NO_CONTENT, Request, Response, json_response


def _generation(request: Request, field: str = "generation") -> int | None:
    value = request.query.get(field)
    return parse_int64(field, value) if value else None


def _reference(request: Request, bucket: str, name: str, *, reading: bool = False) -> Reference:
    conditions = Preconditions.from_request(request.query, request.headers, reading=reading)
    return Reference(bucket, name, _generation(request), conditions)


def _source(request: Request, bucket: str, name: str) -> Reference:
    return Reference(
        bucket,
        name,
        _generation(request, "sourceGeneration"),
        Preconditions.from_query(request.query, "ifSource"),
    )


def _target(request: Request, bucket: str, name: str, fields: Resource) -> Target:
    key = request.query.get("destinationKmsKeyName") or request.query.get("kmsKeyName")
    fields = fields | ({"kmsKeyName": key} if key else {})
    return Target(bucket, name, fields, Preconditions.from_query(request.query))


def list_objects(app: App, request: Request, bucket: str) -> Response:
    """Answer `objects.list`."""
    page = app.store.objects.list(bucket, Listing.from_query(request.query))
    answer: dict[str, Any] = {"kind": "storage#objects"}
    if page.items:
        answer["items"] = page.items
    if page.prefixes:
        answer["prefixes"] = page.prefixes
    if page.next_page_token:
        answer["nextPageToken"] = page.next_page_token
    return json_response(answer)


def get_object(app: App, request: Request, bucket: str, name: str) -> Response:
    """Answer `objects.get`, the content with `alt=media`."""
    reference = _reference(request, bucket, name, reading=True)
    if request.query.get("alt") == "media":
        return media(app, request, reference)
    soft_deleted = request.query.get("softDeleted", "").lower() == "true"
    resource = app.store.objects.get(reference, soft_deleted=soft_deleted)
    return json_response(resource, headers={"ETag": resource["etag"]})


def download_object(app: App, request: Request, bucket: str, name: str) -> Response:
    """Answer a download with the content."""
    return media(app, request, _reference(request, bucket, name, reading=True))


def patch_object(app: App, request: Request, bucket: str, name: str) -> Response:
    """Answer `objects.patch`."""
    reference = _reference(request, bucket, name)
    return json_response(app.store.objects.update(reference, request.json()))


def update_object(app: App, request: Request, bucket: str, name: str) -> Response:
    """Answer `objects.update`."""
    reference = _reference(request, bucket, name)
    return json_response(app.store.objects.update(reference, request.json(), replace=True))


def delete_object(app: App, request: Request, bucket: str, name: str) -> Response:
    """Answer `objects.delete`."""
    app.store.objects.delete(_reference(request, bucket, name))
    return NO_CONTENT


def compose_object(app: App, request: Request, bucket: str, name: str) -> Response:
    """Answer `objects.compose`."""
    body = request.json()
    if body.get("deleteSourceObjects"):
        raise not_implemented("deleteSourceObjects")
    try:
        sources = [_compose_source(bucket, source) for source in body["sourceObjects"]]
    except (KeyError, TypeError, AttributeError):
        raise invalid("sourceObjects: expected a list of objects with a name") from None
    target = _target(request, bucket, name, body.get("destination") or {})
    return json_response(app.store.objects.compose(sources, target))


def _compose_source(bucket: str, source: dict[str, Any]) -> Reference:
    generation = source.get("generation")
    conditions = {k: str(v) for k, v in source.get("objectPreconditions", {}).items()}
    return Reference(
        bucket,
        source["name"],
        parse_int64("generation", str(generation)) if generation else None,
        Preconditions.from_query(conditions),
    )


def rewrite_object(
    app: App, request: Request, bucket: str, name: str, to_bucket: str, to_name: str
) -> Response:
    """Answer `objects.rewrite`, always in one call."""
    resource = _copy(app, request, (bucket, name), (to_bucket, to_name))
    return json_response(
        {
            "kind": "storage#rewriteResponse",
            "done": True,
            "objectSize": resource["size"],
            "totalBytesRewritten": resource["size"],
            "resource": resource,
        }
    )


def copy_object(
    app: App, request: Request, bucket: str, name: str, to_bucket: str, to_name: str
) -> Response:
    """Answer `objects.copy`."""
    return json_response(_copy(app, request, (bucket, name), (to_bucket, to_name)))


def _copy(app: App, request: Request, source: tuple[str, str], to: tuple[str, str]) -> Resource:
    target = _target(request, *to, request.json())
    return app.store.objects.copy(_source(request, *source), target)


def move_object(app: App, request: Request, bucket: str, name: str, to_name: str) -> Response:
    """Answer `objects.move`."""
    target = _target(request, bucket, to_name, request.json())
    return json_response(app.store.objects.move(_source(request, bucket, name), target))


def restore_object(app: App, request: Request, bucket: str, name: str) -> Response:
    """Answer `objects.restore`."""
    generation = _generation(request)
    if generation is None:
        raise invalid("generation: expected the generation to restore, found none")
    target = _target(request, bucket, name, {})
    return json_response(app.store.objects.restore(Reference(bucket, name, generation), target))
