"""One generation of an object as raw chunks: pinned, checksummed on the fly, resumed after a broken connection.

Uses the JSON API through an authorized session, since the client's own file object reads lines one byte at
a time (benchmarked); knows nothing of what the bytes mean.
"""

import base64
import http
from collections.abc import Generator
from urllib.parse import quote

import google_crc32c
import requests
import urllib3.exceptions

from tunedrop.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    QuotaExhaustedError,
    TunedropError,
    UpstreamUnavailableError,
)

CHUNK_BYTES = 1024 * 1024
_MAX_RESUMES = 5
_BROKEN = (OSError, urllib3.exceptions.HTTPError, UpstreamUnavailableError)
_STATUSES: dict[int, type[TunedropError]] = {
    http.HTTPStatus.UNAUTHORIZED: AccessDeniedError,
    http.HTTPStatus.FORBIDDEN: AccessDeniedError,
    http.HTTPStatus.NOT_FOUND: NotFoundError,
    http.HTTPStatus.TOO_MANY_REQUESTS: QuotaExhaustedError,
}


def stream_object(
    session: requests.Session,
    endpoint: str,
    bucket: str,
    name: str,
    *,
    generation: int,
    timeout_seconds: float,
) -> Generator[bytes, None, None]:
    """Give the object's bytes as stored, in chunks of at most one mebibyte.

    Raises:
        NotFoundError: That generation is not there any more.
        UpstreamUnavailableError: The connection broke too often, or the bytes lack the object's checksum.
    """
    url = f"{endpoint}/storage/v1/b/{bucket}/o/{quote(name, safe='')}"
    where = f"gs://{bucket}/{name}#{generation}"
    parameters = {"alt": "media", "generation": str(generation)}
    checksum, expected, received, resumes = google_crc32c.Checksum(), "", 0, 0
    while True:
        # gzip is accepted so that an encoded object arrives as stored instead of being unpacked on the way.
        headers = (
            {"Accept-Encoding": "gzip", "Range": f"bytes={received}-"}
            if received
            else {"Accept-Encoding": "gzip"}
        )
        try:
            with session.get(
                url, params=parameters, headers=headers, stream=True, timeout=timeout_seconds
            ) as response:
                _check_status(response, where)
                expected = expected or _crc32c_of(response)
                while chunk := response.raw.read(CHUNK_BYTES, decode_content=False):
                    received += len(chunk)
                    checksum.update(chunk)
                    yield chunk
            break
        except _BROKEN:
            resumes += 1
            if resumes > _MAX_RESUMES:
                msg = f"{where}: the connection broke {resumes} times"
                raise UpstreamUnavailableError(msg) from None
    if expected != base64.b64encode(checksum.digest()).decode():
        msg = f"{where}: expected bytes with checksum crc32c={expected or 'missing'}, read others"
        raise UpstreamUnavailableError(msg)


def _check_status(response: requests.Response, where: str) -> None:
    if response.status_code in (http.HTTPStatus.OK, http.HTTPStatus.PARTIAL_CONTENT):
        return
    later = response.status_code >= http.HTTPStatus.INTERNAL_SERVER_ERROR
    error = _STATUSES.get(
        response.status_code, UpstreamUnavailableError if later else InvalidRequestError
    )
    raise error(f"{where}: HTTP {response.status_code}")


def _crc32c_of(response: requests.Response) -> str:
    pairs = (
        part.strip().partition("=") for part in response.headers.get("x-goog-hash", "").split(",")
    )
    return next((value for key, _, value in pairs if key == "crc32c"), "")
