"""Answers other than success, in the shape and the words of Cloud Storage.

Knows no object and no socket: what went wrong comes in as arguments.
"""

import json
from xml.sax.saxutils import escape

_XML_CODES = {
    400: "InvalidArgument",
    403: "AccessDenied",
    404: "NoSuchKey",
    409: "Conflict",
    412: "PreconditionFailed",
    416: "InvalidRange",
    501: "NotImplemented",
}


class ApiError(Exception):
    """A request that the service answers with an error status."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.headers = headers or {}

    def json_body(self) -> bytes:
        """Render the error as the JSON API does."""
        detail = {"message": self.message, "domain": "global", "reason": self.reason}
        error = {"code": self.status, "message": self.message, "errors": [detail]}
        return json.dumps({"error": error}).encode()

    def xml_body(self) -> bytes:
        """Render the error as the XML API does."""
        code = _XML_CODES.get(self.status, "InternalError")
        message = escape(self.message)
        return (
            "<?xml version='1.0' encoding='UTF-8'?>"
            f"<Error><Code>{code}</Code><Message>{message}</Message>"
            f"<Details>{message}</Details></Error>"
        ).encode()


def invalid(message: str) -> ApiError:
    """Build the 400 for an argument or a body that cannot be used."""
    return ApiError(400, "invalid", message)


def forbidden(permission: str, resource: str) -> ApiError:
    """Build the 403 for a caller that lacks *permission*."""
    return ApiError(
        403,
        "forbidden",
        f"the caller does not have {permission} access to {resource}. "
        f"Permission '{permission}' denied on resource (or it may not exist).",
    )


def bucket_not_found(bucket: str) -> ApiError:
    """Build the 404 for a bucket that does not exist."""
    return ApiError(404, "notFound", f"The specified bucket does not exist: {bucket}")


def object_not_found(bucket: str, name: str) -> ApiError:
    """Build the 404 for an object, or a generation of it, that does not exist."""
    return ApiError(404, "notFound", f"No such object: {bucket}/{name}")


def conflict(message: str) -> ApiError:
    """Build the 409 for a bucket that exists already or is not empty."""
    return ApiError(409, "conflict", message)


def precondition_failed() -> ApiError:
    """Build the 412 for a precondition that did not hold."""
    return ApiError(
        412,
        "conditionNotMet",
        "At least one of the pre-conditions you specified did not hold.",
    )


def not_modified() -> ApiError:
    """Build the 304 for a read whose not-match precondition did not hold."""
    return ApiError(304, "notModified", "Not Modified")


def not_implemented(what: str) -> ApiError:
    """Build the 501 for a part of the API that this server leaves out."""
    return ApiError(501, "notImplemented", f"the local storage server does not offer {what}")
