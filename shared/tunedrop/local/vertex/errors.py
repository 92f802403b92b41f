"""What the stand-in answers instead of a result: a google.rpc.Status, as an exception.

Knows how a status looks in gRPC and in JSON; knows no rule that leads to one.
"""

from collections.abc import Sequence
from typing import Any

from google.rpc import code_pb2, error_details_pb2, status_pb2

from tunedrop.local.vertex import wire

HTTP_STATUS = {
    "CANCELLED": 499,
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "UNKNOWN": 500,
    "INTERNAL": 500,
    "DATA_LOSS": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""The canonical mapping of google/rpc/code.proto, read 2026-11-23."""


class ApiError(Exception):
    """The call is answered with a status.

    Args:
        code: A name of google.rpc.Code, such as `NOT_FOUND`.
        message: What the caller is told.
        violations: Pairs of field path and description, sent as a BadRequest detail.
    """

    def __init__(
        self, code: str, message: str, *, violations: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.violations = tuple(violations)

    def to_status(self) -> status_pb2.Status:
        """Return the status that gRPC carries in its trailers."""
        answer = status_of(self.code, self.message)
        if self.violations:
            answer.details.add().Pack(
                error_details_pb2.BadRequest(
                    field_violations=[
                        error_details_pb2.BadRequest.FieldViolation(field=field, description=text)
                        for field, text in self.violations
                    ]
                )
            )
        return answer

    def to_json(self) -> dict[str, Any]:
        """Return the body of Google's JSON error answer."""
        status = wire.to_json(self.to_status())
        return {
            "error": {
                "code": HTTP_STATUS[self.code],
                "message": self.message,
                "status": self.code,
                "details": status.get("details", []),
            }
        }


def status_of(code: str, message: str) -> status_pb2.Status:
    """Build a status from a code's name."""
    return status_pb2.Status(code=code_pb2.Code.Value(code), message=message)


def invalid(message: str, *violations: tuple[str, str]) -> ApiError:
    """Build the refusal of a bad argument."""
    return ApiError("INVALID_ARGUMENT", message, violations=violations)


def missing(name: str) -> ApiError:
    """Build the refusal of a name that nothing has."""
    return ApiError("NOT_FOUND", f"The resource {name} is not found.")
