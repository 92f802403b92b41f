"""Downloads: whole, by range, and gunzipped on the way for who cannot do it.

Knows an open file and its resource; knows no table.
"""

import gzip
import re
from collections.abc import Iterator
from email.message import Message
from typing import BinaryIO

from tunedrop.local.storage.app import App
from tunedrop.local.storage.errors import ApiError
from tunedrop.local.storage.generations import Reference
from tunedrop.local.storage.resources import Resource
from tunedrop.local.storage.wire import CHUNK_BYTES, FileSlice, Request, Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_COPIED_HEADERS = {
    "Content-Encoding": "contentEncoding",
    "Content-Disposition": "contentDisposition",
    "Content-Language": "contentLanguage",
    "Cache-Control": "cacheControl",
}


def media(app: App, request: Request, reference: Reference) -> Response:
    """Answer with the content of *reference*.

    Raises:
        ApiError: 304, 404, 412 or 416.
    """
    resource, file = app.store.objects.open(reference)
    try:
        headers = _headers(resource)
        if _gunzips(request.headers, resource):
            del headers["Content-Encoding"]
            headers["Warning"] = "214 UploadServer gunzipped"
            return Response(200, _gunzip(file), headers)
        return _slice(file, int(resource["size"]), request.headers.get("Range", ""), headers)
    except BaseException:
        file.close()
        raise


def _headers(resource: Resource) -> dict[str, str]:
    hashes = [f"crc32c={resource['crc32c']}"]
    if "md5Hash" in resource:
        hashes.append(f"md5={resource['md5Hash']}")
    headers = {
        "Content-Type": resource.get("contentType", "application/octet-stream"),
        "ETag": resource["etag"],
        "X-Goog-Generation": resource["generation"],
        "X-Goog-Metageneration": resource["metageneration"],
        "X-Goog-Hash": ",".join(hashes),
        "X-Goog-Stored-Content-Encoding": resource.get("contentEncoding", "identity"),
        "X-Goog-Stored-Content-Length": resource["size"],
        "X-Goog-Storage-Class": resource["storageClass"],
        "Accept-Ranges": "bytes",
    }
    copied = {header: resource.get(field) for header, field in _COPIED_HEADERS.items()}
    return headers | {header: value for header, value in copied.items() if value}


def _gunzips(headers: Message, resource: Resource) -> bool:
    # https://cloud.google.com/storage/docs/transcoding: a range is ignored then.
    return (
        resource.get("contentEncoding") == "gzip"
        and "gzip" not in headers.get("Accept-Encoding", "")
        and "no-transform" not in resource.get("cacheControl", "")
    )


def _gunzip(file: BinaryIO) -> Iterator[bytes]:
    with file, gzip.GzipFile(fileobj=file) as plain:
        while data := plain.read(CHUNK_BYTES):
            yield data


def _slice(file: BinaryIO, size: int, range_header: str, headers: dict[str, str]) -> Response:
    match = _RANGE.fullmatch(range_header.strip())
    if not match or not (match[1] or match[2]):
        return Response(200, FileSlice(file, 0, size), headers)
    start = int(match[1]) if match[1] else max(size - int(match[2]), 0)
    end = min(int(match[2]), size - 1) if match[1] and match[2] else size - 1
    if start > end:
        raise ApiError(
            416,
            "requestedRangeNotSatisfiable",
            "The requested range cannot be satisfied.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    content_range = {"Content-Range": f"bytes {start}-{end}/{size}"}
    return Response(206, FileSlice(file, start, end - start + 1), headers | content_range)
