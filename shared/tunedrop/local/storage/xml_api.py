"""The XML API's object requests: get, put, delete, and multi-part uploads.

Knows XML's spellings of what the JSON API does; leaves bucket requests and listings out.
"""

import re
from contextlib import ExitStack
from xml.sax.saxutils import escape

from tunedrop.local.storage.app import App, PartsSession
from tunedrop.local.storage.blobs import COPY_BYTES
from tunedrop.local.storage.errors import invalid, not_implemented
from tunedrop.local.storage.generations import Reference
from tunedrop.local.storage.media import media
from tunedrop.local.storage.preconditions import Preconditions, parse_int64
from tunedrop.local.storage.resources import Resource, etag
from tunedrop.local.storage.uploads import announced_hashes, receive, target_of
from tunedrop.local.storage.wire import NO_CONTENT, Request, Response

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_PART_NUMBER = re.compile(rb"<PartNumber>\s*(\d{1,5})\s*</PartNumber>")
_METADATA_PREFIX = "x-goog-meta-"
_FIELD_HEADERS = {
    "contentType": "Content-Type",
    "contentEncoding": "Content-Encoding",
    "contentDisposition": "Content-Disposition",
    "contentLanguage": "Content-Language",
    "cacheControl": "Cache-Control",
    "storageClass": "x-goog-storage-class",
    "kmsKeyName": "x-goog-encryption-kms-key-name",
}


def get_object(app: App, request: Request, bucket: str, name: str) -> Response:
    """Answer with an object's content.

    Raises:
        ApiError: 304, 404, 412 or 416.
    """
    return media(app, request, _reference(request, bucket, name, reading=True))


def delete_object(app: App, request: Request, bucket: str, name: str) -> Response:
    """Delete an object, or cancel a multi-part upload.

    Raises:
        ApiError: 403, 404 or 412.
    """
    upload_id = request.query.get("uploadId")
    if upload_id is None:
        app.store.objects.delete(_reference(request, bucket, name))
        return NO_CONTENT
    session = app.parts.get(upload_id)
    app.parts.forget(upload_id)
    session.discard()
    return NO_CONTENT


def put_object(app: App, request: Request, bucket: str, name: str) -> Response:
    """Upload an object whole, or one part of a multi-part upload.

    Raises:
        ApiError: 400, 403, 404 or 412.
    """
    if "x-goog-copy-source" in request.headers:
        raise not_implemented("copies through the XML API")
    if "partNumber" in request.query:
        return _put_part(app, request)
    request.query["name"] = name
    target = target_of(request, bucket, _fields(request))
    resource = receive(app, request, target, request.body)
    headers = {"ETag": resource["etag"], "X-Goog-Generation": resource["generation"]}
    return Response(200, headers=headers | _hashes(resource["crc32c"], resource["md5Hash"]))


def post_object(app: App, request: Request, bucket: str, name: str) -> Response:
    """Begin or complete a multi-part upload.

    Raises:
        ApiError: 400, 403, 404 or 412.
    """
    if "uploads" in request.query:
        request.query["name"] = name
        target = target_of(request, bucket, _fields(request))
        app.store.objects.check_target(target)
        upload_id = app.parts.add(PartsSession(target))
        return _xml("InitiateMultipartUploadResult", bucket, name, UploadId=upload_id)
    if "uploadId" in request.query:
        return _complete(app, request, request.query["uploadId"])
    raise invalid("expected the parameter uploads or uploadId")


def _reference(request: Request, bucket: str, name: str, *, reading: bool = False) -> Reference:
    generation = request.query.get("generation")
    return Reference(
        bucket,
        name,
        parse_int64("generation", generation) if generation else None,
        Preconditions.from_request(request.query, request.headers, reading=reading),
    )


def _fields(request: Request) -> Resource:
    fields: Resource = {field: request.headers.get(h) for field, h in _FIELD_HEADERS.items()}
    metadata = {
        header.lower().removeprefix(_METADATA_PREFIX): value
        for header, value in request.headers.items()
        if header.lower().startswith(_METADATA_PREFIX)
    }
    return fields | ({"metadata": metadata} if metadata else {})


def _hashes(crc32c: str, md5: str | None) -> dict[str, str]:
    return {"X-Goog-Hash": f"crc32c={crc32c}" + (f",md5={md5}" if md5 else "")}


def _put_part(app: App, request: Request) -> Response:
    session = app.parts.get(request.query.get("uploadId", ""))
    number = parse_int64("partNumber", request.query["partNumber"])
    staged = app.store.blobs.stage()
    try:
        staged.write_all(request.body)
        content = staged.seal()
        announced = announced_hashes(request.headers)
        content.verify(md5=announced.get("md5"), crc32c=announced.get("crc32c"))
    except BaseException:
        staged.discard()
        raise
    with session.lock:
        earlier = session.parts.get(number)
        session.parts[number] = staged
    if earlier:
        earlier.discard()
    return Response(
        200,
        headers={"ETag": f'"{etag(number, content.size)}"'} | _hashes(content.crc32c, content.md5),
    )


def _complete(app: App, request: Request, upload_id: str) -> Response:
    session = app.parts.get(upload_id)
    numbers = sorted({int(number) for number in _PART_NUMBER.findall(request.read())})
    if not numbers or not session.parts.keys() >= set(numbers):
        raise invalid("expected the numbers of uploaded parts; one or more are missing")
    with session.lock, ExitStack() as stack:
        staged = stack.enter_context(app.store.blobs.stage())
        for number in numbers:
            file = stack.enter_context(session.parts[number].path.open("rb"))
            while data := file.read(COPY_BYTES):
                staged.write(data)
        content = staged.seal(component_count=len(numbers))
        resource = app.store.objects.insert(session.target, staged, content)
    app.parts.forget(upload_id)
    session.discard()
    return _xml(
        "CompleteMultipartUploadResult", resource["bucket"], resource["name"], ETag=resource["etag"]
    )


def _xml(root: str, bucket: str, name: str, **fields: str) -> Response:
    elements = {"Bucket": bucket, "Key": name} | fields
    inner = "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in elements.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{_NAMESPACE}">{inner}</{root}>'
    return Response(200, body.encode(), {"Content-Type": "application/xml; charset=UTF-8"})
