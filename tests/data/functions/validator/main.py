"""Stands in for the validator; notes what arrives."""

import functions_framework

from support.recording import announce, record

announce()


@functions_framework.cloud_event
def on_finalized(event):
    """Note a finalized object."""
    record("on_finalized", event)


@functions_framework.cloud_event
def on_request(event):
    """Note a request."""
    record("on_request", event)
