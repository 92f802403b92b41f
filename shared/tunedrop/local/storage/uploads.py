"""Uploads of the JSON API: media, multipart and resumable.

Knows the three protocols; what becomes of a complete content is the store's business.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from tunedrop.local.storage.app import App, ResumableSession
from tunedrop.local.storage.blobs import StagedContent
from tunedrop.local.storage.errors import invalid
from tunedrop.local.storage.generations import Target
from tunedrop.local.storage.preconditions import Preconditions
from tunedrop.local.storage.related import split_related
from tunedrop.local.storage.resources import Resource
from tunedrop.local.storage.wire import Request, Response, gunzipped, json_response

_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
CLIENT_CLOSED_REQUEST = 499
"""What the service answers to a cancelled resumable upload."""


def upload(app: App, request: Request, bucket: str) -> Response:
    """Carry out one request of an upload, of whichever protocol it belongs to.

    Raises:
        ApiError: what the protocol or the store refuses.
    """
    if request.headers.get("Content-Encoding") == "gzip":
        # Only on the way; an object's own encoding comes in its fields or in the query.
        request.body = gunzipped(request.body)
    if "upload_id" in request.query:
        return _resume(app, request, request.query["upload_id"])
    kind = request.query.get("uploadType")
    if kind == "resumable":
        return _begin(app, request, bucket)
    if kind == "multipart":
        fields, chunks = split_related(request.headers.get("Content-Type", ""), request.body)
    elif kind in (None, "media"):
        fields = {
            "contentType": request.headers.get("Content-Type"),
            "contentEncoding": request.query.get("contentEncoding"),
        }
        chunks = request.body
    else:
        raise invalid(f"uploadType: expected media, multipart or resumable, found {kind[:80]!r}")
    target = target_of(request, bucket, fields)
    return json_response(receive(app, request, target, chunks))


def target_of(request: Request, bucket: str, fields: Resource) -> Target:
    """Put together where an upload goes; the query overrides *fields*."""
    name = request.query.get("name") or fields.get("name") or ""
    if not isinstance(name, str):
        raise invalid("name: expected a string")
    key = request.query.get("kmsKeyName")
    fields = fields | ({"kmsKeyName": key} if key else {})
    return Target(bucket, name, fields, Preconditions.from_request(request.query, request.headers))


def receive(app: App, request: Request, target: Target, chunks: Iterator[bytes]) -> Resource:
    """Stage *chunks* and make them the live generation of *target*.

    Raises:
        ApiError: what the store refuses, or 400 for a checksum.
    """
    app.store.objects.check_target(target)
    with app.store.blobs.stage() as staged:
        staged.write_all(chunks)
        return finish(app, request, target, staged)


def finish(app: App, request: Request, target: Target, staged: StagedContent) -> Resource:
    """Compare a complete content with the checksums that were sent for it; then insert it.

    Raises:
        ApiError: what the store refuses, or 400 for a checksum.
    """
    content = staged.seal()
    announced = announced_hashes(request.headers)
    for given in (target.fields.get("md5Hash"), announced.get("md5")):
        content.verify(md5=given, crc32c=None)
    for given in (target.fields.get("crc32c"), announced.get("crc32c")):
        content.verify(md5=None, crc32c=given)
    return app.store.objects.insert(target, staged, content)


def announced_hashes(headers: Message) -> dict[str, str]:
    """Read `X-Goog-Hash`: base64 checksums under `md5` and `crc32c`."""
    parts = (part.partition("=") for part in headers.get("X-Goog-Hash", "").split(","))
    return {algorithm.strip(): value.strip() for algorithm, _, value in parts}


def _begin(app: App, request: Request, bucket: str) -> Response:
    fields = request.json()
    declared = request.headers.get("X-Upload-Content-Type")
    if declared and not fields.get("contentType"):
        fields["contentType"] = declared
    target = target_of(request, bucket, fields)
    app.store.objects.check_target(target)
    upload_id = app.resumable.add(ResumableSession(target, app.store.blobs.stage()))
    location = f"{app.base_url}/upload/storage/v1/b/{bucket}/o?uploadType=resumable"
    return Response(
        200,
        headers={
            "Location": f"{location}&upload_id={upload_id}",
            "X-GUploader-UploadID": upload_id,
        },
    )


@dataclass(frozen=True)
class _ContentRange:
    """Which bytes a request of a resumable upload brings."""

    start: int | None
    """`None` when it brings none: a status query, or the end of an empty object."""
    total: int | None
    """`None` while the uploader does not know the size."""
    whole: bool = False
    """The request has no range and brings everything."""

    @classmethod
    def parse(cls, header: str | None) -> "_ContentRange":
        if header is None:
            return cls(start=0, total=None, whole=True)
        match = _CONTENT_RANGE.fullmatch(header.strip())
        if not match:
            raise invalid(f"Content-Range: cannot read {header[:80]!r}")
        return cls(
            start=int(match[1]) if match[1] else None,
            total=None if match[3] == "*" else int(match[3]),
        )


def _resume(app: App, request: Request, upload_id: str) -> Response:
    session = app.resumable.get(upload_id)
    with session.lock:
        if request.method == "DELETE":
            app.resumable.forget(upload_id)
            session.staged.discard()
            return Response(CLIENT_CLOSED_REQUEST)
        if session.result is not None:
            return json_response(session.result)
        brought = _ContentRange.parse(request.headers.get("Content-Range"))
        size = _append(session.staged, brought, request.body)
        if not brought.whole and brought.total != size:
            return _incomplete(size)
        try:
            session.result = finish(app, request, session.target, session.staged)
        except BaseException:
            app.resumable.forget(upload_id)
            raise
        finally:
            session.staged.discard()
        return json_response(session.result)


def _append(staged: StagedContent, brought: _ContentRange, chunks: Iterator[bytes]) -> int:
    """Add the bytes that are not there yet; a repeated chunk overlaps, a gap is left alone."""
    if brought.start is None or brought.start > staged.size:
        return staged.size
    skip = staged.size - brought.start
    for chunk in chunks:
        staged.write(chunk[skip:])
        skip = max(skip - len(chunk), 0)
    if brought.total is not None and staged.size > brought.total:
        raise invalid(f"Content-Range: {staged.size} bytes came, {brought.total} were announced")
    return staged.size


def _incomplete(size: int) -> Response:
    return Response(308, headers={"Range": f"bytes=0-{size - 1}"} if size else {})
