"""Cloud Run functions of the validator: an uploaded object, or a request, in; a verdict out."""

import functions_framework
from cloudevents.http import CloudEvent

from tunedrop import bootstrap, delivery


@functions_framework.cloud_event
def on_finalized(event: CloudEvent) -> None:
    """Look at a new generation of an object; return to acknowledge, raise to have it again."""
    delivery.settle(bootstrap.finalized, event)


@functions_framework.cloud_event
def on_request(event: CloudEvent) -> None:
    """Look at a tuning request; return to acknowledge, raise to have it again."""
    delivery.settle(bootstrap.requests, event)
