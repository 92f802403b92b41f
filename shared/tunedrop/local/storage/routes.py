"""From a request to an answer: the table of routes, and errors in the asker's dialect.

Knows every route by its path; knows no socket.
"""

import logging
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from urllib.parse import unquote

from tunedrop.local.storage import bucket_routes, object_routes, xml_api
from tunedrop.local.storage.app import App
from tunedrop.local.storage.batch import batch_requests, batch_response
from tunedrop.local.storage.errors import ApiError
from tunedrop.local.storage.uploads import upload
from tunedrop.local.storage.wire import Request, Response

log = logging.getLogger(__name__)

Route = Callable[..., Response]

_BUCKET = "/storage/v1/b/{}"
_OBJECT = _BUCKET + "/o/{}"


def batch(app: App, request: Request) -> Response:
    """Answer a batch: each of its requests in turn, failures included."""
    return batch_response([answer(app, inner) for inner in batch_requests(request)])


_TABLE: tuple[tuple[str, str, Route], ...] = (
    ("GET", "/", bucket_routes.ready),
    ("POST", "/batch/storage/v1", batch),
    ("GET", "/storage/v1/projects/{}/serviceAccount", bucket_routes.service_account),
    ("GET", "/storage/v1/b", bucket_routes.list_buckets),
    ("POST", "/storage/v1/b", bucket_routes.create_bucket),
    ("GET", _BUCKET, bucket_routes.get_bucket),
    ("PATCH", _BUCKET, bucket_routes.patch_bucket),
    ("PUT", _BUCKET, bucket_routes.patch_bucket),
    ("DELETE", _BUCKET, bucket_routes.delete_bucket),
    ("GET", _BUCKET + "/storageLayout", bucket_routes.get_layout),
    ("GET", _BUCKET + "/managedFolders", bucket_routes.list_managed_folders),
    ("GET", _BUCKET + "/iam", bucket_routes.get_policy),
    ("PUT", _BUCKET + "/iam", bucket_routes.set_policy),
    ("GET", _BUCKET + "/iam/testPermissions", bucket_routes.test_permissions),
    ("GET", _BUCKET + "/notificationConfigs", bucket_routes.list_notifications),
    ("POST", _BUCKET + "/notificationConfigs", bucket_routes.create_notification),
    ("GET", _BUCKET + "/notificationConfigs/{}", bucket_routes.get_notification),
    ("DELETE", _BUCKET + "/notificationConfigs/{}", bucket_routes.delete_notification),
    ("GET", _BUCKET + "/o", object_routes.list_objects),
    ("GET", _OBJECT, object_routes.get_object),
    ("PATCH", _OBJECT, object_routes.patch_object),
    ("PUT", _OBJECT, object_routes.update_object),
    ("DELETE", _OBJECT, object_routes.delete_object),
    ("POST", _OBJECT + "/compose", object_routes.compose_object),
    ("POST", _OBJECT + "/restore", object_routes.restore_object),
    ("POST", _OBJECT + "/moveTo/o/{}", object_routes.move_object),
    ("POST", _OBJECT + "/rewriteTo/b/{}/o/{}", object_routes.rewrite_object),
    ("POST", _OBJECT + "/copyTo/b/{}/o/{}", object_routes.copy_object),
    ("GET", "/download" + _OBJECT, object_routes.download_object),
    ("POST", "/upload" + _BUCKET + "/o", upload),
    ("PUT", "/upload" + _BUCKET + "/o", upload),
    ("DELETE", "/upload" + _BUCKET + "/o", upload),
    ("POST", "/resumable/upload" + _BUCKET + "/o", upload),
    ("PUT", "/resumable/upload" + _BUCKET + "/o", upload),
    ("GET", "/{}/{*}", xml_api.get_object),
    ("PUT", "/{}/{*}", xml_api.put_object),
    ("POST", "/{}/{*}", xml_api.post_object),
    ("DELETE", "/{}/{*}", xml_api.delete_object),
)
_JSON_API = re.compile(
    r"/?|/(?:(?:resumable/)?upload/|download/|batch/)?storage/v1(?:/.*)?", re.DOTALL
)


def _compile(template: str) -> re.Pattern[str]:
    pattern = re.escape(template).replace(r"\{\*\}", "(.+)").replace(r"\{\}", "([^/]+)")
    return re.compile(pattern)


_ROUTES = [(method, _compile(template), route) for method, template, route in _TABLE]


def _matches(path: str) -> Iterator[tuple[str, Route, list[str]]]:
    for method, pattern, route in _ROUTES:
        if match := pattern.fullmatch(path):
            # The XML API's catch-all would take a misspelt JSON path for a bucket's name.
            if route.__module__ == xml_api.__name__ and _JSON_API.fullmatch(path):
                continue
            yield method, route, [unquote(group) for group in match.groups()]


def _dispatch(app: App, request: Request) -> Response:
    wanted = "GET" if request.method == "HEAD" else request.method
    allowed = set()
    for method, route, arguments in _matches(request.path):
        if method == wanted:
            return route(app, request, *arguments)
        allowed.add(method)
    if allowed:
        raise ApiError(
            405,
            "methodNotAllowed",
            f"{request.method} is not offered for {request.path[:200]}",
            headers={"Allow": ", ".join(sorted(allowed))},
        )
    raise ApiError(404, "notFound", f"the local storage server has no {request.path[:200]}")


def error_response(error: ApiError, path: str) -> Response:
    """Render *error* for the API that *path* belongs to."""
    if error.status == HTTPStatus.NOT_MODIFIED:
        return Response(error.status, headers=error.headers)
    if _JSON_API.fullmatch(path):
        headers = {"Content-Type": "application/json; charset=UTF-8"}
        return Response(error.status, error.json_body(), headers | error.headers)
    headers = {"Content-Type": "application/xml; charset=UTF-8"}
    return Response(error.status, error.xml_body(), headers | error.headers)


def answer(app: App, request: Request) -> Response:
    """Carry *request* out; whatever it is, there is an answer.

    Raises:
        ConnectionError: the client went away in the middle of the body.
    """
    try:
        return _dispatch(app, request)
    except ApiError as error:
        return error_response(error, request.path)
    except ConnectionError:
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        failure = ApiError(500, "internalError", "the local storage server failed; see its log")
        return error_response(failure, request.path)
