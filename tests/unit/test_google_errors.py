"""Every error class of the vendor's has a meaning."""

import inspect

import pytest
from google.api_core import exceptions as vendor
from google.auth import exceptions as auth
from google.cloud.storage import exceptions as storage
from google.protobuf import any_pb2

from tunedrop.adapters.gcs import STORAGE_TABLE
from tunedrop.adapters.google_errors import TABLE, meaning, translated, violations_in
from tunedrop.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    InvalidRequestError,
    QuotaExhaustedError,
    TunedropError,
    UpstreamUnavailableError,
)


def classes(module):
    """Its public exceptions; a `…DynamicParent` is another library's class under the same name."""
    return [
        cls
        for name, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, Exception)
        and not issubclass(cls, Warning)
        and not name.endswith("DynamicParent")
    ]


@pytest.mark.parametrize("cls", classes(vendor), ids=lambda cls: cls.__name__)
def test_no_class_of_api_core_is_unmapped(cls):
    assert cls in TABLE


@pytest.mark.parametrize("cls", classes(auth), ids=lambda cls: cls.__name__)
def test_no_class_of_auth_is_unmapped(cls):
    assert issubclass(meaning(cls("x")), TunedropError)


@pytest.mark.parametrize("cls", classes(storage), ids=lambda cls: cls.__name__)
def test_no_class_of_the_storage_client_is_unmapped(cls):
    assert cls in STORAGE_TABLE


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (vendor.AlreadyExists("x"), AlreadyExistsError),
        (vendor.Aborted("x"), UpstreamUnavailableError),
        (vendor.ResourceExhausted("x"), QuotaExhaustedError),
        (vendor.PermissionDenied("x"), AccessDeniedError),
        (vendor.FailedPrecondition("x"), InvalidRequestError),
        (vendor.DeadlineExceeded("x"), UpstreamUnavailableError),
        (TimeoutError("x"), UpstreamUnavailableError),
        (auth.RefreshError("x"), AccessDeniedError),
        (auth.TransportError("x"), UpstreamUnavailableError),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_the_nearest_class_decides(error, ours):
    with pytest.raises(ours, match=r"^gs://b/n: ") as caught, translated("gs://b/n"):
        raise error

    assert error is caught.value.__cause__


def test_a_detail_that_cannot_be_read_says_nothing():
    kinds = ("BadRequest", "QuotaFailure", "PreconditionFailure", "ErrorInfo", "Help")
    details = [
        any_pb2.Any(type_url=f"type.googleapis.com/google.rpc.{kind}", value=b"\xff\x00")
        for kind in kinds
    ]

    assert [] == violations_in(details)


def test_an_error_of_our_own_code_is_not_disguised():
    with pytest.raises(KeyError), translated("x"):
        raise KeyError("bug")
