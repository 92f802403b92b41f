"""What each error of Google's clients means to us: one table for the hierarchy that they share.

Knows error classes; a test walks the vendor's module and fails on a class that the table lacks.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import requests.exceptions
from google.api_core import exceptions as vendor
from google.auth import exceptions as auth
from google.protobuf import any_pb2
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2

from tunedrop.domain.redaction import redacted
from tunedrop.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    QuotaExhaustedError,
    TunedropError,
    UpstreamUnavailableError,
)

Table = Mapping[type[Exception], type[TunedropError]]

TABLE: Table = {
    # Asked for what cannot be had: the answer is the same however often it is asked.
    vendor.BadRequest: InvalidRequestError,
    vendor.InvalidArgument: InvalidRequestError,
    vendor.FailedPrecondition: InvalidRequestError,
    vendor.OutOfRange: InvalidRequestError,
    vendor.MethodNotAllowed: InvalidRequestError,
    vendor.LengthRequired: InvalidRequestError,
    vendor.RequestRangeNotSatisfiable: InvalidRequestError,
    vendor.MethodNotImplemented: InvalidRequestError,
    vendor.Redirection: InvalidRequestError,
    vendor.MovedPermanently: InvalidRequestError,
    vendor.ResumeIncomplete: InvalidRequestError,
    vendor.TemporaryRedirect: InvalidRequestError,
    vendor.ClientError: InvalidRequestError,
    # One answer each.
    vendor.NotFound: NotFoundError,
    vendor.PreconditionFailed: PreconditionFailedError,
    vendor.NotModified: PreconditionFailedError,
    vendor.Conflict: AlreadyExistsError,
    vendor.AlreadyExists: AlreadyExistsError,
    # An operator can mend it.
    vendor.Unauthorized: AccessDeniedError,
    vendor.Unauthenticated: AccessDeniedError,
    vendor.Forbidden: AccessDeniedError,
    vendor.PermissionDenied: AccessDeniedError,
    auth.GoogleAuthError: AccessDeniedError,
    # Later, perhaps.
    vendor.TooManyRequests: QuotaExhaustedError,
    vendor.ResourceExhausted: QuotaExhaustedError,
    vendor.Aborted: UpstreamUnavailableError,
    vendor.Cancelled: UpstreamUnavailableError,
    vendor.ServerError: UpstreamUnavailableError,
    vendor.InternalServerError: UpstreamUnavailableError,
    vendor.Unknown: UpstreamUnavailableError,
    vendor.DataLoss: UpstreamUnavailableError,
    vendor.BadGateway: UpstreamUnavailableError,
    vendor.ServiceUnavailable: UpstreamUnavailableError,
    vendor.GatewayTimeout: UpstreamUnavailableError,
    vendor.DeadlineExceeded: UpstreamUnavailableError,
    vendor.AsyncRestUnsupportedParameterError: UpstreamUnavailableError,
    vendor.RetryError: UpstreamUnavailableError,
    vendor.ResumableTransferError: UpstreamUnavailableError,
    vendor.MissingStatusHeaderError: UpstreamUnavailableError,
    vendor.TransferStalledError: UpstreamUnavailableError,
    vendor.UnseekableStreamError: UpstreamUnavailableError,
    vendor.UploadCancelledError: UpstreamUnavailableError,
    vendor.GoogleAPICallError: UpstreamUnavailableError,
    vendor.GoogleAPIError: UpstreamUnavailableError,
    vendor.DuplicateCredentialArgs: AccessDeniedError,
    auth.TransportError: UpstreamUnavailableError,
    requests.exceptions.RequestException: UpstreamUnavailableError,
    TimeoutError: UpstreamUnavailableError,
}
_TOLD = ("quota_metric", "permission", "service")
"""What an `ErrorInfo` may say that helps; the rest of it is for machines."""


def meaning(error: Exception, table: Table = TABLE) -> type[TunedropError] | None:
    """The nearest class in the table, or None for an error that is not the vendor's."""
    return next((table[cls] for cls in type(error).__mro__ if cls in table), None)


@contextmanager
def translated(where: str, table: Table = TABLE) -> Iterator[None]:
    """Raise the vendor's errors as ours, without dataset text; *where* names the resource, never its contents."""
    try:
        yield
    except tuple(table) as error:
        ours = meaning(error, table) or UpstreamUnavailableError
        said = redacted(str(getattr(error, "message", "") or error))
        violations = violations_in(getattr(error, "details", None) or ())
        text = f"{where}: {type(error).__name__}: {said}"
        if ours is InvalidRequestError:
            raise InvalidRequestError(text, violations=violations) from error
        raise ours("; ".join([text, *violations])) from error


def violations_in(details: Iterable[Any]) -> list[str]:
    """What the details of a status find fault with, a line each; packed or unpacked messages, unreadable ones left out."""
    return [redacted(text) for detail in details for text in _violations(_unpacked(detail))]


def _unpacked(detail: Any) -> Any:  # noqa: ANN401 — any message of google.rpc.error_details
    if not isinstance(detail, any_pb2.Any):
        return detail
    kinds = (
        error_details_pb2.BadRequest,
        error_details_pb2.QuotaFailure,
        error_details_pb2.PreconditionFailure,
        error_details_pb2.ErrorInfo,
    )
    for kind in kinds:
        message = kind()
        with suppress(DecodeError):
            if detail.Unpack(message):
                return message
    return None


def _violations(detail: Any) -> Iterator[str]:  # noqa: ANN401 — any message of google.rpc.error_details
    for violation in getattr(detail, "field_violations", ()):
        yield f"{violation.field}: {violation.description}"
    for violation in getattr(detail, "violations", ()):
        yield f"{violation.subject}: {violation.description}"
    metadata = getattr(detail, "metadata", {})
    yield from (f"{key}: {metadata[key]}" for key in _TOLD if key in metadata)
