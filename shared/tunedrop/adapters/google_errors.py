"""What each error of Google's clients means to us: one table for the hierarchy that they share.

Knows error classes; a test walks the vendor's module and fails on a class that the table lacks.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests.exceptions
from google.api_core import exceptions as vendor
from google.auth import exceptions as auth

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
_MAX_TEXT = 1_000


def meaning(error: Exception, table: Table = TABLE) -> type[TunedropError] | None:
    """The nearest class in the table, or None for an error that is not the vendor's."""
    return next((table[cls] for cls in type(error).__mro__ if cls in table), None)


@contextmanager
def translated(where: str, table: Table = TABLE) -> Iterator[None]:
    """Raise the vendor's errors as ours; *where* names the resource, never its contents."""
    try:
        yield
    except tuple(table) as error:
        ours = meaning(error, table) or UpstreamUnavailableError
        text = f"{where}: {type(error).__name__}: {getattr(error, 'message', '') or error}"[
            :_MAX_TEXT
        ]
        if ours is InvalidRequestError:
            raise InvalidRequestError(text, violations=_violations(error)) from error
        raise ours(text) from error


def _violations(error: Exception) -> list[str]:
    found: list[str] = []
    details: list[Any] = list(getattr(error, "details", None) or [])
    for detail in details:
        violations = getattr(detail, "field_violations", None) or []
        found += [f"{violation.field}: {violation.description}" for violation in violations]
    return found
